"""Tokens, challenges, roles and faults of Azure Key Vault and its token service."""

import os
import socket
import ssl
import unittest.mock
import urllib.error
import urllib.request

import requests
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ServiceRequestError
from azure.core.exceptions import ServiceResponseError
from azure.keyvault.keys import KeyClient
from azure.keyvault.keys.crypto import CryptographyClient, KeyWrapAlgorithm, SignatureAlgorithm

import control
from azure_keys import ACTION, AUTHORITY, CA, Case, OPTIONS, TENANT, Token, USES, VAULT, credential
from azure_keys import having, key_of, new_name, officer

DIGEST = bytes(32)


def ask(path, verb="GET", token=None, version="7.4", **options):
    """A request without a client, for what no client would send."""
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    url = f"{VAULT}{path}" + (f"?api-version={version}" if version else "")
    return requests.request(verb, url, headers=headers, verify=CA, timeout=60, **options)


def token_of(scope="https://vault.azure.net/.default"):
    return officer.get_token(scope).token


class Tokens(Case):
    def test_challenge(self):
        """no token is 401 with a challenge that names authority and resource (rest-error-codes, HTTP 401)"""
        answer = ask("/keys/k")
        self.assertEqual((answer.status_code, answer.json()["error"]["code"]), (401, "Unauthorized"))
        challenge = f'Bearer authorization="{AUTHORITY}/{TENANT}", resource="https://vault.azure.net"'
        self.assertEqual(answer.headers["www-authenticate"], challenge)

    def test_garbage(self):
        """a token that is none, or signed by another, is 401 (rest-error-codes, HTTP 401)"""
        forged = token_of()[:-4] + "AAAA"
        for text in ["garbage", "e30.e30.e30", forged]:
            self.refused(401, "Unauthorized", KeyClient(VAULT, Token(text), **OPTIONS).get_key, "k")

    def test_audience(self):
        """a token for another resource is 401 (rest-error-codes, HTTP 401)"""
        other = Token(token_of("https://management.azure.com/.default"))
        error = self.refused(401, "Unauthorized", KeyClient(VAULT, other, **OPTIONS).get_key, "k")
        self.assertIn("AKV10022: Invalid audience", error.message)

    def test_expired(self):
        """a token is good for an hour, and 401 then (rest-error-codes, HTTP 401)"""
        token = Token(token_of())
        name = key_of("P-256").name
        self.advance(minutes=50)
        KeyClient(VAULT, token, **OPTIONS).get_key(name)
        self.advance(minutes=20)
        self.refused(401, "Unauthorized", KeyClient(VAULT, token, **OPTIONS).get_key, name)

    def test_client(self):
        """a wrong secret, client or tenant gets no token (reference-error-codes, AADSTS)"""
        known = os.environ["EMULATOR_CLIENT"]
        for wrong, code in [
            (credential(known, "wrong"), "AADSTS7000215"),
            (credential("99999999-9999-9999-9999-999999999999", "s"), "AADSTS700016"),
        ]:
            with self.assertRaises(ClientAuthenticationError) as caught:
                wrong.get_token("https://vault.azure.net/.default")
            self.assertIn(code, caught.exception.message)
        elsewhere = credential(known, "s", tenant="33333333-3333-3333-3333-333333333333")
        with self.assertRaises((ClientAuthenticationError, ValueError)):
            elsewhere.get_token("https://vault.azure.net/.default")

    def test_request(self):
        """a request for a token names its grant and a scope (reference-error-codes, AADSTS70003, AADSTS1002012)"""
        url = f"{AUTHORITY}/{TENANT}/oauth2/v2.0/token"
        form = {
            "grant_type": "client_credentials",
            "client_id": os.environ["EMULATOR_CLIENT"],
            "client_secret": os.environ["EMULATOR_SECRET"],
            "scope": "https://vault.azure.net/.default",
        }
        for also in ["", "openid profile offline_access "]:
            asked = {**form, "scope": also + form["scope"]}
            self.assertEqual(requests.post(url, asked, verify=CA, timeout=60).status_code, 200)
        for field, wrong, error in [
            ("grant_type", "password", "unsupported_grant_type"),
            ("scope", "https://vault.azure.net/keys", "invalid_scope"),
            ("scope", form["scope"] + " https://management.azure.com/.default", "invalid_scope"),
            ("scope", "openid", "invalid_scope"),
        ]:
            answer = requests.post(url, {**form, field: wrong}, verify=CA, timeout=60)
            self.assertEqual((answer.status_code, answer.json()["error"]), (400, error))

    def test_discovery(self):
        """discovery of the instance works too, for clients that do it (oauth2 discovery endpoint)"""
        asked = requests.get(f"{AUTHORITY}/common/discovery/instance", verify=CA, timeout=60).json()
        self.assertIn("tenant_discovery_endpoint", asked)
        keys = requests.get(f"{AUTHORITY}/{TENANT}/discovery/v2.0/keys", verify=CA, timeout=60).json()
        self.assertEqual(keys["keys"][0]["alg"], "RS256")


