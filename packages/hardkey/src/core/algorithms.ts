/**
 * The algorithm registry. {@link Algorithms} maps each identifier to the operation it performs;
 * {@link algorithm} holds the facts. Both are exhaustive over the same names, so that the compiler
 * finds the row that was forgotten. Nothing below this table enumerates algorithm names.
 *
 * @module
 */
import { Failure } from '../errors.ts';
import type { Aead, KeyAgreement, KeyWrapper, Mac, Signer } from './operations.ts';

/** What a key can be used for, by algorithm. Identifiers are the IANA JOSE names where there is one. */
export interface Algorithms {
  Ed25519: Signer;
  Ed448: Signer;
  ES256: Signer;
  ES384: Signer;
  ES512: Signer;
  ES256K: Signer;
  PS256: Signer;
  PS384: Signer;
  PS512: Signer;
  RS256: Signer;
  RS384: Signer;
  RS512: Signer;
  'ML-DSA-44': Signer;
  'ML-DSA-65': Signer;
  'ML-DSA-87': Signer;
  A128GCM: Aead;
  A192GCM: Aead;
  A256GCM: Aead;
  'ChaCha20-Poly1305': Aead;
  A128KW: KeyWrapper;
  A192KW: KeyWrapper;
  A256KW: KeyWrapper;
  A128KWP: KeyWrapper;
  A192KWP: KeyWrapper;
  A256KWP: KeyWrapper;
  'RSA-OAEP-256': KeyWrapper;
  /** A service's own wrapping. Its output is opaque and only that service opens it. */
  service: KeyWrapper;
  'ECDH-ES+A128KW': KeyAgreement;
  'ECDH-ES+A192KW': KeyAgreement;
  'ECDH-ES+A256KW': KeyAgreement;
  HS256: Mac;
  HS384: Mac;
  HS512: Mac;
}

/** The name of an algorithm. */
export type Algorithm = keyof Algorithms;

/** The algorithms that perform operation `O`. */
export type AlgorithmFor<O> = { [A in Algorithm]: Algorithms[A] extends O ? A : never }[Algorithm];

/** The algorithms that sign. */
export type SignatureAlgorithm =
  | 'Ed25519'
  | 'Ed448'
  | `ES${256 | 384 | 512}`
  | 'ES256K'
  | `${'RS' | 'PS'}${256 | 384 | 512}`
  | `ML-DSA-${44 | 65 | 87}`;

/** The algorithms that encrypt with associated data. */
export type AeadAlgorithm = `A${128 | 192 | 256}GCM` | 'ChaCha20-Poly1305';

/** The algorithms that wrap content keys. */
export type WrapAlgorithm = `A${128 | 192 | 256}${'KW' | 'KWP'}` | 'RSA-OAEP-256' | 'service';

/** The algorithms that authenticate with a shared key. */
export type MacAlgorithm = `HS${256 | 384 | 512}`;

/** The algorithms that agree on a secret. */
export type AgreementAlgorithm = `ECDH-ES+A${128 | 192 | 256}KW`;

/** Which operation an algorithm performs. */
export type OperationKind = 'sign' | 'aead' | 'wrap' | 'mac' | 'agree';

/** Key types, by their JOSE name (RFC 7518 §6.1, RFC 8037, RFC 9964). `service` keys have none. */
export type KeyType = 'OKP' | 'EC' | 'RSA' | 'AKP' | 'oct' | 'none';

/** Curves, by their JOSE name. */
export type Curve = 'P-256' | 'P-384' | 'P-521' | 'secp256k1' | 'Ed25519' | 'Ed448' | 'X25519' | 'X448';

/** Hashes, by their WebCrypto name. */
export type Hash = 'SHA-256' | 'SHA-384' | 'SHA-512';

/** The facts of one algorithm: everything the formats and providers need, and nothing twice. */
export interface AlgorithmFacts {
  readonly name: Algorithm;
  readonly operation: OperationKind;
  /** The COSE identifier that is written. None is registered for RFC 7518 names COSE does not know. */
  readonly cose?: number;
  /** The COSE identifiers that are read, {@link cose} among them. */
  readonly coseAccepted: readonly number[];
  /** The JOSE name that is written. */
  readonly jose?: string;
  /** The JOSE names that are read. */
  readonly joseAccepted: readonly string[];
  readonly keyType: KeyType;
  /** The curves a key may have. Signatures have one each, though RFC 9053 §2.1 lets curves mix. */
  readonly curves: readonly Curve[];
  /** What a message is hashed with, where that is a step of its own. */
  readonly hash?: Hash;
  /** RSASSA-PSS rather than PKCS #1 v1.5 (RFC 8017 §8). The salt is as long as the hash. */
  readonly pss?: true;
  /** AES-KWP (RFC 5649) rather than AES-KW (RFC 3394): it wraps any number of bytes but none. */
  readonly padded?: true;
  /** Signature length in bytes, where the algorithm fixes it. */
  readonly signatureLength?: number;
  /** Key length in bits: of a symmetric key exactly, of an RSA modulus at least. */
  readonly keyBits?: number;
}

