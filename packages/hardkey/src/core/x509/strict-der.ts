/**
 * DER all the way down. The ASN.1 library also reads BER, where one value has many encodings.
 *
 * @module
 */
import { DerReader } from '../../encoding/der.ts';
import { Failure } from '../../errors.ts';

const DEPTH = 16;

/**
 * Throws `MALFORMED` unless `bytes` are one element whose lengths, inner ones included, are definite,
 * minimal and add up. No certificate needs more nesting than is allowed, or tags above 30.
 */
export function checkDer(bytes: Uint8Array, field: string): void {
  const reader = new DerReader(bytes, field);
  checkElement(reader, DEPTH, field);
  reader.end();
}

function checkElement(reader: DerReader, depth: number, field: string): void {
  const { tag } = reader;
  if (depth === 0 || (tag & 0x1f) === 0x1f) {
    throw new Failure('MALFORMED', 'nested too deep, or not a tag of a certificate', { field });
  }
  // X.690 §8.1.2.5: the bit that says whether the contents are elements again.
  if ((tag & 0x20) === 0) {
    reader.read(tag);
    return;
  }
  const inside = reader.enter(tag);
  while (!inside.done) checkElement(inside, depth - 1, field);
}
