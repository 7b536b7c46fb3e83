"""What the tests of Google Cloud KMS share: the official client, pointed at the emulator."""

import itertools
import os
import unittest

import grpc
from google.api_core import exceptions
from google.cloud import kms_v1
from google.cloud.kms_v1.services.key_management_service.transports import KeyManagementServiceGrpcTransport

channel = grpc.insecure_channel(os.environ["EMULATOR_ADDRESS"])
client = kms_v1.KeyManagementServiceClient(transport=KeyManagementServiceGrpcTransport(channel=channel))
LOCATION = "projects/p/locations/global"
ring = client.create_key_ring(parent=LOCATION, key_ring_id=f"r{os.getpid()}", key_ring={})
numbers = itertools.count(1)

# The codes of google.rpc that refusals have, as the exceptions of the client.
INVALID = exceptions.InvalidArgument
UNREADY = exceptions.FailedPrecondition

Algorithm = kms_v1.CryptoKeyVersion.CryptoKeyVersionAlgorithm
State = kms_v1.CryptoKeyVersion.CryptoKeyVersionState
Purpose = kms_v1.CryptoKey.CryptoKeyPurpose


def once(call, **fields):
    """Calls without the retries of the client, so that a code is seen when it is answered."""
    return call(request=fields, retry=None, timeout=10)


def create_key(purpose, algorithm=None, *, hsm=False, skip=False, **fields):
    template = {"algorithm": algorithm} if algorithm else {}
    if hsm:
        template["protection_level"] = "HSM"
    key = {"purpose": purpose, "version_template": template, **fields}
    return once(
        client.create_crypto_key,
        parent=ring.name,
        crypto_key_id=f"k{next(numbers)}",
        crypto_key=key,
        skip_initial_version_creation=skip,
    )


def create_version(purpose, algorithm, **options):
    """The name of the first version of a new key."""
    return f"{create_key(purpose, algorithm, **options).name}/cryptoKeyVersions/1"


_signing = {}


def signing(algorithm, **options):
    """The name of a version that signs, made once for each algorithm."""
    if algorithm not in _signing:
        _signing[algorithm] = create_version("ASYMMETRIC_SIGN", algorithm, **options)
    return _signing[algorithm]


def set_state(version, state):
    return once(
        client.update_crypto_key_version,
        crypto_key_version={"name": version, "state": state},
        update_mask={"paths": ["state"]},
    )


class Case(unittest.TestCase):
    maxDiff = None

    def refused(self, error, call, **fields):
        with self.assertRaises(error) as caught:
            once(call, **fields)
        return caught.exception
