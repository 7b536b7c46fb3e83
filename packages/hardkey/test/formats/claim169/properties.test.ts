// What goes in comes out, whatever it is: over identities and claims as fast-check makes them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isFailure } from 'hardkey';
import {
  createPrivateFields,
  decode,
  encode,
  type Identity,
  identityFromJson,
  identityToJson,
  type Meta,
  type Profile,
  privateType,
  profiles,
  type Warning,
} from 'hardkey/formats/claim169';
import { CborEncoded, type CborValue, encodeCbor } from '../../../src/encoding/cbor/index.ts';
import { decodeIdentity } from '../../../src/formats/claim169/decode-identity.ts';
import { encodeIdentity } from '../../../src/formats/claim169/encode-identity.ts';
import { fields } from '../../../src/formats/claim169/fields.ts';
import { looseEncodings } from '../../encoding/cbor/arbitrary.ts';
import { freshKey } from '../../support/fresh-key.ts';
import { identities } from './identities.ts';
import { AT, issuerFor, NOW, signedText } from './support.ts';

const SEED = 169;
const runs = (numRuns: number) => ({ seed: SEED, numRuns });

/** One item in any encoding, also those that no writer would choose. */
const cborItems = looseEncodings.map(({ bytes }) => bytes);

/** Labels that the specification gives no meaning. */
const freeLabel = fc.oneof(
  fc.integer({ min: 24, max: 49 }),
  fc.integer({ min: 66, max: 99 }),
  fc.integer({ min: 100, max: 70_000 }),
  fc.integer({ min: -70_000, max: 0 }),
);
const unknown = fc
  .uniqueArray(fc.tuple(freeLabel, cborItems), { maxLength: 4, selector: ([label]) => label })
  .map((entries) => new Map(entries));
