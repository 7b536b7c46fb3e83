"""The `claim169` package, asked line by line: one JSON object in, one out.

{"op": "encode", "claim": {...}, "meta": {...}, "key": HEX, "algorithm": "EdDSA"|"ES256"|"none", "kid"?: HEX, "aes"?: HEX}
    -> {"text"} | {"error"}
{"op": "decode", "text": TEXT, "pub"?: HEX, "aes"?: HEX, "callbacks"?: true}
    -> {"claim", "meta", "verified", "kid", "x5chain"} | {"error"}

Bytes are hexadecimal; names are those of the package. Times are not judged, except where the package
cannot be told so.
"""
import json
import sys

import claim169
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

BIOMETRICS = [
    "right_thumb", "right_pointer_finger", "right_middle_finger", "right_ring_finger", "right_little_finger",
    "left_thumb", "left_pointer_finger", "left_middle_finger", "left_ring_finger", "left_little_finger",
    "right_iris", "left_iris", "face", "right_palm", "left_palm", "voice",
]
PLAIN = [
    "id", "version", "language", "full_name", "first_name", "middle_name", "last_name", "date_of_birth",
    "gender", "address", "email", "phone", "nationality", "marital_status", "guardian", "photo_format",
    "secondary_full_name", "secondary_language", "location_code", "legal_status", "country_of_issuance",
]
META = ["issuer", "subject", "expires_at", "not_before", "issued_at"]


def given_claim(given):
    claim = claim169.Claim169Input()
    for name, value in given.items():
        if name == "photo":
            value = bytes.fromhex(value)
        elif name in BIOMETRICS:
            value = [
                claim169.Biometric(bytes.fromhex(s["data"]), s.get("format"), s.get("sub_format"), s.get("issuer"))
                for s in value
            ]
        setattr(claim, name, value)
    return claim


def given_meta(given):
    meta = claim169.CwtMetaInput()
    for name, value in given.items():
        setattr(meta, name, value)
    return meta


def signer(algorithm, key):
    if algorithm == "EdDSA":
        private = ed25519.Ed25519PrivateKey.from_private_bytes(key)
        return lambda _name, _kid, data: private.sign(bytes(data))
    private = ec.derive_private_key(int.from_bytes(key, "big"), ec.SECP256R1())

    def sign(_name, _kid, data):
        r, s = utils.decode_dss_signature(private.sign(bytes(data), ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    return sign


def encryptor(key):
    return lambda _name, _kid, nonce, aad, plaintext: AESGCM(key).encrypt(bytes(nonce), bytes(plaintext), bytes(aad))


def decryptor(key):
    return lambda _name, _kid, nonce, aad, ciphertext: AESGCM(key).decrypt(bytes(nonce), bytes(ciphertext), bytes(aad))


def verifier(public):
    def verify(name, _kid, data, signature):
        if len(public) == 32 and name == "EdDSA":
            ed25519.Ed25519PublicKey.from_public_bytes(public).verify(bytes(signature), bytes(data))
            return
        if name != "ES256" or len(signature) != 64:
            raise ValueError("another algorithm")
        r, s = (int.from_bytes(signature[at:at + 32], "big") for at in (0, 32))
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
        key.verify(utils.encode_dss_signature(r, s), bytes(data), ec.ECDSA(hashes.SHA256()))

    return verify


def encode(claim, meta, key, algorithm, kid=None, aes=None):
    claim, meta, key = given_claim(claim), given_meta(meta), bytes.fromhex(key)
    if algorithm == "none":
        return {"text": claim169.encode_unsigned(claim, meta)}
    if aes is not None and algorithm == "ES256":
        aes = bytes.fromhex(aes)
        name = "A256GCM" if len(aes) == 32 else "A128GCM"
        both = claim169.encode_with_signer_and_encryptor
        kid = None if kid is None else bytes.fromhex(kid)
        return {"text": both(claim, meta, signer(algorithm, key), algorithm, encryptor(aes), name, kid)}
    if aes is not None:
        aes = bytes.fromhex(aes)
        both = claim169.encode_signed_encrypted if len(aes) == 32 else claim169.encode_signed_encrypted_aes128
        return {"text": both(claim, meta, key, aes)}
    if kid is not None:
        return {"text": claim169.encode_with_signer(claim, meta, signer(algorithm, key), algorithm, bytes.fromhex(kid))}
    plain = claim169.encode_with_ed25519 if algorithm == "EdDSA" else claim169.encode_with_ecdsa_p256
    return {"text": plain(claim, meta, key)}


def decode(text, pub=None, aes=None, callbacks=False):
    public = None if pub is None else bytes.fromhex(pub)
    if aes is not None:
        check = None if public is None else verifier(public)
        aes = bytes.fromhex(aes)
        if callbacks:
            read = claim169.decode_with_decryptor(text, decryptor(aes), verifier=check, allow_unverified=public is None)
        else:
            read = claim169.decode_encrypted_aes(text, aes, verifier=check, allow_unverified=public is None)
    elif callbacks:
        read = claim169.decode_with_verifier(text, verifier(public), validate_timestamps=False)
    elif public is None:
        read = claim169.decode(text, allow_unverified=True, validate_timestamps=False)
    elif len(public) == 32:
        read = claim169.decode(text, verify_with_ed25519=public, validate_timestamps=False)
    else:
        read = claim169.decode(text, verify_with_ecdsa_p256=public, validate_timestamps=False)
    kid = claim169.inspect(text).key_id
    return {
        "claim": claim_of(read.claim169),
        "meta": {name: value for name in META if (value := getattr(read.cwt_meta, name)) is not None},
        "verified": read.is_verified(),
        "kid": None if kid is None else bytes(kid).hex(),
        "x5chain": [bytes(one).hex() for one in read.x509_headers.x5chain or []],
    }


def claim_of(claim):
    out = {name: value for name in PLAIN if (value := getattr(claim, name)) is not None}
    if claim.photo is not None:
        out["photo"] = bytes(claim.photo).hex()
    if claim.best_quality_fingers is not None:
        out["best_quality_fingers"] = list(claim.best_quality_fingers)
    for name in BIOMETRICS:
        samples = getattr(claim, name)
        if samples is not None:
            out[name] = [sample_of(sample) for sample in samples]
    return out


def sample_of(sample):
    out = {"data": bytes(sample.data).hex()}
    for name in ("format", "sub_format", "issuer"):
        if (value := getattr(sample, name)) is not None:
            out[name] = value
    return out


def main():
    operations = {"encode": encode, "decode": decode}
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = operations[asked.pop("op")](**asked)
        except BaseException as error:  # the package's panics are no Exception
            answer = {"error": type(error).__name__}
        print(json.dumps(answer), flush=True)


main()
