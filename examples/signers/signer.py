#!/usr/bin/env python3
"""A signer in Python, with the package `cryptography`; Ed25519 and ES256.

signer.py once KEY.pem          mode once, stdin raw, output raw
signer.py serve NAME KEY.pem    mode persistent, key NAME
"""

import base64
import hashlib
import json
import struct
import sys

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature


def load(path):
    with open(path, "rb") as file:
        key = serialization.load_pem_private_key(file.read(), password=None)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key, "Ed25519"
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key, "ES256"
    raise SystemExit("neither Ed25519 nor P-256")


def sign(key, algorithm, message):
    if algorithm == "Ed25519":
        return key.sign(message)
    # hardkey wants r and s side by side, 32 bytes each (RFC 9053 section 2.1).
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def fingerprint(key):
    spki = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return "sha256:" + hashlib.sha256(spki).hexdigest()


def send(value):
    body = json.dumps(value).encode()
    sys.stdout.buffer.write(struct.pack(">I", len(body)) + body)
    sys.stdout.buffer.flush()


def receive():
    head = sys.stdin.buffer.read(4)
    if len(head) < 4:
        return None
    (length,) = struct.unpack(">I", head)
    body = sys.stdin.buffer.read(length)
    return json.loads(body) if len(body) == length else None


def answer(request, name, key, algorithm):
    if request["key"] != name:
        return {"e": {"code": "KEY_NOT_FOUND", "retryable": False, "message": "no such key"}}
    if request["op"] != "sign" or request["alg"] != algorithm:
        return {"e": {"code": "UNSUPPORTED", "retryable": False, "message": "not with this key"}}
    signature = sign(key, algorithm, base64.b64decode(request["m"], validate=True))
    return {"s": base64.b64encode(signature).decode()}


def serve(name, key, algorithm):
    send(
        {
            "hello": {
                "contract": "1.0",
                "keys": [{"key": name, "alg": algorithm, "fingerprint": fingerprint(key)}],
            }
        }
    )
    # The end of stdin is the end of the program.
    while (request := receive()) is not None:
        send({"id": request["id"], **answer(request, name, key, algorithm)})


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "once":
        key, algorithm = load(arguments[1])
        sys.stdout.buffer.write(sign(key, algorithm, sys.stdin.buffer.read()))
    elif len(arguments) == 3 and arguments[0] == "serve":
        serve(arguments[1], *load(arguments[2]))
    else:
        raise SystemExit(__doc__)


main(sys.argv[1:])
