"""Encryption, message authentication and random bytes of Google Cloud KMS."""

import hashlib
import hmac

import google_crc32c
from google.api_core import exceptions

from google_kms import Case, INVALID, LOCATION, UNREADY, client, create_key, create_version, once, set_state, signing

SECRET = b"Here is a plaintext to encrypt, 48 bytes long..."
KIB = 1024
crc = google_crc32c.value


def flipped(sealed):
    return sealed[:-1] + bytes([sealed[-1] ^ 1])


class Symmetric(Case):
    def test_opens(self):
        """what Encrypt sealed Decrypt opens, with every checksum (EncryptResponse; DecryptResponse)"""
        key = create_key("ENCRYPT_DECRYPT")
        sealed = once(
            client.encrypt,
            name=key.name,
            plaintext=SECRET,
            plaintext_crc32c=crc(SECRET),
            additional_authenticated_data=b"bound",
            additional_authenticated_data_crc32c=crc(b"bound"),
        )
        self.assertEqual(sealed.name, f"{key.name}/cryptoKeyVersions/1")
        self.assertEqual(sealed.ciphertext_crc32c, crc(sealed.ciphertext))
        self.assertTrue(sealed.verified_plaintext_crc32c)
        self.assertTrue(sealed.verified_additional_authenticated_data_crc32c)
        opened = once(
            client.decrypt, name=key.name, ciphertext=sealed.ciphertext, additional_authenticated_data=b"bound"
        )
        self.assertEqual((opened.plaintext, opened.plaintext_crc32c), (SECRET, crc(SECRET)))
        self.assertTrue(opened.used_primary)

    def test_unverified(self):
        """without a checksum nothing is verified (EncryptResponse.verified_plaintext_crc32c)"""
        sealed = once(client.encrypt, name=create_key("ENCRYPT_DECRYPT").name, plaintext=SECRET)
        self.assertFalse(sealed.verified_plaintext_crc32c)
        self.assertFalse(sealed.verified_additional_authenticated_data_crc32c)

    def test_empty(self):
        """the checksum of nothing is zero, and counts (EncryptRequest.plaintext_crc32c)"""
        name = create_key("ENCRYPT_DECRYPT").name
        self.assertTrue(once(client.encrypt, name=name, plaintext=b"", plaintext_crc32c=0).verified_plaintext_crc32c)
        self.refused(INVALID, client.encrypt, name=name, plaintext=SECRET, plaintext_crc32c=0)

    def test_checksums(self):
        """a wrong checksum of plaintext, AAD or ciphertext is INVALID_ARGUMENT (EncryptRequest; DecryptRequest)"""
        name = create_key("ENCRYPT_DECRYPT").name
        aad = {"additional_authenticated_data": b"a", "additional_authenticated_data_crc32c": 1}
        self.refused(INVALID, client.encrypt, name=name, plaintext=SECRET, plaintext_crc32c=1)
        self.refused(INVALID, client.encrypt, name=name, plaintext=SECRET, **aad)
        sealed = once(client.encrypt, name=name, plaintext=SECRET).ciphertext
        self.refused(INVALID, client.decrypt, name=name, ciphertext=sealed, ciphertext_crc32c=1)
        self.refused(INVALID, client.decrypt, name=name, ciphertext=sealed, **aad)

    def test_tampered(self):
        """another AAD, another key or one bit turned is INVALID_ARGUMENT (DecryptRequest)"""
        name, other = create_key("ENCRYPT_DECRYPT").name, create_key("ENCRYPT_DECRYPT").name
        sealed = once(client.encrypt, name=name, plaintext=SECRET, additional_authenticated_data=b"a").ciphertext
        for fields in [
            {"name": name, "ciphertext": sealed, "additional_authenticated_data": b"b"},
            {"name": name, "ciphertext": sealed},
            {"name": other, "ciphertext": sealed, "additional_authenticated_data": b"a"},
            {"name": name, "ciphertext": flipped(sealed), "additional_authenticated_data": b"a"},
            {"name": name, "ciphertext": b"\xff" + sealed[1:], "additional_authenticated_data": b"a"},
            {"name": name, "ciphertext": sealed[:20], "additional_authenticated_data": b"a"},
        ]:
            self.refused(INVALID, client.decrypt, **fields)

    def test_versions(self):
        """an older version still opens, and is not the primary (DecryptResponse.used_primary)"""
        key = create_key("ENCRYPT_DECRYPT")
        sealed = once(client.encrypt, name=key.name, plaintext=SECRET).ciphertext
        once(client.create_crypto_key_version, parent=key.name, crypto_key_version={})
        once(client.update_crypto_key_primary_version, name=key.name, crypto_key_version_id="2")
        self.assertFalse(once(client.decrypt, name=key.name, ciphertext=sealed).used_primary)
        newer = once(client.encrypt, name=key.name, plaintext=SECRET)
        self.assertTrue(newer.name.endswith("/2"))
        named = once(client.encrypt, name=f"{key.name}/cryptoKeyVersions/1", plaintext=SECRET)
        self.assertTrue(named.name.endswith("/1"))
        set_state(f"{key.name}/cryptoKeyVersions/1", "DISABLED")
        self.refused(UNREADY, client.decrypt, name=key.name, ciphertext=sealed)

    def test_no_primary(self):
        """a key without a primary version does not encrypt by its own name (EncryptRequest.name)"""
        self.refused(UNREADY, client.encrypt, name=create_key("ENCRYPT_DECRYPT", skip=True).name, plaintext=SECRET)

    def test_purpose(self):
        """a key of another purpose neither encrypts nor decrypts (KeyManagementService.Encrypt)"""
        version = signing("EC_SIGN_P256_SHA256")
        name = version.rsplit("/", 2)[0]
        self.refused(UNREADY, client.encrypt, name=name, plaintext=SECRET)
        self.refused(UNREADY, client.encrypt, name=version, plaintext=SECRET)
        self.refused(UNREADY, client.decrypt, name=name, ciphertext=SECRET)

    def test_limits(self):
        """a plaintext is 64 KiB at most, 8 KiB with its AAD for HSM keys (EncryptRequest.plaintext)"""
        name = create_key("ENCRYPT_DECRYPT").name
        once(client.encrypt, name=name, plaintext=bytes(64 * KIB))
        self.refused(INVALID, client.encrypt, name=name, plaintext=bytes(64 * KIB + 1))
        aad = {"additional_authenticated_data": bytes(64 * KIB + 1)}
        self.refused(INVALID, client.encrypt, name=name, plaintext=b"", **aad)
        hsm = create_key("ENCRYPT_DECRYPT", "GOOGLE_SYMMETRIC_ENCRYPTION", hsm=True).name
        half = {"additional_authenticated_data": bytes(4 * KIB)}
        once(client.encrypt, name=hsm, plaintext=bytes(4 * KIB), **half)
        self.refused(INVALID, client.encrypt, name=hsm, plaintext=bytes(4 * KIB + 1), **half)


