/**
 * Keys in a TPM 2.0, spoken to directly: at handles of the TPM, or in files that only it opens.
 *
 * @module
 */
import type { Key, KeyProvider, KeySpec } from '../../core/key.ts';
import type { KeyRef } from '../../core/key-ref.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { PublicKey } from '../../core/public-key.ts';
import type { Secret } from '../../core/secret.ts';
import { erasable } from '../../encoding/bytes.ts';
import { decodeChallenge } from '../../protocols/tpm/enrolment.ts';
import { publicKeyOfArea } from './algorithms.ts';
import { readConfig, type TpmConfig } from './config.ts';
import { contextOf } from './context.ts';
import { answerOf, endorsementCertificatesOf, requestOf } from './endorsement.ts';
import { createKey, destroyKey, listKeys, openKey } from './keys.ts';
import { parsePcrs } from './pcrs.ts';
import { sealData, unsealData } from './seal.ts';
import { attestationArea, checkNonce, creationEvidenceOf, quoteOf } from './statements.ts';
import { readStatus, type TpmStatus } from './status.ts';
import type { Tpm } from './tpm.ts';

export { tpmDevice } from './address.ts';
export { type Challenge, type ChallengeOptions, createChallenge } from './challenge.ts';
export type { TpmConfig } from './config.ts';
export type { TpmStatus } from './status.ts';

/** Keys in TPMs, and what a TPM does beside keeping keys. All of that is at the device of the configuration. */
export interface TpmProvider extends KeyProvider {
  /** What the TPM is, and how near it is to locking everybody out. */
  status(options?: CallOptions): Promise<TpmStatus>;
  /**
   * Makes a key, with evidence that this TPM made it. Other evidence of a key says that it is in the TPM.
   */
  createAttested(
    ref: KeyRef,
    spec: KeySpec,
    options: CallOptions & { readonly nonce: Uint8Array },
  ): Promise<{ readonly key: Key; readonly evidence: Uint8Array }>;
  /** Evidence of what registers hold, written as `sha256:0,7`: for `verifyQuote`. */
  quote(options: CallOptions & { readonly nonce: Uint8Array; readonly pcrs: string }): Promise<Uint8Array>;
  /** The key that attests for all keys of this TPM: what a verifier may pin. */
  attestationKey(options?: CallOptions): Promise<PublicKey>;
  /** Certificates of the TPM's endorsement keys, DER, as the maker left them in it. */
  endorsementCertificates(options?: CallOptions): Promise<readonly Uint8Array[]>;
  /** What whoever is to believe this TPM has to know: for `createChallenge`. */
  enrolmentRequest(options?: CallOptions): Promise<Uint8Array>;
  /** The answer to a challenge, which only this TPM can give. `DENIED` for one that is for another TPM. */
  answerChallenge(challenge: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
  /**
   * Seals 1 to 128 bytes to this TPM, to the registers of the configuration, and to an authorization
   * value where one is given. The text is a TSS2 file.
   */
  seal(data: Secret, options?: CallOptions & { readonly auth?: Secret }): Promise<string>;
  /** Opens what `seal` made. `DENIED` for a wrong value, other registers, or another TPM. */
  unseal(text: string, options?: CallOptions & { readonly auth?: Secret }): Promise<Secret>;
}

/**
 * Opens `tpm:handle=0x81…` and `tpm:file=PATH`. Throws `ARGUMENT_INVALID` for a configuration that
 * cannot work. Nothing is sent before the first call.
 *
 * A TPM that is not there, or does not answer in time, is `UNAVAILABLE`; a device that may not be
 * opened, a wrong authorization value, a policy that does not hold and a TPM that is locked out are
 * `DENIED`; one without room is `OVERLOADED`.
 */
export function tpm(config: TpmConfig = {}): TpmProvider {
  const context = contextOf(readConfig(config));
  const { device, attestationCertificates: certificates } = context.settings;

  /** Runs `act` at the device, and zeroes what it was given. */
  function onDevice<T>(
    options: CallOptions,
    act: (tpm: Tpm) => Promise<T>,
    ...secrets: readonly Uint8Array[]
  ): Promise<T> {
    return context.run(device, options, { provider: 'tpm', path: device }, act, () => {
      for (const secret of secrets) secret.fill(0);
    });
  }

  return Object.freeze({
    contract: 1,
    schemes: ['tpm'],
    open: async (ref, options = {}) => openKey(context, ref, options),
    create: async (ref, spec, options = {}) => createKey(context, ref, spec, options),
    list: (options = {}) => listKeys(context, options),
    destroy: async (ref, options = {}) => destroyKey(context, ref, options),
    status: async (options = {}) => onDevice(options, readStatus),
    async createAttested(ref, spec, { nonce, ...options }) {
      checkNonce(nonce);
      let evidence: Uint8Array = new Uint8Array();
      const key = await createKey(context, ref, spec, options, async (tpm, object, created) => {
        evidence = await creationEvidenceOf(tpm, object, created, nonce, certificates);
      });
      return { key, evidence };
    },
    async quote({ nonce, pcrs, ...options }) {
      checkNonce(nonce);
      const selection = parsePcrs(pcrs, 'pcrs');
      return onDevice(options, (tpm) => quoteOf(tpm, selection, nonce, certificates));
    },
    attestationKey: async (options = {}) =>
      onDevice(options, async (tpm) => publicKeyOfArea(await attestationArea(tpm))),
    endorsementCertificates: async (options = {}) => onDevice(options, endorsementCertificatesOf),
    enrolmentRequest: async (options = {}) => onDevice(options, requestOf),
    async answerChallenge(challenge, options = {}) {
      const credential = decodeChallenge(challenge);
      return onDevice(options, (tpm) => answerOf(context, tpm, credential));
    },
    async seal(data, { auth, ...options } = {}) {
      const [bytes, value] = [copyOf(data), copyOf(auth)];
      const act = (tpm: Tpm): Promise<string> => sealData(context, tpm, bytes, value);
      return onDevice(options, act, bytes, value);
    },
    async unseal(text, { auth, ...options } = {}) {
      const value = copyOf(auth);
      return onDevice(options, (tpm) => unsealData(context, tpm, text, value), value);
    },
    close: () => context.close(),
  } satisfies TpmProvider);
}

function copyOf(secret: Secret | undefined): Uint8Array {
  return secret?.use((bytes) => erasable(bytes)) ?? new Uint8Array();
}