class Requests(Case):
    def test_version(self):
        """a request names a version of the API (authentication-requests-and-responses: api-version)"""
        for version in [None, "latest"]:
            answer = ask("/keys/k", token=token_of(), version=version)
            self.assertEqual((answer.status_code, answer.json()["error"]["code"]), (400, "BadParameter"))

    def test_spelling(self):
        """the path may end in a slash and the query be encoded, as clients send them (RFC 3986 §2.1)"""
        name = key_of("P-256").name
        answer = ask(f"/keys/{name}/?api%2Dversion=2025-07-01", token=token_of(), version=None)
        self.assertEqual(answer.status_code, 200)

    def test_malformed(self):
        """an address that cannot be decoded is 400 (RFC 3986 §2.1)"""
        headers = {"authorization": f"Bearer {token_of()}"}
        request = urllib.request.Request(f"{VAULT}/keys/%zz?api-version=7.4", headers=headers)
        with self.assertRaises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request, context=ssl.create_default_context(cafile=CA), timeout=60)
        self.assertEqual(caught.exception.code, 400)
        for address in [VAULT, AUTHORITY]:
            self.assertIn(b"400 Bad Request", self.raw(address, "//", token_of()))
        self.assertIn(b"400 Bad Request", self.raw(AUTHORITY, "/", "", host="a b"))

    def raw(self, address, target, token, host="localhost"):
        trusting = ssl.create_default_context(cafile=CA)
        port = int(address.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port), timeout=60) as plain:
            with trusting.wrap_socket(plain, server_hostname="localhost") as line:
                lines = [f"GET {target} HTTP/1.1", f"Host: {host}", f"Authorization: Bearer {token}", "Connection: close"]
                line.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
                return line.recv(4096)

    def test_unknown(self):
        """what is no operation is 404, a body that is not JSON 400 (Keys - REST operation groups)"""
        answer = ask("/secrets/s", token=token_of())
        self.assertEqual(answer.status_code, 404)
        answer = ask("/keys/k/create", verb="POST", token=token_of(), data="{")
        self.assertEqual((answer.status_code, answer.json()["error"]["code"]), (400, "BadParameter"))

    def test_host(self):
        """a vault is known by its host name, which its key ids name (about-keys-secrets-certificates: vault-name)"""
        port = int(VAULT.rsplit(":", 1)[1])
        resolve = socket.getaddrinfo

        def here(host, *args, **options):
            if not str(host).endswith(".vault.azure.net"):
                return resolve(host, *args, **options)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

        with unittest.mock.patch("socket.getaddrinfo", here):
            # The challenge is for a resource that this host belongs to: no check needs to be turned off.
            options = {"connection_verify": CA, "retry_total": 0}
            mine = KeyClient("https://mine.vault.azure.net", officer, **options)
            key = mine.create_ec_key("k")
            self.assertTrue(key.id.startswith("https://mine.vault.azure.net/keys/k/"))
            signed = CryptographyClient(key.id, officer, **options).sign(SignatureAlgorithm.es256, DIGEST)
            self.assertEqual(signed.key_id, key.id)
            other = KeyClient("https://other.vault.azure.net", officer, **options)
            self.refused(404, "KeyNotFound", other.get_key, "k")


