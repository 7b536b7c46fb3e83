import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createPrivateFields,
  decode,
  encode,
  type Identity,
  identityFromJson,
  identityToJson,
  type PrivateField,
  type PrivateType,
  privateType,
} from 'hardkey/formats/claim169';
import { verifyText } from 'hardkey/formats/claim169/verify';
import { CborTag, type CborValue } from '../../../src/encoding/cbor/index.ts';
import { decodeHex } from '../../../src/encoding/hex.ts';
import { failsWith } from '../../support/failures.ts';
import { AT, issuerFor, META, signedText } from './support.ts';

/** A codec of the caller's own: an instant, tagged as RFC 8949 §3.4.2 has it. */
const instant: PrivateType<Date> = {
  read: (item) =>
    item instanceof CborTag && typeof item.value === 'number' ? new Date(item.value * 1000) : undefined,
  write: (value) => (value instanceof Date ? new CborTag(1, value.getTime() / 1000) : undefined),
  toJson: (value) => value.toISOString(),
  fromJson: (json) => (typeof json === 'string' ? new Date(json) : undefined),
};

const privateFields = createPrivateFields([
  { key: 24, name: 'bloodGroup', type: privateType.text },
  { key: 49, name: 'points', type: privateType.integer },
  { key: 66, name: 'veteran', type: privateType.flag },
  { key: 74, name: 'seal', type: privateType.bytes },
  { key: 75, name: 'languages', type: privateType.list(privateType.text) },
  { key: 99, name: 'since', type: instant },
]);

const VALUES = {
  bloodGroup: 'AB+',
  points: -7,
  veteran: false,
  seal: decodeHex('00ff'),
  languages: ['eng', 'hin'],
  since: new Date('2020-01-01T00:00:00Z'),
};

test('registered fields go in and out by name and type, and through JSON', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const identity: Identity<typeof VALUES> = { id: '1', private: VALUES };
  const { text, warnings } = await encode(identity, META, { signer, privateFields });
  assert.deepEqual(warnings, []);
  const decoded = await decode(text, { trust, at: AT, privateFields, strict: true });
  assert.deepEqual(decoded.identity, identity);
  // The types are the registry's: these lines compile only with them.
  const group: string | undefined = decoded.identity.private?.bloodGroup;
  const since: Date | undefined = decoded.identity.private?.since;
  assert.deepEqual([group, since?.getTime()], ['AB+', VALUES.since.getTime()]);
  assert.deepEqual((await verifyText(text, { trust, at: AT, privateFields })).identity, identity);
  const json = JSON.parse(JSON.stringify(identityToJson(identity, privateFields)));
  assert.deepEqual(json.private.seal, 'AP8=');
  assert.deepEqual(identityFromJson(json, privateFields), identity);
});

test('without the registry the same fields are kept as they are', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const { text } = await encode({ private: VALUES }, META, { signer, privateFields });
  const { identity, warnings } = await decode(text, { trust, at: AT });
  assert.deepEqual([...(identity.unknown ?? new Map()).keys()], [24, 49, 66, 74, 75, 99]);
  assert.ok(warnings.every(({ code }) => code === 'unknown-field'));
  const again = await encode(identity, META, { signer });
  assert.deepEqual((await decode(again.text, { trust, at: AT, privateFields })).identity, {
    private: VALUES,
  });
});

test('a private field of another type is a warning with its name, kept, and MALFORMED when strict', async (t) => {
  const issuer = await issuerFor(t);
  for (const [key, value, name] of [
    [24, 7, 'bloodGroup'],
    [49, '7', 'points'],
    [66, 1, 'veteran'],
    [75, ['eng', 7], 'languages'],
    [99, 'today', 'since'],
  ] as const) {
    const text = await signedText(issuer, new Map<CborValue, CborValue>([[key, value]]));
    const options = { trust: issuer.trust, at: AT, privateFields };
    const { identity, warnings } = await decode(text, options);
    assert.equal(identity.unknown?.size, 1);
    assert.deepEqual(
      warnings.map(({ code, path }) => [code, path]),
      [['field-type', `identity.private.${name}`]],
    );
    const refused = failsWith('MALFORMED', { path: `identity.private.${name}` });
    await assert.rejects(decode(text, { ...options, strict: true }), refused);
  }
});

test('a value that a private field cannot hold is ARGUMENT_INVALID and names it', async (t) => {
  const { signer } = await issuerFor(t);
  for (const [name, value] of [
    ['bloodGroup', '\ud800'],
    ['points', 1.5],
    ['veteran', 'no'],
    ['seal', [1]],
    ['languages', ['eng', 7]],
    ['since', '2020'],
    ['nickname', 'x'],
  ] as const) {
    const identity = { private: { [name]: value } } as unknown as Identity<typeof VALUES>;
    const refused = failsWith('ARGUMENT_INVALID', { field: `identity.private.${name}` });
    await assert.rejects(encode(identity, META, { signer, privateFields }), refused);
  }
  const json = { private: { seal: '%' } };
  const refused = failsWith('ARGUMENT_INVALID', { field: 'identity.private.seal' });
  assert.throws(() => identityFromJson(json, privateFields), refused);
  assert.throws(
    () => identityFromJson({ private: { x: 1 } }),
    failsWith('ARGUMENT_INVALID', { field: 'identity.private.x' }),
  );
});

test('a registry has keys that are free, each once', () => {
  const field = (key: number, name = 'a'): PrivateField<string, string> => ({
    key,
    name,
    type: privateType.text,
  });
  const refused = failsWith('ARGUMENT_INVALID', { field: 'privateFields' });
  for (const key of [0, 1, 23, 50, 65, 100, -5, 24.5])
    assert.throws(() => createPrivateFields([field(key)]), refused);
  assert.throws(() => createPrivateFields([field(24), field(24, 'b')]), refused);
  assert.throws(() => createPrivateFields([field(24), field(25)]), refused);
});

test('a private field named as a member of every object is one like the others', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const odd = createPrivateFields([{ key: 30, name: '__proto__', type: privateType.text }]);
  const identity = { private: JSON.parse('{"__proto__":"x"}') };
  const { text } = await encode(identity, META, { signer, privateFields: odd });
  const decoded = await decode(text, { trust, at: AT, privateFields: odd });
  assert.deepEqual(Object.entries(decoded.identity.private ?? {}), [['__proto__', 'x']]);
});
