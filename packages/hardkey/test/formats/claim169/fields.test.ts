import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, encode, type Identity, identityFromJson, identityToJson } from 'hardkey/formats/claim169';
import { decodeSign1 } from 'hardkey/formats/cose';
import { CborEncoded, CborTag, type CborValue, encodeCbor } from '../../../src/encoding/cbor/index.ts';
import { decodeHex, encodeHex } from '../../../src/encoding/hex.ts';
import { textForms } from '../../../src/formats/claim169/text-forms.ts';
import { decodeCwt } from '../../../src/formats/cwt/claims.ts';
import { failsWith } from '../../support/failures.ts';
import { AT, contentOf, issuerFor, META, signedText } from './support.ts';

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
  [18, 'bestQualityFingers', [1, '2']],
  [18, 'bestQualityFingers', 1],
  [23, 'countryOfIssuance', true],
  [50, 'rightThumb.0', [7]],
  [62, 'face.0', [new Map<CborValue, CborValue>([[1, 0]])]],
  [62, 'face.0', [new Map<CborValue, CborValue>([[0, 'ffd8']])]],
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

/** One item of CBOR as it stands here. */
const raw = (hex: string): CborEncoded => new CborEncoded(decodeHex(hex));
const bytesOf = (hex: string): Uint8Array => decodeHex(hex);

/** Numbers without a meaning: label, encoding, where it is kept, and the path of the warning. */
const MEANINGLESS: readonly (readonly [number, string, Identity, string])[] = [
  [9, '07', { gender: 7 }, 'gender'],
  [9, '00', { gender: 0 }, 'gender'],
  [9, '20', { gender: -1 }, 'gender'],
  [14, '04', { maritalStatus: 4 }, 'maritalStatus'],
  [18, '82010b', { bestQualityFingers: [1, 11] }, 'bestQualityFingers.1'],
  [18, '820118ff', { bestQualityFingers: [1, 255] }, 'bestQualityFingers.1'],
  [18, '8201180b', { unknown: new Map([[18, bytesOf('8201180b')]]) }, 'bestQualityFingers.1'],
  [9, '1807', { unknown: new Map([[9, bytesOf('1807')]]) }, 'gender'],
  [14, '1b0000000000000004', { unknown: new Map([[14, bytesOf('1b0000000000000004')]]) }, 'maritalStatus'],
  [62, '81a200410101181e', { face: [{ data: bytesOf('01'), format: 30 }] }, 'face.0.format'],
  [
    62,
    '81a3004101010002181f',
    { face: [{ data: bytesOf('01'), format: 0, subFormat: 31 }] },
    'face.0.subFormat',
  ],
  [62, '81a20041010203', { face: [{ data: bytesOf('01'), subFormat: 3 }] }, 'face.0.subFormat'],
  [
    65,
    '81a3004101010202187b',
    { voice: [{ data: bytesOf('01'), format: 2, subFormat: 123 }] },
    'voice.0.subFormat',
  ],
  [
    62,
    '81a20041010119001e',
    { face: [{ data: bytesOf('01'), unknown: new Map([[1, bytesOf('19001e')]]) }] },
    'face.0.format',
  ],
];

test('a number without a meaning is a warning, and comes back byte for byte', async (t) => {
  const issuer = await issuerFor(t);
  const { signer, trust } = issuer;
  for (const [label, hex, expected, path] of MEANINGLESS) {
    const text = await signedText(issuer, claim169([label, raw(hex)]));
    const { identity, warnings } = await decode(text, { trust, at: AT });
    assert.deepEqual(identity, expected, hex);
    assert.deepEqual(
      warnings.map(({ code, path: where }) => [code, where]),
      [['unknown-value', `identity.${path}`]],
    );
    const again = await encode(identity, META, { signer });
    assert.equal(encodeHex(await identityBytes(again.text)), `a1${encodeHex(encodeCbor(label))}${hex}`);
    await assert.rejects(decode(text, { trust, at: AT, strict: true }), failsWith('MALFORMED'));
  }
});

/** The bytes of claim 169 in a text. */
async function identityBytes(text: string): Promise<Uint8Array> {
  const { payload } = decodeSign1(await contentOf(text));
  const entry = decodeCwt(payload ?? new Uint8Array()).others.find(({ key }) => key === 169);
  assert.ok(payload && entry);
  return payload.slice(entry.start, entry.end);
}

test('what a sample holds beyond what is known is kept in it byte for byte', async (t) => {
  const issuer = await issuerFor(t);
  const { signer, trust } = issuer;
  // Two samples; the second has a quality in an encoding no deterministic writer chooses.
  const hex = '82a100410aa300410b0100091900f5';
  const text = await signedText(issuer, claim169([50, raw(hex)]));
  const { identity, warnings } = await decode(text, { trust, at: AT });
  const unknown = new Map([[9, bytesOf('1900f5')]]);
  assert.deepEqual(identity, {
    rightThumb: [{ data: bytesOf('0a') }, { data: bytesOf('0b'), format: 0, unknown }],
  });
  assert.deepEqual(
    warnings.map(({ code, path }) => [code, path]),
    [['unknown-field', 'identity.rightThumb.1.9']],
  );
  assert.equal(
    encodeHex(await identityBytes((await encode(identity, META, { signer })).text)),
    `a11832${hex}`,
  );
  assert.deepEqual(identityFromJson(JSON.parse(JSON.stringify(identityToJson(identity)))), identity);
});

