"""Runs a command on a terminal of its own and talks to it.

Its argument is JSON: {"command": [...], "talk": [[what to wait for, what to type], ...]}, and "columns" for
a terminal that knows its width. It writes what the command wrote and exits as the command did.
"""

import fcntl
import json
import os
import pty
import struct
import sys
import termios

task = json.loads(sys.argv[1])
child, terminal = pty.fork()
if child == 0:
    # Before the command looks.
    size = struct.pack("HHHH", 24, task.get("columns", 0), 0, 0)
    fcntl.ioctl(1, termios.TIOCSWINSZ, size)
    os.execv(task["command"][0], task["command"])

written = b""
seen = 0
talk = list(task["talk"])
while True:
    try:
        part = os.read(terminal, 65536)
    except OSError:  # Linux: the other end was closed.
        part = b""
    if not part:
        break
    written += part
    while talk and (at := written.find(talk[0][0].encode(), seen)) != -1:
        wanted, typed = talk.pop(0)
        seen = at + len(wanted.encode())
        os.write(terminal, typed.encode() + b"\r")

_, status = os.waitpid(child, 0)
sys.stdout.buffer.write(written)
sys.exit(os.waitstatus_to_exitcode(status))
