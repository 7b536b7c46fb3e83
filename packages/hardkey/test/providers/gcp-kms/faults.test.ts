import assert from 'node:assert/strict';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { after, test } from 'node:test';
import type { Fault } from '@hardkey/emulators';
import {
  type Aead,
  type Algorithm,
  createKeys,
  type FailureCode,
  type Key,
  type KeyProvider,
  type KeyWrapper,
  type Mac,
  parseKeyRef,
} from 'hardkey';
import { gcpKms } from 'hardkey/providers/gcp-kms';
import { fromUtf8, utf8 } from '../../../src/encoding/bytes.ts';
import { crc32cOf } from '../../../src/providers/gcp-kms/checksums.ts';
import { coded, reasons } from '../../../src/providers/gcp-kms/failures.ts';
import { failsWith } from '../../support/failures.ts';
import { gcpEmulator, RING } from '../../support/gcp.ts';
import { sharedKey } from './subject.ts';

const MESSAGE = new TextEncoder().encode('message');
const AAD = new TextEncoder().encode('aad');

let shared: Promise<KeyProvider> | undefined;
after(async () => (await shared)?.close());

/** A key of the emulator that all tests of an algorithm use. */
async function keyFor(algorithm: Algorithm): Promise<Key> {
  shared ??= gcpEmulator().then(({ address }) => gcpKms({ endpoint: `http://${address}` }));
  return (await shared).open(parseKeyRef(await sharedKey(algorithm)));
}

/** Runs `act` while a fault waits, which must have happened by its end. */
async function withFault<T>(fault: Fault, act: () => Promise<T>): Promise<T> {
  const { faults } = await gcpEmulator();
  faults.add(fault);
  try {
    return await act();
  } finally {
    assert.deepEqual(faults.waiting(), [], 'the fault happened');
    faults.clear();
  }
}

async function sign(): Promise<Uint8Array> {
  return (await keyFor('ES256')).use('ES256').sign(MESSAGE);
}

/** What the numbers of google.rpc.Code mean here. */
const CODES: Readonly<Record<number, readonly [code: FailureCode, field?: string]>> = {
  1: ['UNAVAILABLE'],
  2: ['UNAVAILABLE'],
  3: ['ARGUMENT_INVALID'],
  4: ['UNAVAILABLE'],
  5: ['KEY_NOT_FOUND'],
  6: ['KEY_EXISTS'],
  7: ['DENIED'],
  8: ['OVERLOADED'],
  9: ['DENIED', 'state'],
  10: ['UNAVAILABLE'],
  11: ['ARGUMENT_INVALID'],
  12: ['UNSUPPORTED'],
  13: ['UNAVAILABLE'],
  14: ['UNAVAILABLE'],
  15: ['UNAVAILABLE'],
  16: ['DENIED', 'gcpkms.credentials'],
};

/** What the reasons of google.api.ErrorReason mean, each with the number it comes with. */
const REASONS: Readonly<Record<string, readonly [status: number, code: FailureCode, field?: string]>> = {
  IAM_PERMISSION_DENIED: [7, 'DENIED'],
  SERVICE_DISABLED: [7, 'DENIED', 'gcpkms.project'],
  BILLING_DISABLED: [7, 'DENIED', 'gcpkms.project'],
  CONSUMER_SUSPENDED: [7, 'DENIED', 'gcpkms.project'],
  CONSUMER_INVALID: [7, 'DENIED', 'gcpkms.project'],
  USER_PROJECT_DENIED: [7, 'DENIED', 'gcpkms.project'],
  SECURITY_POLICY_VIOLATED: [7, 'DENIED'],
  LOCATION_ORG_POLICY_VIOLATED: [7, 'DENIED'],
  ACCESS_TOKEN_SCOPE_INSUFFICIENT: [7, 'DENIED', 'gcpkms.credentials'],
  ACCESS_TOKEN_EXPIRED: [16, 'DENIED', 'gcpkms.credentials'],
  ACCESS_TOKEN_TYPE_UNSUPPORTED: [16, 'DENIED', 'gcpkms.credentials'],
  ACCOUNT_STATE_INVALID: [16, 'DENIED', 'gcpkms.credentials'],
  CREDENTIALS_MISSING: [16, 'DENIED', 'gcpkms.credentials'],
  RATE_LIMIT_EXCEEDED: [8, 'OVERLOADED'],
  RESOURCE_QUOTA_EXCEEDED: [8, 'OVERLOADED'],
};

