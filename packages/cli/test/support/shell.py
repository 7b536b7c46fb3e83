"""Runs a command as a shell does: on a terminal, in a job of its own that can be stopped and go on.

Its argument is JSON: {"command": [...], "steps": [...]}. A step is one of
  {"wait": TEXT}       until the terminal shows it
  {"type": TEXT}
  {"signal": NAME}     to the command
  {"stopped": true}    until the command is stopped
  {"continue": true}   in the foreground
  {"echo": true}       notes whether the terminal echoes
It writes JSON: how the command ended, what the terminal showed, and whether it echoed, last of all when
the command had ended.
"""

import json
import os
import pty
import select
import signal
import sys
import termios

task = json.loads(sys.argv[1])
orders, told = os.pipe(), os.pipe()
shell, terminal = pty.fork()

if shell == 0:
    # The shell: it has the terminal while its job does not.
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    os.close(orders[1])
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.execv(task["command"][0], task["command"])
    os.write(told[1], f"started {job}\n".encode())
    while True:
        _, status = os.waitpid(job, os.WUNTRACED)
        os.tcsetpgrp(0, os.getpgrp())
        if not os.WIFSTOPPED(status):
            os.write(told[1], f"ended {os.waitstatus_to_exitcode(status)}\n".encode())
            os.read(orders[0], 1)
            os._exit(0)
        os.write(told[1], b"stopped\n")
        os.read(orders[0], 1)
        os.tcsetpgrp(0, job)
        os.killpg(job, signal.SIGCONT)

os.close(told[1])
shown, news, seen, echo = b"", b"", 0, []


def hear():
    """Takes in what there is to read."""
    global shown, news
    for ready in select.select([terminal, told[0]], [], [], 30)[0]:
        part = os.read(ready, 65536)
        if ready == terminal:
            shown += part
        else:
            news += part


def await_news(word):
    global news
    while word not in news:
        hear()
    line, news = news.split(b"\n", 1)
    return line.decode()


def note_echo():
    echo.append(bool(termios.tcgetattr(terminal)[3] & termios.ECHO))


job = int(await_news(b"started").split()[1])
for step in task["steps"]:
    ((verb, value),) = step.items()
    if verb == "wait":
        while (at := shown.find(value.encode(), seen)) == -1:
            hear()
        seen = at + len(value.encode())
    elif verb == "type":
        os.write(terminal, value.encode())
    elif verb == "signal":
        os.kill(job, getattr(signal, value))
    elif verb == "stopped":
        await_news(b"stopped")
    elif verb == "continue":
        os.write(orders[1], b"c")
    elif verb == "echo":
        note_echo()

status = int(await_news(b"ended").split()[1])
note_echo()
while select.select([terminal], [], [], 0)[0]:
    hear()
os.write(orders[1], b"x")
print(json.dumps({"status": status, "shown": shown.decode(), "echo": echo}))
