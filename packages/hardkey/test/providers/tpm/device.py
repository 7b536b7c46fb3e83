# A character device before a TPM: what is written to it goes there, and the answer comes back. Arguments: where
# the TPM is, and the path of the device, which becomes a link to a terminal in raw mode. It is at the path of a
# socket, or where a TCTI of tpm2-tss leads: tabrmd:… is a resource manager, as the kernel has one.
import ctypes
import os
import socket
import sys
import tty


def over_socket(path):
    tpm = socket.socket(socket.AF_UNIX)
    tpm.connect(path)

    def exchange(command):
        tpm.sendall(command)
        response = tpm.recv(4096)
        while len(response) < 6 or len(response) < int.from_bytes(response[2:6], "big"):
            response += tpm.recv(4096)
        return response

    return exchange


SIZE, POINTER = ctypes.c_size_t, ctypes.c_void_p
TRANSMIT = ctypes.CFUNCTYPE(ctypes.c_uint32, POINTER, SIZE, ctypes.c_char_p)
RECEIVE = ctypes.CFUNCTYPE(ctypes.c_uint32, POINTER, ctypes.POINTER(SIZE), ctypes.c_char_p, ctypes.c_int32)


class Context(ctypes.Structure):
    # TSS2_TCTI_CONTEXT_COMMON_V1, as far as it is used.
    _fields_ = [
        ("magic", ctypes.c_uint64),
        ("version", ctypes.c_uint64),
        ("transmit", TRANSMIT),
        ("receive", RECEIVE),
    ]


def over_tcti(name):
    loader = ctypes.CDLL("libtss2-tctildr.so.0")
    context = ctypes.POINTER(Context)()
    if loader.Tss2_TctiLdr_Initialize(name.encode(), ctypes.byref(context)) != 0:
        sys.exit("no TPM there")
    tcti = context.contents

    def exchange(command):
        if tcti.transmit(context, len(command), command) != 0:
            sys.exit("the TPM takes nothing")
        response, size = ctypes.create_string_buffer(4096), SIZE(4096)
        if tcti.receive(context, ctypes.byref(size), response, -1) != 0:
            sys.exit("the TPM answers nothing")
        return response.raw[: size.value]

    return exchange


where, path = sys.argv[1:]
exchange = over_socket(where) if where.startswith("/") else over_tcti(where)
ours, theirs = os.openpty()
tty.setraw(theirs)
os.symlink(os.ttyname(theirs), path)
print("ready", flush=True)
while True:
    command = os.read(ours, 4096)
    while len(command) < 6 or len(command) < int.from_bytes(command[2:6], "big"):
        command += os.read(ours, 4096)
    os.write(ours, exchange(command))
