// What a token says of its bearer's key (RFC 8747) and of its status.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFailure, type PublicKey } from 'hardkey';
import {
  checkConfirmation,
  confirmationEntry,
  confirmationLabel,
  confirmationOf,
  type DecodedCwt,
  decodeCwt,
  encodeCwt,
  openCwt,
  signCwt,
  statusEntry,
  statusLabel,
  statusOf,
} from 'hardkey/formats/cwt';
import { utf8 } from '../../../src/encoding/bytes.ts';
import { type CborValue, encodeCbor } from '../../../src/encoding/cbor/index.ts';
import { decodeHex, encodeHex } from '../../../src/encoding/hex.ts';
import { failsWith } from '../../support/failures.ts';
import { freshKey } from '../../support/fresh-key.ts';
import { issuerFor } from '../claim169/support.ts';

const AT = new Date('2026-06-01T00:00:00Z');
const BOUND = failsWith('VERIFICATION_FAILED', { check: 'cwt.confirmation' });

/** Claims with one more entry. */
function claimsWith(label: number, value: CborValue): DecodedCwt {
  return decodeCwt(encodeCwt({}, new Map([[label, value]])));
}

// RFC 8747 §3.2: the COSE_Key of the example.
const EXAMPLE = decodeHex(
  'a108a101a40102200121582065eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d2258201e52ed75' +
    '701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c',
);

test('a public key in cnf is read as a key, and written as it stands there', async () => {
  const confirmation = await confirmationOf(decodeCwt(EXAMPLE));
  const publicKey = confirmation?.publicKey;
  assert.ok(publicKey);
  assert.deepEqual([publicKey.curve, confirmation.keyId], ['P-256', undefined]);
  assert.equal(encodeHex(encodeCwt({}, new Map([confirmationEntry(publicKey)]))), encodeHex(EXAMPLE));
});

test('a kid in cnf is read as bytes, and names a key by its id or its thumbprint', async (t) => {
  const { publicKey } = await freshKey(t, 'ES256');
  const other = (await freshKey(t, 'ES256')).publicKey;
  for (const kid of [utf8(publicKey.id), decodeHex(publicKey.id), utf8(publicKey.thumbprint)]) {
    const [label, value] = confirmationEntry(kid);
    const confirmation = await confirmationOf(claimsWith(label, value));
    assert.deepEqual(confirmation?.keyId, kid);
    checkConfirmation(confirmation, publicKey);
    assert.throws(() => checkConfirmation(confirmation, other), BOUND);
  }
});

test('a key in cnf is that key, whatever kid stands beside it', async (t) => {
  const [one, two] = [(await freshKey(t, 'Ed25519')).publicKey, (await freshKey(t, 'Ed25519')).publicKey];
  const [label, members] = confirmationEntry(one);
  const both = new Map(members).set(3, utf8(two.id));
  const confirmation = await confirmationOf(claimsWith(label, both));
  checkConfirmation(confirmation, one);
  assert.throws(() => checkConfirmation(confirmation, two), BOUND);
});

test('a token without cnf is bound to nobody, and so not to the holder', async (t) => {
  const { publicKey } = await freshKey(t, 'Ed25519');
  assert.equal(await confirmationOf(claimsWith(9, 0)), undefined);
  assert.throws(() => checkConfirmation(undefined, publicKey), BOUND);
});

test('a symmetric or encrypted key in cnf is handed on, and names no public key', async (t) => {
  const { publicKey } = await freshKey(t, 'Ed25519');
  const symmetric = new Map<CborValue, CborValue>([
    [1, 4],
    [-1, new Uint8Array(16)],
  ]);
  for (const members of [new Map([[1, symmetric]]), new Map([[2, [new Uint8Array()]]])]) {
    const confirmation = await confirmationOf(claimsWith(8, members));
    assert.equal(confirmation?.publicKey, undefined);
    assert.equal(confirmation?.members.size, 1);
    assert.throws(() => checkConfirmation(confirmation, publicKey), BOUND);
  }
});

test('a cnf that is not as RFC 8747 has it is MALFORMED', async () => {
  const malformed = failsWith('MALFORMED', { field: 'cwt.confirmation' });
  const wrong: readonly CborValue[] = [
    7,
    new Map(),
    new Map([[3, 'text']]),
    new Map([[1, 7]]),
    new Map([
      [
        1,
        new Map<CborValue, CborValue>([
          [1, 2],
          [-1, 1],
          [-2, new Uint8Array(31)],
        ]),
      ],
    ]),
    new Map<CborValue, CborValue>([
      [1, new Map([[1, 4]])],
      [2, []],
    ]),
  ];
  for (const value of wrong) await assert.rejects(confirmationOf(claimsWith(8, value)), malformed);
});

