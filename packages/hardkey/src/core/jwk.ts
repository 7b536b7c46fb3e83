/**
 * Public keys as JSON Web Keys (RFC 7517, RFC 8037, RFC 9964).
 *
 * @module
 */
import { decodeBase64url, encodeBase64url } from '../encoding/base64.ts';
import { concat } from '../encoding/bytes.ts';
import { Failure } from '../errors.ts';
import type { Curve } from './algorithms.ts';
import { decodeRsaKey, encodeRsaKey } from './rsa-key.ts';
import { type KeyParts, rawLength } from './spki.ts';

/** The members of a JWK that name a public key: exactly those the RFC 7638 thumbprint is made of. */
export type PublicJwk = Readonly<Record<string, string>>;

/** The public members of a key. */
export function encodeJwk({ keyType, curve, parameterSet, raw }: KeyParts): PublicJwk {
  if (keyType === 'RSA') {
    const { modulus, exponent } = decodeRsaKey(raw);
    return { kty: 'RSA', n: encodeBase64url(modulus), e: encodeBase64url(exponent) };
  }
  if (keyType === 'AKP') return { kty: 'AKP', alg: parameterSet ?? '', pub: encodeBase64url(raw) };
  if (keyType === 'OKP') return { kty: 'OKP', crv: curve ?? '', x: encodeBase64url(raw) };
  const half = (raw.length - 1) / 2;
  const x = encodeBase64url(raw.subarray(1, 1 + half));
  return { kty: 'EC', crv: curve ?? '', x, y: encodeBase64url(raw.subarray(1 + half)) };
}

/** Reads the public members; private ones are ignored. Throws `MALFORMED`, field `jwk.<member>`. */
export function decodeJwk(jwk: Readonly<Record<string, unknown>>): KeyParts {
  switch (member(jwk, 'kty')) {
    case 'RSA':
      return { keyType: 'RSA', raw: encodeRsaKey({ modulus: bytes(jwk, 'n'), exponent: bytes(jwk, 'e') }) };
    case 'AKP':
      return { keyType: 'AKP', parameterSet: member(jwk, 'alg'), raw: bytes(jwk, 'pub') };
    case 'OKP':
      return { keyType: 'OKP', curve: member(jwk, 'crv') as Curve, raw: bytes(jwk, 'x') };
    case 'EC':
      return ecParts(jwk);
    default:
      throw new Failure('UNSUPPORTED', 'no public key of this type', { field: 'jwk.kty' });
  }
}

/** The text an RFC 7638 §3 thumbprint is the hash of. */
export function thumbprintText(jwk: PublicJwk): string {
  const names = Object.keys(jwk).sort();
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, jwk[name]])));
}

function ecParts(jwk: Readonly<Record<string, unknown>>): KeyParts {
  const curve = member(jwk, 'crv') as Curve;
  const half = (rawLength(curve) - 1) / 2;
  const [x, y] = [bytes(jwk, 'x'), bytes(jwk, 'y')];
  // RFC 7518 §6.2.1.2: full length, leading zeros included.
  if (half > 0 && (x.length !== half || y.length !== half)) {
    throw new Failure('MALFORMED', 'a coordinate has another length than its curve', { field: 'jwk.x' });
  }
  return { keyType: 'EC', curve, raw: concat(Uint8Array.of(4), x, y) };
}

function member(jwk: Readonly<Record<string, unknown>>, name: string): string {
  const value = jwk[name];
  if (typeof value === 'string') return value;
  throw new Failure('MALFORMED', 'a member is missing or not text', { field: `jwk.${name}` });
}

function bytes(jwk: Readonly<Record<string, unknown>>, name: string): Uint8Array {
  return decodeBase64url(member(jwk, name), `jwk.${name}`);
}