class Raw(Case):
    def test_gcm(self):
        """AES-GCM gives vector and tag, and opens with them (contract RawEncryptDecrypt)"""
        for algorithm in ["AES_128_GCM", "AES_256_GCM"]:
            name = create_version("RAW_ENCRYPT_DECRYPT", algorithm)
            aad = {"additional_authenticated_data": b"a", "additional_authenticated_data_crc32c": crc(b"a")}
            sealed = once(client.raw_encrypt, name=name, plaintext=SECRET, plaintext_crc32c=crc(SECRET), **aad)
            vector = sealed.initialization_vector
            self.assertEqual((len(vector), sealed.tag_length), (12, 16))
            self.assertEqual(len(sealed.ciphertext), len(SECRET) + 16)
            self.assertEqual(sealed.ciphertext_crc32c, crc(sealed.ciphertext))
            self.assertEqual(sealed.initialization_vector_crc32c, crc(vector))
            self.assertTrue(sealed.verified_plaintext_crc32c)
            self.assertTrue(sealed.verified_additional_authenticated_data_crc32c)
            self.assertFalse(sealed.verified_initialization_vector_crc32c)
            self.assertEqual(sealed.name, name)
            opened = once(
                client.raw_decrypt,
                name=name,
                ciphertext=sealed.ciphertext,
                ciphertext_crc32c=crc(sealed.ciphertext),
                initialization_vector=vector,
                initialization_vector_crc32c=crc(vector),
                tag_length=16,
                **aad,
            )
            self.assertEqual((opened.plaintext, opened.plaintext_crc32c), (SECRET, crc(SECRET)))
            self.assertTrue(opened.verified_ciphertext_crc32c)
            self.assertTrue(opened.verified_initialization_vector_crc32c)

    def test_gcm_vector(self):
        """a vector of the caller is refused for AES-GCM (contract RawEncryptAesGcmCustomIvFails)"""
        name = create_version("RAW_ENCRYPT_DECRYPT", "AES_256_GCM")
        self.refused(INVALID, client.raw_encrypt, name=name, plaintext=SECRET, initialization_vector=bytes(12))

    def test_modes(self):
        """AES-CBC and AES-CTR take a vector of 16 bytes or make one (RawEncryptRequest.initialization_vector)"""
        for algorithm in ["AES_128_CBC", "AES_256_CBC", "AES_128_CTR", "AES_256_CTR"]:
            name = create_version("RAW_ENCRYPT_DECRYPT", algorithm)
            for fields in [{}, {"initialization_vector": bytes(16)}]:
                sealed = once(client.raw_encrypt, name=name, plaintext=SECRET, **fields)
                vector = sealed.initialization_vector
                self.assertEqual((len(vector), sealed.tag_length), (16, 0))
                opened = once(
                    client.raw_decrypt, name=name, ciphertext=sealed.ciphertext, initialization_vector=vector
                )
                self.assertEqual(opened.plaintext, SECRET)
            self.refused(INVALID, client.raw_encrypt, name=name, plaintext=SECRET, initialization_vector=bytes(20))
            self.refused(
                INVALID, client.raw_encrypt, name=name, plaintext=SECRET, additional_authenticated_data=b"a"
            )

    def test_blocks(self):
        """AES-CBC takes whole blocks and pads nothing, AES-CTR takes any length (Raw symmetric encryption)"""
        name = create_version("RAW_ENCRYPT_DECRYPT", "AES_256_CBC")
        sealed = once(client.raw_encrypt, name=name, plaintext=SECRET)
        self.assertEqual(len(sealed.ciphertext), len(SECRET))
        self.refused(INVALID, client.raw_encrypt, name=name, plaintext=SECRET[:-1])
        half = {"ciphertext": sealed.ciphertext[:-1], "initialization_vector": sealed.initialization_vector}
        self.refused(INVALID, client.raw_decrypt, name=name, **half)
        name = create_version("RAW_ENCRYPT_DECRYPT", "AES_256_CTR")
        self.assertEqual(len(once(client.raw_encrypt, name=name, plaintext=b"abc").ciphertext), 3)

    def test_tampered(self):
        """another AAD, vector or tag is INVALID_ARGUMENT (RawDecryptRequest)"""
        name = create_version("RAW_ENCRYPT_DECRYPT", "AES_256_GCM")
        sealed = once(client.raw_encrypt, name=name, plaintext=SECRET, additional_authenticated_data=b"a")
        right = {
            "name": name,
            "ciphertext": sealed.ciphertext,
            "initialization_vector": sealed.initialization_vector,
            "additional_authenticated_data": b"a",
        }
        once(client.raw_decrypt, **right)
        for wrong in [
            {"additional_authenticated_data": b"b"},
            {"initialization_vector": flipped(sealed.initialization_vector)},
            {"initialization_vector": bytes(16)},
            {"ciphertext": flipped(sealed.ciphertext)},
            {"ciphertext": sealed.ciphertext[:10]},
        ]:
            self.refused(INVALID, client.raw_decrypt, **{**right, **wrong})
        nothing = once(client.raw_encrypt, name=name, plaintext=b"")
        cut = {"ciphertext": nothing.ciphertext[:12], "initialization_vector": nothing.initialization_vector}
        self.refused(INVALID, client.raw_decrypt, name=name, **cut)
        # A shorter tag is part of the interface, and no part of the emulator.
        self.refused(exceptions.MethodNotImplemented, client.raw_decrypt, **right, tag_length=12)

    def test_checksums(self):
        """a wrong checksum is INVALID_ARGUMENT (contract RawEncryptInvalidPlaintextChecksum)"""
        name = create_version("RAW_ENCRYPT_DECRYPT", "AES_256_GCM")
        self.refused(INVALID, client.raw_encrypt, name=name, plaintext=SECRET, plaintext_crc32c=1)
        fields = {"name": name, "ciphertext": SECRET, "initialization_vector": bytes(12)}
        for wrong in ["ciphertext_crc32c", "initialization_vector_crc32c"]:
            self.refused(INVALID, client.raw_decrypt, **{**fields, wrong: 1})

    def test_purpose(self):
        """a key of another purpose is FAILED_PRECONDITION (contract RawEncryptWrongPurpose)"""
        name = create_version("ENCRYPT_DECRYPT", None)
        self.refused(UNREADY, client.raw_encrypt, name=name, plaintext=SECRET)
        self.refused(UNREADY, client.raw_decrypt, name=name, ciphertext=SECRET, initialization_vector=bytes(12))


