"""The `claim169` package in a loop of its own: one JSON object in, the time of its calls out.

{"op": "decode", "text": TEXT, "public": HEX, "calls": N} -> {"us": for one call}
{"op": "encode", "claim": {...}, "meta": {...}, "algorithm": "Ed25519"|"ES256", "private": HEX, "calls": N} -> {"us"}

The clock is read around the loop, so that neither the pipe nor JSON is measured.
"""
import json
import sys
import time

import claim169


def decoding(text, public):
    key = bytes.fromhex(public)
    name = "verify_with_ed25519" if len(key) == 32 else "verify_with_ecdsa_p256"
    given = {name: key}
    if not claim169.decode(text, **given).is_verified():
        raise ValueError("not verified")
    return lambda: claim169.decode(text, **given)


def encoding(claim, meta, algorithm, private):
    identity, about = claim169.Claim169Input(), claim169.CwtMetaInput()
    for name, value in claim.items():
        setattr(identity, name, value)
    for name, value in meta.items():
        setattr(about, name, value)
    name = "sign_with_ed25519" if algorithm == "Ed25519" else "sign_with_ecdsa_p256"
    given = {name: bytes.fromhex(private)}
    return lambda: claim169.encode(identity, about, **given)


def main():
    operations = {"decode": decoding, "encode": encoding}
    prepared = {}
    for line in sys.stdin:
        asked = json.loads(line)
        calls = asked.pop("calls")
        name = json.dumps(asked)
        if name not in prepared:
            prepared[name] = operations[asked.pop("op")](**asked)
        run = prepared[name]
        start = time.perf_counter_ns()
        for _ in range(calls):
            run()
        print(json.dumps({"us": (time.perf_counter_ns() - start) / 1000 / calls}), flush=True)


main()