/** Keys of claims that are not registered. */
const claimKey = fc.oneof(
  fc.integer({ min: -70_000, max: 0 }),
  fc.integer({ min: 9, max: 168 }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
);
const unknownClaims = fc
  .uniqueArray(fc.tuple(claimKey, cborItems), { maxLength: 3, selector: ([key]) => key })
  .map((entries) => new Map<number | bigint | string, Uint8Array>(entries));

const metas: fc.Arbitrary<Meta> = fc
  .record(
    {
      issuer: fc.constantFrom('https://issuer.example', 'urn:uuid:1', 'did:web:issuer.example'),
      subject: fc.string({ unit: 'grapheme', maxLength: 12 }),
      audience: fc.string({ maxLength: 8 }),
      expiresAt: fc.integer({ min: NOW + 1, max: 2 ** 40 }),
      notBefore: fc.integer({ min: -5, max: NOW }),
      issuedAt: fc.integer({ min: 0, max: NOW }),
      cwtId: fc.uint8Array({ maxLength: 8 }),
      unknown: unknownClaims,
    },
    { requiredKeys: ['issuer'], noNullPrototype: true },
  )
  .map(({ unknown: more, ...meta }) =>
    more === undefined || more.size === 0 ? meta : { ...meta, unknown: more },
  );

/** Numbers without a meaning, and fields nobody knows, among those that have one. */
const strange: fc.Arbitrary<Identity> = fc
  .tuple(
    identities,
    unknown,
    fc.record(
      { gender: fc.integer(), maritalStatus: fc.integer({ min: -9, max: 300 }), photoFormat: fc.nat() },
      { requiredKeys: [], noNullPrototype: true },
    ),
    fc.option(
      fc.record(
        { data: fc.uint8Array(), format: fc.integer({ min: -3, max: 300 }), subFormat: fc.integer() },
        { noNullPrototype: true },
      ),
      {
        nil: undefined,
      },
    ),
  )
  .map(([identity, more, codes, sample]) => ({
    ...identity,
    ...codes,
    ...(sample && { voice: [sample] }),
    ...(more.size > 0 && { unknown: more }),
  }));

/** In the order that the encoding has: what is compared is a map, and not how it was made. */
function sorted<T extends { readonly unknown?: ReadonlyMap<unknown, Uint8Array> }>(given: T): T {
  if (given.unknown === undefined) return given;
  const names = [...given.unknown].map(
    ([key, value]) => [String(key), Buffer.from(value).toString('hex')] as const,
  );
  return { ...given, unknown: Object.fromEntries(names.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** A profile holds times of whole seconds only, and the others fractions as well. */
const PROFILES: readonly (readonly [Profile, object])[] = profiles.map((profile) => [profile, { profile }]);

for (const [profile, options] of PROFILES) {
  test(`${profile}: every identity, known or not, and every claim come out as they went in`, async (t) => {
    const { signer, trust } = await issuerFor(t);
    await fc.assert(
      fc.asyncProperty(strange, metas, async (identity, meta) => {
        const { text } = await encode(identity, meta, { signer, ...options, compression: 'fast' });
        const decoded = await decode(text, { trust, at: AT, ...options });
        assert.deepEqual(sorted(decoded.identity), sorted(identity));
        assert.deepEqual(sorted(decoded.meta), sorted(meta));
        assert.equal(decoded.isVerified(), true);
      }),
      runs(150),
    );
  });
}

test('encrypted for whomever, they come out as they went in', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const keys = [
    await freshKey(t, 'A256GCM'),
    await freshKey(t, 'A128KW'),
    await freshKey(t, 'ECDH-ES+A128KW', { curve: 'X25519' }),
  ] as const;
  await fc.assert(
    fc.asyncProperty(strange, fc.constantFrom(...keys), async (identity, key) => {
      const meta = { issuer: 'https://issuer.example' };
      const { text } = await encode(identity, meta, { signer, encryptTo: key, compression: 'fast' });
      const decoded = await decode(text, { trust, at: AT, decryptWith: keys });
      assert.deepEqual(sorted(decoded.identity), sorted(identity));
    }),
    runs(60),
  );
});

test('what is not understood goes through decoding and encoding byte for byte, in any encoding', async () => {
  const labels = fc.oneof(freeLabel, fc.constantFrom(...fields.map(({ label }) => label)));
  const maps = fc.uniqueArray(fc.tuple(labels, cborItems), { maxLength: 8, selector: ([label]) => label });
  await fc.assert(
    fc.asyncProperty(maps, async (entries) => {
      const given = new Map<CborValue, CborValue>(
        entries.map(([label, item]) => [label, new CborEncoded(item)]),
      );
      const { identity, warnings } = decodeIdentity(encodeCbor(given));
      const map = written(identity, warnings);
      if (map === undefined) return;
      assert.deepEqual([...map.keys()].sort(byNumber), [...given.keys()].sort(byNumber), 'no label is lost');
      for (const [label, item] of entries) {
        if (identity.unknown?.has(label)) {
          assert.deepEqual(identity.unknown.get(label), item);
          assert.ok(
            warnings.some(({ path }) => isOf(path, label)),
            `nothing is said of ${label}`,
          );
        }
      }
      // Read once more it is the same, with the same to be said of it.
      const again = decodeIdentity(encodeCbor(map));
      assert.deepEqual(again.identity, identity);
      assert.deepEqual(again.warnings.filter(isOfContent), warnings.filter(isOfContent));
    }),
    runs(1500),
  );
});

/** Text that is not of its field's form is read with a warning; most of it is not written again. */
function written(identity: Identity, warnings: readonly Warning[]): Map<CborValue, CborValue> | undefined {
  const malformed = warnings.filter(({ code }) => code === 'value-form' || code === 'date');
  try {
    return encodeIdentity(identity).map;
  } catch (error) {
    assert.ok(isFailure(error, 'ARGUMENT_INVALID'), String(error));
    assert.ok(
      malformed.some(({ path }) => path === error.details.field),
      error.details.field,
    );
    return undefined;
  }
}

const byNumber = (a: unknown, b: unknown): number => Number(a) - Number(b);
const isOfContent = ({ code }: { readonly code: string }): boolean => code !== 'other-encoding';

/** Whether a warning is about a label. */
function isOf(path: string, label: number): boolean {
  const name = fields.find((field) => field.label === label)?.name ?? String(label);
  return path === `identity.${name}` || path.startsWith(`identity.${name}.`);
}

test('private fields of every type come out as they went in, beside what is not known', async (t) => {
  const issuer = await issuerFor(t);
  const { signer, trust } = issuer;
  const privateFields = createPrivateFields([
    { key: 24, name: 'text', type: privateType.text },
    { key: 49, name: 'integer', type: privateType.integer },
    { key: 66, name: 'flag', type: privateType.flag },
    { key: 74, name: 'bytes', type: privateType.bytes },
    { key: 99, name: 'list', type: privateType.list(privateType.list(privateType.integer)) },
  ]);
  const values = fc.record(
    {
      text: fc.string({ unit: 'grapheme' }),
      integer: fc.maxSafeInteger(),
      flag: fc.boolean(),
      bytes: fc.uint8Array(),
      list: fc.array(fc.array(fc.maxSafeInteger(), { maxLength: 3 }), { maxLength: 3 }),
    },
    { requiredKeys: [], noNullPrototype: true },
  );
  await fc.assert(
    fc.asyncProperty(identities, values, cborItems, async (identity, own, item) => {
      const given = {
        ...identity,
        unknown: new Map([[25, item]]),
        ...(Object.keys(own).length > 0 && { private: own }),
      };
      const meta = { issuer: 'https://issuer.example' };
      const { text } = await encode(given, meta, { signer, privateFields, compression: 'fast' });
      const decoded = await decode(text, { trust, at: AT, privateFields });
      assert.deepEqual(sorted(decoded.identity), sorted(given));
      const json = JSON.parse(JSON.stringify(identityToJson(decoded.identity, privateFields)));
      assert.deepEqual(sorted(identityFromJson(json, privateFields)), sorted(given));
    }),
    runs(100),
  );
});

test('identities go through JSON and come out as they went in', () => {
  fc.assert(
    fc.property(strange, (identity) => {
      const json: unknown = JSON.parse(JSON.stringify(identityToJson(identity)));
      assert.deepEqual(sorted(identityFromJson(json)), sorted(identity));
    }),
    runs(300),
  );
});

test('whatever an issuer signs in the place of the identity is read or refused by its code', async (t) => {
  const issuer = await issuerFor(t);
  const options = { trust: issuer.trust, at: AT };
  await fc.assert(
    fc.asyncProperty(cborItems, async (item) => {
      const text = await signedText(issuer, new CborEncoded(item));
      const [strict, lenient] = await Promise.all([
        outcome(decode(text, { ...options, strict: true })),
        outcome(decode(text, options)),
      ]);
      assert.ok(strict === 'read' ? lenient === 'read' : strict === 'MALFORMED', `${strict}, ${lenient}`);
      assert.ok(['read', 'MALFORMED'].includes(lenient), lenient);
    }),
    runs(300),
  );
});

async function outcome(decoding: Promise<unknown>): Promise<string> {
  try {
    await decoding;
    return 'read';
  } catch (error) {
    return (error as { readonly code?: string }).code ?? String(error);
  }
}
