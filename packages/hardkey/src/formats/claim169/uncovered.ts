/**
 * Header parameters of an encrypted credential that anybody may have changed on the way.
 *
 * @module
 */
import type { CborValue } from '../../encoding/cbor/index.ts';
import { headerLabel } from '../cose/headers.ts';
import { decodeCose } from '../cose/structure.ts';
import type { OpenedContent } from './signed.ts';
import { uncovered } from './warnings.ts';

/** Ephemeral key of an agreement (RFC 9053 table 20). */
const EPHEMERAL_KEY = -1;
/** What a recipient was found and opened by: another value opens nothing. */
const USED: readonly CborValue[] = [headerLabel.algorithm, headerLabel.keyId, EPHEMERAL_KEY];

/** What was decrypted, with a warning for each parameter that decryption neither covers nor used. */
export function openedContent(cose: Uint8Array, content: Uint8Array): OpenedContent {
  const [, open, , recipients] = decodeCose(cose).elements;
  const own = labelsOf(open).filter((label) => label !== headerLabel.iv);
  const theirs = Array.isArray(recipients) ? recipients.flatMap(labelsOfRecipient) : [];
  return { content, warnings: [...own, ...theirs].map(uncovered) };
}

function labelsOfRecipient(recipient: CborValue): readonly CborValue[] {
  const [, open] = Array.isArray(recipient) ? (recipient as readonly CborValue[]) : [];
  return labelsOf(open).filter((label) => !USED.includes(label));
}

function labelsOf(bucket: CborValue | undefined): readonly CborValue[] {
  return bucket instanceof Map ? [...bucket.keys()] : [];
}
