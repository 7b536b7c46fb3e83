import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, encode, type Identity, identityFromJson, identityToJson } from 'hardkey/formats/claim169';
import { CborEncoded, CborTag, type CborValue, encodeCbor } from '../../../src/encoding/cbor/index.ts';
import { decodeHex } from '../../../src/encoding/hex.ts';
import { failsWith } from '../../support/failures.ts';
import { AT, issuerFor, META, signedText } from './support.ts';

const claim169 = (...entries: readonly (readonly [CborValue, CborValue])[]): CborValue => new Map(entries);

/** Encodings, among them ones that a deterministic writer would not choose. */
const UNKNOWN = new Map(
  [
    [-5, 'f5'],
    [24, '1903e8'],
    [66, 'a2616101616280'],
    [75, 'd90141d818420102'],
    [99, 'fb3ff8000000000000'],
    [1000, '1800'],
  ].map(([label, hex]) => [Number(label), decodeHex(String(hex))]),
);

test('fields that are not known are kept byte for byte, and written again', async (t) => {
  const issuer = await issuerFor(t);
  const { signer, trust } = issuer;
  const accepted = [...UNKNOWN];
  const written = accepted.map(([label, bytes]) => [label, new CborEncoded(bytes)] as const);
  const text = await signedText(issuer, claim169([1, 'A'], ...written));
  const first = await decode(text, { trust, at: AT });
  assert.deepEqual(first.identity, { id: 'A', unknown: new Map(accepted.sort(([a], [b]) => order(a, b))) });
  const paths = first.warnings.map(({ code, path }) => `${code} ${path}`).sort();
  assert.deepEqual(paths, accepted.map(([label]) => `unknown-field identity.${label}`).sort());
  const again = await encode(first.identity, META, { signer });
  const second = await decode(again.text, { trust, at: AT });
  assert.deepEqual(second.identity, first.identity);
  assert.deepEqual(
    identityFromJson(JSON.parse(JSON.stringify(identityToJson(first.identity)))),
    first.identity,
  );
  const strict = { trust, at: AT, strict: true };
  await assert.rejects(decode(text, strict), failsWith('MALFORMED', { field: 'claim169' }));
});

/** Deterministic order of integer labels (RFC 8949 §4.2.1): non-negative ones first. */
function order(a: number, b: number): number {
  return a < 0 === b < 0 ? Math.abs(a) - Math.abs(b) : b - a;
}

/** Values of another type than the field's. */
const MISTYPED: readonly (readonly [number, string, CborValue])[] = [
  [1, 'id', 7],
  [4, 'fullName', decodeHex('41')],
  [8, 'dateOfBirth', 19840418],
  [9, 'gender', '1'],
  [14, 'maritalStatus', null],
  [16, 'photo', 'ffd8'],
  [18, 'bestQualityFingers', [1, 11]],
  [18, 'bestQualityFingers', 1],
  [23, 'countryOfIssuance', true],
  [50, 'rightThumb', [7]],
  [62, 'face', [new Map<CborValue, CborValue>([[1, 0]])]],
  [62, 'face', [new Map<CborValue, CborValue>([[0, 'ffd8']])]],
  [
    62,
    'face',
    [
      new Map<CborValue, CborValue>([
        [0, decodeHex('01')],
        [9, 1],
      ]),
    ],
  ],
  [65, 'voice', new CborTag(1, 1)],
];

test('a field of another type is a warning and kept as it is, and MALFORMED when strict', async (t) => {
  const issuer = await issuerFor(t);
  const { signer, trust } = issuer;
  for (const [label, name, value] of MISTYPED) {
    const text = await signedText(issuer, claim169([label, value]));
    const { identity, warnings } = await decode(text, { trust, at: AT });
    assert.deepEqual(identity, { unknown: new Map([[label, encodeCbor(value)]]) }, name);
    assert.deepEqual(
      warnings.map(({ code, path }) => [code, path]),
      [['field-type', `identity.${name}`]],
    );
    const again = await encode(identity, META, { signer });
    assert.deepEqual((await decode(again.text, { trust, at: AT })).identity, identity);
    const refused = failsWith('MALFORMED', { field: 'claim169', path: `identity.${name}` });
    await assert.rejects(decode(text, { trust, at: AT, strict: true }), refused);
  }
});

