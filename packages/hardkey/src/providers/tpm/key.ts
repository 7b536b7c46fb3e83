/**
 * A key of a TPM, as the interface shows it.
 *
 * @module
 */
import { digest } from '#crypto';
import {
  type AgreementAlgorithm,
  type Algorithm,
  type AlgorithmFacts,
  type Algorithms,
  algorithm,
  hashLength,
  type OperationKind,
  type SignatureAlgorithm,
  type WrapAlgorithm,
} from '../../core/algorithms.ts';
import { wrapperFor } from '../../core/content-keys.ts';
import { decryptionFailed } from '../../core/decryption-failed.ts';
import type { Key, KeyInfo } from '../../core/key.ts';
import type { CallOptions, DigestSigner, KeyAgreement, KeyWrapper, Signer } from '../../core/operations.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { Failure } from '../../errors.ts';
import { getRandom } from '../../protocols/tpm/commands/device.ts';
import { ecdhZgen, rsaDecrypt, sign as signCommand } from '../../protocols/tpm/commands/keys.ts';
import { padded, signatureBytes } from '../../protocols/tpm/public-key.ts';
import { parseResponseCode, responseCode } from '../../protocols/tpm/response-code.ts';
import { noHashCheck } from '../../protocols/tpm/structures.ts';
import { schemeOf } from './algorithms.ts';
import { codeOf } from './failures.ts';
import { executeOn, type TpmObject } from './object.ts';
import { checkNonce, evidenceOf } from './statements.ts';
import type { Tpm } from './tpm.ts';

/** How a key is used. */
export interface KeyUse {
  /** Runs `act` in a turn, with the key and what opens it. */
  run<T>(options: CallOptions, act: (tpm: Tpm, object: TpmObject) => Promise<T>): Promise<T>;
  /** Throws when the call is over before it began, or the provider is closed. */
  ready(options: CallOptions): void;
}

/** What is known of a key of a TPM. */
export type TpmKeyInfo = KeyInfo & { readonly publicKey: PublicKey };

interface Held {
  readonly info: TpmKeyInfo;
  readonly use: KeyUse;
  readonly facts: AlgorithmFacts;
}

/** A key, and the evidence it gives of where it is. */
export function tpmKey(info: TpmKeyInfo, use: KeyUse, certificates: readonly Uint8Array[] = []): Key {
  const held = (name: Algorithm): Held => {
    if (info.algorithms.includes(name)) return { info, use, facts: algorithm(name) };
    throw new Failure('UNSUPPORTED', 'not with this key', { algorithm: name, ref: String(info.ref) });
  };
  return Object.freeze({
    ...info,
    use<A extends Algorithm>(name: A): Algorithms[A] {
      const bound = held(name);
      const bind = BINDINGS[bound.facts.operation];
      if (bind !== undefined) return bind(bound) as Algorithms[A];
      throw new Failure('UNSUPPORTED', 'not with this key', { algorithm: name, ref: String(info.ref) });
    },
    useDigest: (name: SignatureAlgorithm): DigestSigner => digestSigner(held(name)),
    async attest({ nonce, ...options }: Parameters<NonNullable<Key['attest']>>[0]) {
      checkNonce(nonce);
      const own = nonce.slice();
      return use.run(options, (tpm, object) => evidenceOf(tpm, object, own, certificates));
    },
  });
}

const BINDINGS: Readonly<Partial<Record<OperationKind, (held: Held) => Algorithms[Algorithm]>>> = {
  sign: signer,
  wrap: wrapper,
  agree: agreement,
};

function signer(held: Held): Signer {
  const { info, facts } = held;
  return Object.freeze({
    algorithm: facts.name as SignatureAlgorithm,
    key: info,
    publicKey: info.publicKey,
    sign: async (message, options = {}) => {
      // Every row that a TPM has is one that hashes first.
      const digested = await digest(facts.hash ?? 'SHA-256', message);
      return signDigest(held, digested, options);
    },
  } satisfies Signer);
}

function digestSigner(held: Held): DigestSigner {
  const { info, facts } = held;
  const length = hashLength(facts.hash ?? 'SHA-256');
  return Object.freeze({
    algorithm: facts.name as SignatureAlgorithm,
    key: info,
    publicKey: info.publicKey,
    signDigest: async (given, options = {}) => {
      if (given.length === length) return signDigest(held, given, options);
      throw new Failure('ARGUMENT_INVALID', `the digest must be ${length} bytes long`, { field: 'digest' });
    },
  } satisfies DigestSigner);
}

/** The digest is a copy: the caller's may be another by the time the turn has come. */
async function signDigest(
  { info, use, facts }: Held,
  given: Uint8Array,
  options: CallOptions,
): Promise<Uint8Array> {
  const request = { digest: given.slice(), inScheme: schemeOf(facts) ?? NO_SCHEME, validation: noHashCheck };
  const { response } = await use.run(options, (tpm, object) =>
    executeOn(tpm, signCommand, request, [object]),
  );
  const length = facts.signatureLength ?? Math.ceil((info.publicKey.bits ?? 0) / 8);
  return signatureBytes(response.signature, length);
}

const NO_SCHEME = { scheme: 'NULL' } as const;

function wrapper({ info, use, facts }: Held): KeyWrapper {
  const { publicKey } = info;
  const length = Math.ceil((publicKey.bits ?? 0) / 8);
  return Object.freeze({
    algorithm: facts.name as WrapAlgorithm,
    key: info,
    // Wrapping takes the public half only, and no TPM.
    wrap: async (contentKey, options = {}) => {
      use.ready(options);
      return wrapperFor(publicKey).wrap(contentKey, options);
    },
    unwrap: async (wrapped, options = {}) => {
      const request = { cipherText: wrapped.slice(), inScheme: schemeOf(facts) ?? NO_SCHEME, label: EMPTY };
      return use.run(options, async (tpm, object) => {
        if (wrapped.length !== length) throw decryptionFailed(facts.name);
        try {
          const { response } = await executeOn(tpm, rsaDecrypt, request, [object]);
          return response.message.slice();
        } catch (error) {
          throw (await isAboutContent(tpm, error)) ? decryptionFailed(facts.name) : error;
        }
      });
    },
  } satisfies KeyWrapper);
}

const EMPTY = new Uint8Array();

/** Whether the TPM found fault with what was to be decrypted, rather than with who asked or with itself. */
async function isAboutContent(tpm: Tpm, error: unknown): Promise<boolean> {
  const code = codeOf(error);
  if (code !== responseCode.FAILURE) {
    return code !== undefined && parseResponseCode(code).subject?.kind === 'parameter';
  }
  // libtpms says so of any wrong padding. A TPM that really is in failure mode gives no random bytes (Part 3 §10.2).
  await tpm.execute(getRandom, { bytesRequested: 1 });
  return true;
}

function agreement({ info, use, facts }: Held): KeyAgreement {
  const { publicKey } = info;
  return Object.freeze({
    algorithm: facts.name as AgreementAlgorithm,
    key: info,
    publicKey,
    agree: async (peer, options = {}) => {
      if (peer.curve === undefined || peer.curve !== publicKey.curve) {
        throw new Failure('ARGUMENT_INVALID', 'the other key is on another curve', { field: 'peer' });
      }
      const raw = peer.toRaw();
      const width = (raw.length - 1) / 2;
      const inPoint = { x: raw.slice(1, 1 + width), y: raw.slice(1 + width) };
      const { response } = await use.run(options, (tpm, object) =>
        executeOn(tpm, ecdhZgen, { inPoint }, [object]),
      );
      return padded(response.outPoint.x, width).slice();
    },
  } satisfies KeyAgreement);
}
