/**
 * Which TPM, and what opens its keys; checked once, in the factory.
 *
 * @module
 */
import type { KeyRef } from '../../core/key-ref.ts';
import { checkFields, invalid, wholeNumber } from '../../core/policy/fields.ts';
import { percentEncode } from '../../core/refs/percent.ts';
import { parseTpmRef } from '../../core/refs/tpm.ts';
import type { Secret, SecretSource } from '../../core/secret.ts';
import { decodePem } from '../../encoding/pem.ts';
import type { PcrSelection } from '../../protocols/tpm/structures.ts';
import { parsePcrs } from './pcrs.ts';

/** Which TPM, and what opens its keys. */
export interface TpmConfig {
  /** Of references that name none: a path, `tcp:HOST:PORT` or `unix:/path`. `/dev/tpmrm0` by default. */
  readonly device?: string;
  /** A folder whose TSS2 key files are listed, beside the keys that stay in the TPM. */
  readonly folder?: string;
  /**
   * The authorization value of a key: asked for when a key that has one is used, and given to a key that
   * is made. 32 bytes at most. Without it keys are made and used without one.
   */
  readonly auth?: (ref: KeyRef) => Promise<Secret>;
  /**
   * Asks somebody for the authorization value of a key, where there is no `auth`: only once the key has shown
   * that it has one, and never for a key that is made. 32 bytes at most.
   */
  readonly askAuth?: (ref: KeyRef) => Promise<Secret>;
  /**
   * When keys are used in a salted HMAC session: where a value is proved or something secret comes or goes, or
   * always, and then what is signed or decrypted is encrypted on the way as well. `when-needed` by default.
   */
  readonly sessions?: 'when-needed' | 'always';
  /** The authorization value of the owner's hierarchy, where it has one. */
  readonly ownerAuth?: SecretSource;
  /** The authorization value of the endorsement hierarchy, where it has one. */
  readonly endorsementAuth?: SecretSource;
  /**
   * Registers, as `sha256:0,7`: new keys can only be used while these have the values that they have now,
   * and keys at a handle that ask for a policy are opened with it.
   */
  readonly pcrs?: string;
  /** Certificates of the key that attests, DER or one PEM text, its own first: they go into all evidence. */
  readonly attestationCertificates?: readonly Uint8Array[] | string;
  /** Lets keys be made and ended at 0x81010000 to 0x8101ffff, which are for endorsement keys. False by default. */
  readonly allowEndorsementHandles?: boolean;
  /** Lets a key be ended that the TPM keeps for itself: one that others were made under, or one that attests. False by default. */
  readonly allowStorageKeys?: boolean;
  /** How long the TPM may take for an answer, in milliseconds. 10,000 by default; making a key may take 30 times as long. */
  readonly timeoutMs?: number;
}

/** A checked configuration. */
export interface TpmSettings extends Omit<TpmConfig, 'pcrs' | 'attestationCertificates'> {
  readonly device: string;
  readonly pcrs: readonly PcrSelection[];
  readonly attestationCertificates: readonly Uint8Array[];
  readonly allowEndorsementHandles: boolean;
  readonly allowStorageKeys: boolean;
  readonly timeoutMs: number;
}

const FIELDS = [
  'device',
  'folder',
  'auth',
  'askAuth',
  'sessions',
  'ownerAuth',
  'endorsementAuth',
  'pcrs',
  'attestationCertificates',
  'allowEndorsementHandles',
  'allowStorageKeys',
  'timeoutMs',
] as const satisfies readonly (keyof TpmConfig)[];

const TIMEOUT_MS = { usual: 10_000, most: 600_000 };

/** Checks the configuration. Throws `ARGUMENT_INVALID` with the field. */
export function readConfig(config: TpmConfig): TpmSettings {
  checkFields(config, FIELDS, 'tpm');
  for (const name of ['auth', 'askAuth', 'ownerAuth', 'endorsementAuth'] as const) {
    if (config[name] !== undefined && typeof config[name] !== 'function') {
      throw invalid(`tpm.${name}`, 'a function that gives the secret is needed');
    }
  }
  if (config.folder !== undefined && (typeof config.folder !== 'string' || config.folder === '')) {
    throw invalid('tpm.folder', 'the path of a folder is needed');
  }
  const { sessions = 'when-needed' } = config;
  if (sessions !== 'when-needed' && sessions !== 'always') {
    throw invalid('tpm.sessions', 'when-needed or always');
  }
  return {
    ...config,
    sessions,
    device: deviceOf(config.device ?? '/dev/tpmrm0'),
    pcrs: config.pcrs === undefined ? [] : parsePcrs(config.pcrs, 'tpm.pcrs'),
    attestationCertificates: certificatesOf(config.attestationCertificates ?? []),
    allowEndorsementHandles: config.allowEndorsementHandles === true,
    allowStorageKeys: config.allowStorageKeys === true,
    timeoutMs: wholeNumber(config.timeoutMs ?? TIMEOUT_MS.usual, 1, TIMEOUT_MS.most, 'tpm.timeoutMs'),
  };
}

function certificatesOf(given: readonly Uint8Array[] | string): readonly Uint8Array[] {
  if (typeof given !== 'string') return given;
  return decodePem(given, 'tpm.attestationCertificates')
    .filter(({ label }) => label === 'CERTIFICATE')
    .map(({ bytes }) => bytes);
}

/** By the grammar of references, where devices are named too. */
function deviceOf(device: string): string {
  if (typeof device !== 'string') throw invalid('tpm.device', 'a device is text');
  parseTpmRef(`?device=${percentEncode(device, '')}`);
  return device;
}
