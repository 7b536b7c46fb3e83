/**
 * What the TPM says of keys and of itself, signed by its key that attests.
 *
 * @module
 */
import { Failure } from '../../errors.ts';
import { encodeTpm } from '../../protocols/tpm/codec.ts';
import type { Created } from '../../protocols/tpm/commands/objects.ts';
import {
  certify,
  certifyCreation,
  quote as quoteCommand,
  type Statement,
} from '../../protocols/tpm/commands/statements.ts';
import { encodeEvidence, type TpmEvidence } from '../../protocols/tpm/evidence.ts';
import { permanent } from '../../protocols/tpm/identifiers.ts';
import { type PublicArea, publicArea as publicAreaCodec } from '../../protocols/tpm/public-area.ts';
import { type PcrSelection, signature as signatureCodec } from '../../protocols/tpm/structures.ts';
import { attestationTemplate } from '../../protocols/tpm/templates.ts';
import { executeOn, type TpmObject } from './object.ts';
import { readPcrs } from './policy.ts';
import type { PrimarySource } from './slots.ts';
import type { Tpm } from './tpm.ts';

/** The key that attests: the same one whenever it is made, until the endorsement hierarchy is another. */
export const attestationSource: PrimarySource = {
  kind: 'primary',
  hierarchy: permanent.endorsement,
  template: attestationTemplate,
};

const EMPTY = new Uint8Array();

/** The key that attests has no authorization value: whoever uses the TPM may have it speak. */
const ATTESTING: TpmObject = {
  source: attestationSource,
  publicArea: attestationTemplate,
  value: EMPTY,
};

/** The scheme is the key's own. */
const inScheme = { scheme: 'NULL' } as const;

/** Part 2 §10.4.3: as long as the longest digest. */
const NONCE_MOST = 64;

/** Throws `ARGUMENT_INVALID` for a nonce that no statement has. */
export function checkNonce(nonce: Uint8Array): void {
  if (nonce instanceof Uint8Array && nonce.length > 0 && nonce.length <= NONCE_MOST) return;
  throw new Failure('ARGUMENT_INVALID', `a nonce has 1 to ${NONCE_MOST} bytes`, { field: 'nonce' });
}

/** Evidence that a key is in this TPM. */
export async function evidenceOf(
  tpm: Tpm,
  object: TpmObject,
  nonce: Uint8Array,
  certificates: readonly Uint8Array[],
): Promise<Uint8Array> {
  const request = { qualifyingData: nonce, inScheme };
  const { response } = await executeOn(tpm, certify, request, [object, ATTESTING]);
  return evidence(tpm, response, certificates, { publicArea: encodeTpm(publicAreaCodec, object.publicArea) });
}

/** Evidence that a key was made by this TPM. */
export async function creationEvidenceOf(
  tpm: Tpm,
  object: TpmObject,
  { creationData, creationHash, creationTicket }: Created,
  nonce: Uint8Array,
  certificates: readonly Uint8Array[],
): Promise<Uint8Array> {
  const request = { qualifyingData: nonce, creationHash, inScheme, creationTicket };
  const { response } = await executeOn(tpm, certifyCreation, request, [ATTESTING, object]);
  const publicArea = encodeTpm(publicAreaCodec, object.publicArea);
  return evidence(tpm, response, certificates, { publicArea, creationData });
}

/** Evidence of what registers hold. */
export async function quoteOf(
  tpm: Tpm,
  pcrs: readonly PcrSelection[],
  nonce: Uint8Array,
  certificates: readonly Uint8Array[],
): Promise<Uint8Array> {
  const pcrValues = await readPcrs(tpm, pcrs);
  const request = { qualifyingData: nonce, inScheme, PCRselect: pcrs };
  const { response } = await executeOn(tpm, quoteCommand, request, [ATTESTING]);
  return evidence(tpm, response, certificates, { pcrValues });
}

async function evidence(
  tpm: Tpm,
  { attest, signature }: Statement,
  certificates: readonly Uint8Array[],
  about: Partial<TpmEvidence>,
): Promise<Uint8Array> {
  return encodeEvidence({
    attest,
    signature: encodeTpm(signatureCodec, signature),
    attestationKey: encodeTpm(publicAreaCodec, await attestationArea(tpm)),
    ...(certificates.length === 0 ? {} : { certificates }),
    ...about,
  });
}

/** The public area of the key that attests. */
export async function attestationArea(tpm: Tpm): Promise<PublicArea> {
  const { publicArea } = await tpm.load(attestationSource);
  return publicArea ?? attestationTemplate;
}
