"""Permissions and faults of the emulator of Google Cloud KMS, and its REST front."""

import json
import os
import urllib.error
import urllib.parse
import urllib.request

import google_crc32c
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import kms_v1
from google.cloud.kms_v1.services.key_management_service.transports import KeyManagementServiceRestTransport
from google.iam.v1 import iam_policy_pb2

import control
from google_kms import Case, INVALID, LOCATION, client, create_key, create_version, once, ring, signing

SIGN = "cloudkms.cryptoKeyVersions.useToSign"
VIEW = "cloudkms.cryptoKeyVersions.viewPublicKey"


class Permissions(Case):
    def tearDown(self):
        control.send("DELETE", "denials")

    def test_denied(self):
        """a missing permission is PERMISSION_DENIED with ErrorInfo (google.rpc.ErrorInfo; AIP-193)"""
        name = signing("EC_SIGN_P256_SHA256")
        control.send("POST", "denials", {"permission": SIGN})
        error = self.refused(exceptions.PermissionDenied, client.asymmetric_sign, name=name, data=b"a")
        self.assertEqual((error.reason, error.domain), ("IAM_PERMISSION_DENIED", "cloudkms.googleapis.com"))
        self.assertEqual(dict(error.metadata), {"permission": SIGN, "resource": name})
        self.assertIn(f"Permission '{SIGN}' denied on resource '{name}' (or it may not exist)", error.message)
        once(client.get_public_key, name=name)

    def test_resource(self):
        """a denial on a ring reaches its keys and no other's (IAM resource hierarchy)"""
        name = signing("EC_SIGN_P256_SHA256")
        for other in [f"{ring.name}x", ring.name[:-1]]:
            control.send("POST", "denials", {"permission": SIGN, "resource": other})
        once(client.asymmetric_sign, name=name, data=b"a")
        control.send("POST", "denials", {"permission": SIGN, "resource": ring.name})
        self.refused(exceptions.PermissionDenied, client.asymmetric_sign, name=name, data=b"a")

    def test_raw(self):
        """a mode that authenticates nothing takes a permission beside (Raw symmetric encryption: IAM permissions)"""
        plaintext = bytes(16)
        for mode in ["Cbc", "Ctr"]:
            permission = f"cloudkms.cryptoKeyVersions.manageRawAes{mode}Keys"
            name = create_version("RAW_ENCRYPT_DECRYPT", f"AES_256_{mode.upper()}")
            sealed = once(client.raw_encrypt, name=name, plaintext=plaintext)
            opened = {"ciphertext": sealed.ciphertext, "initialization_vector": sealed.initialization_vector}
            control.send("POST", "denials", {"permission": permission})
            self.refused(exceptions.PermissionDenied, client.raw_encrypt, name=name, plaintext=plaintext)
            self.refused(exceptions.PermissionDenied, client.raw_decrypt, name=name, **opened)
        name = create_version("RAW_ENCRYPT_DECRYPT", "AES_256_GCM")
        once(client.raw_encrypt, name=name, plaintext=plaintext)

    def test_tested(self):
        """TestIamPermissions answers those that the caller has, and none on what is not there (google.iam.v1.IAMPolicy)"""
        control.send("POST", "denials", {"permission": SIGN})
        key = signing("EC_SIGN_P256_SHA256").rsplit("/", 2)[0]
        for resource, had in [(key, [VIEW]), (ring.name, [VIEW]), (f"{key}x", [])]:
            asked = iam_policy_pb2.TestIamPermissionsRequest(resource=resource, permissions=[SIGN, VIEW])
            self.assertEqual(list(client.test_iam_permissions(request=asked).permissions), had)


