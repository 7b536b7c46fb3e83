/**
 * What CBOR (RFC 8949) says, in JavaScript.
 *
 * @module
 */

/** A tagged item (major type 6). */
export class CborTag {
  /** A bigint where a number is not safe. */
  readonly tag: number | bigint;
  readonly value: CborValue;

  constructor(tag: number | bigint, value: CborValue) {
    this.tag = tag;
    this.value = value;
  }
}

/** A simple value other than false, true, null and undefined (RFC 8949 §3.3). */
export class CborSimple {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** One item, already encoded: the writer copies it as it is, and does not look whether it is one. */
export class CborEncoded {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** A floating-point number, also where its value is whole: the writer never turns it into an integer. */
export class CborFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** A map. Keys of two kinds are never equal: 1 is not "1". */
export type CborMap = ReadonlyMap<CborValue, CborValue>;

/**
 * Any item. An integer is a number where that is safe (`Number.isSafeInteger`) and a bigint
 * elsewhere. The reader gives floating-point numbers as {@link CborFloat}, so that 1.0 and 1 stay
 * apart; the writer also takes them plain, and makes an integer of a whole one.
 */
export type CborValue =
  | number
  | bigint
  | string
  | boolean
  | null
  | undefined
  | Uint8Array
  | CborFloat
  | CborTag
  | CborSimple
  | CborEncoded
  | readonly CborValue[]
  | CborMap;
