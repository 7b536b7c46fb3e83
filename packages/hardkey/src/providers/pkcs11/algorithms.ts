/**
 * Our algorithms in the words of PKCS #11: mechanisms, kinds of keys, and what a key may be used for.
 *
 * @module
 */
import {
  type Algorithm,
  type AlgorithmFacts,
  algorithms,
  type Curve,
  type Hash,
} from '../../core/algorithms.ts';
import { derOid } from '../../encoding/der.ts';
import { encodeHex } from '../../encoding/hex.ts';
import { CKA, CKK } from './attributes.ts';
import type { Mechanism, MechanismInfo } from './wire.ts';

/** CKM_…, PKCS #11 3.0 Current Mechanisms. */
export const CKM = {
  RSA_PKCS_KEY_PAIR_GEN: 0x0,
  RSA_PKCS: 0x1,
  RSA_PKCS_OAEP: 0x9,
  RSA_PKCS_PSS: 0xd,
  SHA256_RSA_PKCS: 0x40,
  SHA384_RSA_PKCS: 0x41,
  SHA512_RSA_PKCS: 0x42,
  SHA256_RSA_PKCS_PSS: 0x43,
  SHA384_RSA_PKCS_PSS: 0x44,
  SHA512_RSA_PKCS_PSS: 0x45,
  SHA256: 0x250,
  SHA256_HMAC: 0x251,
  SHA384: 0x260,
  SHA384_HMAC: 0x261,
  SHA512: 0x270,
  SHA512_HMAC: 0x271,
  GENERIC_SECRET_KEY_GEN: 0x350,
  EC_KEY_PAIR_GEN: 0x1040,
  ECDSA: 0x1041,
  ECDSA_SHA256: 0x1044,
  ECDSA_SHA384: 0x1045,
  ECDSA_SHA512: 0x1046,
  ECDH1_DERIVE: 0x1050,
  EC_EDWARDS_KEY_PAIR_GEN: 0x1055,
  EC_MONTGOMERY_KEY_PAIR_GEN: 0x1056,
  EDDSA: 0x1057,
  AES_KEY_GEN: 0x1080,
  AES_GCM: 0x1087,
  AES_KEY_WRAP: 0x2109,
  // Not CKM_AES_KEY_WRAP_PAD, 0x210a, which is something else on every token.
  AES_KEY_WRAP_KWP: 0x210b,
} as const;

/** CKF_… of mechanisms. */
const CKF = {
  ENCRYPT: 0x100,
  DECRYPT: 0x200,
  SIGN: 0x800,
  WRAP: 0x20000,
  UNWRAP: 0x40000,
  DERIVE: 0x80000,
} as const;

/** What a key is for: what it must be allowed, and what its mechanism must be able to do. */
export interface Use {
  /** Of the private or secret key. */
  readonly attributes: readonly number[];
  /** Of the public key, where there is one. */
  readonly publicAttributes: readonly number[];
  readonly flags: number;
}

const SIGNS: Use = { attributes: [CKA.SIGN], publicAttributes: [CKA.VERIFY], flags: CKF.SIGN };
const CODES: Use = { attributes: [CKA.SIGN, CKA.VERIFY], publicAttributes: [], flags: CKF.SIGN };
const ENCRYPTS: Use = {
  attributes: [CKA.ENCRYPT, CKA.DECRYPT],
  publicAttributes: [],
  flags: CKF.ENCRYPT | CKF.DECRYPT,
};
const WRAPS: Use = {
  attributes: [CKA.WRAP, CKA.UNWRAP],
  publicAttributes: [],
  flags: CKF.WRAP | CKF.UNWRAP,
};
/** Whoever has the public key wraps; the token opens. */
const OPENS: Use = { attributes: [CKA.DECRYPT], publicAttributes: [CKA.ENCRYPT], flags: CKF.DECRYPT };
const AGREES: Use = { attributes: [CKA.DERIVE], publicAttributes: [], flags: CKF.DERIVE };

/** One algorithm. */
export interface Row {
  readonly use: Use;
  /** The mechanism that takes what the caller has: a message, a plaintext. */
  readonly whole: number;
  /** The one that takes the hash of it, which is computed here. Preferred: less is sent, and more tokens have it. */
  readonly digest?: number;
}

