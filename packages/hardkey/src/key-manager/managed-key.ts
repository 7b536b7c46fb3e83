/**
 * A key as the key manager shows it.
 *
 * @module
 */
import { isSignatureAlgorithm, type SignatureAlgorithm } from '../core/algorithms.ts';
import type { Custody, KeyInfo, KeyState } from '../core/key.ts';
import type { PublicKey } from '../core/public-key.ts';
import { Failure, invalid } from '../errors.ts';
import type { BackendKey } from './backends.ts';

/** A curve that pairs are generated on. */
export type PairCurve = 'P-256' | 'P-384' | 'P-521' | 'secp256k1' | 'Ed25519' | 'Ed448';

/** A new pair, of which only the public half is here. */
export interface KeyPair {
  readonly keyId: string;
  readonly publicKeyPem: string;
  /** Where the private half is. */
  readonly ref: string;
}

/** One row of a list. */
export interface ManagedKey {
  readonly id: string;
  readonly label?: string;
  /** `EC P-384`, `OKP Ed25519`, `RSA 3072`, `oct` for a symmetric key. */
  readonly type: string;
  readonly algorithms: readonly string[];
  readonly backend: string;
  readonly ref: string;
  /** `sha256:` and the SHA-256 of the public key's SPKI; absent for a symmetric key. */
  readonly fingerprint?: string;
  readonly custody: Custody;
  readonly state: KeyState;
  /** A later version has taken its place. */
  readonly superseded?: true;
}

const ALGORITHMS: Readonly<Record<PairCurve, SignatureAlgorithm>> = {
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
  secp256k1: 'ES256K',
  Ed25519: 'Ed25519',
  Ed448: 'Ed448',
};

/** What a pair on a curve signs with. Throws `ARGUMENT_INVALID` for a curve that no pairs are generated on. */
export function algorithmOf(curve: string): SignatureAlgorithm {
  if (Object.hasOwn(ALGORITHMS, curve)) return ALGORITHMS[curve as PairCurve];
  throw invalid(`the curve is one of ${Object.keys(ALGORITHMS).join(', ')}`, 'curve');
}

/** The row of a key. */
export function managedKey({ backend, info }: BackendKey): ManagedKey {
  const { id, label, algorithms, ref, custody, state, superseded, publicKey } = info;
  return Object.freeze({
    id,
    ...(label === undefined ? {} : { label }),
    type: publicKey === undefined ? 'oct' : typeOf(publicKey),
    algorithms,
    backend,
    ref: String(ref),
    ...(publicKey === undefined ? {} : { fingerprint: publicKey.fingerprint }),
    custody,
    state,
    ...(superseded === true ? { superseded } : {}),
  });
}

/** Whether a name is of this key alone: its id or its fingerprint. */
export function isNamed({ id, publicKey }: KeyInfo, name: string): boolean {
  return name === id || name.toLowerCase() === publicKey?.fingerprint;
}

/** The public half. Throws `UNSUPPORTED` for a symmetric key. */
export function publicKeyOf({ publicKey, ref }: KeyInfo): PublicKey {
  if (publicKey !== undefined) return publicKey;
  throw new Failure('UNSUPPORTED', 'the key has no public half', { ref: String(ref) });
}

/** What a key signs with, most preferred first. Throws `UNSUPPORTED` for a key that does not sign. */
export function signatureAlgorithmOf({ algorithms, ref }: KeyInfo): SignatureAlgorithm {
  const name = algorithms.find(isSignatureAlgorithm);
  if (name !== undefined) return name;
  throw new Failure('UNSUPPORTED', 'the key does not sign', { ref: String(ref) });
}

function typeOf({ keyType, curve, bits, parameterSet }: PublicKey): string {
  return `${keyType} ${curve ?? bits ?? parameterSet}`;
}