type Row = Omit<AlgorithmFacts, 'name' | 'coseAccepted' | 'joseAccepted' | 'curves'> & {
  readonly coseAlso?: readonly number[];
  readonly joseAlso?: readonly string[];
  readonly curves?: readonly Curve[];
};

const AGREEMENT_CURVES: readonly Curve[] = ['P-256', 'P-384', 'P-521', 'X25519', 'X448'];

// COSE identifiers: IANA "COSE Algorithms"; RFC 9053, RFC 8812, RFC 9864 (fully specified), RFC 9964 (ML-DSA).
const ROWS: Readonly<Record<Algorithm, Row>> = {
  Ed25519: {
    operation: 'sign',
    cose: -8,
    coseAlso: [-19],
    jose: 'EdDSA',
    joseAlso: ['Ed25519'],
    keyType: 'OKP',
    curves: ['Ed25519'],
    signatureLength: 64,
  },
  Ed448: {
    operation: 'sign',
    cose: -53,
    coseAlso: [-8],
    jose: 'Ed448',
    joseAlso: ['EdDSA'],
    keyType: 'OKP',
    curves: ['Ed448'],
    signatureLength: 114,
  },
  ES256: {
    operation: 'sign',
    cose: -7,
    coseAlso: [-9],
    jose: 'ES256',
    keyType: 'EC',
    curves: ['P-256'],
    hash: 'SHA-256',
    signatureLength: 64,
  },
  ES384: {
    operation: 'sign',
    cose: -35,
    coseAlso: [-51],
    jose: 'ES384',
    keyType: 'EC',
    curves: ['P-384'],
    hash: 'SHA-384',
    signatureLength: 96,
  },
  ES512: {
    operation: 'sign',
    cose: -36,
    coseAlso: [-52],
    jose: 'ES512',
    keyType: 'EC',
    curves: ['P-521'],
    hash: 'SHA-512',
    signatureLength: 132,
  },
  ES256K: {
    operation: 'sign',
    cose: -47,
    jose: 'ES256K',
    keyType: 'EC',
    curves: ['secp256k1'],
    hash: 'SHA-256',
    signatureLength: 64,
  },
  PS256: {
    operation: 'sign',
    cose: -37,
    jose: 'PS256',
    keyType: 'RSA',
    hash: 'SHA-256',
    pss: true,
    keyBits: 2048,
  },
  PS384: {
    operation: 'sign',
    cose: -38,
    jose: 'PS384',
    keyType: 'RSA',
    hash: 'SHA-384',
    pss: true,
    keyBits: 2048,
  },
  PS512: {
    operation: 'sign',
    cose: -39,
    jose: 'PS512',
    keyType: 'RSA',
    hash: 'SHA-512',
    pss: true,
    keyBits: 2048,
  },
  RS256: { operation: 'sign', cose: -257, jose: 'RS256', keyType: 'RSA', hash: 'SHA-256', keyBits: 2048 },
  RS384: { operation: 'sign', cose: -258, jose: 'RS384', keyType: 'RSA', hash: 'SHA-384', keyBits: 2048 },
  RS512: { operation: 'sign', cose: -259, jose: 'RS512', keyType: 'RSA', hash: 'SHA-512', keyBits: 2048 },
  'ML-DSA-44': { operation: 'sign', cose: -48, jose: 'ML-DSA-44', keyType: 'AKP', signatureLength: 2420 },
  'ML-DSA-65': { operation: 'sign', cose: -49, jose: 'ML-DSA-65', keyType: 'AKP', signatureLength: 3309 },
  'ML-DSA-87': { operation: 'sign', cose: -50, jose: 'ML-DSA-87', keyType: 'AKP', signatureLength: 4627 },
  A128GCM: { operation: 'aead', cose: 1, jose: 'A128GCM', keyType: 'oct', keyBits: 128 },
  A192GCM: { operation: 'aead', cose: 2, jose: 'A192GCM', keyType: 'oct', keyBits: 192 },
  A256GCM: { operation: 'aead', cose: 3, jose: 'A256GCM', keyType: 'oct', keyBits: 256 },
  'ChaCha20-Poly1305': { operation: 'aead', cose: 24, keyType: 'oct', keyBits: 256 },
  A128KW: { operation: 'wrap', cose: -3, jose: 'A128KW', keyType: 'oct', keyBits: 128 },
  A192KW: { operation: 'wrap', cose: -4, jose: 'A192KW', keyType: 'oct', keyBits: 192 },
  A256KW: { operation: 'wrap', cose: -5, jose: 'A256KW', keyType: 'oct', keyBits: 256 },
  A128KWP: { operation: 'wrap', keyType: 'oct', keyBits: 128, padded: true },
  A192KWP: { operation: 'wrap', keyType: 'oct', keyBits: 192, padded: true },
  A256KWP: { operation: 'wrap', keyType: 'oct', keyBits: 256, padded: true },
  'RSA-OAEP-256': {
    operation: 'wrap',
    cose: -41,
    jose: 'RSA-OAEP-256',
    keyType: 'RSA',
    hash: 'SHA-256',
    keyBits: 2048,
  },
  service: { operation: 'wrap', keyType: 'none' },
  'ECDH-ES+A128KW': {
    operation: 'agree',
    cose: -29,
    jose: 'ECDH-ES+A128KW',
    keyType: 'EC',
    curves: AGREEMENT_CURVES,
  },
  'ECDH-ES+A192KW': {
    operation: 'agree',
    cose: -30,
    jose: 'ECDH-ES+A192KW',
    keyType: 'EC',
    curves: AGREEMENT_CURVES,
  },
  'ECDH-ES+A256KW': {
    operation: 'agree',
    cose: -31,
    jose: 'ECDH-ES+A256KW',
    keyType: 'EC',
    curves: AGREEMENT_CURVES,
  },
  HS256: { operation: 'mac', cose: 5, jose: 'HS256', keyType: 'oct', hash: 'SHA-256', keyBits: 256 },
  HS384: { operation: 'mac', cose: 6, jose: 'HS384', keyType: 'oct', hash: 'SHA-384', keyBits: 384 },
  HS512: { operation: 'mac', cose: 7, jose: 'HS512', keyType: 'oct', hash: 'SHA-512', keyBits: 512 },
};

