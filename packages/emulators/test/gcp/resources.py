"""Key rings, keys and versions of Google Cloud KMS."""

import datetime

from google.api_core import exceptions

import control
from google_kms import Case, INVALID, LOCATION, Purpose, State, UNREADY, client, create_key, create_version
from google_kms import once, ring, set_state, signing

UTC = datetime.timezone.utc


def version_of(name):
    return once(client.get_crypto_key_version, name=name)


class Names(Case):
    def test_form(self):
        """a name of another form is INVALID_ARGUMENT (service.proto google.api.http; contract MalformedName)"""
        self.refused(INVALID, client.asymmetric_sign, name="malformed name")
        self.refused(INVALID, client.get_public_key, name=ring.name)
        self.refused(INVALID, client.create_key_ring, parent="locations/foo", key_ring_id="a", key_ring={})

    def test_id(self):
        """an id outside [a-zA-Z0-9_-]{1,63} is INVALID_ARGUMENT (CreateCryptoKeyRequest.crypto_key_id)"""
        for wrong in ["&bar", "", "a" * 64, "a/b"]:
            key = {"purpose": "ENCRYPT_DECRYPT"}
            self.refused(INVALID, client.create_crypto_key, parent=ring.name, crypto_key_id=wrong, crypto_key=key)
            self.refused(INVALID, client.create_key_ring, parent=LOCATION, key_ring_id=wrong, key_ring={})

    def test_absent(self):
        """what is not there is NOT_FOUND (google.rpc.Code; contract NotFound)"""
        for name, call in [
            (f"{ring.name}x", client.get_key_ring),
            (f"{ring.name}/cryptoKeys/none", client.get_crypto_key),
            (f"{ring.name}/cryptoKeys/none/cryptoKeyVersions/1", client.asymmetric_sign),
            (f"{signing('EC_SIGN_P256_SHA256')}0", client.get_public_key),
        ]:
            self.refused(exceptions.NotFound, call, name=name)

    def test_duplicate(self):
        """an id in use is ALREADY_EXISTS (CreateKeyRingRequest.key_ring_id: unique; contract DuplicateName)"""
        made = {"parent": LOCATION, "key_ring_id": ring.name.split("/")[-1], "key_ring": {}}
        self.refused(exceptions.AlreadyExists, client.create_key_ring, **made)
        name = create_key("ENCRYPT_DECRYPT").name.split("/")[-1]
        key = {"purpose": "ENCRYPT_DECRYPT"}
        self.refused(
            exceptions.AlreadyExists, client.create_crypto_key, parent=ring.name, crypto_key_id=name, crypto_key=key
        )

    def test_unsupported(self):
        """what the emulator lacks is UNIMPLEMENTED (google.rpc.Code)"""
        lacks = exceptions.MethodNotImplemented
        self.refused(lacks, client.list_import_jobs, parent=ring.name)
        key = {"purpose": "ASYMMETRIC_SIGN", "version_template": {"algorithm": "PQ_SIGN_SLH_DSA_SHA2_128S"}}
        self.refused(lacks, client.create_crypto_key, parent=ring.name, crypto_key_id="slh", crypto_key=key)


