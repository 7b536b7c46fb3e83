// cborg, which is written by others, as the witness. Where it says otherwise on purpose, this file says why.
import { deepStrictEqual, match, ok, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { type DecodeOptions, decode, encode, rfc8949EncodeOptions, type TagDecoder, Tagged } from 'cborg';
import fc from 'fast-check';
import {
  CborFloat,
  type CborMap,
  CborSimple,
  CborTag,
  type CborValue,
  decodeCbor,
  encodeCbor,
} from '../../../src/encoding/cbor/index.ts';
import { decodeHex, encodeHex } from '../../../src/encoding/hex.ts';
import { isFailure } from '../../../src/errors.ts';
import { damaged, integers, looseEncodings, texts, values } from './arbitrary.ts';

// cborg wants a function for every tag it may meet.
const anyTag = new Proxy<Record<number, TagDecoder>>(
  {},
  {
    get: (_, tag) => (content: () => unknown) =>
      new CborTag(integer(BigInt(String(tag))), content() as CborValue),
  },
);
const LOOSE: DecodeOptions = { useMaps: true, rejectDuplicateMapKeys: true, tags: anyTag };
const STRICT: DecodeOptions = { ...LOOSE, strict: true };

test('what we write, cborg reads, and calls strict', () => {
  fc.assert(
    fc.property(values, (value) => {
      fc.pre(isKnownToCborg(value));
      deepStrictEqual(plain(decode(encodeCbor(value), STRICT) as CborValue), plain(value));
    }),
    { numRuns: 2000 },
  );
});

test('what cborg reads of any valid encoding, we read', () => {
  fc.assert(
    fc.property(looseEncodings, ({ value, bytes }) => {
      deepStrictEqual(decodeCbor(bytes), value, 'the generator and the reader');
      fc.pre(isKnownToCborg(value) && !hasChunks(bytes));
      deepStrictEqual(plain(decode(bytes, LOOSE) as CborValue), plain(value));
    }),
    { numRuns: 3000 },
  );
});

test('what cborg writes in RFC 8949 order is what we write', () => {
  const keys = fc.oneof(integers, texts, fc.boolean());
  const scalars = fc.oneof(
    keys,
    fc.double(),
    fc.constantFrom(null, undefined),
    fc.uint8Array({ maxLength: 300 }),
  );
  const trees = fc.letrec<{ tree: CborValue }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      scalars,
      fc.array(tie('tree'), { maxLength: 30 }),
      fc
        .uniqueArray(fc.tuple(keys, tie('tree')), { maxLength: 30, selector: ([key]) => key })
        .map((all) => new Map(all)),
      fc.tuple(fc.nat(), tie('tree')).map(([tag, value]) => new CborTag(tag, value)),
    ),
  })).tree;
  fc.assert(
    fc.property(trees, (tree) => {
      fc.pre(!hasNegativeZero(tree));
      deepStrictEqual(encodeCbor(tree), Uint8Array.from(encode(forCborg(tree), rfc8949EncodeOptions)));
    }),
    { numRuns: 2000 },
  );
});

test('of damaged input both say the same, but for what cborg does not check or does not know', () => {
  const seen = { both: 0, neither: 0, excused: 0 };
  fc.assert(
    fc.property(damaged, (bytes) => {
      const ours = verdict(() => decodeCbor(bytes));
      const theirs = verdict(() => decode(bytes, LOOSE) as CborValue);
      if (ours.error === undefined && theirs.error === undefined) {
        seen.both++;
        deepStrictEqual(plain(theirs.value), plain(ours.value));
      } else if (ours.error === undefined) {
        seen.excused++;
        match(theirs.error ?? '', UNKNOWN);
      } else if (theirs.error === undefined) {
        seen.excused++;
        match(ours.error, UNCHECKED);
      } else seen.neither++;
    }),
    { numRuns: 5000 },
  );
  // The comparison compared something.
  for (const count of Object.values(seen)) ok(count > 50, JSON.stringify(seen));
});

test('an input is deterministic exactly when it is what we write of what it says', () => {
  const seen = { same: 0, other: 0 };
  fc.assert(
    fc.property(fc.oneof(damaged, values.map(encodeCbor)), (bytes) => {
      const read = verdict(() => decodeCbor(bytes));
      const strict = verdict(() => decodeCbor(bytes, { deterministic: true }));
      if (read.error !== undefined) return ok(strict.error !== undefined, 'strict reads more than loose');
      const same = Buffer.from(encodeCbor(read.value)).equals(bytes);
      seen[same ? 'same' : 'other']++;
      strictEqual(strict.error === undefined, same);
      if (same) deepStrictEqual(strict.value, read.value);
    }),
    { numRuns: 5000 },
  );
  for (const count of Object.values(seen)) ok(count > 50, JSON.stringify(seen));
});

