/**
 * The cryptography that sessions and credentials need. It is passed in: nothing of it is made here.
 *
 * @module
 */
import type { TpmCurve, TpmHash } from './identifiers.ts';
import type { EccPoint } from './public-area.ts';

/** What a runtime must offer. Byte strings that are given in several parts are taken one after the other. */
export interface TpmCrypto {
  readonly hash: (hash: TpmHash, ...parts: readonly Uint8Array[]) => Uint8Array;
  readonly hmac: (hash: TpmHash, key: Uint8Array, ...parts: readonly Uint8Array[]) => Uint8Array;
  /** AES in CFB mode with a shift of the whole block; the key has 16 or 32 bytes. */
  readonly aesCfb: (
    direction: 'encrypt' | 'decrypt',
    key: Uint8Array,
    iv: Uint8Array,
    data: Uint8Array,
  ) => Uint8Array;
  readonly randomBytes: (length: number) => Uint8Array;
  /** Whether secrets are equal, in a time that does not tell where they differ. */
  readonly isEqual: (a: Uint8Array, b: Uint8Array) => boolean;
  /** An ephemeral key, and the x of the point it shares with `peer`. Coordinates have their full width. */
  readonly ecdh: (curve: TpmCurve, peer: EccPoint) => { readonly point: EccPoint; readonly z: Uint8Array };
  /** RSAES-OAEP with the label as it is given, and MGF1 with the same hash. */
  readonly rsaOaep: (
    key: { readonly modulus: Uint8Array; readonly exponent: number },
    hash: TpmHash,
    label: Uint8Array,
    message: Uint8Array,
  ) => Uint8Array;
}
