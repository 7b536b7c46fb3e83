# A character device before a TPM on a socket: what is written to it goes there, and the answer comes back.
# Arguments: the path of the socket, and that of the device, which becomes a link to a terminal in raw mode.
import os
import socket
import sys
import tty

tpm = socket.socket(socket.AF_UNIX)
tpm.connect(sys.argv[1])
ours, theirs = os.openpty()
tty.setraw(theirs)
os.symlink(os.ttyname(theirs), sys.argv[2])
print("ready", flush=True)
while True:
    command = os.read(ours, 4096)
    while len(command) < 6 or len(command) < int.from_bytes(command[2:6], "big"):
        command += os.read(ours, 4096)
    tpm.sendall(command)
    response = tpm.recv(4096)
    while len(response) < 6 or len(response) < int.from_bytes(response[2:6], "big"):
        response += tpm.recv(4096)
    os.write(ours, response)
