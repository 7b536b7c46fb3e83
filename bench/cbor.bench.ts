/**
 * Our CBOR against cborg, on what a Claim 169 verification reads and an issuance writes.
 *
 * @module
 */
import { deepStrictEqual } from 'node:assert/strict';
import {
  type DecodeOptions,
  decode,
  encode,
  rfc8949EncodeOptions,
  Tagged,
  Tokenizer,
  tokensToObject,
} from 'cborg';
import {
  type CborMap,
  type CborValue,
  decodeCbor,
  decodeCborEntries,
  encodeCbor,
} from '../packages/hardkey/src/encoding/cbor/index.ts';
import { CborTag } from '../packages/hardkey/src/encoding/cbor/value.ts';
import type { Question } from './runner.ts';

// 21 fields, as a card of a national identity system has them.
const IDENTITY: CborMap = new Map<CborValue, CborValue>([
  [1, '3918592438'],
  [2, '1.0'],
  [3, 'eng'],
  [4, 'Janardhan Bangalore Srinivas'],
  [5, 'Janardhan'],
  [6, 'Bangalore'],
  [7, 'Srinivas'],
  [8, '19840418'],
  [9, 1],
  [10, 'New House, Near Metro Line\nBengaluru, KA'],
  [11, 'janardhan@example.com'],
  [12, '+919876543210'],
  [13, 'IN'],
  [14, 2],
  [15, '849503857'],
  [18, [1, 6]],
  [19, 'Janardhan'],
  [20, 'hin'],
  [21, '849VCWC8+R9'],
  [22, 'Refugee'],
  [23, 'IN'],
]);
const CLAIMS: CborMap = new Map<CborValue, CborValue>([
  [1, 'https://id.example.org'],
  [2, '3918592438'],
  [4, 1_900_000_000],
  [5, 1_700_000_000],
  [6, 1_700_000_000],
  [169, IDENTITY],
]);
const HEADER: CborMap = new Map<CborValue, CborValue>([
  [1, -7],
  [4, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)],
]);
const SIGNATURE = new Uint8Array(64).fill(0xa5);

const STRICT: DecodeOptions = {
  useMaps: true,
  rejectDuplicateMapKeys: true,
  strict: true,
  tags: { 18: (content) => content() },
};

/** The questions of this program. */
export function questions(): readonly Question[] {
  const cose = writeOurs();
  deepStrictEqual(writeCborg(), cose);
  deepStrictEqual(readOurs(cose), readCborg(cose));
  deepStrictEqual(readPlaces(cose), readCborgPlaces(cose));
  return [
    {
      name: `Claim 169: decode COSE_Sign1, protected header and payload, ${cose.length} bytes`,
      baseline: 'cborg decode',
      candidates: [
        { name: 'cborg decode', run: () => readCborg(cose) },
        { name: 'cborg tokens, none of them kept', run: () => tokens(cose) },
        { name: 'cborg, claims with their places', run: () => readCborgPlaces(cose) },
        { name: 'ours', run: () => readOurs(cose) },
        { name: 'ours, deterministic only', run: () => readOurs(cose, { deterministic: true }) },
        { name: 'ours, claims with their places', run: () => readPlaces(cose) },
      ],
    },
    {
      name: 'Claim 169: encode the same',
      baseline: 'cborg encode, its own key order',
      candidates: [
        { name: 'cborg encode, its own key order', run: () => writeCborg() },
        { name: 'cborg encode, RFC 8949 key order', run: () => writeCborg(rfc8949EncodeOptions) },
        { name: 'ours', run: () => writeOurs() },
      ],
    },
  ];
}

function writeOurs(): Uint8Array {
  return encodeCbor(new CborTag(18, [encodeCbor(HEADER), new Map(), encodeCbor(CLAIMS), SIGNATURE]));
}

function writeCborg(options: typeof rfc8949EncodeOptions = {}): Uint8Array {
  const parts = [encode(HEADER, options), new Map(), encode(CLAIMS, options), SIGNATURE];
  return encode(new Tagged(18, parts), options);
}

function readOurs(cose: Uint8Array, limits?: { deterministic: boolean }): unknown {
  const { tag, value } = decodeCbor(cose, limits) as CborTag;
  const [header, , payload, signature] = value as readonly Uint8Array[];
  if (tag !== 18 || header === undefined || payload === undefined) throw new Error('not COSE_Sign1');
  return [decodeCbor(header, limits), decodeCbor(payload, limits), signature];
}

function readPlaces(cose: Uint8Array): unknown {
  const [header, , payload] = (decodeCbor(cose) as CborTag).value as readonly Uint8Array[];
  if (header === undefined || payload === undefined) throw new Error('not COSE_Sign1');
  return [decodeCbor(header), decodeCborEntries(payload)];
}

function readCborg(cose: Uint8Array): unknown {
  const [header, , payload, signature] = decode(cose, STRICT) as readonly Uint8Array[];
  if (header === undefined || payload === undefined) throw new Error('not COSE_Sign1');
  return [decode(header, STRICT), decode(payload, STRICT), signature];
}

/** Places are to be had from cborg's tokeniser, entry by entry. Duplicate keys are then ours to find. */
function readCborgPlaces(cose: Uint8Array): unknown {
  const [header, , payload] = decode(cose, STRICT) as readonly Uint8Array[];
  if (header === undefined || payload === undefined) throw new Error('not COSE_Sign1');
  const claims = new Tokenizer(payload, STRICT);
  const keys = new Set<unknown>();
  const entries: unknown[] = [];
  const count = Number(claims.next().value);
  for (let i = 0; i < count; i++) {
    const key = tokensToObject(claims, STRICT) as unknown;
    const start = claims.pos();
    const value = tokensToObject(claims, STRICT) as unknown;
    entries.push({ key, value, start, end: claims.pos() });
    keys.add(key);
  }
  if (keys.size !== count || !claims.done()) throw new Error('a key twice, or bytes after the end');
  return [decode(header, STRICT), entries];
}

/** The least that anything built on cborg's tokeniser costs: it gives offsets, and nothing is done with them. */
function tokens(cose: Uint8Array): number {
  const outer = new Tokenizer(cose, STRICT);
  let last = 0;
  while (!outer.done()) {
    const { value } = outer.next();
    if (!(value instanceof Uint8Array) || value.length === SIGNATURE.length) continue;
    const inner = new Tokenizer(value, STRICT);
    while (!inner.done()) inner.next();
    last = inner.pos();
  }
  return last;
}