test('a date that is no day of the calendar is a warning, and MALFORMED when strict', async (t) => {
  const issuer = await issuerFor(t);
  const { trust } = issuer;
  for (const date of ['1984-04-18', '20230229', '19841301', '', '198404180']) {
    const text = await signedText(issuer, claim169([8, date]));
    const { identity, warnings } = await decode(text, { trust, at: AT });
    assert.deepEqual(identity, { dateOfBirth: date });
    assert.deepEqual(
      warnings.map(({ code, path }) => [code, path]),
      [['date', 'identity.dateOfBirth']],
    );
    await assert.rejects(decode(text, { trust, at: AT, strict: true }), failsWith('MALFORMED'));
  }
});

test('an issuer that is no URI is a warning, MALFORMED when strict, and never written', async (t) => {
  const issuer = await issuerFor(t);
  const { signer, trust } = issuer;
  for (const name of ['www.mosip.io', 'COUN', '', 'https:', 'https://a b']) {
    const text = await signedText(issuer, claim169([1, 'A']), { issuer: name });
    const { warnings, isVerified } = await decode(text, { trust, at: AT });
    assert.deepEqual(
      warnings.map(({ code, path }) => [code, path]),
      [['issuer-not-uri', 'meta.issuer']],
    );
    assert.equal(isVerified(), true);
    const refused = failsWith('MALFORMED', { path: 'meta.issuer' });
    await assert.rejects(decode(text, { trust, at: AT, strict: true }), refused);
    const invalid = failsWith('ARGUMENT_INVALID', { field: 'meta.issuer' });
    await assert.rejects(encode({ id: 'A' }, { issuer: name }, { signer }), invalid);
  }
  for (const name of ['https://mosip.io', 'did:web:example.org', 'urn:example:a']) {
    const { text } = await encode({ id: 'A' }, { issuer: name }, { signer });
    assert.deepEqual((await decode(text, { trust, at: AT, strict: true })).warnings, []);
  }
});

test('a single sample without its list is read as a list', async (t) => {
  const issuer = await issuerFor(t);
  const sample = new Map<CborValue, CborValue>([
    [0, decodeHex('0102')],
    [1, 0],
  ]);
  const text = await signedText(issuer, claim169([62, sample]));
  const { identity, warnings } = await decode(text, { trust: issuer.trust, at: AT });
  assert.deepEqual(identity, { face: [{ data: decodeHex('0102'), format: 0 }] });
  assert.deepEqual(warnings, []);
});

/** What an identity cannot hold, and the field that is named. */
const INVALID: readonly (readonly [Record<string, unknown>, string])[] = [
  [{ id: 7 }, 'identity.id'],
  [{ fullName: '\ud800' }, 'identity.fullName'],
  [{ dateOfBirth: '1984-04-18' }, 'identity.dateOfBirth'],
  [{ gender: 1.5 }, 'identity.gender'],
  [{ photo: 'ffd8' }, 'identity.photo'],
  [{ bestQualityFingers: [11] }, 'identity.bestQualityFingers'],
  [{ face: { data: decodeHex('01') } }, 'identity.face'],
  [{ face: [{ data: 'x' }] }, 'identity.face.0.data'],
  [{ face: [{ data: decodeHex('01'), format: '0' }] }, 'identity.face.0.format'],
  [{ face: [{ data: decodeHex('01'), quality: 1 }] }, 'identity.face.0.quality'],
  [{ nickname: 'x' }, 'identity.nickname'],
  [{ id: 'A', unknown: new Map([[1, decodeHex('01')]]) }, 'identity.unknown'],
];

test('encoding refuses what a field cannot hold, and names the field', async (t) => {
  const { signer } = await issuerFor(t);
  for (const [identity, field] of INVALID) {
    const refused = failsWith('ARGUMENT_INVALID', { field });
    await assert.rejects(encode(identity as Identity, META, { signer }), refused, field);
  }
});
