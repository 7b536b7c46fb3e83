"""What the tests of Azure Key Vault share: the official clients, pointed at the emulator."""

import itertools
import os
import time
import unittest

from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.identity import ClientSecretCredential
from azure.keyvault.keys import KeyClient
from azure.keyvault.keys.crypto import CryptographyClient

import control

CA = os.environ["EMULATOR_CA"]
VAULT = os.environ["EMULATOR_VAULT"]
AUTHORITY = os.environ["EMULATOR_AUTHORITY"]
TENANT = os.environ["EMULATOR_TENANT"]
OPTIONS = {"verify_challenge_resource": False, "connection_verify": CA, "retry_total": 0}
ACTION = "Microsoft.KeyVault/vaults/keys/{}/action"
USES = [ACTION.format(use) for use in ["encrypt", "decrypt", "wrap", "unwrap", "sign", "verify"]]

numbers = itertools.count(1)


def credential(client, secret, tenant=TENANT):
    return ClientSecretCredential(
        tenant,
        client,
        secret,
        authority=AUTHORITY,
        disable_instance_discovery=True,
        connection_verify=CA,
        retry_total=0,
    )


def having(*roles):
    """The credential of a new application with these roles."""
    client = f"00000000-0000-0000-0000-{next(numbers):012}"
    control.send("POST", "clients", {"id": client, "secret": "s3cret", "roles": roles})
    return credential(client, "s3cret")


class Token:
    """A credential that has one token."""

    def __init__(self, text):
        self.text = text

    def get_token(self, *scopes, **options):
        return AccessToken(self.text, int(time.time()) + 600)


officer = credential(os.environ["EMULATOR_CLIENT"], os.environ["EMULATOR_SECRET"])
client = KeyClient(VAULT, officer, **OPTIONS)
# Without the right to read keys the client has the vault do everything, which shows what the vault does.
user = having(*USES)


def new_name():
    return f"k{next(numbers)}"


_keys = {}


def key_of(kind, **options):
    """A key of a kind, `P-256` or `RSA-2048`, made once."""
    if kind not in _keys:
        _keys[kind] = new_key(kind, **options)
    return _keys[kind]


def new_key(kind, **options):
    if kind.startswith("RSA"):
        return client.create_rsa_key(new_name(), size=int(kind[4:]), **options)
    return client.create_ec_key(new_name(), curve=kind, **options)


def using(key):
    """A client that uses the key in the vault alone."""
    return CryptographyClient(key if isinstance(key, str) else key.id, user, **OPTIONS)


class Case(unittest.TestCase):
    maxDiff = None

    def advance(self, **duration):
        """Moves the clock until the test is over."""
        control.advance(**duration)
        self.addCleanup(control.advance, **{unit: -count for unit, count in duration.items()})

    def refused(self, status, code, call, *args, inner=None, **options):
        with self.assertRaises(HttpResponseError) as caught:
            call(*args, **options)
        error = caught.exception
        self.assertEqual((error.status_code, error.error.code), (status, code))
        self.assertEqual((error.error.innererror or {}).get("code"), inner)
        return error