test('the samples of an indefinite list, and one alone, keep what is not known', async (t) => {
  const issuer = await issuerFor(t);
  for (const hex of ['9fa200410109f5ff', 'a200410109f5', 'bf00410109f5ff']) {
    const text = await signedText(issuer, claim169([50, raw(hex)]));
    const { identity } = await decode(text, { trust: issuer.trust, at: AT });
    const unknown = new Map([[9, bytesOf('f5')]]);
    assert.deepEqual(identity, { rightThumb: [{ data: bytesOf('01'), unknown }] }, hex);
  }
});

/** Text that is not of its field's form: label, text, field, and whether it may be written all the same. */
const FORMS: readonly (readonly [number, string, string, 'written' | 'refused'])[] = [
  [3, 'en', 'language', 'written'],
  [20, 'AR', 'secondaryLanguage', 'written'],
  [3, 'English', 'language', 'refused'],
  [3, '', 'language', 'refused'],
  [13, 'in', 'nationality', 'written'],
  [13, 'India', 'nationality', 'refused'],
  [23, '356', 'countryOfIssuance', 'refused'],
  [11, 'not an address', 'email', 'refused'],
  [11, 'a@b@c', 'email', 'refused'],
  [12, 'call me', 'phone', 'refused'],
  [12, '++91', 'phone', 'refused'],
];

test('text of another form is a warning when read, and refused or a warning when written', async (t) => {
  const issuer = await issuerFor(t);
  const { signer, trust } = issuer;
  for (const [label, value, name, fate] of FORMS) {
    const text = await signedText(issuer, claim169([label, value]));
    const { identity, warnings } = await decode(text, { trust, at: AT });
    assert.deepEqual(identity, { [name]: value });
    const expected = [['value-form', `identity.${name}`]];
    assert.deepEqual(
      warnings.map(({ code, path }) => [code, path]),
      expected,
    );
    await assert.rejects(
      decode(text, { trust, at: AT, strict: true }),
      failsWith('MALFORMED', { path: `identity.${name}` }),
    );
    if (fate === 'written') {
      const written = await encode(identity, META, { signer });
      assert.deepEqual(
        written.warnings.map(({ code, path }) => [code, path]),
        expected,
      );
      continue;
    }
    const refused = failsWith('ARGUMENT_INVALID', { field: `identity.${name}` });
    await assert.rejects(encode(identity, META, { signer }), refused, value);
  }
});

test('days are of the calendar, in every century', () => {
  for (const day of ['00010101', '00500228', '00990101', '20000229', '20240229', '99991231'])
    assert.ok(textForms.date.holds(day), day);
  for (const day of [
    '19000229',
    '20230229',
    '00000000',
    '20241301',
    '20240431',
    '2024022',
    '2024-02-29',
    '２０２４０２２９',
  ]) {
    assert.ok(!textForms.date.holds(day), day);
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
  [{ bestQualityFingers: ['1'] }, 'identity.bestQualityFingers.0'],
  [{ face: { data: decodeHex('01') } }, 'identity.face'],
  [{ face: [{ data: 'x' }] }, 'identity.face.0.data'],
  [{ face: [{ data: decodeHex('01'), format: '0' }] }, 'identity.face.0.format'],
  [{ face: [{ data: decodeHex('01'), quality: 1 }] }, 'identity.face.0.quality'],
  [{ nickname: 'x' }, 'identity.nickname'],
  [
    { face: [{ data: decodeHex('01'), unknown: new Map([[0, decodeHex('01')]]) }] },
    'identity.face.0.unknown',
  ],
  [{ face: [{ data: decodeHex('01'), issuer: 7 }] }, 'identity.face.0.issuer'],
  [{ unknown: new Map([[24, decodeHex('0101')]]) }, 'identity.unknown.24'],
  [{ unknown: new Map([[24, decodeHex('')]]) }, 'identity.unknown.24'],
  [{ unknown: new Map([[24, 'x']]) }, 'identity.unknown.24'],
  [{ unknown: new Map([[1.5, decodeHex('01')]]) }, 'identity.unknown'],
  [{ private: { bloodGroup: 'A' } }, 'identity.private.bloodGroup'],
  [{ id: 'A', unknown: new Map([[1, decodeHex('01')]]) }, 'identity.unknown'],
];

test('encoding refuses what a field cannot hold, and names the field', async (t) => {
  const { signer } = await issuerFor(t);
  for (const [identity, field] of INVALID) {
    const refused = failsWith('ARGUMENT_INVALID', { field });
    await assert.rejects(encode(identity as Identity, META, { signer }), refused, field);
  }
});