class Keys(Case):
    def test_defaults(self):
        """a key for encryption needs no template and has a primary version (contract CreateCryptoKeyDefaults)"""
        key = create_key("ENCRYPT_DECRYPT")
        self.assertEqual(key.purpose, Purpose.ENCRYPT_DECRYPT)
        self.assertEqual(key.version_template.algorithm.name, "GOOGLE_SYMMETRIC_ENCRYPTION")
        self.assertEqual(key.version_template.protection_level.name, "SOFTWARE")
        self.assertEqual(key.primary.name, f"{key.name}/cryptoKeyVersions/1")
        self.assertEqual(key.primary.state, State.ENABLED)
        self.assertEqual(key.destroy_scheduled_duration, datetime.timedelta(days=30))

    def test_no_primary(self):
        """a key for anything else has no primary version (CryptoKey.primary: this field will be omitted)"""
        self.assertNotIn("primary", create_key("ASYMMETRIC_SIGN", "EC_SIGN_P256_SHA256"))

    def test_purpose(self):
        """a key needs a purpose, and an algorithm of it (CreateCryptoKey; contract CreateCryptoKeyMissingAlgorithm)"""
        for key in [
            {},
            {"purpose": "ASYMMETRIC_SIGN"},
            {"purpose": "ASYMMETRIC_DECRYPT"},
            {"purpose": "MAC", "version_template": {"algorithm": "EC_SIGN_P256_SHA256"}},
        ]:
            self.refused(INVALID, client.create_crypto_key, parent=ring.name, crypto_key_id="k", crypto_key=key)

    def test_secp256k1(self):
        """secp256k1 is for HSM keys only (CryptoKeyVersionAlgorithm.EC_SIGN_SECP256K1_SHA256)"""
        with self.assertRaises(INVALID):
            create_key("ASYMMETRIC_SIGN", "EC_SIGN_SECP256K1_SHA256")

    def test_labels_and_lists(self):
        """labels are updated, keys and versions are listed in pages (UpdateCryptoKey; ListCryptoKeysRequest)"""
        key = create_key("ENCRYPT_DECRYPT", labels={"owner": "a"})
        changed = once(
            client.update_crypto_key,
            crypto_key={"name": key.name, "labels": {"owner": "b"}},
            update_mask={"paths": ["labels"]},
        )
        self.assertEqual(dict(changed.labels), {"owner": "b"})
        names = [one.name for one in client.list_crypto_keys(request={"parent": ring.name, "page_size": 1})]
        self.assertIn(key.name, names)
        self.assertGreater(len(names), 1)
        self.assertIn(ring.name, [one.name for one in client.list_key_rings(parent=LOCATION)])
        once(client.create_crypto_key_version, parent=key.name, crypto_key_version={})
        versions = [one.name for one in client.list_crypto_key_versions(parent=key.name)]
        self.assertEqual(versions, [f"{key.name}/cryptoKeyVersions/{n}" for n in (1, 2)])

    def test_labels(self):
        """labels have lower-case letters and digits, and are 64 at most (Labeling keys, requirements for labels)"""
        many = {f"l{n}": "a" for n in range(65)}
        for wrong in [{"Owner": "a"}, {"owner": "A b"}, {"": "a"}, {"1": "a"}, {"owner": "a" * 64}, many]:
            key = {"purpose": "ENCRYPT_DECRYPT", "labels": wrong}
            self.refused(INVALID, client.create_crypto_key, parent=ring.name, crypto_key_id="k", crypto_key=key)
        kept = create_key("ENCRYPT_DECRYPT", labels={"équipe-1": "", "owner_2": "1-a"})
        self.refused(
            INVALID,
            client.update_crypto_key,
            crypto_key={"name": kept.name, "labels": {"Owner": "a"}},
            update_mask={"paths": ["labels"]},
        )
        self.assertEqual(dict(once(client.get_crypto_key, name=kept.name).labels), {"équipe-1": "", "owner_2": "1-a"})

    def test_pages(self):
        """a page is of a size that is not negative, and of a token that was given (ListCryptoKeysRequest; AIP-158)"""
        for page in [{"page_size": -1}, {"page_token": "zzz"}, {"page_token": "-1"}]:
            self.refused(INVALID, client.list_crypto_keys, parent=ring.name, **page)

    def test_duration(self):
        """a destruction waits 24 hours to 120 days (CryptoKey.destroy_scheduled_duration; Destroy key versions)"""
        for wrong in [datetime.timedelta(hours=23), datetime.timedelta(days=121)]:
            key = {"purpose": "ENCRYPT_DECRYPT", "destroy_scheduled_duration": wrong}
            self.refused(INVALID, client.create_crypto_key, parent=ring.name, crypto_key_id="k", crypto_key=key)

    def test_template(self):
        """another algorithm in the template is for new versions alone (CryptoKeyVersionTemplate)"""
        key = create_key("ASYMMETRIC_SIGN", "EC_SIGN_P256_SHA256")
        template = {"name": key.name, "version_template": {"algorithm": "EC_SIGN_P384_SHA384"}}
        mask = {"paths": ["version_template.algorithm"]}
        once(client.update_crypto_key, crypto_key=template, update_mask=mask)
        newer = once(client.create_crypto_key_version, parent=key.name, crypto_key_version={})
        older = version_of(f"{key.name}/cryptoKeyVersions/1")
        self.assertEqual((newer.algorithm.name, older.algorithm.name), ("EC_SIGN_P384_SHA384", "EC_SIGN_P256_SHA256"))
        other = {"name": key.name, "version_template": {"algorithm": "HMAC_SHA256"}}
        self.refused(INVALID, client.update_crypto_key, crypto_key=other, update_mask=mask)
        self.refused(
            INVALID, client.update_crypto_key, crypto_key={"name": key.name}, update_mask={"paths": ["purpose"]}
        )

    def test_update(self):
        """an update names what it changes, and only what can change (contract UpdateCryptoKeyVersionNoFields)"""
        version = create_version("ENCRYPT_DECRYPT", None)
        same = {"name": version, "state": "ENABLED"}
        self.refused(INVALID, client.update_crypto_key_version, crypto_key_version=same)
        self.refused(
            INVALID, client.update_crypto_key_version, crypto_key_version=same, update_mask={"paths": ["name"]}
        )
        pending = {"name": version, "state": "PENDING_IMPORT"}
        self.refused(
            INVALID, client.update_crypto_key_version, crypto_key_version=pending, update_mask={"paths": ["state"]}
        )


