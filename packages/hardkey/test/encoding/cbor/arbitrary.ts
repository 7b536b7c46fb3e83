// Arbitrary CBOR for property tests: values, and encodings of them that are valid but not ours.
import fc from 'fast-check';
import { concat } from '../../../src/encoding/bytes.ts';
import {
  CborFloat,
  CborSimple,
  CborTag,
  type CborValue,
  encodeCbor,
} from '../../../src/encoding/cbor/index.ts';

const MAXIMUM = 2n ** 64n - 1n;

/** Any integer CBOR has, as the reader gives it. */
export const integers: fc.Arbitrary<CborValue> = fc
  .oneof(
    fc.bigInt({ min: -1n - MAXIMUM, max: MAXIMUM }),
    fc.bigInt({ min: -300n, max: 300n }),
    fc.constantFrom(
      -1n - 2n ** 53n,
      -(2n ** 53n),
      1n - 2n ** 53n,
      2n ** 53n - 1n,
      2n ** 53n,
      2n ** 32n,
      2n ** 16n,
    ),
  )
  .map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value));

/** Text of any length class, any plane, no half surrogates. */
export const texts: fc.Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ minLength: 60, maxLength: 70 }),
);

const bytes = fc.uint8Array({ maxLength: 30 }).map((array) => Uint8Array.from(array));
const floats = fc.oneof(
  fc.double(),
  fc.float(),
  fc.constantFrom(-0, 65504, 65519, 2 ** -24, 2 ** -25, 2 ** -14),
);
const simples = fc.integer({ min: 0, max: 255 }).filter((value) => value < 20 || value > 31);
const keys = fc.oneof(integers, texts, bytes, fc.constantFrom(false, null));

/** Any value, nested as deep as the default limit allows or less. */
export const values: fc.Arbitrary<CborValue> = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    integers,
    texts,
    bytes,
    fc.constantFrom(true, false, null, undefined),
    floats.map((value) => new CborFloat(value)),
    simples.map((value) => new CborSimple(value)),
    fc.array(tie('value'), { maxLength: 5 }),
    fc
      .uniqueArray(fc.tuple(keys, tie('value')), {
        maxLength: 6,
        selector: ([key]) => encodeCbor(key).join(),
      })
      .map((entries) => new Map(entries)),
    fc
      .tuple(fc.bigInt({ min: 0n, max: MAXIMUM }), tie('value'))
      .map(([tag, value]) => new CborTag(safe(tag), value)),
  ),
})).value;

/** A value with an encoding of it: heads longer than they must be, indefinite lengths, keys in any order. */
export const looseEncodings: fc.Arbitrary<{ value: CborValue; bytes: Uint8Array }> = fc
  .tuple(values, fc.array(fc.nat(7), { minLength: 1, maxLength: 40 }))
  .map(([value, choices]) => ({ value, bytes: encodeLoosely(value, tape(choices)) }));

/** Encodings with a few bytes changed, lost or added: most are wrong, and many nearly right. */
export const damaged: fc.Arbitrary<Uint8Array> = fc
  .tuple(looseEncodings, fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.nat(2)), { maxLength: 3 }))
  .map(([{ bytes: encoding }, edits]) => {
    const out = [...encoding];
    for (const [at, byte, kind] of edits)
      out.splice(at % (out.length + 1), kind === 1 ? 0 : 1, ...(kind === 2 ? [] : [byte]));
    return Uint8Array.from(out);
  });

function safe(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function tape(choices: readonly number[]): () => number {
  let at = 0;
  return () => choices[at++ % choices.length] ?? 0;
}

function encodeLoosely(value: CborValue, choose: () => number): Uint8Array {
  if (typeof value === 'number' && value >= 0) return head(0, value, choose());
  if (typeof value === 'number') return head(1, -1 - value, choose());
  if (typeof value === 'bigint') return value < 0n ? head(1, -1n - value, 0) : head(0, value, 0);
  if (typeof value === 'string') return text(value, choose());
  if (value instanceof Uint8Array)
    return choose() === 7
      ? inTwo(2, value, value.length >> 1)
      : concat(head(2, value.length, choose()), value);
  if (value instanceof Map) return collection(5, [...value].reverse().flat(), choose);
  if (Array.isArray(value)) return collection(4, value, choose);
  if (value instanceof CborTag)
    return concat(head(6, value.tag, choose()), encodeLoosely(value.value, choose));
  return encodeCbor(value);
}

function collection(major: number, items: readonly CborValue[], choose: () => number): Uint8Array {
  const inside = concat(...items.map((item) => encodeLoosely(item, choose)));
  if (choose() === 7) return concat(Uint8Array.of((major << 5) | 31), inside, Uint8Array.of(0xff));
  return concat(head(major, major === 5 ? items.length / 2 : items.length, choose()), inside);
}

function text(value: string, choice: number): Uint8Array {
  const encoded = new TextEncoder().encode(value);
  // A chunk is text itself: it does not end inside a character.
  if (choice === 7) return inTwo(3, encoded, new TextEncoder().encode([...value].slice(1).join('')).length);
  return concat(head(3, encoded.length, choice), encoded);
}

function inTwo(major: number, all: Uint8Array, last: number): Uint8Array {
  const parts = [all.subarray(0, all.length - last), all.subarray(all.length - last)];
  const chunks = parts.flatMap((part) => [head(major, part.length, 0), part]);
  return concat(Uint8Array.of((major << 5) | 31), ...chunks, Uint8Array.of(0xff));
}

/** A head of `choice` steps above the shortest, where there are as many. */
function head(major: number, argument: number | bigint, choice: number): Uint8Array {
  const value = BigInt(argument);
  const least = value < 24n ? 0 : value < 2n ** 8n ? 1 : value < 2n ** 16n ? 2 : value < 2n ** 32n ? 3 : 4;
  const step = Math.min(4, least + (choice % 4));
  if (step === 0) return Uint8Array.of((major << 5) | Number(value));
  const out = new Uint8Array(1 + 2 ** (step - 1));
  out[0] = (major << 5) | (23 + step);
  for (let i = out.length - 1, left = value; i > 0; i--, left >>= 8n) out[i] = Number(left & 0xffn);
  return out;
}
