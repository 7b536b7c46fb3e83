/**
 * Whether a key can be used, before it is: KMS is asked for everything that using it takes, and does none
 * of it.
 *
 * @module
 */
import { wrapTo } from '#crypto';
import type { Algorithm } from '../../core/algorithms.ts';
import { supersededFailure } from '../../core/bound-key.ts';
import type { KeyInfo } from '../../core/key.ts';
import type { CallOptions } from '../../core/operations.ts';
import { utf8 } from '../../encoding/bytes.ts';
import { Failure, type FailureDetails } from '../../errors.ts';
import { rowOf, type Usage } from './algorithms.ts';
import type { Service } from './client.ts';
import type { Settings } from './config.ts';
import { notAnswered } from './failures.ts';

/** A key, and where it is. */
export interface Checked {
  readonly service: Service;
  readonly settings: Pick<Settings, 'encryptionContext'>;
  readonly arn: string;
  readonly info: KeyInfo;
  readonly details: FailureDetails;
}

const MESSAGE = utf8('hardkey asks whether this key can be used');

/**
 * Throws `DENIED` for a permission that is missing, and what using the key would throw. A policy may allow one
 * algorithm alone: it is the one that is `wanted` that is tried, where the key has it.
 */
export async function checkKey(
  checked: Checked,
  wanted: Algorithm | undefined,
  options: CallOptions,
): Promise<void> {
  const { algorithms, state, superseded } = checked.info;
  const name = algorithms.find((one) => one === wanted) ?? algorithms[0];
  if (state !== 'active') {
    throw new Failure('DENIED', 'the key is not active', { ...checked.details, field: 'state' });
  }
  if (name === undefined) return;
  const row = rowOf(name);
  // What was encrypted for it is still decrypted.
  if (superseded === true && row.usage !== 'ENCRYPT_DECRYPT') throw supersededFailure(checked.details);
  await CHECKS[row.usage](checked, row.name, options);
}

type Check = (checked: Checked, name: string, options: CallOptions) => Promise<void>;

const CHECKS: Readonly<Record<Usage, Check>> = {
  async SIGN_VERIFY({ service, arn, details }, SigningAlgorithm, options) {
    const input = {
      KeyId: arn,
      Message: MESSAGE,
      MessageType: 'RAW',
      SigningAlgorithm,
      DryRun: true,
    } as const;
    await service.call('Sign', input, options, details);
  },
  async ENCRYPT_DECRYPT(checked, name, options) {
    const { service, arn, details, info, settings } = checked;
    const context = settings.encryptionContext;
    const how = info.publicKey ? { EncryptionAlgorithm: name } : context && { EncryptionContext: context };
    const CiphertextBlob = await ciphertext(checked, options);
    await service.call('Decrypt', { KeyId: arn, CiphertextBlob, ...how, DryRun: true }, options, details);
  },
  async GENERATE_VERIFY_MAC({ service, arn, details }, MacAlgorithm, options) {
    const input = { KeyId: arn, Message: MESSAGE, MacAlgorithm, DryRun: true };
    await service.call('GenerateMac', input, options, details);
  },
};

/** Something to decrypt, without which nobody can say whether it may be. */
async function ciphertext(
  { service, arn, details, info, settings }: Checked,
  options: CallOptions,
): Promise<Uint8Array> {
  if (info.publicKey !== undefined) return wrapTo(info.publicKey, MESSAGE);
  const context = settings.encryptionContext;
  const input = { KeyId: arn, Plaintext: MESSAGE, ...(context && { EncryptionContext: context }) };
  const { CiphertextBlob } = await service.call('Encrypt', input, options, details);
  if (CiphertextBlob !== undefined) return CiphertextBlob;
  throw notAnswered({ ...details, operation: 'Encrypt' });
}