const FACTS = Object.fromEntries(
  Object.entries(ROWS).map(([name, row]) => [name, facts(name as Algorithm, row)]),
) as Readonly<Record<Algorithm, AlgorithmFacts>>;

/** Every algorithm, in the order of the table. */
export const algorithms: readonly AlgorithmFacts[] = Object.values(FACTS);

const BY_COSE = Object.fromEntries(
  algorithms.map(({ operation }) => [operation, rowsByCose(operation)]),
) as Readonly<Record<OperationKind, ReadonlyMap<number, readonly AlgorithmFacts[]>>>;
const NONE: readonly AlgorithmFacts[] = [];

/** Whether text names an algorithm of this registry. */
export function isAlgorithm(name: string): name is Algorithm {
  // An object in the place of the name would be asked for its text.
  return typeof name === 'string' && Object.hasOwn(FACTS, name);
}

/** Whether text names a signature algorithm of this registry. */
export function isSignatureAlgorithm(name: string): name is SignatureAlgorithm {
  return isAlgorithm(name) && FACTS[name].operation === 'sign';
}

/** The facts of an algorithm. Throws `UNSUPPORTED` for a name this registry does not hold. */
export function algorithm(name: string): AlgorithmFacts {
  if (isAlgorithm(name)) return FACTS[name];
  throw new Failure('UNSUPPORTED', 'unknown algorithm', typeof name === 'string' ? { algorithm: name } : {});
}

/** The rows that read a COSE identifier, for an operation: -8 is Ed25519 and Ed448 (RFC 9053 §2.2). */
export function algorithmsOfCose(id: number, operation: OperationKind): readonly AlgorithmFacts[] {
  return BY_COSE[operation].get(id) ?? NONE;
}

/** The rows that read a JOSE name: `EdDSA` is Ed25519 and Ed448 (RFC 8037 §3.1). */
export function algorithmsOfJose(name: string): readonly AlgorithmFacts[] {
  return algorithms.filter((row) => row.joseAccepted.includes(name));
}

/** Every identifier that is read, to its rows. */
function rowsByCose(operation: OperationKind): ReadonlyMap<number, readonly AlgorithmFacts[]> {
  const rows = algorithms.filter((row) => row.operation === operation);
  const ids = new Set(rows.flatMap((row) => row.coseAccepted));
  return new Map([...ids].map((id) => [id, rows.filter((row) => row.coseAccepted.includes(id))]));
}

/** Which of the rows that share a name made a signature: those of the two EdDSA differ in length. */
export function algorithmOfSignature(
  rows: readonly AlgorithmFacts[],
  signature: Uint8Array,
): AlgorithmFacts | undefined {
  return rows.find(({ signatureLength }) => signatureLength === signature.length) ?? rows[0];
}

function facts(name: Algorithm, row: Row): AlgorithmFacts {
  const { coseAlso = [], joseAlso = [], curves = [], ...rest } = row;
  return Object.freeze({
    ...rest,
    name,
    curves,
    coseAccepted: row.cose === undefined ? [] : [row.cose, ...coseAlso],
    joseAccepted: row.jose === undefined ? [] : [row.jose, ...joseAlso],
  });
}

/** How long a hash is, in bytes. */
export function hashLength(hash: Hash): number {
  return Number(hash.slice(4)) / 8;
}
