"""Keys of Azure Key Vault: made, imported, rotated, updated, deleted."""

import base64
import datetime

import requests
from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.keyvault.keys import JsonWebKey, KeyClient, KeyRotationLifetimeAction, KeyRotationPolicy
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa, utils

from azure_keys import CA, Case, OPTIONS, VAULT, client, having, key_of, new_key, new_name, officer, using

CURVES = {"P-256": 32, "P-256K": 32, "P-384": 48, "P-521": 66}
DIGEST = bytes(32)


def send(verb, path, body):
    token = officer.get_token("https://vault.azure.net/.default").token
    url = f"{VAULT}/keys/{path}?api-version=7.4"
    return requests.request(
        verb, url, json=body, headers={"authorization": f"Bearer {token}"}, verify=CA, timeout=60
    )


class Making(Case):
    def refused_body(self, verb, path, body):
        answer = send(verb, path, body)
        self.assertEqual((answer.status_code, answer.json()["error"]["code"]), (400, "BadParameter"), body)

    def test_ec(self):
        """an EC key has a curve, a version of 32 hex digits, sign and verify (Keys - Create Key; about-keys-details)"""
        for curve, length in CURVES.items():
            key = key_of(curve)
            self.assertRegex(key.id, rf"^{VAULT}/keys/{key.name}/[0-9a-f]{{32}}$")
            self.assertEqual((key.key_type, key.key.crv), ("EC", curve))
            self.assertEqual((len(key.key.x), len(key.key.y)), (length, length))
            self.assertEqual(set(key.key_operations), {"sign", "verify"})
            self.assertIsNone(key.key.d)
            self.assertTrue(key.properties.enabled)
            self.assertEqual((key.properties.recovery_level, key.properties.recoverable_days), ("Recoverable+Purgeable", 90))

    def test_rsa(self):
        """an RSA key has 2048, 3072 or 4096 bits and six operations (about-keys-details)"""
        for size in [2048, 3072, 4096]:
            key = key_of(f"RSA-{size}")
            self.assertEqual((key.key_type, len(key.key.n) * 8), ("RSA", size))
            six = {"encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"}
            self.assertEqual(set(key.key_operations), six)
        self.assertEqual(client.create_ec_key(new_name(), hardware_protected=True).key_type, "EC-HSM")

    def test_distinct(self):
        """every key is its own (Keys - Create Key)"""
        self.assertNotEqual(new_key("RSA-2048").key.n, new_key("RSA-2048").key.n)

    def test_refused(self):
        """a type, size, curve or operation that vaults do not have is 400 (about-keys-details)"""
        for body in [
            {"kty": "oct"},
            {"kty": "OKP", "crv": "Ed25519"},
            {"kty": "RSA", "key_size": 1024},
            {"kty": "EC", "crv": "P-224"},
            {"kty": "EC", "key_ops": ["encrypt"]},
            {},
        ]:
            self.refused_body("POST", "k/create", body)

    def test_name(self):
        """a name is letters, digits and hyphens, 127 at most (Keys - Create Key)"""
        for name in ["a_b", "a.b", "a" * 128]:
            self.refused(400, "BadParameter", client.create_ec_key, name)

    def test_absent(self):
        """a key or version that is not there is 404 KeyNotFound (Keys - Get Key)"""
        self.refused(404, "KeyNotFound", client.get_key, "absent")
        self.refused(404, "KeyNotFound", client.get_key, key_of("P-256").name, "0" * 32)

    def test_tags(self):
        """tags and attributes are kept (Keys - Create Key)"""
        until = datetime.datetime(2040, 1, 1, tzinfo=datetime.timezone.utc)
        key = client.create_ec_key(new_name(), tags={"owner": "a"}, expires_on=until, enabled=False)
        again = client.get_key(key.name)
        self.assertEqual((again.properties.tags, again.properties.expires_on), ({"owner": "a"}, until))
        self.assertFalse(again.properties.enabled)


    def test_fields(self):
        """attributes and tags of another type, and names that are none, are 400 (Keys - Create Key: KeyAttributes)"""
        name = new_key("P-256").name
        for wrong in [
            {"attributes": {"enabled": "yes"}},
            {"attributes": {"exp": "soon"}},
            {"attributes": {"nbf": 1.5}},
            {"tags": {"owner": None}},
            {"tags": "owner"},
            {"tags": ["owner"]},
            {"attributes": "enabled"},
            {"attributes": {"exp": 1e300}},
            {"key_ops": "sign"},
            {"crv": "constructor"},
        ]:
            self.refused_body("POST", f"{new_name()}/create", {"kty": "EC", **wrong})
            if "crv" not in wrong:
                self.refused_body("PATCH", name, wrong)
        self.refused_body("POST", f"{name}/sign", {"alg": "toString", "value": "AAAA"})
        sealing = f"{key_of('RSA-2048').name}/encrypt"
        self.refused_body("POST", sealing, {"alg": "RSA-OAEP", "value": "A"})

    def test_too_many_tags(self):
        """a key has 15 tags at most (about-keys-details, key tags)"""
        key = new_key("P-256", tags={str(n): "a" for n in range(15)})
        for wrong in [{str(n): "a" for n in range(16)}, {"a": "b" * 513}]:
            self.refused(400, "BadParameter", client.update_key_properties, key.name, tags=wrong)
            self.refused(400, "BadParameter", client.create_ec_key, new_name(), tags=wrong)


