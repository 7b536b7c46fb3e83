# The cwt package opens structures that were made elsewhere, and makes structures to be opened elsewhere.
# Standard input: JSON, one job. Standard output: JSON, the payload or the structure in hexadecimal.
import json
import sys

import cwt
from cwt import COSE, COSEKey, Recipient, Signer


def key_of(given):
    if "k" in given:
        secret = bytes.fromhex(given["k"])
        return COSEKey.from_symmetric_key(key=secret, alg=given["alg"], kid=given["kid"])
    return COSEKey.from_jwk(given)


def open_cose(job):
    keys = [key_of(one) for one in job["keys"]]
    aad = bytes.fromhex(job.get("aad", ""))
    detached = bytes.fromhex(job["detached"]) if "detached" in job else None
    extra = {"context": job["context"]} if "context" in job else {}
    return COSE.new(verify_kid=False).decode(
        bytes.fromhex(job["cose"]), keys[0] if len(keys) == 1 else keys,
        external_aad=aad, detached_payload=detached, **extra,
    )


def recipient_of(given):
    key = given.get("key")
    if given["alg"] == "direct":
        return Recipient.new(unprotected={"alg": "direct", "kid": given["kid"]})
    if given["alg"].startswith("ECDH"):
        return Recipient.new(
            protected={"alg": given["alg"]}, unprotected={"kid": given["kid"]},
            recipient_key=key_of(key), context={"alg": given["context"]},
        )
    return Recipient.new(unprotected={"alg": given["alg"], "kid": given["kid"]}, sender_key=key_of(key))


def make_cose(job):
    payload = bytes.fromhex(job["payload"])
    cose = COSE.new(alg_auto_inclusion=True, kid_auto_inclusion=True)
    aad = bytes.fromhex(job.get("aad", ""))
    if "signers" in job:
        signers = [Signer.from_jwk(one) for one in job["signers"]]
        return cose.encode(payload, signers=signers, external_aad=aad)
    recipients = [recipient_of(one) for one in job.get("recipients", [])]
    return cose.encode(payload, key=key_of(job["key"]), recipients=recipients, external_aad=aad)


def make_cwt(job):
    claims = {int(label): value for label, value in job["claims"].items()}
    return cwt.encode(claims, key=key_of(job["key"]), tagged=job["tagged"])


def open_cwt(job):
    claims = cwt.decode(bytes.fromhex(job["cose"]), keys=key_of(job["keys"][0]))
    return json.dumps({str(label): value for label, value in claims.items() if label < 7}).encode()


job = json.load(sys.stdin)
jobs = {"open": open_cose, "make": make_cose, "make-cwt": make_cwt, "open-cwt": open_cwt}
json.dump(jobs[job["do"]](job).hex(), sys.stdout)
