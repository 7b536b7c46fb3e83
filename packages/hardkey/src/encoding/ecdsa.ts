/**
 * ECDSA signatures: DER (RFC 3279 §2.2.3) ↔ fixed-width r‖s (RFC 9053 §2.1).
 *
 * @module
 */
import { Failure, invalid } from '../errors.ts';
import { DerReader } from './der.ts';

/**
 * r‖s of `length` bytes from DER. Throws `MALFORMED` unless the DER is the only encoding of two
 * integers that fit.
 */
export function ecdsaFromDer(signature: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  if (!(signature instanceof Uint8Array)) throw invalid('bytes are needed', 'signature');
  if (!Number.isInteger(length / 2) || length < 2 || length > LONGEST) {
    throw invalid('not the length of r and s', 'length');
  }
  const outer = new DerReader(signature, 'signature');
  const body = outer.enter();
  outer.end();
  const half = length / 2;
  const r = integer(body, half);
  const s = integer(body, half);
  body.end();
  const out = new Uint8Array(length);
  out.set(r, half - r.length);
  out.set(s, length - s.length);
  return out;
}

/** Bytes of the longest r‖s, that of P-521. */
const LONGEST = 132;

/**
 * DER from r‖s, whose length the caller has checked against its curve: any other than two halves of
 * a known curve at most is `ARGUMENT_INVALID`. Written without intermediate arrays: it runs once a verification, where the
 * runtime's own conversion costs 40 µs.
 */
export function ecdsaToDer(signature: Uint8Array): Uint8Array<ArrayBuffer> {
  if (!(signature instanceof Uint8Array)) throw invalid('bytes are needed', 'signature');
  if (signature.length === 0 || signature.length % 2 !== 0 || signature.length > LONGEST) {
    throw new Failure('ARGUMENT_INVALID', 'not r and s of one length', { field: 'signature' });
  }
  const half = signature.length / 2;
  const r = significant(signature, 0, half);
  const s = significant(signature, half, signature.length);
  const rLength = half - r.skip + r.sign;
  const sLength = half - s.skip + s.sign;
  const body = 4 + rLength + sLength;
  const head = body < 0x80 ? 2 : 3;
  const out = new Uint8Array(head + body);
  out[0] = 0x30;
  if (head === 3) out[1] = 0x81;
  out[head - 1] = body;
  out[head] = 0x02;
  out[head + 1] = rLength;
  copy(signature, r.skip, half, out, head + 2 + r.sign);
  const at = head + 2 + rLength;
  out[at] = 0x02;
  out[at + 1] = sLength;
  copy(signature, half + s.skip, signature.length, out, at + 2 + s.sign);
  return out;
}

/** Byte by byte: at this length two views and two calls take three times as long. */
function copy(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  for (let i = start; i < end; i++) to[at + i - start] = from[i] ?? 0;
}

function integer(body: DerReader, longest: number): Uint8Array {
  const { offset } = body;
  const magnitude = body.unsigned();
  if (magnitude.length <= longest) return magnitude;
  throw new Failure('MALFORMED', 'the signature is for a larger curve', { field: 'signature', offset });
}

/** How many leading zeros an integer has, and whether it needs a sign byte. */
function significant(bytes: Uint8Array, start: number, end: number): { skip: number; sign: number } {
  let at = start;
  while (at < end - 1 && bytes[at] === 0) at++;
  return { skip: at - start, sign: (bytes[at] ?? 0) >= 0x80 ? 1 : 0 };
}