class Importing(Case):
    def test_ec(self):
        """an imported EC key signs as itself (Keys - Import Key)"""
        private = ec.generate_private_key(ec.SECP384R1())
        numbers = private.private_numbers()
        point = numbers.public_numbers
        jwk = JsonWebKey(
            kty="EC",
            crv="P-384",
            x=point.x.to_bytes(48, "big"),
            y=point.y.to_bytes(48, "big"),
            d=numbers.private_value.to_bytes(48, "big"),
            key_ops=["sign", "verify"],
        )
        key = client.import_key(new_name(), jwk)
        signature = using(key).sign("ES384", bytes(48)).signature
        der = utils.encode_dss_signature(*(int.from_bytes(half, "big") for half in (signature[:48], signature[48:])))
        private.public_key().verify(der, bytes(48), ec.ECDSA(utils.Prehashed(hashes.SHA384())))

    def test_rsa(self):
        """an imported RSA key decrypts what was for it (Keys - Import Key)"""
        numbers = rsa.generate_private_key(65537, 2048).private_numbers()

        def octets(value):
            return value.to_bytes((value.bit_length() + 7) // 8, "big")

        jwk = JsonWebKey(
            kty="RSA",
            n=octets(numbers.public_numbers.n),
            e=octets(numbers.public_numbers.e),
            d=octets(numbers.d),
            p=octets(numbers.p),
            q=octets(numbers.q),
            dp=octets(numbers.dmp1),
            dq=octets(numbers.dmq1),
            qi=octets(numbers.iqmp),
            key_ops=["encrypt", "decrypt"],
        )
        key = client.import_key(new_name(), jwk)
        self.assertEqual(key.key.n, jwk.n)
        sealed = using(key).encrypt("RSA-OAEP-256", b"secret").ciphertext
        self.assertEqual(using(key).decrypt("RSA-OAEP-256", sealed).plaintext, b"secret")

    def test_refused(self):
        """half a key, or one of another curve or size, is 400 (Keys - Import Key)"""
        half = {"kty": "EC", "crv": "P-256", "x": base64.urlsafe_b64encode(bytes(32)).decode().rstrip("=")}
        small = rsa.generate_private_key(65537, 1024).private_numbers()

        def text(value):
            octets = value.to_bytes((value.bit_length() + 7) // 8, "big")
            return base64.urlsafe_b64encode(octets).decode().rstrip("=")

        short = {
            "kty": "RSA",
            "n": text(small.public_numbers.n),
            "e": text(small.public_numbers.e),
            "d": text(small.d),
            "p": text(small.p),
            "q": text(small.q),
            "dp": text(small.dmp1),
            "dq": text(small.dmq1),
            "qi": text(small.iqmp),
        }
        for jwk in [half, {**half, "crv": "P-224"}, short, {"kty": "oct", "k": "AAAA"}]:
            answer = send("PUT", "imported", {"key": jwk})
            self.assertEqual((answer.status_code, answer.json()["error"]["code"]), (400, "BadParameter"))


class Versions(Case):
    def test_rotated(self):
        """rotation makes a version like the last, the older stays (Keys - Rotate Key)"""
        for kind in ["P-384", "RSA-3072"]:
            first = new_key(kind, tags={"a": "b"})
            second = client.rotate_key(first.name)
            self.assertNotEqual(first.properties.version, second.properties.version)
            self.assertEqual((second.key.crv, second.properties.tags), (first.key.crv, {"a": "b"}))
            self.assertEqual(len(second.key.n or b""), len(first.key.n or b""))
            self.assertEqual(client.get_key(first.name).id, second.id)
            self.assertEqual(client.get_key(first.name, first.properties.version).id, first.id)
            listed = {one.version for one in client.list_properties_of_key_versions(first.name)}
            self.assertEqual(listed, {first.properties.version, second.properties.version})

    def test_created_again(self):
        """creating a key that is there makes a version (Keys - Create Key)"""
        first = new_key("P-256")
        second = client.create_ec_key(first.name, curve="P-384")
        self.assertEqual(client.get_key(first.name).id, second.id)
        self.assertEqual(client.get_key(first.name, first.properties.version).key.crv, "P-256")

    def test_unversioned(self):
        """without a version the newest signs, and is named in the answer (Keys - Sign: key-version)"""
        first = new_key("P-256")
        unversioned = f"{VAULT}/keys/{first.name}"
        signature = using(unversioned).sign("ES256", DIGEST).signature
        self.assertTrue(using(first).verify("ES256", DIGEST, signature).is_valid)
        second = client.rotate_key(first.name)
        signature = using(unversioned).sign("ES256", DIGEST).signature
        self.assertFalse(using(first).verify("ES256", DIGEST, signature).is_valid)
        self.assertTrue(using(second).verify("ES256", DIGEST, signature).is_valid)
        request = {"alg": "ES256", "value": base64.urlsafe_b64encode(DIGEST).decode().rstrip("=")}
        self.assertEqual(send("POST", f"{first.name}/sign", request).json()["kid"], second.id)
        older = f"{first.name}/{first.properties.version}/sign"
        self.assertEqual(send("POST", older, request).json()["kid"], first.id)

    def test_pages(self):
        """lists come in pages of 25 at most (Keys - Get Keys: maxresults, nextLink)"""
        key = new_key("P-256")
        for _ in range(3):
            client.rotate_key(key.name)
        pages = client.list_properties_of_key_versions(key.name, max_page_size=2).by_page()
        self.assertEqual([len(list(page)) for page in pages], [2, 2])
        self.assertIn(key.name, [one.name for one in client.list_properties_of_keys()])
        token = officer.get_token("https://vault.azure.net/.default").token
        for wrong in ["maxresults=0", "maxresults=26", "maxresults=x", "$skiptoken=x", "$skiptoken=-2"]:
            url = f"{VAULT}/keys?api-version=7.4&{wrong}"
            answer = requests.get(url, headers={"authorization": f"Bearer {token}"}, verify=CA, timeout=60)
            self.assertEqual(answer.status_code, 400)

    def test_policy(self):
        """a rotation policy is kept (Keys - Update Key Rotation Policy)"""
        name = new_key("P-256").name
        self.assertEqual(client.get_key_rotation_policy(name).lifetime_actions[0].action, "Notify")
        client.update_key_rotation_policy(name, KeyRotationPolicy(), expires_in="P90D")
        kept = client.get_key_rotation_policy(name)
        self.assertEqual(kept.expires_in, "P90D")
        # An empty array of actions stands for the ones that a key has from the start.
        self.assertEqual(kept.lifetime_actions[0].time_before_expiry, "P30D")
        rotate = KeyRotationLifetimeAction("Rotate", time_after_create="P2M")
        self.advance(minutes=1)
        changed = client.update_key_rotation_policy(name, KeyRotationPolicy(lifetime_actions=[rotate]))
        self.assertEqual((changed.lifetime_actions[0].time_after_create, changed.expires_in), ("P2M", None))
        self.assertEqual(changed.created_on, kept.created_on)
        self.assertGreater(changed.updated_on, kept.updated_on)

    def test_policy_refused(self):
        """a policy has durations of ISO 8601, of 28 days at least to the expiry (Keys - Update Key Rotation Policy)"""
        name = new_key("P-256").name
        client.update_key_rotation_policy(name, KeyRotationPolicy(), expires_in="P28D")
        for expires_in in ["P27D", "P", "90", "-P90D"]:
            self.refused(
                400, "BadParameter", client.update_key_rotation_policy, name, KeyRotationPolicy(), expires_in=expires_in
            )
        for action in [
            KeyRotationLifetimeAction("Rotate", time_after_create="soon"),
            KeyRotationLifetimeAction("Rotate"),
            KeyRotationLifetimeAction("Purge", time_after_create="P30D"),
        ]:
            wrong = KeyRotationPolicy(lifetime_actions=[action])
            self.refused(400, "BadParameter", client.update_key_rotation_policy, name, wrong)
        for body in [{"lifetimeActions": "Notify"}, {"attributes": "P90D"}]:
            answer = send("PUT", f"{name}/rotationpolicy", body)
            self.assertEqual((answer.status_code, answer.json()["error"]["code"]), (400, "BadParameter"))
        self.assertEqual(client.get_key_rotation_policy(name).expires_in, "P28D")


class Deletion(Case):
    def test_soft(self):
        """a deleted key is gone, its name taken, and it is recovered whole (soft-delete-overview)"""
        key = new_key("P-256")
        deleted = client.begin_delete_key(key.name).result()
        self.assertEqual(deleted.recovery_id, f"{VAULT}/deletedkeys/{key.name}")
        self.assertEqual(deleted.scheduled_purge_date - deleted.deleted_date, datetime.timedelta(days=90))
        self.refused(404, "KeyNotFound", client.get_key, key.name)
        self.refused(404, "KeyNotFound", using(key).sign, "ES256", DIGEST)
        self.assertEqual(client.get_deleted_key(key.name).id, key.id)
        self.assertIn(key.name, [one.name for one in client.list_deleted_keys()])
        recoverable = "ObjectIsDeletedButRecoverable"
        error = self.refused(409, "Conflict", client.create_ec_key, key.name, inner=recoverable)
        self.assertIsInstance(error, ResourceExistsError)
        self.assertEqual(client.begin_recover_deleted_key(key.name).result().id, key.id)
        self.assertEqual(using(key).sign("ES256", DIGEST).key_id, key.id)

    def test_purged(self):
        """a purged key is gone for good, and its name is free (Keys - Purge Deleted Key)"""
        name = new_key("P-256").name
        client.begin_delete_key(name).wait()
        client.purge_deleted_key(name)
        with self.assertRaises(ResourceNotFoundError):
            client.get_deleted_key(name)
        client.create_ec_key(name)

    def test_time(self):
        """after its days a deleted key is purged by itself (soft-delete-overview: retention)"""
        name = new_key("P-256").name
        client.begin_delete_key(name).wait()
        self.advance(days=91)
        # With a token of the time that the clock shows now.
        fresh = KeyClient(VAULT, having("Key Vault Crypto Officer"), **OPTIONS)
        self.refused(404, "KeyNotFound", fresh.get_deleted_key, name)
