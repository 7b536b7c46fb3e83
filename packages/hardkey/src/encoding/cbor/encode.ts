/**
 * Writes CBOR in the core deterministic form (RFC 8949 §4.2.1): shortest heads, definite lengths,
 * map keys in bytewise order of their encodings.
 *
 * @module
 */
import { Failure } from '../../errors.ts';
import { compareBytes, utf8 } from '../bytes.ts';
import { CborEncoded, CborFloat, CborSimple, CborTag, type CborValue } from './value.ts';

/** The bytes of one item. Throws `ARGUMENT_INVALID` for a value CBOR has no form for. */
export function encodeCbor(value: CborValue): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  write(writer, value);
  return writer.bytes();
}

/** The head of a byte string of `length`, for streaming what follows it. */
export function byteStringHead(length: number): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  writer.head(2, length);
  return writer.bytes();
}

function write(out: Writer, value: CborValue): void {
  if (typeof value === 'number') return writeNumber(out, value);
  if (typeof value === 'string') return out.text(value);
  if (value instanceof Uint8Array) {
    out.head(2, value.length);
    return out.raw(value);
  }
  if (value instanceof Map) return writeMap(out, value);
  if (Array.isArray(value)) {
    out.head(4, value.length);
    for (const item of value) write(out, item);
    return;
  }
  writeRare(out, value);
}

function writeNumber(out: Writer, value: number): void {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) return out.float(value);
  if (value >= 0) return out.head(0, value);
  out.head(1, -1 - value);
}

function writeRare(out: Writer, value: CborValue): void {
  if (value === false) return out.head(7, 20);
  if (value === true) return out.head(7, 21);
  if (value === null) return out.head(7, 22);
  if (value === undefined) return out.head(7, 23);
  if (typeof value === 'bigint') return writeBigint(out, value);
  if (value instanceof CborEncoded) return out.raw(value.bytes);
  if (value instanceof CborFloat) return out.float(value.value);
  if (value instanceof CborTag) {
    out.head(6, value.tag);
    return write(out, value.value);
  }
  if (value instanceof CborSimple) return out.simple(value.value);
  throw new Failure('ARGUMENT_INVALID', 'CBOR has no form for this value', { field: 'cbor' });
}

function writeBigint(out: Writer, value: bigint): void {
  const magnitude = value >= 0n ? value : -1n - value;
  if (magnitude > 0xffff_ffff_ffff_ffffn) {
    throw new Failure('ARGUMENT_INVALID', 'the integer does not fit in 64 bits', { field: 'cbor' });
  }
  out.head(value >= 0n ? 0 : 1, magnitude);
}

function writeMap(out: Writer, map: ReadonlyMap<CborValue, CborValue>): void {
  out.head(5, map.size);
  const entries = [...map].map(([key, value]) => ({ key: encodeCbor(key), value }));
  entries.sort((a, b) => compareBytes(a.key, b.key));
  let previous: Uint8Array | undefined;
  for (const { key, value } of entries) {
    if (previous !== undefined && compareBytes(previous, key) === 0) {
      throw new Failure('ARGUMENT_INVALID', 'a map key is there twice', { field: 'cbor' });
    }
    out.raw(key);
    write(out, value);
    previous = key;
  }
}

/** A growing buffer with the head of RFC 8949 §3. */
class Writer {
  #buffer = new Uint8Array(256);
  #view = new DataView(this.#buffer.buffer);
  #length = 0;

  bytes(): Uint8Array<ArrayBuffer> {
    return this.#buffer.slice(0, this.#length);
  }

  head(major: number, argument: number | bigint): void {
    const at = this.#room(9);
    const type = major << 5;
    if (argument < 24) return this.#head(at, type | Number(argument), 1);
    if (argument < 0x100) {
      this.#buffer[at + 1] = Number(argument);
      return this.#head(at, type | 24, 2);
    }
    if (argument < 0x1_0000) {
      this.#view.setUint16(at + 1, Number(argument));
      return this.#head(at, type | 25, 3);
    }
    if (argument < 0x1_0000_0000) {
      this.#view.setUint32(at + 1, Number(argument));
      return this.#head(at, type | 26, 5);
    }
    this.#view.setBigUint64(at + 1, BigInt(argument));
    this.#head(at, type | 27, 9);
  }

  raw(bytes: Uint8Array): void {
    const at = this.#room(bytes.length);
    this.#buffer.set(bytes, at);
    this.#length += bytes.length;
  }

  text(value: string): void {
    if (/[^\x00-\x7f]/.test(value) || value.length > 64) {
      if (!value.isWellFormed()) {
        throw new Failure('ARGUMENT_INVALID', 'the text holds half a surrogate pair', { field: 'cbor' });
      }
      const bytes = utf8(value);
      this.head(3, bytes.length);
      return this.raw(bytes);
    }
    this.head(3, value.length);
    const at = this.#room(value.length);
    for (let i = 0; i < value.length; i++) this.#buffer[at + i] = value.charCodeAt(i);
    this.#length += value.length;
  }

  simple(value: number): void {
    // RFC 8949 §3.3: 24 to 31 are not simple values.
    if (!Number.isInteger(value) || value < 0 || value > 255 || (value > 23 && value < 32)) {
      throw new Failure('ARGUMENT_INVALID', 'no such simple value', { field: 'cbor' });
    }
    this.head(7, value);
  }

  /** The shortest of half, single and double precision that keeps the value. */
  float(value: number): void {
    const at = this.#room(9);
    const half = toHalf(value);
    if (half !== undefined) {
      this.#view.setUint16(at + 1, half);
      return this.#head(at, 0xf9, 3);
    }
    if (Math.fround(value) === value) {
      this.#view.setFloat32(at + 1, value);
      return this.#head(at, 0xfa, 5);
    }
    this.#view.setFloat64(at + 1, value);
    this.#head(at, 0xfb, 9);
  }

  #head(at: number, first: number, length: number): void {
    this.#buffer[at] = first;
    this.#length += length;
  }

  #room(length: number): number {
    if (this.#length + length > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(2 * this.#buffer.length, this.#length + length));
      grown.set(this.#buffer);
      this.#buffer = grown;
      this.#view = new DataView(grown.buffer);
    }
    return this.#length;
  }
}

/** The 16 bits of a number that half precision holds exactly. */
function toHalf(value: number): number | undefined {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size === Number.POSITIVE_INFINITY) return sign | 0x7c00;
  if (size === 0) return sign;
  if (size < 2 ** -14) {
    const steps = size / 2 ** -24;
    return Number.isInteger(steps) ? sign | steps : undefined;
  }
  const exponent = Math.floor(Math.log2(size));
  const fraction = (size / 2 ** exponent - 1) * 1024;
  if (exponent > 15 || !Number.isInteger(fraction)) return undefined;
  return sign | ((exponent + 15) << 10) | fraction;
}