class Rotation(Case):
    def test_primary(self):
        """the primary version is moved by hand (KeyManagementService.UpdateCryptoKeyPrimaryVersion)"""
        key = create_key("ENCRYPT_DECRYPT")
        once(client.create_crypto_key_version, parent=key.name, crypto_key_version={})
        self.assertTrue(once(client.get_crypto_key, name=key.name).primary.name.endswith("/1"))
        moved = once(client.update_crypto_key_primary_version, name=key.name, crypto_key_version_id="2")
        self.assertTrue(moved.primary.name.endswith("/2"))

    def test_primary_purpose(self):
        """a key for anything else has no primary to move (KeyManagementService.UpdateCryptoKeyPrimaryVersion)"""
        name = signing("EC_SIGN_P256_SHA256").rsplit("/", 2)[0]
        self.refused(UNREADY, client.update_crypto_key_primary_version, name=name, crypto_key_version_id="1")

    def test_schedule(self):
        """rotation makes a version and moves the primary when its time comes (CryptoKey.next_rotation_time)"""
        now = datetime.datetime.fromtimestamp(control.send("GET", "clock")["now"] / 1000, UTC)
        first = now + datetime.timedelta(hours=1)
        week = datetime.timedelta(days=7)
        key = create_key("ENCRYPT_DECRYPT", next_rotation_time=first, rotation_period=week)
        control.advance(hours=2)
        rotated = once(client.get_crypto_key, name=key.name)
        self.assertTrue(rotated.primary.name.endswith("/2"))
        self.assertEqual(rotated.next_rotation_time.timestamp(), (first + week).timestamp())

    def test_updated(self):
        """a schedule is changed in part or taken away (UpdateCryptoKeyRequest.update_mask)"""
        week, month = datetime.timedelta(days=7), datetime.timedelta(days=30)
        first = datetime.datetime(2100, 1, 1, tzinfo=UTC)
        key = create_key("ENCRYPT_DECRYPT", next_rotation_time=first, rotation_period=week)

        def update(fields, *paths):
            changed = {"name": key.name, **fields}
            return once(client.update_crypto_key, crypto_key=changed, update_mask={"paths": paths})

        longer = update({"rotation_period": month}, "rotation_period")
        self.assertEqual((longer.rotation_period, longer.next_rotation_time.timestamp()), (month, first.timestamp()))
        with self.assertRaises(INVALID):
            update({}, "next_rotation_time")
        none = update({}, "next_rotation_time", "rotation_period")
        self.assertNotIn("rotation_period", none)
        self.assertNotIn("next_rotation_time", none)

    def test_period(self):
        """a rotation period is 24 hours or more, with a next time, for encryption (CryptoKey.rotation_period)"""
        hour, day = datetime.timedelta(hours=1), datetime.timedelta(days=1)
        soon = datetime.datetime.now(UTC) + day
        for fields in [
            {"rotation_period": hour, "next_rotation_time": soon},
            {"rotation_period": day},
        ]:
            with self.assertRaises(INVALID):
                create_key("ENCRYPT_DECRYPT", **fields)
        with self.assertRaises(INVALID):
            create_key("MAC", "HMAC_SHA256", rotation_period=day, next_rotation_time=soon)


