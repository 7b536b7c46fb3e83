"""The emulator's own interface, as a test in any language would use it."""

import json
import os
import urllib.request

URL = os.environ["EMULATOR_URL"]


def send(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{URL}/emulator/{path}", data=data, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


def fault(method, **fields):
    return send("POST", "faults", {"method": method, **fields})


def advance(**duration):
    import datetime

    ms = datetime.timedelta(**duration) / datetime.timedelta(milliseconds=1)
    return send("POST", "clock", {"advanceMs": ms})
