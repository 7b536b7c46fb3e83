import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTrust, verifyTrusted } from '../../../src/core/trust/trust.ts';
import { utf8 } from '../../../src/encoding/bytes.ts';
import { encodeHex } from '../../../src/encoding/hex.ts';
import { now, signedBy, type TestSigner, testSigner } from '../../support/documents.ts';
import { failsWith } from '../../support/failures.ts';

const signer = await testSigner();
const other = await testSigner();
const hex = encodeHex(signer.publicKey.toRaw());
const otherHex = encodeHex(other.publicKey.toRaw());

const PAST = '2026-01-01T00:00:00+00:00';
const FUTURE = '2027-01-01T00:00:00Z';

async function verifyWith(
  registry: unknown,
  by: TestSigner = signer,
  change = {},
): ReturnType<typeof verifyTrusted> {
  const trust = await createTrust(JSON.stringify(registry));
  return verifyTrusted(trust, signedBy(by, { keyId: 'k1', ...change }));
}

function refused(check: string): (error: unknown) => true {
  return failsWith('VERIFICATION_FAILED', { check });
}

test('all three shapes are read, as text and as objects', async () => {
  const shapes: readonly Readonly<Record<string, unknown>>[] = [
    { k1: hex },
    { k1: { public_key_hex: hex, status: 'active', reason: 'none' } },
    { version: 1, keys: { k1: hex }, revoked: [], revocations: [], legacy_verify: false },
    { keys: { k1: { public_key_hex: hex.toUpperCase() } } },
  ];
  for (const shape of shapes) {
    const { key } = await verifyWith(shape);
    assert.equal(key.keyId, 'k1');
    assert.deepEqual(key.algorithms, ['Ed25519']);
    assert.equal((await createTrust(shape)).size, 1);
    assert.equal((await createTrust(utf8(JSON.stringify(shape)))).size, 1);
  }
});

test('a map that mixes keys and entries keeps both', async () => {
  const mixed = { k1: hex, k2: { public_key_hex: otherHex } };
  assert.deepEqual(
    (await createTrust(mixed)).keys.map(({ keyId }) => keyId),
    ['k1', 'k2'],
  );
  await verifyWith(mixed);
  await verifyWith({ keys: mixed }, other, { keyId: 'k2' });
});

// What may not be used, and which check says so. The first of each pair is its positive control.
const STATES: readonly (readonly [title: string, check: string, good: object, bad: object])[] = [
  ['an inactive key', 'key.active', { status: 'active' }, { status: 'inactive' }],
  ['a key with the status revoked', 'key.revoked', { status: 'active' }, { status: 'revoked' }],
  ['a key marked revoked', 'key.revoked', { revoked: false }, { revoked: true }],
  ['a key revoked in the past', 'key.revoked', { revoked_at_utc: FUTURE }, { revoked_at_utc: PAST }],
  [
    'a key revoked in the past, by status and time',
    'key.revoked',
    { status: 'revoked', revoked_at_utc: FUTURE },
    { status: 'revoked', revoked_at_utc: PAST },
  ],
  [
    'a key marked revoked, whatever the time says',
    'key.revoked',
    {},
    { revoked: true, revoked_at_utc: FUTURE },
  ],
  ['a key of the future', 'key.not-before', { not_before_utc: PAST }, { not_before_utc: FUTURE }],
  ['a key of the past', 'key.not-after', { not_after_utc: FUTURE }, { not_after_utc: PAST }],
];

for (const [title, check, good, bad] of STATES) {
  test(`${title} is refused by ${check}`, async () => {
    await verifyWith({ k1: { public_key_hex: hex, ...good } });
    await assert.rejects(verifyWith({ k1: { public_key_hex: hex, ...bad } }), refused(check));
    await assert.rejects(verifyWith({ keys: { k1: { public_key_hex: hex, ...bad } } }), refused(check));
  });
}

test('revocations beside the keys hold, for keys and for entries', async () => {
  for (const k1 of [hex, { public_key_hex: hex }]) {
    const keys = { k1 };
    const revocations = (revoked_at_utc?: string): object => ({
      keys,
      revocations: [{ key_id: 'k1', revoked_at_utc }],
    });
    await verifyWith({ keys, revoked: ['k2'], revocations: [{ key_id: 'k3' }] });
    await verifyWith(revocations(FUTURE));
    await assert.rejects(verifyWith({ keys, revoked: ['k1'] }), refused('key.revoked'));
    await assert.rejects(verifyWith(revocations()), refused('key.revoked'));
    await assert.rejects(verifyWith(revocations(PAST)), refused('key.revoked'));
    const twice = {
      keys,
      revocations: [
        { key_id: 'k1', revoked_at_utc: PAST },
        { key_id: 'k1', revoked_at_utc: FUTURE },
      ],
    };
    await assert.rejects(verifyWith(twice), refused('key.revoked'));
  }
});

test('a key revoked under one name, or in one of several lists, is revoked everywhere', async () => {
  const registry = { k1: hex, old: { public_key_hex: hex, status: 'revoked' } };
  await assert.rejects(verifyWith(registry), refused('key.revoked'));
  const trust = await createTrust([signer.publicKey, { old: { public_key_hex: hex, status: 'inactive' } }]);
  await assert.rejects(verifyTrusted(trust, signedBy(signer)), refused('key.active'));
});

test('a later revocation is reported by the check that passed', async () => {
  const { checks } = await verifyWith({ k1: { public_key_hex: hex, revoked_at_utc: FUTURE } });
  assert.equal(
    checks.find(({ name }) => name === 'key.revoked')?.detail,
    'the key is revoked from a later time on',
  );
});

