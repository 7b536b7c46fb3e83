/**
 * CBOR: what is read can be written, what is deterministic is what is written, and entries stand where
 * they say.
 *
 * @module
 */
import { equalBytes } from '../../packages/hardkey/src/encoding/bytes.ts';
import {
  CborFloat,
  CborTag,
  type CborValue,
  decodeCbor,
  decodeCborEntries,
  encodeCbor,
} from '../../packages/hardkey/src/encoding/cbor/index.ts';
import { isFailure } from '../../packages/hardkey/src/errors.ts';
import { promised, type Target } from '../target.ts';

const NESTED: CborValue = new Map<CborValue, CborValue>([
  [1, 'https://example.org'],
  [-2, [true, false, null, undefined, new CborFloat(1.5)]],
  ['text', new Map<CborValue, CborValue>([[[1, 2], 'ü']])],
  [Uint8Array.of(1), encodeCbor(new Map([[1, -7]]))],
  [2n ** 63n, new CborTag(18, [new Uint8Array(30), 'a'.repeat(70)])],
]);

/** See the module. */
export const cbor: Target = {
  name: 'cbor',
  allowed: ['MALFORMED'],
  seeds: () => [
    encodeCbor(NESTED),
    encodeCbor([0, 23, 24, 256, 65_536, 2 ** 32, -1, -(2 ** 40), 1.1, new CborFloat(1e300)]),
    // Indefinite lengths, chunks, long heads: what the writer does not write.
    Uint8Array.of(
      0x9f,
      0xbf,
      0x61,
      0x61,
      0x5f,
      0x42,
      1,
      2,
      0x41,
      3,
      0xff,
      0xff,
      0x7f,
      0x61,
      0x62,
      0xff,
      0x18,
      1,
      0xff,
    ),
  ],
  run(input) {
    const value = decodeCbor(input);
    const written = encodeCbor(value);
    promised(
      equalBytes(encodeCbor(decodeCbor(written, { deterministic: true })), written),
      'what is written is read',
    );
    promised(isDeterministic(input) === equalBytes(input, written), 'deterministic is what is written');
    if (value instanceof Map) checkPlaces(input, value);
    return written.length;
  },
};

function isDeterministic(input: Uint8Array): boolean {
  try {
    decodeCbor(input, { deterministic: true });
    return true;
  } catch (error) {
    if (isFailure(error, 'MALFORMED')) return false;
    throw error;
  }
}

function checkPlaces(input: Uint8Array, map: ReadonlyMap<CborValue, CborValue>): void {
  const entries = decodeCborEntries(input);
  promised(entries.length === map.size, 'as many entries as the map has');
  for (const { value, start, end } of entries) {
    const again = encodeCbor(decodeCbor(input.subarray(start, end)));
    promised(equalBytes(again, encodeCbor(value)), 'an entry stands where it says');
  }
}
