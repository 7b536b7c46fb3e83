/**
 * The key manager: key pairs by their id, wherever they are.
 *
 * @module
 */
import type { SignatureAlgorithm } from '../core/algorithms.ts';
import { callOptions, callOptionsOf } from '../core/call-options.ts';
import type { Key } from '../core/key.ts';
import { parseKeyRef } from '../core/key-ref.ts';
import type { Keys } from '../core/keys.ts';
import type { CallOptions } from '../core/operations.ts';
import { checkFields } from '../core/policy/fields.ts';
import type { PublicKey } from '../core/public-key.ts';
import { labelledKey, wholeKey } from '../core/refs/whole.ts';
import { verifyDigest } from '../core/verify-digest.ts';
import { Failure, invalid } from '../errors.ts';
import { listBackends, type UnavailableBackend } from './backends.ts';
import {
  algorithmOf,
  isNamed,
  type KeyPair,
  type ManagedKey,
  managedKey,
  type PairCurve,
  publicKeyOf,
  signatureAlgorithmOf,
} from './managed-key.ts';

/** One backend: the provider of a scheme, and where a new key goes in it. */
export interface ManagedBackend {
  readonly scheme: string;
  /** The reference of a new key with a label. Absent where no keys are made. */
  readonly refOf?: (label: string) => string;
}

/** The backends, in the order in which they are asked. */
export interface KeyManagerConfig {
  /** Schemes of the providers of `keys`. New keys go to the first that makes them, unless it is said otherwise. */
  readonly backends: readonly ManagedBackend[];
}

/** Where a new pair goes. */
export interface GenerateOptions extends CallOptions {
  /** The scheme of a backend. Nothing takes the place of one that is not there. */
  readonly backend?: string;
}

/** Every key of every backend that answered, and those that did not. */
export interface ManagedKeys {
  readonly keys: readonly ManagedKey[];
  readonly unavailable: readonly UnavailableBackend[];
}

/**
 * Key pairs by name. A name is a key id, a fingerprint (`sha256:…`), a label, or a reference. A name of no
 * key is `KEY_NOT_FOUND`, of several `ARGUMENT_INVALID`. A backend that did not answer may have another
 * key with the label: then the failure is that backend's, and ids and fingerprints still name their keys.
 */
export interface KeyManager {
  /** Generates a pair for signing. Throws `KEY_EXISTS` for a label that is taken. */
  generateKeyPair(curve: PairCurve | undefined, label: string, options?: GenerateOptions): Promise<KeyPair>;
  publicKey(name: string, options?: CallOptions): Promise<PublicKey>;
  publicKeyPem(name: string, options?: CallOptions): Promise<string>;
  /** `sha256:` and the SHA-256 of the public key's SPKI: what names an agent. */
  fingerprint(name: string, options?: CallOptions): Promise<string>;
  /** What the key signs with. */
  algorithm(name: string, options?: CallOptions): Promise<SignatureAlgorithm>;
  /**
   * Signs a digest of the algorithm's hash: SHA-384 for ES384. The signature, r‖s for ECDSA, verifies over
   * the content as well. EdDSA is `UNSUPPORTED`.
   */
  signDigest(name: string, digest: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
  /** Returns when a signature over a digest is genuine, and throws `VERIFICATION_FAILED` when it is not. */
  verifySignature(
    name: string,
    digest: Uint8Array,
    signature: Uint8Array,
    options?: CallOptions,
  ): Promise<void>;
  listKeys(options?: CallOptions): Promise<ManagedKeys>;
  /** Removes a key for good, with all its versions. */
  deleteKey(name: string, options?: CallOptions): Promise<void>;
}

/** A key manager over keys that are opened, guarded and closed elsewhere: every call runs inside their policies. */
export function createKeyManager(keys: Keys, { backends, ...unknown }: KeyManagerConfig): KeyManager {
  checkFields(unknown, [], 'keyManager');
  if (!Array.isArray(backends) || backends.length === 0) {
    throw invalid('a list of backends is needed', 'keyManager.backends');
  }
  const schemes = (backends as readonly ManagedBackend[]).map(({ scheme }) => scheme);
  const opened = new Map<string, Key>();

  /** The reference that a name stands for. */
  async function refOf(name: string, options: CallOptions): Promise<string> {
    if (name.includes(':') && !/^sha256:/i.test(name)) return name;
    const { keys: found, unavailable } = await listBackends(keys, schemes, options);
    const [silent] = unavailable;
    // The current version of a key comes first, and the earlier ones have its label too.
    const fitting = found.filter(
      ({ info }) => isNamed(info, name) || (silent === undefined && info.label === name),
    );
    const refs = new Set(
      fitting.map(({ info }) => (info.label === name ? labelledKey(info) : wholeKey(info.ref))),
    );
    const [first] = fitting;
    const [ref] = refs;
    if (first !== undefined && ref !== undefined && refs.size === 1) {
      return ref === wholeKey(first.info.ref) ? String(first.info.ref) : ref;
    }
    if (first !== undefined) throw invalid('several keys have this name: give the reference', 'key');
    if (silent !== undefined) throw silent.failure;
    throw new Failure('KEY_NOT_FOUND', 'no key has this id, fingerprint or label', { field: 'key' });
  }

  /** The key of a name, opened once. */
  async function keyOf(name: string, options: CallOptions = {}): Promise<Key> {
    const ref = await refOf(name, options);
    const key = opened.get(ref) ?? (await keys.open(ref, options));
    opened.set(ref, key);
    return key;
  }

  function newRef(label: string, scheme: string | undefined): string {
    if (typeof label !== 'string' || label === '') throw invalid('a label is needed', 'label');
    const backend = backends.find((one) => (scheme === undefined ? one.refOf : one.scheme === scheme));
    if (backend?.refOf !== undefined) return backend.refOf(label);
    throw new Failure('UNSUPPORTED', 'no such backend makes keys', {
      ...(scheme === undefined ? {} : { provider: scheme }),
      field: 'backend',
    });
  }

  const manager: KeyManager = {
    async generateKeyPair(curve = 'P-384', label, { backend, ...options } = {}) {
      checkFields(options, callOptions, 'options');
      const key = await keys.create(newRef(label, backend), { algorithm: algorithmOf(curve) }, options);
      return { keyId: key.id, publicKeyPem: publicKeyOf(key).toPem(), ref: String(key.ref) };
    },
    publicKey: async (name, options) => publicKeyOf(await keyOf(name, options)),
    publicKeyPem: async (name, options) => (await manager.publicKey(name, options)).toPem(),
    fingerprint: async (name, options) => (await manager.publicKey(name, options)).fingerprint,
    algorithm: async (name, options) => signatureAlgorithmOf(await keyOf(name, options)),
    async signDigest(name, digest, options) {
      const key = await keyOf(name, options);
      return key.useDigest(signatureAlgorithmOf(key)).signDigest(digest, options);
    },
    async verifySignature(name, digest, signature, options) {
      const key = await keyOf(name, options);
      await verifyDigest(publicKeyOf(key), signatureAlgorithmOf(key), digest, signature);
    },
    async listKeys(options) {
      const { keys: found, unavailable } = await listBackends(
        keys,
        schemes,
        options && callOptionsOf(options),
      );
      return { keys: found.map(managedKey), unavailable };
    },
    async deleteKey(name, options) {
      const ref = await refOf(name, options ?? {});
      // A key goes as a whole.
      await keys.destroy(wholeKey(parseKeyRef(ref)), options);
      opened.clear();
    },
  };
  return Object.freeze(manager);
}
