/**
 * Public keys as COSE_Key (RFC 9052 §7, RFC 9053 §7, RFC 8230 §4, RFC 9964). They are read in another file:
 * every public key can write itself, and few are read so.
 *
 * @module
 */
import { encodeCbor } from '../encoding/cbor/encode.ts';
import type { CborValue } from '../encoding/cbor/value.ts';
import { algorithm, type Curve } from './algorithms.ts';
import { decodeRsaKey } from './rsa-key.ts';
import type { KeyParts } from './spki.ts';

/** Label of the type of a key. */
export const KTY = 1;
/** Label of its algorithm. */
export const ALG = 3;

/** IANA "COSE Key Types". */
export const KEY_TYPES = { OKP: 1, EC2: 2, RSA: 3, AKP: 7 } as const;

/** IANA "COSE Elliptic Curves". */
export const COSE_CURVES: readonly (readonly [number, Curve])[] = [
  [1, 'P-256'],
  [2, 'P-384'],
  [3, 'P-521'],
  [4, 'X25519'],
  [5, 'X448'],
  [6, 'Ed25519'],
  [7, 'Ed448'],
  [8, 'secp256k1'],
];

/** Deterministic CBOR of a public key. */
export function encodeCoseKey(key: KeyParts): Uint8Array<ArrayBuffer> {
  return encodeCbor(new Map<CborValue, CborValue>(parameters(key)));
}

function parameters({ keyType, curve, parameterSet, raw }: KeyParts): [number, CborValue][] {
  if (keyType === 'RSA') {
    const { modulus, exponent } = decodeRsaKey(raw);
    return [
      [KTY, KEY_TYPES.RSA],
      [-1, modulus],
      [-2, exponent],
    ];
  }
  if (keyType === 'AKP')
    return [
      [KTY, KEY_TYPES.AKP],
      [ALG, algorithm(parameterSet ?? '').cose],
      [-1, raw],
    ];
  const crv = COSE_CURVES.find(([, name]) => name === curve)?.[0];
  if (keyType === 'OKP')
    return [
      [KTY, KEY_TYPES.OKP],
      [-1, crv],
      [-2, raw],
    ];
  const half = (raw.length - 1) / 2;
  return [
    [KTY, KEY_TYPES.EC2],
    [-1, crv],
    [-2, raw.subarray(1, 1 + half)],
    [-3, raw.subarray(1 + half)],
  ];
}
