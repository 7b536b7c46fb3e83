# Opens a COSE_Encrypt by the cryptography package alone; every structure is written out by hand.
# Standard input: JSON with the parts in hexadecimal. Standard output: the plaintext in hexadecimal.
import json
import sys

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap


def bstr(content):
    assert len(content) < 24
    return bytes([0x40 + len(content)]) + content


def content_key(private, part):
    wrapped = part["wrapped"]
    if part["ephemeral"] is None:
        oaep = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
        return private.decrypt(wrapped, oaep)
    if isinstance(private, ec.EllipticCurvePrivateKey):
        point = ec.EllipticCurvePublicKey.from_encoded_point(private.curve, part["ephemeral"])
        secret = private.exchange(ec.ECDH(), point)
    else:
        secret = private.exchange(x25519.X25519PublicKey.from_public_bytes(part["ephemeral"]))
    # COSE_KDF_Context of RFC 9053 section 5.2: A128KW, nobody, nobody, 128 bits and the protected header.
    nobody = bytes.fromhex("83f6f6f6")
    public = bytes.fromhex("821880") + bstr(part["recipient"])
    context = bytes.fromhex("8422") + nobody + nobody + public
    kek = HKDF(algorithm=hashes.SHA256(), length=16, salt=None, info=context).derive(secret)
    return aes_key_unwrap(kek, wrapped)


given = json.load(sys.stdin)
private = serialization.load_pem_private_key(given.pop("pem").encode(), None)
part = {name: None if text is None else bytes.fromhex(text) for name, text in given.items()}
# Enc_structure of RFC 9052 section 5.3.
aad = bytes.fromhex("83") + b"\x67Encrypt" + bstr(part["protected"]) + bstr(b"")
print(AESGCM(content_key(private, part)).decrypt(part["nonce"], part["ciphertext"], aad).hex())