test('every row of the table of failures has a test', () => {
  assert.deepEqual(Object.keys(CODES), Object.keys(coded));
  assert.deepEqual(Object.keys(REASONS).toSorted(), Object.keys(reasons).toSorted());
});

const OF_SIGNING = { provider: 'gcpkms', operation: 'asymmetricSign' };

for (const [status, [code, field]] of Object.entries(CODES)) {
  test(`google.rpc.Code ${status} is ${code}, and is asked for once`, async () => {
    const expected = { ...OF_SIGNING, ...(field === undefined ? {} : { field }) };
    await withFault({ method: 'AsymmetricSign', status: Number(status) }, () =>
      assert.rejects(sign(), failsWith(code, expected)),
    );
    await sign();
  });
}

for (const [reason, [status, code, field]] of Object.entries(REASONS)) {
  test(`${reason} is ${code}${field === undefined ? '' : `, field ${field}`}`, async () => {
    const expected = { ...OF_SIGNING, ...(field === undefined ? {} : { field }) };
    const info = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com' };
    await withFault({ method: 'AsymmetricSign', status, details: [info], message: 'canary-message' }, () =>
      assert.rejects(sign(), (error) => {
        failsWith(code, expected)(error);
        assert.match(String(error), new RegExp(`asymmetricSign, [A-Z_]+, ${reason}`));
        assert.doesNotMatch(String(error), /canary/);
        return true;
      }),
    );
    await sign();
  });
}

test('throttling says how long to wait, and the policy does, but not beyond the deadline', async (t) => {
  const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: { seconds: 60 } }];
  const fault = { method: 'AsymmetricSign', status: 8, details };
  const { address } = await gcpEmulator();
  const keys = createKeys([gcpKms({ endpoint: `http://${address}` })], { deadlineMs: 5000 });
  t.after(() => keys.close());
  const signer = (await keys.open(await sharedKey('ES256'))).use('ES256');
  await withFault(fault, () =>
    assert.rejects(signer.sign(MESSAGE), failsWith('OVERLOADED', { retryAfterMs: 60_000 })),
  );
  await withFault({ method: 'AsymmetricSign', status: 14 }, () => signer.sign(MESSAGE));
});

/** What changes an answer on the way, and what that is. */
const CHANGED: readonly (readonly [method: string, field: string, algorithm: Algorithm])[] = [
  ['AsymmetricSign', 'signature', 'ES256'],
  ['Encrypt', 'ciphertext', 'service'],
  ['Decrypt', 'plaintext', 'service'],
  ['AsymmetricDecrypt', 'plaintext', 'RSA-OAEP-256'],
  ['RawEncrypt', 'ciphertext', 'A256GCM'],
  ['RawEncrypt', 'initializationVector', 'A256GCM'],
  ['RawDecrypt', 'plaintext', 'A256GCM'],
  ['MacSign', 'mac', 'HS256'],
];

/** Does all that a key does. */
async function everything(algorithm: Algorithm): Promise<void> {
  const key = await keyFor(algorithm);
  switch (algorithm) {
    case 'HS256': {
      const mac = key.use(algorithm) as Mac;
      return mac.verifyMac(MESSAGE, await mac.mac(MESSAGE));
    }
    case 'A256GCM': {
      const aead = key.use(algorithm) as Aead;
      await aead.decrypt(await aead.encrypt(MESSAGE, AAD), AAD);
      return;
    }
    case 'ES256':
      await sign();
      return;
    default: {
      const wrapper = key.use(algorithm) as KeyWrapper;
      await wrapper.unwrap(await wrapper.wrap(MESSAGE));
    }
  }
}

