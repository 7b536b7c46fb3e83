/**
 * COSE_Mac (RFC 9052 §6.1): a code whose key reaches recipients, each in a way of its own.
 *
 * @module
 */
import type { MacAlgorithm } from '../../core/algorithms.ts';
import { createContentKey, macOf as macOfBytes, usingContentKey } from '../../core/content-keys.ts';
import type { Mac } from '../../core/operations.ts';
import type { CborValue } from '../../encoding/cbor/index.ts';
import {
  checkMac,
  type Mac0Options,
  mac0Options,
  macAlgorithm,
  macElements,
  macOf,
  type OpenedMac,
  type OpenMacOptions,
  openMacOptions,
} from './mac0.ts';
import { checkNames, checkReadOptions, keyGiven } from './options.ts';
import {
  checkDirect,
  checkDirectSender,
  checkRecipients,
  decodeRecipients,
  directRecipients,
  encodeRecipients,
  type OpenRecipientOptions,
  openRecipientOptions,
  openRecipients,
  type Recipient,
  type RecipientKey,
  type RecipientOptions,
} from './recipients.ts';
import { decodeCoseAs, encodeCose } from './structure.ts';

/** Options of making a code for recipients. */
export interface MacToOptions extends Omit<Mac0Options, 'keyId'>, RecipientOptions {
  /** What makes the code. Default HS256, or what a direct recipient has. */
  readonly macAlgorithm?: MacAlgorithm;
}

/** What checking needs beside the key. */
export interface OpenMacToOptions extends OpenMacOptions, OpenRecipientOptions {}

const KNOWN = [...mac0Options.filter((name) => name !== 'keyId'), 'allowService', 'macAlgorithm'];
const KNOWN_OPEN = [...openMacOptions, ...openRecipientOptions];

/**
 * Makes the code of a payload under a fresh key, which is wrapped for each recipient. The result is
 * tagged (97). A recipient that makes codes itself has the key, so it stands alone (`direct`).
 *
 * Where a public key is enough to be a sender (RSA-OAEP, ECDH-ES), the code says that nothing was
 * changed on the way, and nothing about who wrote it.
 */
export async function macTo(
  payload: Uint8Array,
  recipients: readonly (Recipient | Mac)[],
  options: MacToOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  checkNames(options, KNOWN);
  checkRecipients(recipients);
  const direct = recipients.find((one) => 'mac' in one);
  if (direct !== undefined) return macDirect(payload, direct, recipients.length, options);
  const name = options.macAlgorithm ?? 'HS256';
  return usingContentKey(createContentKey(name), async (contentKey) => {
    const mac = await macOfBytes(contentKey, name);
    const [elements, encoded] = await Promise.all([
      macElements('MAC', payload, mac, options),
      encodeRecipients(recipients as readonly Recipient[], contentKey, options),
    ]);
    return encodeCose('mac', [...elements, encoded], options.tagged);
  });
}

/**
 * Checks the code as the recipient whose key this is. Throws like `openMac0`, and `DECRYPTION_FAILED`
 * where no recipient is this key.
 */
export async function openMac(
  bytes: Uint8Array,
  key: RecipientKey | Mac,
  options: OpenMacToOptions = {},
): Promise<OpenedMac> {
  keyGiven(key, 'key');
  checkReadOptions(options, KNOWN_OPEN);
  const elements = decodeCoseAs(bytes, 'mac', options);
  const within = { ...options, within: bytes };
  const parts = macOf(elements, within);
  const recipients = decodeRecipients(elements[4], within);
  if ('verifyMac' in key) {
    checkDirect(recipients, key, options);
    return checkMac('MAC', parts, key, options);
  }
  const name = macAlgorithm(parts.headers);
  return usingContentKey(await openRecipients(recipients, key, options), async (contentKey) =>
    checkMac('MAC', parts, await macOfBytes(contentKey, name), options),
  );
}

async function macDirect(
  payload: Uint8Array,
  mac: Mac,
  count: number,
  options: MacToOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  checkDirectSender(count, mac.algorithm, 'macAlgorithm', options.macAlgorithm);
  const elements: readonly CborValue[] = await macElements('MAC', payload, mac, options);
  return encodeCose('mac', [...elements, directRecipients(mac)], options.tagged);
}