const ROWS: Readonly<Partial<Record<Algorithm, Row>>> = {
  Ed25519: { use: SIGNS, whole: CKM.EDDSA },
  Ed448: { use: SIGNS, whole: CKM.EDDSA },
  ES256: { use: SIGNS, whole: CKM.ECDSA_SHA256, digest: CKM.ECDSA },
  ES384: { use: SIGNS, whole: CKM.ECDSA_SHA384, digest: CKM.ECDSA },
  ES512: { use: SIGNS, whole: CKM.ECDSA_SHA512, digest: CKM.ECDSA },
  ES256K: { use: SIGNS, whole: CKM.ECDSA_SHA256, digest: CKM.ECDSA },
  PS256: { use: SIGNS, whole: CKM.SHA256_RSA_PKCS_PSS, digest: CKM.RSA_PKCS_PSS },
  PS384: { use: SIGNS, whole: CKM.SHA384_RSA_PKCS_PSS, digest: CKM.RSA_PKCS_PSS },
  PS512: { use: SIGNS, whole: CKM.SHA512_RSA_PKCS_PSS, digest: CKM.RSA_PKCS_PSS },
  RS256: { use: SIGNS, whole: CKM.SHA256_RSA_PKCS, digest: CKM.RSA_PKCS },
  RS384: { use: SIGNS, whole: CKM.SHA384_RSA_PKCS, digest: CKM.RSA_PKCS },
  RS512: { use: SIGNS, whole: CKM.SHA512_RSA_PKCS, digest: CKM.RSA_PKCS },
  A128GCM: { use: ENCRYPTS, whole: CKM.AES_GCM },
  A192GCM: { use: ENCRYPTS, whole: CKM.AES_GCM },
  A256GCM: { use: ENCRYPTS, whole: CKM.AES_GCM },
  A128KW: { use: WRAPS, whole: CKM.AES_KEY_WRAP },
  A192KW: { use: WRAPS, whole: CKM.AES_KEY_WRAP },
  A256KW: { use: WRAPS, whole: CKM.AES_KEY_WRAP },
  A128KWP: { use: WRAPS, whole: CKM.AES_KEY_WRAP_KWP },
  A192KWP: { use: WRAPS, whole: CKM.AES_KEY_WRAP_KWP },
  A256KWP: { use: WRAPS, whole: CKM.AES_KEY_WRAP_KWP },
  'RSA-OAEP-256': { use: OPENS, whole: CKM.RSA_PKCS_OAEP },
  'ECDH-ES+A128KW': { use: AGREES, whole: CKM.ECDH1_DERIVE },
  'ECDH-ES+A192KW': { use: AGREES, whole: CKM.ECDH1_DERIVE },
  'ECDH-ES+A256KW': { use: AGREES, whole: CKM.ECDH1_DERIVE },
  HS256: { use: CODES, whole: CKM.SHA256_HMAC },
  HS384: { use: CODES, whole: CKM.SHA384_HMAC },
  HS512: { use: CODES, whole: CKM.SHA512_HMAC },
};

/** The row of an algorithm, undefined for one that PKCS #11 does not have, or no token has. */
export function rowOf(name: Algorithm): Row | undefined {
  return ROWS[name];
}

/** The mechanisms of a token, with their CKF_…. */
export type Mechanisms = ReadonlyMap<number, number>;

/** Mechanisms by type. */
export function mechanismsOf(infos: readonly MechanismInfo[]): Mechanisms {
  return new Map(infos);
}

/** What is known of a key when it is asked what it can do. */
export interface Allowed {
  /** The algorithms its type, curve and length allow. */
  readonly fitting: readonly AlgorithmFacts[];
  /** Whether an attribute that permits a use is set. */
  readonly isSet: (attribute: number) => boolean;
  /** CKA_ALLOWED_MECHANISMS; empty where there is no restriction. */
  readonly mechanisms: readonly number[];
}

/** The algorithms that a key can be used with, most preferred first. */
export function algorithmsOf(allowed: Allowed, mechanisms: Mechanisms): readonly Algorithm[] {
  return allowed.fitting.flatMap(({ name }) => {
    const row = ROWS[name];
    if (row === undefined || !row.use.attributes.every(allowed.isSet)) return [];
    if (mechanismFor(row, mechanisms) === undefined) return [];
    return isAllowed(row, allowed.mechanisms) ? [name] : [];
  });
}

/** The mechanism to use, preferring the one that takes a hash; undefined where the token has neither. */
export function mechanismFor({ use, whole, digest }: Row, mechanisms: Mechanisms): number | undefined {
  return [digest, whole].find(
    (type) => type !== undefined && ((mechanisms.get(type) ?? 0) & use.flags) === use.flags,
  );
}

/**
 * What CKA_ALLOWED_MECHANISMS says of an algorithm. A mechanism that takes any hash is the means of
 * those named beside it; alone, it allows them all.
 */
function isAllowed({ whole, digest }: Row, named: readonly number[]): boolean {
  if (named.length === 0 || named.includes(whole)) return true;
  if (digest === undefined || !named.includes(digest)) return false;
  return !Object.values(ROWS).some((row) => row.digest === digest && named.includes(row.whole));
}