class Faults(Case):
    def tearDown(self):
        control.send("DELETE", "faults")

    def test_order(self):
        """faults happen in order, to the method they name, and then no more (google.rpc.Code)"""
        name = signing("EC_SIGN_P256_SHA256")
        control.fault("AsymmetricSign", status="RESOURCE_EXHAUSTED", message="slow down", times=2)
        control.fault("AsymmetricSign", status=14)
        once(client.get_public_key, name=name)
        sign = {"call": client.asymmetric_sign, "name": name, "data": b"a"}
        for error in [exceptions.ResourceExhausted, exceptions.ResourceExhausted, exceptions.ServiceUnavailable]:
            self.refused(error, **sign)
        once(**sign)

    def test_codes(self):
        """every code of google.rpc reaches the client (google.rpc.Code)"""
        for code in ["CANCELLED", "UNKNOWN", "DEADLINE_EXCEEDED", "ABORTED", "OUT_OF_RANGE", "INTERNAL"]:
            control.fault("AsymmetricSign", status=code)
            error = self.refused(
                exceptions.GoogleAPICallError, client.asymmetric_sign, name=signing("EC_SIGN_P256_SHA256")
            )
            self.assertEqual(error.grpc_status_code.name, code)

    def test_details(self):
        """details reach the client as google.rpc defines them (google.rpc.RetryInfo)"""
        retry = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": {"seconds": 5}}
        control.fault("AsymmetricSign", status="UNAVAILABLE", details=[retry])
        error = self.refused(
            exceptions.ServiceUnavailable, client.asymmetric_sign, name=signing("EC_SIGN_P256_SHA256")
        )
        self.assertEqual(error.details[0].retry_delay.seconds, 5)

    def test_message(self):
        """a message that no trailer holds reaches the client in part (gRPC guides, metadata: 8 KiB)"""
        control.fault("AsymmetricSign", status="UNAVAILABLE", message="half a pair \ud800" + "é" * 100_000)
        error = self.refused(
            exceptions.ServiceUnavailable, client.asymmetric_sign, name=signing("EC_SIGN_P256_SHA256")
        )
        self.assertRegex(error.message, "^half a pair .é+$")
        version = {"name": signing("EC_SIGN_P256_SHA256"), "state": "ENABLED"}
        mask = {"paths": ["x" * 100_000]}
        error = self.refused(INVALID, client.update_crypto_key_version, crypto_key_version=version, update_mask=mask)
        self.assertRegex(error.message, "^the field x+$")

    def test_delay(self):
        """a delayed answer is past the deadline of a client that waits less (google.rpc.Code DEADLINE_EXCEEDED)"""
        control.fault("GetPublicKey", delayMs=5000)
        with self.assertRaises(exceptions.DeadlineExceeded):
            client.get_public_key(
                request={"name": signing("EC_SIGN_P256_SHA256")}, retry=None, timeout=0.3
            )

    def test_corrupt(self):
        """a turned bit no longer fits its checksum, a replaced field is replaced (AsymmetricSignResponse)"""
        name = signing("EC_SIGN_P256_SHA256")
        control.fault("AsymmetricSign", flip="signature")
        answer = once(client.asymmetric_sign, name=name, data=b"a")
        self.assertNotEqual(answer.signature_crc32c, google_crc32c.value(answer.signature))
        control.fault("AsymmetricSign", set={"name": "another", "signatureCrc32c": None})
        answer = once(client.asymmetric_sign, name=name, data=b"a")
        self.assertEqual(answer.name, "another")
        self.assertNotIn("signature_crc32c", answer)

    def test_truncated(self):
        """half an answer is no answer for the client (gRPC status INTERNAL: cannot parse)"""
        control.fault("GetPublicKey", truncate=20)
        with self.assertRaises(exceptions.GoogleAPICallError):
            once(client.get_public_key, name=signing("EC_SIGN_P256_SHA256"))
        control.fault("TestIamPermissions", truncate=20)
        with self.assertRaises(exceptions.GoogleAPICallError):
            once(client.test_iam_permissions, resource=ring.name, permissions=[SIGN])