class Roles(Case):
    def test_denied(self):
        """without a role everything is 403 ForbiddenByRbac (rbac-guide; rest-error-codes, HTTP 403)"""
        nobody = KeyClient(VAULT, having(), **OPTIONS)
        error = self.refused(403, "Forbidden", nobody.get_key, "k", inner="ForbiddenByRbac")
        self.assertIn("Action: 'Microsoft.KeyVault/vaults/keys/read'", error.message)

    def test_user(self):
        """a Crypto User uses keys and makes none (rbac-guide, Key Vault Crypto User)"""
        keys = KeyClient(VAULT, having("Key Vault Crypto User"), **OPTIONS)
        key = keys.get_key(key_of("RSA-2048").name)
        keys.get_cryptography_client(key.name).sign(SignatureAlgorithm.rs256, DIGEST)
        self.refused(403, "Forbidden", keys.create_ec_key, new_name(), inner="ForbiddenByRbac")
        self.refused(403, "Forbidden", keys.begin_delete_key, key.name, inner="ForbiddenByRbac")

    def test_reader(self):
        """a Reader reads keys and their policies, and uses none (rbac-guide, Key Vault Reader: vaults/*/read)"""
        granted = having("Key Vault Reader")
        keys = KeyClient(VAULT, granted, **OPTIONS)
        key = keys.get_key(key_of("P-256").name)
        self.assertTrue(keys.get_key_rotation_policy(key.name).lifetime_actions)
        crypto = CryptographyClient(key, granted, **OPTIONS)
        self.refused(403, "Forbidden", crypto.sign, SignatureAlgorithm.es256, DIGEST, inner="ForbiddenByRbac")

    def test_service_encryption(self):
        """a Crypto Service Encryption User wraps and unwraps alone (rbac-guide)"""
        granted = having("Key Vault Crypto Service Encryption User")
        key = key_of("RSA-2048")
        crypto = CryptographyClient(key, granted, **OPTIONS)
        wrapped = crypto.wrap_key(KeyWrapAlgorithm.rsa_oaep_256, b"key")
        self.assertEqual(crypto.unwrap_key(KeyWrapAlgorithm.rsa_oaep_256, wrapped.encrypted_key).key, b"key")
        self.refused(403, "Forbidden", crypto.sign, SignatureAlgorithm.rs256, DIGEST, inner="ForbiddenByRbac")

    def test_sign_without_read(self):
        """who may sign and not read signs all the same (CryptographyClient: key operations are remote then)"""
        only = having(ACTION.format("sign"))
        crypto = CryptographyClient(key_of("P-256").id, only, **OPTIONS)
        signed = crypto.sign(SignatureAlgorithm.es256, DIGEST)
        self.assertEqual(len(signed.signature), 64)
        self.refused(
            403, "Forbidden", crypto.verify, SignatureAlgorithm.es256, DIGEST, bytes(64), inner="ForbiddenByRbac"
        )


class Faults(Case):
    def tearDown(self):
        control.send("DELETE", "faults")

    def sign(self, **options):
        crypto = CryptographyClient(key_of("P-256"), officer, **{**OPTIONS, **options})
        return crypto.sign(SignatureAlgorithm.es256, DIGEST)

    def test_throttled(self):
        """too many requests are 429 with Retry-After, another failure is without (overview-throttling)"""
        control.fault("sign", status=429)
        error = self.refused(429, "Throttled", self.sign)
        self.assertEqual(error.response.headers["retry-after"], "1")
        control.fault("sign", status=500)
        error = self.refused(500, "InternalServerError", self.sign)
        self.assertNotIn("retry-after", error.response.headers)

    def test_retried(self):
        """a client that repeats gets through when the fault is over (overview-throttling)"""
        control.fault("sign", status=429, headers={"retry-after": "0"}, times=2)
        self.assertEqual(len(self.sign(retry_total=3).signature), 64)

    def test_details(self):
        """a fault says what is inside the error (Keys - Sign: KeyVaultError)"""
        control.fault("sign", status=403, details=[{"innererror": {"code": "ForbiddenByFirewall"}}])
        self.refused(403, "Forbidden", self.sign, inner="ForbiddenByFirewall")

    def test_delay(self):
        """a delayed answer is past the time that a client waits (azure.core read_timeout)"""
        control.fault("sign", delayMs=5000)
        with self.assertRaises(ServiceResponseError):
            self.sign(read_timeout=0.3)

    def test_bodies(self):
        """HTML, half an answer and no answer reach the client as they are (RFC 9110 §15)"""
        control.fault("sign", status=502, body="<html>", headers={"content-type": "text/html"})
        with self.assertRaises(HttpResponseError) as caught:
            self.sign()
        self.assertEqual(caught.exception.status_code, 502)
        for fault in [{"truncate": 10}, {"reset": True}]:
            control.fault("sign", **fault)
            with self.assertRaises((HttpResponseError, ServiceRequestError, ServiceResponseError)):
                self.sign()

    def test_corrupt(self):
        """a turned bit makes another signature, a replaced field is replaced (Keys - Sign: KeyOperationResult)"""
        control.fault("sign", set={"value": "AAAA"})
        self.assertEqual(self.sign().signature, bytes(3))
        control.fault("sign", flip="value")
        crypto = CryptographyClient(key_of("P-256"), officer, **OPTIONS)
        changed = crypto.sign(SignatureAlgorithm.es256, DIGEST).signature
        self.assertFalse(crypto.verify(SignatureAlgorithm.es256, DIGEST, changed).is_valid)

    def test_token(self):
        """the token service fails as well (v2-oauth2-client-creds-grant-flow)"""
        control.fault("token", status=503)
        with self.assertRaises((ClientAuthenticationError, HttpResponseError)):
            having(*USES).get_token("https://vault.azure.net/.default")
        said = {"error": "invalid_client", "error_description": "AADSTS7000222: The secret has expired."}
        control.fault("token", status=401, details=[said])
        with self.assertRaises(ClientAuthenticationError) as caught:
            having(*USES).get_token("https://vault.azure.net/.default")
        self.assertIn("AADSTS7000222", caught.exception.message)