test('revocation is judged by the verifier’s time, or one that the caller vouches for', async () => {
  const registry = { k1: { public_key_hex: hex, revoked_at_utc: '2026-06-01T00:00:00Z' } };
  await verifyWith(registry, signer, { at: new Date('2026-05-31T23:59:59Z') });
  await assert.rejects(
    verifyWith(registry, signer, { at: new Date('2026-06-01T00:00:00Z') }),
    refused('key.revoked'),
  );
  await assert.rejects(verifyWith(registry), refused('key.revoked'));
  await verifyWith(registry, signer, { signedAt: new Date('2026-05-01T00:00:00Z') });
  await assert.rejects(verifyWith(registry, signer, { signedAt: now }), refused('key.revoked'));
});

// Nothing that is not understood may be passed over: it could be what limits the key.
const MALFORMED: readonly (readonly [title: string, field: string, registry: unknown])[] = [
  ['a date that does not exist', 'trustedKeys.k1.revoked_at_utc', entry({ revoked_at_utc: '2026-13-99' })],
  ['February 30', 'trustedKeys.k1.not_after_utc', entry({ not_after_utc: '2026-02-30T00:00:00Z' })],
  ['a date without a time', 'trustedKeys.k1.not_before_utc', entry({ not_before_utc: '2026-01-01' })],
  [
    'a time without its offset',
    'trustedKeys.k1.not_before_utc',
    entry({ not_before_utc: '2026-01-01T00:00:00' }),
  ],
  [
    'an impossible offset',
    'trustedKeys.k1.not_before_utc',
    entry({ not_before_utc: '2026-01-01T00:00:00+99:00' }),
  ],
  ['an empty date', 'trustedKeys.k1.revoked_at_utc', entry({ revoked_at_utc: '' })],
  ['a date that is a number', 'trustedKeys.k1.revoked_at_utc', entry({ revoked_at_utc: 1767225600 })],
  ['a date that is null', 'trustedKeys.k1.revoked_at_utc', entry({ revoked_at_utc: null })],
  ['an unknown status', 'trustedKeys.k1.status', entry({ status: 'Revoked' })],
  ['a status that is no text', 'trustedKeys.k1.status', entry({ status: 1 })],
  ['revoked as text', 'trustedKeys.k1.revoked', entry({ revoked: 'true' })],
  ['an unknown member', 'trustedKeys.k1.revoked_at', entry({ revoked_at: PAST })],
  ['an entry without a key', 'trustedKeys.k1.public_key_hex', { k1: { status: 'active' } }],
  ['a key that is too short', 'trustedKeys.k1', { k1: hex.slice(2) }],
  ['a key that is not hexadecimal', 'trustedKeys.k1', { k1: 'z'.repeat(64) }],
  ['a key of small order', 'trustedKeys.k1.publicKey', { k1: '01'.padEnd(64, '0') }],
  ['an entry that is a list', 'trustedKeys.k1', { k1: [hex] }],
  ['an entry that is null', 'trustedKeys.keys.k1', { keys: { k1: null } }],
  ['a key id that is not one', 'trustedKeys', { 'k 1': hex }],
  ['revocations of an unwrapped map', 'trustedKeys.revoked', { k1: hex, revoked: ['k1'] }],
  ['a revocation that is null', 'trustedKeys.revocations.0', { keys: {}, revocations: [null] }],
  ['a revocation of no key', 'trustedKeys.revocations.0', { keys: {}, revocations: [{ reason: 'lost' }] }],
  [
    'a revocation with an unknown member',
    'trustedKeys.revocations.0.kid',
    { keys: {}, revocations: [{ kid: 'k1' }] },
  ],
  ['revocations that are no list', 'trustedKeys.revocations', { keys: {}, revocations: {} }],
  ['a revoked key id that is no text', 'trustedKeys.revoked.0', { keys: {}, revoked: [1] }],
  ['an unknown member of the wrapper', 'trustedKeys.revokedKeys', { keys: {}, revokedKeys: ['k1'] }],
];

function entry(members: object): unknown {
  return { k1: { public_key_hex: hex, ...members } };
}

for (const [title, field, registry] of MALFORMED) {
  test(`${title} is MALFORMED, naming ${field}`, async () => {
    await assert.rejects(createTrust(JSON.stringify(registry)), failsWith('MALFORMED', { field }));
  });
}

test('a key that is listed twice is MALFORMED, where a parser would keep the last', async () => {
  const [revoked, active] = [{ public_key_hex: hex, revoked: true }, { public_key_hex: hex }].map((one) =>
    JSON.stringify(one),
  );
  for (const again of ['"k1"', '"\\u006b1"']) {
    const text = `{"k1":${revoked},${again}:${active}}`;
    await assert.rejects(
      createTrust(text),
      failsWith('MALFORMED', { field: 'trust', offset: text.indexOf(again, 2) }),
    );
  }
  await createTrust(`{"k1":${revoked},"k2":${active}}`);
});

test('periods cannot be switched off, and another version is UNSUPPORTED', async () => {
  const legacy = { keys: { k1: hex }, legacy_verify: true };
  await assert.rejects(createTrust(legacy), failsWith('UNSUPPORTED', { field: 'trustedKeys.legacy_verify' }));
  const newer = { keys: { k1: hex }, version: 2 };
  await assert.rejects(createTrust(newer), failsWith('UNSUPPORTED', { field: 'trustedKeys.version' }));
});