class Rest(Case):
    def setUp(self):
        host = urllib.parse.urlsplit(os.environ["EMULATOR_URL"]).netloc
        transport = KeyManagementServiceRestTransport(
            host=host, url_scheme="http", credentials=AnonymousCredentials()
        )
        self.rest = kms_v1.KeyManagementServiceClient(transport=transport)

    def tearDown(self):
        control.send("DELETE", "denials")
        control.send("DELETE", "faults")

    def test_smoke(self):
        """REST answers as gRPC does: keys, signatures, encryption, pages (service.proto google.api.http)"""
        key = {"purpose": "ENCRYPT_DECRYPT", "labels": {"a": "b"}}
        made = self.rest.create_crypto_key(parent=ring.name, crypto_key_id="rest", crypto_key=key)
        self.assertEqual(once(client.get_crypto_key, name=made.name), made)
        sealed = self.rest.encrypt(request={"name": made.name, "plaintext": b"a", "plaintext_crc32c": 3251651376})
        self.assertEqual(sealed.ciphertext_crc32c, google_crc32c.value(sealed.ciphertext))
        self.assertEqual(self.rest.decrypt(name=made.name, ciphertext=sealed.ciphertext).plaintext, b"a")
        name = signing("EC_SIGN_P256_SHA256")
        signed = self.rest.asymmetric_sign(request={"name": name, "data": b"a"})
        self.assertEqual((signed.name, signed.signature_crc32c), (name, google_crc32c.value(signed.signature)))
        listed = list(self.rest.list_crypto_keys(request={"parent": ring.name, "page_size": 2}))
        self.assertIn(made.name, [one.name for one in listed])
        labels = {"name": made.name, "labels": {"c": "d"}}
        updated = self.rest.update_crypto_key(crypto_key=labels, update_mask={"paths": ["labels"]})
        self.assertEqual(dict(updated.labels), {"c": "d"})

    def test_masks(self):
        """over REST the paths of a mask are in camel case (the JSON mapping of Protocol Buffers: FieldMask)"""
        key = create_key("ASYMMETRIC_SIGN", "EC_SIGN_P256_SHA256")
        changed = {"name": key.name, "version_template": {"algorithm": "EC_SIGN_P384_SHA384"}}
        updated = self.rest.update_crypto_key(
            crypto_key=changed, update_mask={"paths": ["version_template.algorithm", "labels"]}
        )
        self.assertEqual(updated.version_template.algorithm.name, "EC_SIGN_P384_SHA384")

    def test_query(self):
        """over REST a query has booleans and numbers as well (service.proto google.api.http)"""
        for skip, versions in [(True, 0), (False, 1)]:
            made = self.rest.create_crypto_key(
                request={
                    "parent": ring.name,
                    "crypto_key_id": f"rest{versions}",
                    "crypto_key": {"purpose": "ENCRYPT_DECRYPT"},
                    "skip_initial_version_creation": skip,
                }
            )
            self.assertEqual(len(list(self.rest.list_crypto_key_versions(parent=made.name))), versions)
        # As the client of Rust writes what the one in Python leaves out.
        url = f"{os.environ['EMULATOR_URL']}/v1/{ring.name}/cryptoKeys?cryptoKeyId=said&skipInitialVersionCreation=false"
        request = urllib.request.Request(url, data=b'{"purpose": "ENCRYPT_DECRYPT"}', method="POST")
        with urllib.request.urlopen(request, timeout=60) as answer:
            self.assertIn("primary", json.loads(answer.read()))

    def test_parameters(self):
        """every method takes the parameters that all of Google's have (Cloud APIs, system parameters)"""
        url = f"{os.environ['EMULATOR_URL']}/v1/{LOCATION}/keyRings?pageSize=1&page_token="
        for query in ["alt=json&prettyPrint=false&key=k&quotaUser=u", "$alt=json%3Benum-encoding%3Dint"]:
            with urllib.request.urlopen(f"{url}&{query}", timeout=60) as answer:
                self.assertEqual(len(json.loads(answer.read())["keyRings"]), 1)
        for query in ["nothing=1", "constructor=1", "constructor.prototype.x=1", "pageSize=x"]:
            with self.assertRaises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(f"{url}&{query}", timeout=60)
            self.assertEqual(refused.exception.code, 400)

    def test_refusals(self):
        """over REST refusals have the HTTP status of their code (google/rpc/code.proto)"""
        name = signing("EC_SIGN_P256_SHA256")
        control.send("POST", "denials", {"permission": SIGN})
        with self.assertRaises(exceptions.Forbidden) as caught:
            self.rest.asymmetric_sign(request={"name": name, "data": b"a"}, retry=None)
        self.assertEqual(caught.exception.reason, "IAM_PERMISSION_DENIED")
        with self.assertRaises(exceptions.NotFound):
            self.rest.get_key_ring(name=f"{LOCATION}/keyRings/none", retry=None)
        for path, body in [("", b"{"), ("", b'{"nothing": 1}'), ("", b'{"plaintext": 5}'), ("%zz", b"{}")]:
            url = f"{os.environ['EMULATOR_URL']}/v1/{ring.name}/cryptoKeys/k{path}:encrypt"
            with self.assertRaises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(urllib.request.Request(url, data=body, method="POST"), timeout=60)
            self.assertEqual(refused.exception.code, 400)
            self.assertEqual(json.loads(refused.exception.read())["error"]["status"], "INVALID_ARGUMENT")
        for name, plaintext in [("rest/x", b""), (create_key("ENCRYPT_DECRYPT").name.split("/")[-1], bytes(2 << 20))]:
            with self.assertRaises(exceptions.BadRequest):
                self.rest.encrypt(request={"name": f"{ring.name}/cryptoKeys/{name}", "plaintext": plaintext}, retry=None)