class Mac(Case):
    def test_tags(self):
        """a tag has the length of its hash and verifies (contract MacSignVerify)"""
        for name in ["SHA1", "SHA224", "SHA256", "SHA384", "SHA512"]:
            version = create_version("MAC", f"HMAC_{name}")
            made = once(client.mac_sign, name=version, data=SECRET, data_crc32c=crc(SECRET))
            self.assertEqual(len(made.mac), hmac.new(b"", b"", getattr(hashlib, name.lower())).digest_size)
            self.assertEqual((made.name, made.mac_crc32c), (version, crc(made.mac)))
            self.assertTrue(made.verified_data_crc32c)
            answer = once(client.mac_verify, name=version, data=SECRET, mac=made.mac, mac_crc32c=crc(made.mac))
            self.assertEqual((answer.success, answer.verified_success_integrity), (True, True))
            self.assertEqual((answer.verified_mac_crc32c, answer.verified_data_crc32c), (True, False))

    def test_wrong(self):
        """a tag that does not fit is an answer, not an error (MacVerifyResponse.success)"""
        version = create_version("MAC", "HMAC_SHA256")
        made = once(client.mac_sign, name=version, data=SECRET).mac
        for data, mac in [(SECRET + b".", made), (SECRET, flipped(made)), (SECRET, made[:-1])]:
            answer = once(client.mac_verify, name=version, data=data, mac=mac)
            self.assertEqual((answer.success, answer.verified_success_integrity), (False, False))
        self.refused(INVALID, client.mac_verify, name=version, data=SECRET, mac=made, mac_crc32c=1)

    def test_limits(self):
        """data is 64 KiB at most, 16 KiB for HSM keys (Create and validate MAC signatures)"""
        for hsm, most in [(False, 64 * KIB), (True, 16 * KIB)]:
            version = create_version("MAC", "HMAC_SHA256", hsm=hsm)
            made = once(client.mac_sign, name=version, data=bytes(most)).mac
            self.assertTrue(once(client.mac_verify, name=version, data=bytes(most), mac=made).success)
            self.refused(INVALID, client.mac_sign, name=version, data=bytes(most + 1))
            self.refused(INVALID, client.mac_verify, name=version, data=bytes(most + 1), mac=made)


class Random(Case):
    def test_bytes(self):
        """random bytes are 8 to 1024, of an HSM (GenerateRandomBytesRequest)"""
        hsm = {"location": LOCATION, "protection_level": "HSM"}
        for length in [8, 1024]:
            answer = once(client.generate_random_bytes, length_bytes=length, **hsm)
            self.assertEqual((len(answer.data), answer.data_crc32c), (length, crc(answer.data)))
        for length in [7, 1025]:
            self.refused(INVALID, client.generate_random_bytes, length_bytes=length, **hsm)
        software = {**hsm, "protection_level": "SOFTWARE"}
        self.refused(INVALID, client.generate_random_bytes, length_bytes=8, **software)
