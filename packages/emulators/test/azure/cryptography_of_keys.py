"""What keys of Azure Key Vault do: signatures, encryption, wrapping, and when they may."""

import datetime
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from azure_keys import Case, client, key_of, new_key, using

MESSAGE = b"here is some data to sign"
HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
ECDSA = {
    "ES256": ("P-256", ec.SECP256R1(), "256", 64),
    "ES256K": ("P-256K", ec.SECP256K1(), "256", 64),
    "ES384": ("P-384", ec.SECP384R1(), "384", 96),
    "ES512": ("P-521", ec.SECP521R1(), "512", 132),
}


def digest(bits):
    return hashlib.new(f"sha{bits}", MESSAGE).digest()


def number(octets):
    return int.from_bytes(octets, "big")


def rsa_public(key):
    return rsa.RSAPublicNumbers(number(key.key.e), number(key.key.n)).public_key()


class Signatures(Case):
    def test_ecdsa(self):
        """ECDSA signatures are r‖s of fixed width, over a digest (about-keys-details, ES256; RFC 7518 §3.4)"""
        for algorithm, (curve, group, bits, length) in ECDSA.items():
            key = key_of(curve)
            signed = using(key).sign(algorithm, digest(bits))
            self.assertEqual((len(signed.signature), signed.key_id), (length, key.id))
            halves = signed.signature[: length // 2], signed.signature[length // 2 :]
            public = ec.EllipticCurvePublicNumbers(number(key.key.x), number(key.key.y), group).public_key()
            der = utils.encode_dss_signature(*map(number, halves))
            public.verify(der, MESSAGE, ec.ECDSA(HASHES[bits]))
            self.assertTrue(using(key).verify(algorithm, digest(bits), signed.signature).is_valid)

    def test_rsa(self):
        """RSA signs with PKCS #1, or PSS with a salt as long as the hash (about-keys-details; RFC 7518 §3.5)"""
        key = key_of("RSA-2048")
        for bits, used in HASHES.items():
            salted = padding.PSS(mgf=padding.MGF1(used), salt_length=used.digest_size)
            for algorithm, pad in [(f"RS{bits}", padding.PKCS1v15()), (f"PS{bits}", salted)]:
                signed = using(key).sign(algorithm, digest(bits))
                rsa_public(key).verify(signed.signature, MESSAGE, pad, used)
                self.assertTrue(using(key).verify(algorithm, digest(bits), signed.signature).is_valid)

    def test_wrong(self):
        """a signature that does not fit is an answer, not an error (Keys - Verify: KeyVerifyResult)"""
        for algorithm, kind in [("ES256", "P-256"), ("RS256", "RSA-2048"), ("PS256", "RSA-2048")]:
            crypto = using(key_of(kind))
            signature = crypto.sign(algorithm, digest("256")).signature
            for changed in [signature[:-1] + bytes([signature[-1] ^ 1]), signature[1:], bytes(len(signature))]:
                self.assertFalse(crypto.verify(algorithm, digest("256"), changed).is_valid)
            self.assertFalse(crypto.verify(algorithm, bytes(32), signature).is_valid)

    def test_another(self):
        """a signature is over its digest alone (Keys - Sign)"""
        key = key_of("RSA-2048")
        signature = using(key).sign("RS256", digest("256")).signature
        with self.assertRaises(InvalidSignature):
            rsa_public(key).verify(signature, MESSAGE + b".", padding.PKCS1v15(), hashes.SHA256())

    def test_length(self):
        """a digest of another length is 400 (about-keys-details: must be 32 bytes in length)"""
        for algorithm, kind in [("ES256", "P-256"), ("ES512", "P-521"), ("RS256", "RSA-2048"), ("PS256", "RSA-2048")]:
            for wrong in [31, 33]:
                error = self.refused(400, "BadParameter", using(key_of(kind)).sign, algorithm, bytes(wrong))
                self.assertIn(f"Invalid length of 'value': {wrong} bytes", error.message)

    def test_curve(self):
        """an algorithm of another curve or type of key is 400 (about-keys-details: algorithms by key type)"""
        for algorithm, kind, length in [
            ("ES384", "P-256", 48),
            ("ES256", "P-256K", 32),
            ("ES256K", "P-256", 32),
            ("RS256", "P-256", 32),
            ("ES256", "RSA-2048", 32),
        ]:
            self.refused(400, "BadParameter", using(key_of(kind)).sign, algorithm, bytes(length))

    def test_unknown(self):
        """an algorithm that is none, and an empty digest, are 400 (JsonWebKeySignatureAlgorithm; Keys - Sign)"""
        self.refused(400, "BadParameter", using(key_of("P-256")).sign, "EdDSA", bytes(32))
        self.refused(400, "BadParameter", using(key_of("P-256")).sign, "ES256", b"")


class Encryption(Case):
    def test_opens(self):
        """RSA encrypts, decrypts, wraps and unwraps with each padding (Keys - Encrypt; Keys - Wrap Key)"""
        key = key_of("RSA-2048")
        crypto = using(key)
        for algorithm in ["RSA1_5", "RSA-OAEP", "RSA-OAEP-256"]:
            sealed = crypto.encrypt(algorithm, b"secret")
            self.assertEqual((len(sealed.ciphertext), sealed.key_id), (256, key.id))
            self.assertEqual(crypto.decrypt(algorithm, sealed.ciphertext).plaintext, b"secret")
            wrapped = crypto.wrap_key(algorithm, bytes(32))
            self.assertEqual(crypto.unwrap_key(algorithm, wrapped.encrypted_key).key, bytes(32))

    def test_outside(self):
        """what was encrypted outside with the public key opens (about-keys-details, RSA-OAEP-256: SHA-256, MGF1)"""
        key = key_of("RSA-2048")
        for algorithm, used in [("RSA-OAEP", hashes.SHA1()), ("RSA-OAEP-256", hashes.SHA256())]:
            sealed = rsa_public(key).encrypt(b"secret", padding.OAEP(padding.MGF1(used), used, None))
            self.assertEqual(using(key).decrypt(algorithm, sealed).plaintext, b"secret")

    def test_tampered(self):
        """a ciphertext that does not open is 400 (Keys - Decrypt)"""
        crypto = using(key_of("RSA-2048"))
        sealed = crypto.encrypt("RSA-OAEP-256", b"secret").ciphertext
        for wrong in [sealed[:-1] + bytes([sealed[-1] ^ 1]), sealed[1:], b"short"]:
            self.refused(400, "BadParameter", crypto.decrypt, "RSA-OAEP-256", wrong)
            self.refused(400, "BadParameter", crypto.unwrap_key, "RSA-OAEP-256", wrong)
        # The number 1, whose padding is none.
        self.refused(400, "BadParameter", crypto.decrypt, "RSA1_5", bytes(255) + b"\x01")

    def test_long(self):
        """a plaintext longer than the padding leaves room for is 400 (Keys - Encrypt: a single block of data)"""
        crypto = using(key_of("RSA-2048"))
        crypto.encrypt("RSA-OAEP-256", bytes(190))
        self.refused(400, "BadParameter", crypto.encrypt, "RSA-OAEP-256", bytes(191))

    def test_ec(self):
        """an EC key neither encrypts nor wraps (about-keys-details: EC, encrypt/decrypt not applicable)"""
        crypto = using(key_of("P-256"))
        for call in [crypto.encrypt, crypto.decrypt, crypto.wrap_key, crypto.unwrap_key]:
            self.refused(403, "Forbidden", call, "RSA-OAEP-256", bytes(32), inner="KeyOperationForbidden")


class When(Case):
    def calls(self, kind="RSA-2048", **options):
        key = new_key(kind, **options)
        crypto, good = using(key), using(key_of("RSA-2048"))
        sealed = good.encrypt("RSA-OAEP-256", b"secret").ciphertext
        return {
            "sign": (crypto.sign, "RS256", bytes(32)),
            "encrypt": (crypto.encrypt, "RSA-OAEP-256", b"secret"),
            "wrapKey": (crypto.wrap_key, "RSA-OAEP-256", b"secret"),
            "verify": (crypto.verify, "RS256", bytes(32), bytes(256)),
            "decrypt": (crypto.decrypt, "RSA-OAEP-256", sealed),
            "unwrapKey": (crypto.unwrap_key, "RSA-OAEP-256", sealed),
        }

    def test_disabled(self):
        """a disabled key does nothing, an enabled one again (about-keys-details, key attributes: enabled)"""
        for call, *args in self.calls(enabled=False).values():
            error = self.refused(403, "Forbidden", call, *args, inner="KeyDisabled")
            self.assertIn("is not allowed on a disabled key", error.message)
        key = new_key("P-256", enabled=False)
        client.update_key_properties(key.name, enabled=True)
        using(key).sign("ES256", bytes(32))

    def test_times(self):
        """outside its time a key does not sign, encrypt or wrap, but verifies and opens (about-keys-details, nbf, exp)"""
        day = datetime.timedelta(days=1)
        now = datetime.datetime.now(datetime.timezone.utc)
        for options, inner in [
            ({"expires_on": now - day}, "KeyExpired"),
            ({"not_before": now + day}, "KeyNotYetValid"),
        ]:
            calls = self.calls(**options)
            for name in ["sign", "encrypt", "wrapKey"]:
                call, *args = calls[name]
                self.refused(403, "Forbidden", call, *args, inner=inner)
            call, *args = calls["verify"]
            self.assertFalse(call(*args).is_valid)
            for name in ["decrypt", "unwrapKey"]:
                call, *args = calls[name]
                # Made with another key, so that it does not open: but the key was asked.
                self.refused(400, "BadParameter", call, *args)

    def test_operations(self):
        """an operation that is not among key_ops is 403 (about-keys-details, key access control)"""
        key = new_key("RSA-2048", key_operations=["verify"])
        error = self.refused(403, "Forbidden", using(key).sign, "RS256", bytes(32), inner="KeyOperationForbidden")
        self.assertIn("Operation sign is not permitted on this key", error.message)
        client.update_key_properties(key.name, key_operations=["sign"])
        using(key).sign("RS256", bytes(32))
        self.refused(
            403, "Forbidden", using(key).verify, "RS256", bytes(32), bytes(256), inner="KeyOperationForbidden"
        )