test('what docs/decisions/002 says of cborg is so', () => {
  const read = (hex: string): unknown => decode(decodeHex(hex), STRICT);
  strictEqual(read('62c328'), '\ufffd(');
  strictEqual((read('a2410101410102') as Map<unknown, unknown>).size, 2);
  strictEqual((read('a202000100') as Map<unknown, unknown>).size, 2);
  strictEqual(read('fb3ff0000000000000'), 1);
  strictEqual(typeof (read('bf00ffff') as Map<unknown, unknown>).get(0), 'symbol');
  throws(() => read('5f41004100ff'), /not supported/);
  throws(() => read('f0'), /not supported/);
  throws(() => read('a20100f93c0000'), /repeat map key/);
  throws(() => read(`${'81'.repeat(20_000)}00`), RangeError);
  strictEqual(encodeHex(encode(-0, rfc8949EncodeOptions)), '00');
  strictEqual(encodeHex(encode('\ud800', rfc8949EncodeOptions)), '63efbfbd');
  strictEqual(
    encodeHex(
      encode(
        new Map<unknown, number>([
          [1, 2],
          [1n, 1],
        ]),
        rfc8949EncodeOptions,
      ),
    ),
    'a201020101',
  );
  throws(
    () =>
      encode(
        new Map([
          [[1], 1],
          [[2], 2],
        ]),
        rfc8949EncodeOptions,
      ),
    /complex key/,
  );
});

/**
 * We refuse: cborg puts U+FFFD for bad UTF-8, compares byte-string keys by identity, does not count
 * depth, and gives a symbol where a map ends after a key.
 */
const UNCHECKED = /not UTF-8|there twice|nested too deep|a break with nothing to end/;
/** cborg refuses: strings in chunks, simple values, and 1 beside 1.0 as keys, which are two (RFC 8949 §5.6.1). */
const UNKNOWN = /indefinite length bytes|simple values are not supported|repeat map key|64-bit integer/;

interface Verdict {
  readonly value: CborValue;
  /** Why there is no value. */
  readonly error?: string;
}

function verdict(read: () => CborValue): Verdict {
  try {
    return { value: read() };
  } catch (error) {
    ok(error instanceof Error);
    // cborg's own failures all begin so; a TypeError of either would be a bug of it.
    ok(isFailure(error, 'MALFORMED') || error.message.startsWith('CBOR decode error'), error.stack);
    return { value: undefined, error: error.message };
  }
}

/** cborg gives numbers for both 1 and 1.0. */
function plain(value: CborValue): CborValue {
  if (value instanceof CborFloat) return value.value;
  if (value instanceof CborTag) return new CborTag(value.tag, plain(value.value));
  if (value instanceof Map)
    return new Map([...(value as CborMap)].map(([key, item]) => [plain(key), plain(item)]));
  return Array.isArray(value) ? value.map(plain) : value;
}

function forCborg(value: CborValue): unknown {
  if (value instanceof CborTag) return new Tagged(Number(value.tag), forCborg(value.value));
  if (value instanceof Map)
    return new Map([...(value as CborMap)].map(([key, item]) => [key, forCborg(item)]));
  return Array.isArray(value) ? value.map(forCborg) : value;
}

function some(value: CborValue, test: (item: CborValue) => boolean): boolean {
  if (test(value)) return true;
  if (value instanceof CborTag) return some(value.value, test);
  if (value instanceof Map)
    return [...(value as CborMap)].some(([key, item]) => some(key, test) || some(item, test));
  return Array.isArray(value) && value.some((item) => some(item, test));
}

function isKnownToCborg(value: CborValue): boolean {
  return !some(value, (item) => item instanceof CborSimple);
}

/** cborg writes −0 as the integer 0. */
function hasNegativeZero(value: CborValue): boolean {
  return some(value, (item) => Object.is(item, -0));
}

function hasChunks(bytes: Uint8Array): boolean {
  return bytes.includes(0x5f) || bytes.includes(0x7f);
}

function integer(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
