/**
 * Public keys as COSE_Key (RFC 9052 §7, RFC 9053 §7, RFC 8230 §4, RFC 9964).
 *
 * @module
 */
import { concat } from '../encoding/bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from '../encoding/cbor/index.ts';
import { Failure } from '../errors.ts';
import { algorithm, algorithms, type Curve } from './algorithms.ts';
import { decodeRsaKey, encodeRsaKey } from './rsa-key.ts';
import { type KeyParts, rawLength } from './spki.ts';

const KTY = 1;
const KID = 2;
const ALG = 3;
const [OKP, EC2, RSA, AKP] = [1, 2, 3, 7];

// IANA "COSE Elliptic Curves".
const CURVES: readonly (readonly [number, Curve])[] = [
  [1, 'P-256'],
  [2, 'P-384'],
  [3, 'P-521'],
  [4, 'X25519'],
  [5, 'X448'],
  [6, 'Ed25519'],
  [7, 'Ed448'],
  [8, 'secp256k1'],
];

/** A key read from COSE_Key, with the common parameters it carried. */
export interface CoseKey extends KeyParts {
  readonly keyId?: Uint8Array;
  /** COSE identifier of the only algorithm the key may be used with. */
  readonly algorithm?: number;
}

/** Deterministic CBOR of a public key. */
export function encodeCoseKey(key: KeyParts): Uint8Array<ArrayBuffer> {
  return encodeCbor(new Map<CborValue, CborValue>(parameters(key)));
}

/** Reads one COSE_Key; private parameters are ignored. Throws `MALFORMED`, field `coseKey`. */
export function decodeCoseKey(bytes: Uint8Array): CoseKey {
  return coseKeyOf(decodeCbor(bytes, { field: 'coseKey' }));
}

/** Reads a COSE_Key that is part of a larger item. */
export function coseKeyOf(value: CborValue): CoseKey {
  if (!(value instanceof Map)) throw malformed('a COSE_Key is a map');
  const keyId = value.get(KID);
  const algorithmId = value.get(ALG);
  if (keyId !== undefined && !(keyId instanceof Uint8Array)) throw malformed('kid is not a byte string');
  return {
    ...partsOf(value),
    ...(keyId === undefined ? {} : { keyId }),
    ...(typeof algorithmId === 'number' ? { algorithm: algorithmId } : {}),
  };
}

function parameters({ keyType, curve, parameterSet, raw }: KeyParts): [number, CborValue][] {
  if (keyType === 'RSA') {
    const { modulus, exponent } = decodeRsaKey(raw);
    return [
      [KTY, RSA],
      [-1, modulus],
      [-2, exponent],
    ];
  }
  if (keyType === 'AKP')
    return [
      [KTY, AKP],
      [ALG, algorithm(parameterSet ?? '').cose],
      [-1, raw],
    ];
  const crv = CURVES.find(([, name]) => name === curve)?.[0];
  if (keyType === 'OKP')
    return [
      [KTY, OKP],
      [-1, crv],
      [-2, raw],
    ];
  const half = (raw.length - 1) / 2;
  return [
    [KTY, EC2],
    [-1, crv],
    [-2, raw.subarray(1, 1 + half)],
    [-3, raw.subarray(1 + half)],
  ];
}

function partsOf(map: ReadonlyMap<CborValue, CborValue>): KeyParts {
  switch (map.get(KTY)) {
    case RSA:
      return { keyType: 'RSA', raw: encodeRsaKey({ modulus: bytes(map, -1), exponent: bytes(map, -2) }) };
    case AKP:
      return { keyType: 'AKP', parameterSet: parameterSetOf(map.get(ALG)), raw: bytes(map, -1) };
    case OKP:
      return { keyType: 'OKP', curve: curveOf(map), raw: bytes(map, -2) };
    case EC2:
      return ecParts(map);
    default:
      throw new Failure('UNSUPPORTED', 'no public key of this type', { field: 'coseKey.kty' });
  }
}

function ecParts(map: ReadonlyMap<CborValue, CborValue>): KeyParts {
  const curve = curveOf(map);
  const x = bytes(map, -2);
  const y = map.get(-3);
  if (x.length !== (rawLength(curve) - 1) / 2) throw malformed('x has another length than its curve');
  // RFC 9053 §7.1.1: y is a coordinate, or a boolean that gives its sign.
  if (typeof y === 'boolean') return { keyType: 'EC', curve, raw: concat(Uint8Array.of(y ? 3 : 2), x) };
  if (!(y instanceof Uint8Array) || y.length !== x.length)
    throw malformed('y is not a coordinate of its curve');
  return { keyType: 'EC', curve, raw: concat(Uint8Array.of(4), x, y) };
}

function curveOf(map: ReadonlyMap<CborValue, CborValue>): Curve {
  const found = CURVES.find(([id]) => id === map.get(-1));
  if (found === undefined) throw new Failure('UNSUPPORTED', 'unknown curve', { field: 'coseKey.crv' });
  return found[1];
}

function parameterSetOf(id: CborValue): string {
  const name = algorithms.find((row) => row.keyType === 'AKP' && row.cose === id)?.name;
  if (name === undefined) throw new Failure('UNSUPPORTED', 'unknown algorithm', { field: 'coseKey.alg' });
  return name;
}

function bytes(map: ReadonlyMap<CborValue, CborValue>, label: number): Uint8Array {
  const value = map.get(label);
  if (value instanceof Uint8Array) return value;
  throw malformed('a parameter is missing or not a byte string');
}

function malformed(message: string): Failure {
  return new Failure('MALFORMED', message, { field: 'coseKey' });
}
