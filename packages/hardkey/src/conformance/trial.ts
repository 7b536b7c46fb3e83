/**
 * What can be done with a key of each kind, so that cases need not know which kind they have.
 *
 * @module
 */
import { type Algorithm, algorithm, type OperationKind } from '../core/algorithms.ts';
import { importPublicKey } from '../core/import-public-key.ts';
import type { Key, KeyProvider } from '../core/key.ts';
import { parseKeyRef } from '../core/key-ref.ts';
import type { Aead, CallOptions, KeyAgreement, KeyWrapper, Mac, Signer } from '../core/operations.ts';
import type { PublicKey } from '../core/public-key.ts';
import type { ProviderSubject } from './subject.ts';
import { peerOf } from './witness.ts';

/** Text as bytes. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** What is signed, encrypted and authenticated where the content does not matter. */
export const MESSAGE: Uint8Array<ArrayBuffer> = bytesOf('the provider contract');
/** What is wrapped. */
export const CONTENT_KEY: Uint8Array<ArrayBuffer> = Uint8Array.from({ length: 32 }, (_, at) => at);
/** What is authenticated beside an encrypted message. */
export const AAD: Uint8Array<ArrayBuffer> = bytesOf('associated data');

type Trial = (key: Key, name: Algorithm, message: Uint8Array, options: CallOptions) => Promise<unknown>;

const TRIALS: Readonly<Record<OperationKind, Trial>> = {
  sign: (key, name, message, options) => (key.use(name) as Signer).sign(message, options),
  aead: (key, name, message, options) => (key.use(name) as Aead).encrypt(message, AAD, options),
  wrap: (key, name, _message, options) => (key.use(name) as KeyWrapper).wrap(CONTENT_KEY, options),
  mac: (key, name, message, options) => (key.use(name) as Mac).mac(message, options),
  agree: async (key, name, _message, options) => {
    const { publicKey } = await peerOf(key.publicKey?.curve);
    return (key.use(name) as KeyAgreement).agree(publicKey, options);
  },
};

/** Does once what the algorithm is for: signs, encrypts, wraps, authenticates or agrees. */
export async function perform(
  key: Key,
  name: Algorithm,
  options: CallOptions = {},
  message: Uint8Array = MESSAGE,
): Promise<unknown> {
  return TRIALS[algorithm(name).operation](key, name, message, options);
}

/** A key of the subject with one of its algorithms. */
export interface Claim {
  readonly name: Algorithm;
  readonly ref: string;
  readonly key: Key;
}

/** Opens every key of the subject, once for each algorithm it is there for. */
export async function openClaims(subject: ProviderSubject, provider: KeyProvider): Promise<readonly Claim[]> {
  const claims: Claim[] = [];
  for (const [name, ref] of Object.entries(subject.keys)) {
    claims.push({ name: algorithm(name).name, ref, key: await provider.open(parseKeyRef(ref)) });
  }
  if (claims.length === 0) throw new Error('a subject has at least one key');
  return claims;
}

/** The first key of the subject, of an operation where one is asked for. */
export function firstClaim(
  { keys }: ProviderSubject,
  operation?: OperationKind,
): { readonly name: Algorithm; readonly ref: string } | undefined {
  for (const [name, ref] of Object.entries(keys)) {
    const facts = algorithm(name);
    if (operation === undefined || facts.operation === operation) return { name: facts.name, ref };
  }
  return undefined;
}

/** The first key, which every subject has. */
export function anyClaim(subject: ProviderSubject): { readonly name: Algorithm; readonly ref: string } {
  const found = firstClaim(subject);
  if (found !== undefined) return found;
  throw new Error('a subject has at least one key');
}

/** A reference to nothing, which a subject supplies when its provider can make keys. */
export function unusedRef({ unused }: ProviderSubject): string {
  if (unused !== undefined) return unused();
  throw new Error('the provider makes keys, so its subject must supply `unused`');
}

/** The public key of a key that must have one. */
export function publicKeyOf(key: Key): PublicKey {
  if (key.publicKey !== undefined) return key.publicKey;
  throw new Error(`${String(key.ref)} signs or agrees and shows no public key`);
}

/** The same bytes with one bit changed. */
export function flipped(bytes: Uint8Array, at = 0): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(bytes);
  const index = at < 0 ? copy.length + at : at;
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}

/** The public key again, from its SPKI alone. */
export function reimport(key: PublicKey): Promise<PublicKey> {
  return importPublicKey(Uint8Array.from(key.spki));
}