test('openCwt holds cnf against the holder’s key', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const holder = (await freshKey(t, 'ES256')).publicKey;
  const other = (await freshKey(t, 'ES256')).publicKey;
  const token = await signCwt({}, { signer, confirmation: holder });
  const open = (key?: PublicKey) =>
    openCwt(token, { trust, at: AT, ...(key === undefined ? {} : { holder: key }) });
  assert.equal((await open(holder)).confirmation?.publicKey?.id, holder.id);
  assert.equal((await open()).confirmation?.publicKey?.id, holder.id);
  await assert.rejects(open(other), BOUND);
  await assert.rejects(openCwt(await signCwt({}, { signer }), { trust, at: AT, holder }), BOUND);
});

test('a place in a status list is written and read', () => {
  const [label, members] = statusEntry({ index: 412, uri: 'https://status.example/1' });
  assert.deepEqual([label, confirmationLabel], [statusLabel, 8]);
  assert.equal(statusLabel, 65_535);
  const bytes = encodeCbor(members);
  const expected = `a16b7374617475735f6c697374a26369647819019c63757269${'7818'}${encodeHex(utf8('https://status.example/1'))}`;
  assert.equal(encodeHex(bytes), expected);
  const status = statusOf(claimsWith(label, members));
  assert.deepEqual(status?.statusList, { index: 412, uri: 'https://status.example/1' });
  assert.equal(statusOf(claimsWith(9, 0)), undefined);
  const other = statusOf(claimsWith(label, new Map([['identifier_list', new Map()]])));
  assert.deepEqual([other?.statusList, other?.members.size], [undefined, 1]);
});

test('a status that is none is neither written nor read', () => {
  const place = (index: CborValue, uri: CborValue) =>
    new Map([
      [
        'status_list',
        new Map<CborValue, CborValue>([
          ['idx', index],
          ['uri', uri],
        ]),
      ],
    ]);
  const malformed = failsWith('MALFORMED', { field: 'cwt.status' });
  for (const value of [7, new Map([['status_list', 7]]), place(-1, 'x'), place('1', 'x'), place(1, 7)]) {
    assert.throws(() => statusOf(claimsWith(65_535, value)), malformed);
  }
  for (const index of [-1, 1.5, Number.NaN]) {
    const wrong = failsWith('ARGUMENT_INVALID', { field: 'status.index' });
    assert.throws(() => statusEntry({ index, uri: 'https://a.example' }), wrong);
  }
  assert.throws(
    () => statusEntry({ index: 1, uri: 'a' }),
    failsWith('ARGUMENT_INVALID', { field: 'status.uri' }),
  );
});

test('only a plain yes accepts a status, and it is asked for only where there is one', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const status = { index: 7, uri: 'https://status.example/1' };
  const token = await signCwt({}, { signer, status });
  const open = (answer: unknown) => openCwt(token, { trust, at: AT, acceptStatus: () => answer as boolean });
  const opened = await open(Promise.resolve(true));
  assert.deepEqual(opened.credentialStatus?.statusList, status);
  assert.ok(opened.checks.some(({ name, passed }) => name === 'cwt.status' && passed));
  for (const answer of [false, undefined, null, 1, 'yes', { valid: true }, Promise.resolve('yes')]) {
    await assert.rejects(open(answer), failsWith('VERIFICATION_FAILED', { check: 'cwt.status' }));
  }
  const cause = new TypeError('fetch failed');
  await assert.rejects(open(Promise.reject(cause)), (error) => {
    assert.ok(isFailure(error, 'UNAVAILABLE'));
    assert.deepEqual([error.details.check, error.cause], ['cwt.status', cause]);
    return true;
  });
  const plain = await signCwt({}, { signer });
  const never = () => assert.fail('asked');
  assert.equal((await openCwt(plain, { trust, at: AT, acceptStatus: never })).credentialStatus, undefined);
});

test('an id is asked about once everything else is good, and only a plain yes accepts it', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const cwtId = Uint8Array.of(7);
  const token = await signCwt({ cwtId }, { signer });
  const asked: unknown[] = [];
  const open = (answer: unknown) =>
    openCwt(token, {
      trust,
      at: AT,
      acceptCwtId: (id) => {
        asked.push(id);
        return answer as boolean;
      },
    });
  assert.deepEqual((await open(true)).checks.at(-1), { name: 'cwt.cti', passed: true });
  assert.deepEqual(asked, [cwtId]);
  for (const answer of [false, undefined, 1, Promise.resolve(1)]) {
    await assert.rejects(open(answer), failsWith('VERIFICATION_FAILED', { check: 'cwt.cti' }));
  }
  const never = () => assert.fail('asked');
  await openCwt(await signCwt({}, { signer }), { trust, at: AT, acceptCwtId: never });
  const late = await signCwt({ cwtId, expiresAt: AT.getTime() / 1000 }, { signer });
  await assert.rejects(openCwt(late, { trust, at: AT, acceptCwtId: never }), failsWith('EXPIRED'));
  const { status } = await openCwt(late, { trust, at: AT, time: 'report', acceptCwtId: never });
  assert.equal(status, 'expired');
});
