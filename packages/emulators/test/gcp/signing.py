"""Public keys, signatures and RSA decryption of Google Cloud KMS."""

import hashlib

import google_crc32c
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding

from google_kms import Case, INVALID, UNREADY, client, create_version, once, signing

MESSAGE = b"here is some data to authenticate"
HASHES = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}


def public_key(name):
    return serialization.load_pem_public_key(once(client.get_public_key, name=name).pem.encode())


def digest_of(hash_name):
    return {hash_name: hashlib.new(hash_name, MESSAGE).digest()}


class PublicKeys(Case):
    def test_pem(self):
        """a public key is PEM with its checksum, name and algorithm (PublicKey; contract GetPublicKeyEC)"""
        name = signing("EC_SIGN_P256_SHA256")
        key = once(client.get_public_key, name=name)
        self.assertEqual(key.name, name)
        self.assertEqual(key.algorithm.name, "EC_SIGN_P256_SHA256")
        self.assertEqual(key.pem_crc32c, google_crc32c.value(key.pem.encode()))
        self.assertEqual(public_key(name).curve.name, "secp256r1")

    def test_distinct(self):
        """every version has a key of its own, RSA too (CryptoKeyVersion: an individual cryptographic key)"""
        keys = [public_key(create_version("ASYMMETRIC_SIGN", "RSA_SIGN_PSS_2048_SHA256")) for _ in range(2)]
        self.assertNotEqual(keys[0].public_numbers().n, keys[1].public_numbers().n)

    def test_symmetric(self):
        """a key for encryption has no public key (contract GetPublicKeySymmetric)"""
        self.refused(UNREADY, client.get_public_key, name=create_version("ENCRYPT_DECRYPT", None))

    def test_der(self):
        """a format that is asked for comes in public_key, with its checksum (GetPublicKeyRequest.public_key_format)"""
        name = signing("EC_SIGN_P256_SHA256")
        key = once(client.get_public_key, name=name, public_key_format="DER")
        self.assertEqual(key.public_key_format.name, "DER")
        self.assertEqual(key.public_key.crc32c_checksum, google_crc32c.value(key.public_key.data))
        self.assertEqual(serialization.load_der_public_key(key.public_key.data), public_key(name))
        self.assertEqual(key.pem, "")
        self.refused(INVALID, client.get_public_key, name=name, public_key_format="NIST_PQC")

    def test_post_quantum(self):
        """a post-quantum public key needs a format, and verifies in NIST_PQC (PublicKey.PublicKeyFormat; FIPS 204)"""
        for parameter, known in [
            ("44", mldsa.MLDSA44PublicKey),
            ("65", mldsa.MLDSA65PublicKey),
            ("87", mldsa.MLDSA87PublicKey),
        ]:
            name = signing(f"PQ_SIGN_ML_DSA_{parameter}")
            self.refused(INVALID, client.get_public_key, name=name)
            self.refused(INVALID, client.get_public_key, name=name, public_key_format="PEM")
            key = once(client.get_public_key, name=name, public_key_format="NIST_PQC").public_key
            self.assertEqual(key.crc32c_checksum, google_crc32c.value(key.data))
            signature = once(client.asymmetric_sign, name=name, data=MESSAGE).signature
            known.from_public_bytes(key.data).verify(signature, MESSAGE)
            self.refused(INVALID, client.asymmetric_sign, name=name, digest=digest_of("sha256"))