for (const [method, field, algorithm] of CHANGED) {
  const about = { check: 'crc32c', field: `gcpkms.${field}Crc32c` };

  test(`${method}: a bit that is turned in the ${field} is UNAVAILABLE`, async () => {
    await withFault({ method, flip: field }, () =>
      assert.rejects(everything(algorithm), failsWith('UNAVAILABLE', about)),
    );
  });

  test(`${method}: a ${field} that nobody vouches for is UNAVAILABLE`, async () => {
    await withFault({ method, set: { [`${field}Crc32c`]: null } }, () =>
      assert.rejects(everything(algorithm), failsWith('UNAVAILABLE', about)),
    );
  });
}

const RECEIVED: readonly (readonly [method: string, field: string, algorithm: Algorithm])[] = [
  ['AsymmetricSign', 'verifiedDigestCrc32c', 'ES256'],
  ['Encrypt', 'verifiedPlaintextCrc32c', 'service'],
  ['AsymmetricDecrypt', 'verifiedCiphertextCrc32c', 'RSA-OAEP-256'],
  ['RawEncrypt', 'verifiedPlaintextCrc32c', 'A256GCM'],
  ['RawEncrypt', 'verifiedAdditionalAuthenticatedDataCrc32c', 'A256GCM'],
  ['RawDecrypt', 'verifiedCiphertextCrc32c', 'A256GCM'],
  ['RawDecrypt', 'verifiedAdditionalAuthenticatedDataCrc32c', 'A256GCM'],
  ['RawDecrypt', 'verifiedInitializationVectorCrc32c', 'A256GCM'],
  ['MacSign', 'verifiedDataCrc32c', 'HS256'],
  ['MacVerify', 'verifiedDataCrc32c', 'HS256'],
  ['MacVerify', 'verifiedMacCrc32c', 'HS256'],
];

for (const [method, field, algorithm] of RECEIVED) {
  test(`${method}: without ${field} nothing is believed`, async () => {
    await withFault({ method, set: { [field]: false } }, () =>
      assert.rejects(everything(algorithm), failsWith('UNAVAILABLE', { field: `gcpkms.${field}` })),
    );
  });
}

test('MacVerify: a success that is not vouched for is none, and no refusal either', async () => {
  for (const set of [{ verifiedSuccessIntegrity: false }, { success: false }]) {
    await withFault({ method: 'MacVerify', set }, () =>
      assert.rejects(everything('HS256'), failsWith('UNAVAILABLE')),
    );
  }
});

test('a request that was changed on the way is UNAVAILABLE, also where it was a ciphertext', async () => {
  const message = 'The checksum in field ciphertext_crc32c did not match the data in field ciphertext.';
  await withFault({ method: 'Decrypt', status: 3, message }, () =>
    assert.rejects(everything('service'), failsWith('UNAVAILABLE', { check: 'crc32c' })),
  );
});

for (const [method, algorithm] of [
  ['AsymmetricSign', 'ES256'],
  ['Encrypt', 'service'],
  ['RawEncrypt', 'A256GCM'],
  ['MacSign', 'HS256'],
  ['MacVerify', 'HS256'],
] as const) {
  test(`${method}: an answer of another version is SIGNER_MISMATCH, one of none UNAVAILABLE`, async () => {
    const operation = method.charAt(0).toLowerCase() + method.slice(1);
    await withFault({ method, set: { name: `${RING}/cryptoKeys/other/cryptoKeyVersions/1` } }, () =>
      assert.rejects(everything(algorithm), failsWith('SIGNER_MISMATCH')),
    );
    await withFault({ method, set: { name: '' } }, () =>
      assert.rejects(everything(algorithm), failsWith('UNAVAILABLE', { operation })),
    );
  });
}

const SHOWN: readonly (readonly [what: string, set: Fault['set'], code: FailureCode])[] = [
  ['a checksum that is not there', { pemCrc32c: null }, 'UNAVAILABLE'],
  ['a wrong checksum', { pemCrc32c: { value: '1' } }, 'UNAVAILABLE'],
  ['no PEM', { pem: '' }, 'UNAVAILABLE'],
  ['no name', { name: '' }, 'UNAVAILABLE'],
  ['another name', { name: `${RING}/cryptoKeys/other/cryptoKeyVersions/1` }, 'SIGNER_MISMATCH'],
  ['another algorithm', { algorithm: 'EC_SIGN_P384_SHA384' }, 'SIGNER_MISMATCH'],
  ['a PEM that is none', whole('pem', utf8('PEM')), 'UNAVAILABLE'],
];

