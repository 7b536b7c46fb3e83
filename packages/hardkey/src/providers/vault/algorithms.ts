/**
 * Types of Transit keys and our algorithms: one table.
 *
 * @module
 */
import type { Algorithm, AlgorithmFacts, Hash } from '../../core/algorithms.ts';
import { algorithms, hashLength } from '../../core/algorithms.ts';
import type { KeySpec } from '../../core/key.ts';
import type { KeyParts } from '../../core/spki.ts';
import { Failure } from '../../errors.ts';

/** How Transit shows a public key: as PEM, or as the bytes of the key in base64. */
export type PublicForm = 'pem' | Pick<KeyParts, 'keyType' | 'curve' | 'parameterSet'>;

/** A type of Transit keys. */
export interface TypeRow {
  /** What a key of the type does, most preferred first. */
  readonly algorithms: readonly Algorithm[];
  /** Absent for a secret key. */
  readonly publicForm?: PublicForm;
  /** Bytes of the nonce that begins a ciphertext. */
  readonly nonceLength?: number;
}

const RSA: TypeRow = {
  algorithms: ['PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512', 'RSA-OAEP-256'],
  publicForm: 'pem',
};

function dsa(parameterSet: 'ML-DSA-44' | 'ML-DSA-65' | 'ML-DSA-87'): TypeRow {
  return { algorithms: [parameterSet], publicForm: { keyType: 'AKP', parameterSet } };
}

// `service` is Transit's own encryption, whose output says the version it is of.
const TYPES: Readonly<Record<string, TypeRow>> = {
  ed25519: { algorithms: ['Ed25519'], publicForm: { keyType: 'OKP', curve: 'Ed25519' } },
  'ecdsa-p256': { algorithms: ['ES256'], publicForm: 'pem' },
  'ecdsa-p384': { algorithms: ['ES384'], publicForm: 'pem' },
  'ecdsa-p521': { algorithms: ['ES512'], publicForm: 'pem' },
  'rsa-2048': RSA,
  'rsa-3072': RSA,
  'rsa-4096': RSA,
  'mldsa-44': dsa('ML-DSA-44'),
  'mldsa-65': dsa('ML-DSA-65'),
  'mldsa-87': dsa('ML-DSA-87'),
  'aes128-gcm96': { algorithms: ['A128GCM', 'service'], nonceLength: 12 },
  'aes256-gcm96': { algorithms: ['A256GCM', 'service'], nonceLength: 12 },
  'chacha20-poly1305': { algorithms: ['ChaCha20-Poly1305', 'service'], nonceLength: 12 },
  'xchacha20-poly1305': { algorithms: ['service'], nonceLength: 24 },
  hmac: { algorithms: ['HS256', 'HS384', 'HS512'] },
};

/** The row of a type; undefined for one that nothing here can be done with. */
export function typeRow(type: string): TypeRow | undefined {
  return Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
}

/** What a key does. An HMAC key is at least as long as the hash (RFC 7518 §3.2). */
export function algorithmsOf(row: TypeRow, keySize: number | undefined): readonly Algorithm[] {
  if (keySize === undefined) return row.algorithms;
  return row.algorithms.filter((name) => {
    const hash = algorithms.find((facts) => facts.name === name)?.hash;
    return hash === undefined || keySize >= hashLength(hash);
  });
}

/** What Transit is asked to make. */
export interface NewKey {
  readonly type: string;
  /** Bytes of an HMAC key. */
  readonly key_size?: number;
}

const RSA_BITS = 3072;

/** The type of a new key. Throws `UNSUPPORTED` for an algorithm that Transit does not have. */
export function newKey({ bits = RSA_BITS }: Pick<KeySpec, 'bits'>, facts: AlgorithmFacts): NewKey {
  if (facts.keyType === 'RSA') return { type: `rsa-${bits}` };
  if (facts.operation === 'mac') return { type: 'hmac', key_size: (facts.keyBits ?? 0) / 8 };
  // AES-256 is the first that wraps, and what whoever asks for no cipher should have.
  if (facts.name === 'service') return { type: 'aes256-gcm96' };
  const found = Object.entries(TYPES).find(([, row]) => row.algorithms.includes(facts.name));
  if (found !== undefined) return { type: found[0] };
  throw new Failure('UNSUPPORTED', 'Transit has no keys for this', { algorithm: facts.name });
}

/** What Transit calls a hash. It takes sha2-256 for every curve unless told. */
export function hashName(hash: Hash): string {
  return `sha2-${hash.slice(4)}`;
}