class Life(Case):
    def test_disabled(self):
        """a disabled version works for nothing, an enabled one again (CryptoKeyVersionState.DISABLED)"""
        version = create_version("ASYMMETRIC_SIGN", "EC_SIGN_P256_SHA256")
        self.assertEqual(set_state(version, "DISABLED").state, State.DISABLED)
        error = self.refused(UNREADY, client.asymmetric_sign, name=version, data=b"a")
        self.assertIn("is not enabled, current state is: DISABLED", error.message)
        self.refused(UNREADY, client.get_public_key, name=version)
        self.assertEqual(set_state(version, "ENABLED").state, State.ENABLED)
        once(client.asymmetric_sign, name=version, data=b"a")

    def test_made_disabled(self):
        """a new version is enabled, or disabled where that is asked for (KeyManagementService.CreateCryptoKeyVersion)"""
        key = create_key("ASYMMETRIC_SIGN", "EC_SIGN_P256_SHA256")
        made = once(client.create_crypto_key_version, parent=key.name, crypto_key_version={"state": "DISABLED"})
        self.assertEqual(made.state, State.DISABLED)
        self.refused(UNREADY, client.asymmetric_sign, name=made.name, data=b"a")
        once(client.asymmetric_sign, name=set_state(made.name, "ENABLED").name, data=b"a")
        wrong = {"parent": key.name, "crypto_key_version": {"state": "DESTROYED"}}
        self.refused(INVALID, client.create_crypto_key_version, **wrong)

    def test_destroyed(self):
        """a version is destroyed after its duration, and can be restored before (DestroyCryptoKeyVersion)"""
        duration = datetime.timedelta(days=2)
        key = create_key("ASYMMETRIC_SIGN", "EC_SIGN_P256_SHA256", destroy_scheduled_duration=duration)
        version = f"{key.name}/cryptoKeyVersions/1"
        scheduled = once(client.destroy_crypto_key_version, name=version)
        self.assertEqual(scheduled.state, State.DESTROY_SCHEDULED)
        now = control.send("GET", "clock")["now"] / 1000
        self.assertAlmostEqual(scheduled.destroy_time.timestamp() - now, 2 * 86400, delta=60)
        self.refused(UNREADY, client.asymmetric_sign, name=version, data=b"a")
        restored = once(client.restore_crypto_key_version, name=version)
        self.assertEqual(restored.state, State.DISABLED)
        self.assertNotIn("destroy_time", restored)
        once(client.destroy_crypto_key_version, name=version)
        control.advance(days=3)
        gone = version_of(version)
        self.assertEqual(gone.state, State.DESTROYED)
        self.assertIn("destroy_event_time", gone)
        self.assertNotIn("destroy_time", gone)
        self.refused(UNREADY, client.asymmetric_sign, name=version, data=b"a")

    def test_destroyed_twice(self):
        """destruction of what is scheduled is FAILED_PRECONDITION (contract DestroyCryptoKeyVersionUnsupportedState)"""
        version = create_version("ASYMMETRIC_SIGN", "EC_SIGN_P256_SHA256")
        once(client.destroy_crypto_key_version, name=version)
        self.refused(UNREADY, client.destroy_crypto_key_version, name=version)

    def test_restored(self):
        """only what is scheduled can be restored (KeyManagementService.RestoreCryptoKeyVersion)"""
        self.refused(UNREADY, client.restore_crypto_key_version, name=signing("EC_SIGN_P256_SHA256"))

    def test_pending(self):
        """a version that is being generated works for nothing yet (CryptoKeyVersionState.PENDING_GENERATION)"""
        control.send("POST", "generation", {"generationMs": 60_000})
        version = create_version("ASYMMETRIC_SIGN", "EC_SIGN_P256_SHA256")
        control.send("POST", "generation", {"generationMs": 0})
        self.assertEqual(version_of(version).state, State.PENDING_GENERATION)
        self.refused(UNREADY, client.get_public_key, name=version)
        control.advance(minutes=2)
        self.assertEqual(version_of(version).state, State.ENABLED)
        once(client.get_public_key, name=version)