for (const [what, set, code] of SHOWN) {
  test(`a public key with ${what} is ${code}`, async (t) => {
    const { address } = await gcpEmulator();
    const provider = gcpKms({ endpoint: `http://${address}` });
    t.after(() => provider.close());
    const ref = parseKeyRef(await sharedKey('ES256'));
    await withFault({ method: 'GetPublicKey', ...(set && { set }) }, () =>
      assert.rejects(provider.open(ref), failsWith(code)),
    );
    await provider.open(ref);
  });
}

/** A field that arrived as it was sent: its checksum is right. */
function whole(field: string, bytes: Uint8Array): Record<string, unknown> {
  const value = field === 'pem' ? fromUtf8(bytes) : Buffer.from(bytes);
  return { [field]: value, [`${field}Crc32c`]: { value: String(crc32cOf(bytes)) } };
}

for (const [method, field, algorithm] of [
  ['AsymmetricSign', 'signature', 'ES256'],
  ['RawEncrypt', 'ciphertext', 'A256GCM'],
  ['RawEncrypt', 'initializationVector', 'A256GCM'],
  ['RawDecrypt', 'plaintext', 'A256GCM'],
  ['MacSign', 'mac', 'HS256'],
] as const) {
  test(`${method}: a ${field} that cannot be one is UNAVAILABLE`, async () => {
    await withFault({ method, set: whole(field, MESSAGE.subarray(1)) }, () =>
      assert.rejects(everything(algorithm), failsWith('UNAVAILABLE')),
    );
  });
}

test('an answer that is cut off is UNAVAILABLE', async () => {
  await withFault({ method: 'AsymmetricSign', truncate: 5 }, () =>
    assert.rejects(sign(), failsWith('UNAVAILABLE', OF_SIGNING)),
  );
});

test('a service that is too slow is UNAVAILABLE when its time is over', async (t) => {
  const { address, faults } = await gcpEmulator();
  const endpoint = `http://${address}`;
  const provider = gcpKms({ endpoint, timeoutMs: 100 });
  const patient = gcpKms({ endpoint });
  t.after(() => Promise.all([provider.close(), patient.close(), faults.clear()]));
  const ref = parseKeyRef(await sharedKey('ES256'));
  const slow = (await patient.open(ref)).use('ES256');
  const hasty = (await provider.open(ref)).use('ES256');
  const fault = { method: 'AsymmetricSign', delayMs: 2000 };
  await withFault(fault, () =>
    assert.rejects(hasty.sign(MESSAGE), failsWith('UNAVAILABLE', { field: 'timeoutMs' })),
  );
  const options = { deadline: performance.now() + 100 };
  await withFault(fault, () =>
    assert.rejects(slow.sign(MESSAGE, options), failsWith('UNAVAILABLE', { field: 'deadline' })),
  );
  const waiting = slow.sign(MESSAGE);
  const closed = assert.rejects(waiting, failsWith('UNAVAILABLE', { field: 'closed' }));
  await patient.close();
  await closed;
});

/** Opens a key at an endpoint that is none of Cloud KMS. */
async function openAt(endpoint: string): Promise<Key> {
  const provider = gcpKms({ endpoint });
  try {
    return await provider.open(parseKeyRef(`gcpkms://${RING}/cryptoKeys/a`));
  } finally {
    await provider.close();
  }
}

/** The port of a server that runs until the tests have ended. */
function listening(server: Server): Promise<number> {
  after(() => void server.close());
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

test('an endpoint where nobody listens is UNAVAILABLE', async () => {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  await assert.rejects(openAt(`http://127.0.0.1:${port}`), failsWith('UNAVAILABLE'));
});

test('an endpoint that speaks something else is UNAVAILABLE', async () => {
  const html = createHttpServer((_request, answer) => answer.end('<!doctype html><title>Sign in</title>'));
  await assert.rejects(openAt(`http://127.0.0.1:${await listening(html)}`), failsWith('UNAVAILABLE'));
  const silent = createServer((socket) => socket.end());
  await assert.rejects(openAt(`http://127.0.0.1:${await listening(silent)}`), failsWith('UNAVAILABLE'));
});
