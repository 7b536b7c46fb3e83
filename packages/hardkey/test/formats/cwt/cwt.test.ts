import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createTrust } from 'hardkey';
import { openSign1 } from 'hardkey/formats/cose';
import { checkTimes, decodeCwt, encodeCwt } from 'hardkey/formats/cwt';
import { vectors } from '../../../../../scripts/components/vectors.ts';
import { concat } from '../../../src/encoding/bytes.ts';
import { CborFloat, type CborValue, encodeCbor } from '../../../src/encoding/cbor/index.ts';
import { decodeHex, encodeHex } from '../../../src/encoding/hex.ts';
import { failsWith } from '../../support/failures.ts';

const found = vectors('cose');

/** RFC 8392 appendix A.1. */
const A1 = {
  issuer: 'coap://as.example.com',
  subject: 'erikw',
  audience: 'coap://light.example.com',
  expiresAt: 1444064944,
  notBefore: 1443944944,
  issuedAt: 1443944944,
  cwtId: decodeHex('0b71'),
};
const A1_HEX =
  'a70175636f61703a2f2f61732e6578616d706c652e636f6d02656572696b77037818636f61703a2f2f6c696768742e657861' +
  '6d706c652e636f6d041a5612aeb0051a5610d9f0061a5610d9f007420b71';

test('the claims of RFC 8392 appendix A.1 are read and written as they stand there', () => {
  assert.deepEqual(decodeCwt(decodeHex(A1_HEX)), { claims: A1, others: [] });
  assert.equal(encodeHex(encodeCwt(A1)), A1_HEX);
});

test('appendix A.3 is signed by its key', { skip: found.missing ?? false }, async () => {
  const text = readFileSync(join(found.path, 'CWT/A_3.json'), 'utf8');
  const { input, output } = JSON.parse(text) as {
    readonly input: { readonly sign0: { readonly key: Readonly<Record<'x_hex' | 'y_hex', string>> } };
    readonly output: { readonly cbor: string };
  };
  const { x_hex: x, y_hex: y } = input.sign0.key;
  const trust = await createTrust(`p256:04${x}${y}`);
  const { payload } = await openSign1(decodeHex(output.cbor), { trust });
  assert.deepEqual(decodeCwt(payload).claims, A1);
});

test('claims that are not registered are handed on with their place', () => {
  const bytes = encodeCwt(
    { issuer: 'a' },
    new Map<CborValue, CborValue>([
      [169, [1, 2]],
      [-1, 'x'],
    ]),
  );
  const { claims, others } = decodeCwt(bytes);
  assert.deepEqual(claims, { issuer: 'a' });
  const kept = others.map(({ key, start, end }) => [key, encodeHex(bytes.subarray(start, end))]);
  assert.deepEqual(kept, [
    [169, '820102'],
    [-1, '6178'],
  ]);
});

test('times may have a fraction, and come back with it', () => {
  const claims = { expiresAt: 1.5, notBefore: -1 };
  assert.deepEqual(decodeCwt(encodeCwt(claims)).claims, claims);
  const whole = encodeCbor(new Map([[4, new CborFloat(2)]]));
  assert.deepEqual(decodeCwt(whole).claims, { expiresAt: 2 });
});

const BROKEN = [
  ['bytes after the map', concat(decodeHex(A1_HEX), Uint8Array.of(0)), 'cwt'],
  ['a map cut short', decodeHex(A1_HEX).subarray(0, -1), 'cwt'],
  ['nothing', new Uint8Array(), 'cwt'],
  ['an array', decodeHex('80'), 'cwt'],
  ['a repeated claim', decodeHex('a204010402'), 'cwt'],
  ['an issuer that is bytes', decodeHex('a1014161'), 'cwt.issuer'],
  ['a subject that is null', decodeHex('a102f6'), 'cwt.subject'],
  ['an audience that is a list', decodeHex('a103816161'), 'cwt.audience'],
  ['an exp that is text', decodeHex('a1046131'), 'cwt.expiresAt'],
  ['an exp that is infinite', decodeHex('a104f97c00'), 'cwt.expiresAt'],
  ['an nbf that is not a number', decodeHex('a105f97e00'), 'cwt.notBefore'],
  ['an iat that is tagged', decodeHex('a106c101'), 'cwt.issuedAt'],
  ['a cti that is text', decodeHex('a1076161'), 'cwt.cwtId'],
] as const;

for (const [what, bytes, field] of BROKEN) {
  test(`${what} is MALFORMED in ${field}`, () => {
    assert.throws(() => decodeCwt(bytes), failsWith('MALFORMED', { field }));
  });
}

test('a time that is no number of seconds is not written', () => {
  const refused = failsWith('ARGUMENT_INVALID', { field: 'meta.expiresAt' });
  for (const expiresAt of [Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => encodeCwt({ expiresAt }), refused);
  }
});

/** Claims, how far clocks may differ, and how they stand at the hundredth second. */
const TIMES = [
  [{}, 0, 'valid'],
  [{ expiresAt: 101 }, 0, 'valid'],
  [{ expiresAt: 100 }, 0, 'expired'],
  [{ expiresAt: 100 }, 1, 'valid'],
  [{ expiresAt: 99 }, 1, 'expired'],
  [{ notBefore: 100 }, 0, 'valid'],
  [{ notBefore: 101 }, 0, 'not-yet-valid'],
  [{ notBefore: 101 }, 1, 'valid'],
  [{ notBefore: 101, expiresAt: 100 }, 0, 'expired'],
  [{ issuedAt: 200 }, 0, 'valid'],
] as const;

for (const [claims, skewSeconds, status] of TIMES) {
  test(`${JSON.stringify(claims)} with a skew of ${skewSeconds} s is ${status} at 100`, () => {
    const judged = checkTimes(claims, { at: new Date(100_000), skewSeconds });
    assert.equal(judged.status, status);
    assert.equal(
      judged.checks.every(({ passed }) => passed),
      status === 'valid',
    );
  });
}

test('a time of verification that is none is ARGUMENT_INVALID', () => {
  const refused = failsWith('ARGUMENT_INVALID', { field: 'at' });
  assert.throws(() => checkTimes({}, { at: new Date(Number.NaN) }), refused);
});