/** What CKA_ALLOWED_MECHANISMS of a new key is, where its type alone would allow other algorithms, too. */
export function restriction(name: Algorithm): readonly number[] {
  const row = ROWS[name];
  const alone = name.startsWith('ES') || name.startsWith('Ed') || row?.use === AGREES;
  if (row === undefined || alone) return [];
  return row.digest === undefined ? [row.whole] : [row.digest, row.whole];
}

const HASHES: Readonly<Record<Hash, { readonly type: number; readonly mgf: number }>> = {
  'SHA-256': { type: CKM.SHA256, mgf: 2 },
  'SHA-384': { type: CKM.SHA384, mgf: 3 },
  'SHA-512': { type: CKM.SHA512, mgf: 4 },
};

/** A mechanism for an algorithm, with the parameters that depend on nothing but the algorithm. */
export function mechanism(type: number, { hash, pss, keyType }: AlgorithmFacts): Mechanism {
  if (hash === undefined || keyType !== 'RSA') return { type };
  const { type: hashType, mgf } = HASHES[hash];
  if (pss) return { type, rsa: { hash: hashType, mgf, saltLength: Number(hash.slice(4)) / 8 } };
  return type === CKM.RSA_PKCS_OAEP ? { type, rsa: { hash: hashType, mgf } } : { type };
}

/** How a key of a kind is made, and what it is called. */
export interface Making {
  readonly generate: number;
  readonly keyType: number;
}

/** The kinds of elliptic curves, and what the token calls them. */
export interface CurveRow extends Making {
  readonly curve: Curve;
  readonly oid: string;
  /** The PrintableString of PKCS #11 3.0, which some tokens want in place of the object identifier. */
  readonly name?: string;
}

const EC: Making = { generate: CKM.EC_KEY_PAIR_GEN, keyType: CKK.EC };
const EDWARDS: Making = { generate: CKM.EC_EDWARDS_KEY_PAIR_GEN, keyType: CKK.EC_EDWARDS };
const MONTGOMERY: Making = { generate: CKM.EC_MONTGOMERY_KEY_PAIR_GEN, keyType: CKK.EC_MONTGOMERY };

const CURVES: readonly CurveRow[] = [
  { ...EC, curve: 'P-256', oid: '1.2.840.10045.3.1.7' },
  { ...EC, curve: 'P-384', oid: '1.3.132.0.34' },
  { ...EC, curve: 'P-521', oid: '1.3.132.0.35' },
  { ...EC, curve: 'secp256k1', oid: '1.3.132.0.10' },
  { ...EDWARDS, curve: 'Ed25519', oid: '1.3.101.112', name: 'edwards25519' },
  { ...EDWARDS, curve: 'Ed448', oid: '1.3.101.113', name: 'edwards448' },
  { ...MONTGOMERY, curve: 'X25519', oid: '1.3.101.110', name: 'curve25519' },
  { ...MONTGOMERY, curve: 'X448', oid: '1.3.101.111', name: 'curve448' },
];

const PRINTABLE_STRING = 0x13;

/** CKA_EC_PARAMS of a curve, in hexadecimal: the object identifier, then the name. */
export function curveParameters({ oid, name }: CurveRow): readonly string[] {
  const identifier = encodeHex(derOid(oid));
  if (name === undefined) return [identifier];
  const text = [...name].map((character) => character.charCodeAt(0));
  return [identifier, encodeHex(Uint8Array.of(PRINTABLE_STRING, text.length, ...text))];
}

/** The row of a curve by its name. */
export function curveRow(curve: Curve): CurveRow | undefined {
  return CURVES.find((row) => row.curve === curve);
}

/** The row of a curve by its CKA_EC_PARAMS, in hexadecimal. */
export function curveOf(parameters: string): CurveRow | undefined {
  return CURVES.find((row) => curveParameters(row).includes(parameters));
}

/** Symmetric algorithms that a key of so many bits, and of this CKK_…, fits. */
export function symmetricFitting(keyType: number | undefined, bits: number): readonly AlgorithmFacts[] {
  return algorithms.filter(({ name, keyType: kind, operation, keyBits = 0 }) => {
    const row = ROWS[name];
    if (kind !== 'oct' || row === undefined) return false;
    if (operation !== 'mac') return keyType === CKK.AES && bits === keyBits;
    const own = HMAC_TYPES[name];
    return bits >= keyBits && (keyType === CKK.GENERIC_SECRET || keyType === own);
  });
}

const HMAC_TYPES: Readonly<Partial<Record<Algorithm, number>>> = {
  HS256: CKK.SHA256_HMAC,
  HS384: CKK.SHA384_HMAC,
  HS512: CKK.SHA512_HMAC,
};