class Signatures(Case):
    def test_ecdsa(self):
        """ECDSA signatures are DER, over a digest or over data (contract ECSign, ECSignData)"""
        for algorithm, hash_name in [
            ("EC_SIGN_P256_SHA256", "sha256"),
            ("EC_SIGN_P384_SHA384", "sha384"),
            ("EC_SIGN_SECP256K1_SHA256", "sha256"),
        ]:
            name = create_version("ASYMMETRIC_SIGN", algorithm, hsm=True)
            for fields in [{"digest": digest_of(hash_name)}, {"data": MESSAGE}]:
                answer = once(client.asymmetric_sign, name=name, **fields)
                public_key(name).verify(answer.signature, MESSAGE, ec.ECDSA(HASHES[hash_name]))
                self.assertEqual(answer.name, name)
                self.assertEqual(answer.signature_crc32c, google_crc32c.value(answer.signature))
                self.assertEqual(answer.protection_level.name, "HSM")

    def test_ed25519(self):
        """Ed25519 signs data and takes no digest (CryptoKeyVersionAlgorithm.EC_SIGN_ED25519: pure mode)"""
        name = signing("EC_SIGN_ED25519")
        answer = once(client.asymmetric_sign, name=name, data=MESSAGE)
        self.assertIsInstance(public_key(name), ed25519.Ed25519PublicKey)
        public_key(name).verify(answer.signature, MESSAGE)
        self.refused(INVALID, client.asymmetric_sign, name=name, digest=digest_of("sha256"))

    def test_rsa(self):
        """RSA signs with PKCS #1 or PSS as its algorithm says (contract RSASignPKCS1)"""
        for bits, hash_name in [("2048", "sha256"), ("3072", "sha256"), ("4096", "sha256"), ("4096", "sha512")]:
            name = signing(f"RSA_SIGN_PKCS1_{bits}_{hash_name.upper()}")
            for fields in [{"digest": digest_of(hash_name)}, {"data": MESSAGE}]:
                answer = once(client.asymmetric_sign, name=name, **fields)
                public_key(name).verify(answer.signature, MESSAGE, padding.PKCS1v15(), HASHES[hash_name])
            self.assertEqual(public_key(name).key_size, int(bits))

    def test_pss(self):
        """the salt of PSS is as long as the hash (CryptoKeyVersionAlgorithm; contract RSASignPSS)"""
        for bits, hash_name in [("2048", "sha256"), ("3072", "sha256"), ("4096", "sha256"), ("4096", "sha512")]:
            name = signing(f"RSA_SIGN_PSS_{bits}_{hash_name.upper()}")
            used = HASHES[hash_name]
            salted = padding.PSS(mgf=padding.MGF1(used), salt_length=used.digest_size)
            for fields in [{"digest": digest_of(hash_name)}, {"data": MESSAGE}]:
                signature = once(client.asymmetric_sign, name=name, **fields).signature
                public_key(name).verify(signature, MESSAGE, salted, used)

    def test_raw(self):
        """raw PKCS #1 signs what it can pad, without DigestInfo, and takes no digest (contract RSASignRawPKCS1; RFC 8017)"""
        name = signing("RSA_SIGN_RAW_PKCS1_2048")
        signature = once(client.asymmetric_sign, name=name, data=MESSAGE).signature
        recovered = public_key(name).recover_data_from_signature(signature, padding.PKCS1v15(), None)
        self.assertEqual(recovered, MESSAGE)
        once(client.asymmetric_sign, name=name, data=bytes(256 - 11))
        self.refused(INVALID, client.asymmetric_sign, name=name, data=bytes(256 - 10))
        self.refused(INVALID, client.asymmetric_sign, name=name, digest=digest_of("sha256"))

    def test_another(self):
        """a signature is over what was sent, and nothing else (AsymmetricSignResponse.signature)"""
        name = signing("EC_SIGN_P256_SHA256")
        signature = once(client.asymmetric_sign, name=name, data=MESSAGE).signature
        with self.assertRaises(InvalidSignature):
            public_key(name).verify(signature, MESSAGE + b".", ec.ECDSA(hashes.SHA256()))


class Requests(Case):
    def test_both(self):
        """a digest and data together are INVALID_ARGUMENT (contract AsymmetricSignBothDigestAndData)"""
        name = signing("EC_SIGN_P256_SHA256")
        self.refused(INVALID, client.asymmetric_sign, name=name, digest=digest_of("sha256"), data=MESSAGE)

    def test_neither(self):
        """neither a digest nor data is INVALID_ARGUMENT (AsymmetricSignRequest.digest, .data)"""
        self.refused(INVALID, client.asymmetric_sign, name=signing("EC_SIGN_P256_SHA256"))

    def test_hash(self):
        """a digest of another hash is INVALID_ARGUMENT (contract AsymmetricSignWrongDigest)"""
        name = signing("EC_SIGN_P384_SHA384", hsm=True)
        self.refused(INVALID, client.asymmetric_sign, name=name, digest=digest_of("sha256"))

    def test_length(self):
        """a digest of another length is INVALID_ARGUMENT (contract AsymmetricSignIncorrectDigestLength)"""
        name = signing("EC_SIGN_P256_SHA256")
        for length in [0, 31, 33]:
            self.refused(INVALID, client.asymmetric_sign, name=name, digest={"sha256": bytes(length)})

    def test_purpose(self):
        """a key of another purpose is FAILED_PRECONDITION (contract AsymmetricSignWrongPurpose)"""
        name = create_version("ENCRYPT_DECRYPT", None)
        self.refused(UNREADY, client.asymmetric_sign, name=name, digest=digest_of("sha256"))
        self.refused(UNREADY, client.asymmetric_decrypt, name=name, ciphertext=b"foo")
        self.refused(UNREADY, client.mac_sign, name=name, data=b"foo")

    def test_large(self):
        """data of more than 64 KiB is INVALID_ARGUMENT (the limit that EncryptRequest.plaintext names)"""
        name = signing("EC_SIGN_ED25519")
        once(client.asymmetric_sign, name=name, data=bytes(64 * 1024))
        self.refused(INVALID, client.asymmetric_sign, name=name, data=bytes(64 * 1024 + 1))


