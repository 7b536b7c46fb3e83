/**
 * Endorsement keys, their certificates, and the answer to whoever asks whether the key that attests is in
 * the same TPM as one of them.
 *
 * @module
 */
import { join } from '../../encoding/bytes.ts';
import { Failure } from '../../errors.ts';
import { encodeTpm } from '../../protocols/tpm/codec.ts';
import { nvRead, nvReadPublic } from '../../protocols/tpm/commands/device.ts';
import { policySecret } from '../../protocols/tpm/commands/sessions.ts';
import { activateCredential, type Credential } from '../../protocols/tpm/commands/statements.ts';
import { encodeRequest } from '../../protocols/tpm/enrolment.ts';
import { permanent } from '../../protocols/tpm/identifiers.ts';
import { handleName } from '../../protocols/tpm/name.ts';
import { type PublicArea, publicArea as publicAreaCodec } from '../../protocols/tpm/public-area.ts';
import { responseCode } from '../../protocols/tpm/response-code.ts';
import { type EndorsementTemplate, endorsementTemplates } from '../../protocols/tpm/templates.ts';
import { permanentHandle } from './client.ts';
import type { Context } from './context.ts';
import { isRefusal } from './failures.ts';
import type { PrimarySource } from './slots.ts';
import { attestationArea, attestationSource } from './statements.ts';
import type { Tpm } from './tpm.ts';

interface EndorsementSource extends EndorsementTemplate {
  readonly source: PrimarySource;
}

const ENDORSEMENT_KEYS: readonly EndorsementSource[] = endorsementTemplates.map((one) => ({
  ...one,
  source: { kind: 'primary', hierarchy: permanent.endorsement, template: one.template },
}));

/** The endorsement key that the maker certified, or the first of them where none is. */
async function endorsementKeyOf(
  tpm: Tpm,
): Promise<{ readonly source: PrimarySource; readonly area: PublicArea; readonly certificate?: Uint8Array }> {
  let first: PrimarySource | undefined;
  for (const { source, certificateIndex, template } of ENDORSEMENT_KEYS) {
    first ??= source;
    const certificate = await readIndex(tpm, certificateIndex);
    if (certificate === undefined) continue;
    const { publicArea: area = template } = await tpm.load(source);
    return { source, area, certificate };
  }
  if (first === undefined) throw new Failure('UNSUPPORTED', 'no endorsement key', { provider: 'tpm' });
  const { publicArea: area = first.template } = await tpm.load(first);
  return { source: first, area };
}

/** The certificates of endorsement keys that the maker left in the TPM, DER. */
export async function endorsementCertificatesOf(tpm: Tpm): Promise<readonly Uint8Array[]> {
  const found: Uint8Array[] = [];
  for (const { certificateIndex } of ENDORSEMENT_KEYS) {
    const certificate = await readIndex(tpm, certificateIndex);
    if (certificate !== undefined) found.push(certificate);
  }
  return found;
}

/** What whoever is to believe this TPM has to know. */
export async function requestOf(tpm: Tpm): Promise<Uint8Array> {
  const { area, certificate } = await endorsementKeyOf(tpm);
  return encodeRequest({
    attestationKey: encodeTpm(publicAreaCodec, await attestationArea(tpm)),
    endorsementKey: encodeTpm(publicAreaCodec, area),
    ...(certificate === undefined ? {} : { certificate }),
  });
}

/** The secret of a credential, which only this TPM can read. Throws `DENIED` for one that is for another. */
export async function answerOf(context: Context, tpm: Tpm, credential: Credential): Promise<Uint8Array> {
  const { source } = await endorsementKeyOf(tpm);
  const attesting = { session: await tpm.session(), value: EMPTY };
  const session = await tpm.otherSession('policy', source.template.nameAlg);
  try {
    // TCG EK Credential Profile: the policy of an endorsement key is the authorization of its hierarchy.
    const nonce = { nonceTPM: EMPTY, cpHashA: EMPTY, policyRef: EMPTY, expiration: 0 };
    await tpm.execute(policySecret, nonce, {
      handles: [
        permanentHandle(permanent.endorsement),
        { handle: session.handle, name: handleName(session.handle) },
      ],
      authorizations: [await context.hierarchy(tpm, permanent.endorsement)],
    });
    const keep = [attestationSource, source];
    const handles = [await tpm.load(attestationSource, keep), await tpm.load(source, keep)];
    const authorizations = [attesting, { session, value: EMPTY }];
    const { response } = await tpm.execute(activateCredential, credential, { handles, authorizations });
    return response.certInfo.slice();
  } finally {
    await tpm.flush(session.handle);
  }
}

const EMPTY = new Uint8Array();

/** Every TPM gives so many bytes of an index at once (Part 2 §6.13, TPM_PT_NV_BUFFER_MAX). */
const CHUNK = 512;

/** What an index of non-volatile memory holds; undefined where there is none, or nothing in it. */
async function readIndex(tpm: Tpm, index: number): Promise<Uint8Array | undefined> {
  try {
    const unnamed = { handle: index, name: EMPTY };
    const { response } = await tpm.execute(nvReadPublic, {}, { handles: [unnamed] });
    const handle = { handle: index, name: response.nvName.slice() };
    const { dataSize } = response.nvPublic;
    const parts: Uint8Array[] = [];
    for (let offset = 0; offset < dataSize; offset += CHUNK) {
      const request = { size: Math.min(CHUNK, dataSize - offset), offset };
      // Certificates are there to be read: their authorization value is empty.
      const part = await tpm.execute(nvRead, request, {
        handles: [handle, handle],
        authorizations: [{ value: EMPTY }],
      });
      parts.push(part.response.data.slice());
    }
    return join(parts);
  } catch (error) {
    if (isRefusal(error, responseCode.HANDLE, responseCode.VALUE, NOT_WRITTEN)) return undefined;
    throw error;
  }
}

/** TPM_RC_NV_UNINITIALIZED. */
const NOT_WRITTEN = 0x14a;