class Checksums(Case):
    def test_verified(self):
        """verified_*_crc32c says which checksum was sent, and never another (AsymmetricSignResponse)"""
        name = signing("EC_SIGN_P256_SHA256")
        digest = digest_of("sha256")
        right = {"digest_crc32c": google_crc32c.value(digest["sha256"])}
        answer = once(client.asymmetric_sign, name=name, digest=digest, **right)
        self.assertEqual((answer.verified_digest_crc32c, answer.verified_data_crc32c), (True, False))
        answer = once(client.asymmetric_sign, name=name, data=MESSAGE, data_crc32c=google_crc32c.value(MESSAGE))
        self.assertEqual((answer.verified_digest_crc32c, answer.verified_data_crc32c), (False, True))
        answer = once(client.asymmetric_sign, name=name, data=MESSAGE)
        self.assertEqual((answer.verified_digest_crc32c, answer.verified_data_crc32c), (False, False))

    def test_mismatch(self):
        """a wrong checksum is INVALID_ARGUMENT, zero too (AsymmetricSignRequest.digest_crc32c)"""
        name = signing("EC_SIGN_P256_SHA256")
        digest = digest_of("sha256")
        for wrong in [0, 1, google_crc32c.value(digest["sha256"]) ^ 1]:
            self.refused(INVALID, client.asymmetric_sign, name=name, digest=digest, digest_crc32c=wrong)
            self.refused(INVALID, client.asymmetric_sign, name=name, data=MESSAGE, data_crc32c=wrong)


class Decryption(Case):
    def test_oaep(self):
        """RSA opens what OAEP with its hash has sealed (contract AsymmetricDecrypt)"""
        for bits, hash_name in [
            ("2048", "sha1"),
            ("2048", "sha256"),
            ("3072", "sha256"),
            ("4096", "sha256"),
            ("4096", "sha512"),
        ]:
            name = create_version("ASYMMETRIC_DECRYPT", f"RSA_DECRYPT_OAEP_{bits}_{hash_name.upper()}")
            used = hashes.SHA1() if hash_name == "sha1" else HASHES[hash_name]
            oaep = padding.OAEP(mgf=padding.MGF1(used), algorithm=used, label=None)
            sealed = public_key(name).encrypt(MESSAGE, oaep)
            answer = once(
                client.asymmetric_decrypt, name=name, ciphertext=sealed, ciphertext_crc32c=google_crc32c.value(sealed)
            )
            self.assertEqual(answer.plaintext, MESSAGE)
            self.assertEqual(answer.plaintext_crc32c, google_crc32c.value(MESSAGE))
            self.assertTrue(answer.verified_ciphertext_crc32c)

    def test_malformed(self):
        """a ciphertext that does not open is INVALID_ARGUMENT (contract AsymmetricDecryptMalformedCiphertext)"""
        name = create_version("ASYMMETRIC_DECRYPT", "RSA_DECRYPT_OAEP_2048_SHA256")
        sealed = bytearray(
            public_key(name).encrypt(MESSAGE, padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None))
        )
        sealed[-1] ^= 1
        for wrong in [b"malformed ciphertext", bytes(sealed)]:
            self.refused(INVALID, client.asymmetric_decrypt, name=name, ciphertext=wrong)

    def test_checksum(self):
        """a wrong checksum of a ciphertext is INVALID_ARGUMENT (contract AsymmetricDecryptInvalidCiphertextChecksum)"""
        name = create_version("ASYMMETRIC_DECRYPT", "RSA_DECRYPT_OAEP_2048_SHA256")
        self.refused(INVALID, client.asymmetric_decrypt, name=name, ciphertext=b"ciphertext", ciphertext_crc32c=1)
