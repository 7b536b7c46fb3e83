/**
 * Signing a JWS (RFC 7515 §5.1).
 *
 * @module
 */
import { algorithm, hashLength } from '../../core/algorithms.ts';
import { callOptionsOf } from '../../core/call-options.ts';
import type { CallOptions, Mac, Signer } from '../../core/operations.ts';
import { callTable, checkOptions, isBytes, type TableOf } from '../../core/option-table.ts';
import { isFlag } from '../../core/trust/strict-json.ts';
import { encodeBase64url } from '../../encoding/base64.ts';
import { Failure, invalid } from '../../errors.ts';
import { attachedText, type Payload, payloadOf, signingInput } from './payload.ts';
import { formatJws, type JwsForm, maxSignatures, type WrittenSignature } from './serialization.ts';
import { type JwsSignatureOptions, signatureTable, signerHeaders } from './signer-headers.ts';

/** How the payload goes along. */
export interface JwsPayloadOptions {
  /** Leave the payload out; the verifier brings it (RFC 7515 appendix F). Default false. */
  readonly detached?: boolean;
  /**
   * Sign and write the payload as it is, `b64: false` (RFC 7797). Attached, it is UTF-8 text in JSON
   * and printable ASCII without a dot in compact text. Default false.
   */
  readonly unencoded?: boolean;
}

/** What goes into a JWS beside the payload. */
export interface SignJwsOptions extends CallOptions, JwsSignatureOptions, JwsPayloadOptions {
  /** `compact`, `header.payload.signature`, or JSON: `flattened` for one signature, `general` for any number. */
  readonly form?: JwsForm;
}

/** What goes into a JWS of several signatures beside the payload and its signers. */
export interface SignGeneralJwsOptions extends CallOptions, JwsPayloadOptions {}

const PAYLOAD: TableOf<JwsPayloadOptions> = { detached: isFlag, unencoded: isFlag };
const FORMS: readonly unknown[] = ['compact', 'flattened', 'general'];
const ONE: TableOf<SignJwsOptions> = {
  ...callTable,
  ...signatureTable,
  ...PAYLOAD,
  form: (value) => FORMS.includes(value),
};
const SEVERAL: TableOf<SignGeneralJwsOptions> = { ...callTable, ...PAYLOAD };

/**
 * Signs a payload. The result is text in the form that was asked for, `compact` by default.
 *
 * Throws `ARGUMENT_INVALID` naming the option that is wrong, `MALFORMED` for a payload over 64 MiB unless
 * it is detached and unencoded, `SIGNER_MISMATCH` for the certificate of
 * another key or an answer that is no signature, and passes on what the signer throws.
 */
export async function signJws(payload: Uint8Array, options: SignJwsOptions): Promise<string> {
  checkOptions(options, ONE);
  const { form = 'compact' } = options;
  const { written, content } = contentOf(payload, options, form);
  const made = await signature(content, options, options);
  if (form === 'compact' && made.header !== undefined) {
    throw invalid('compact text has no unprotected header', 'unprotectedHeaders');
  }
  return formatJws(form, written, [made]);
}

/**
 * Signs a payload with every signer, at the same time. The result is JSON in the general form
 * (RFC 7515 §7.2.1). Failures are those of {@link signJws}; the first signer that fails ends the whole.
 */
export async function signGeneralJws(
  payload: Uint8Array,
  signers: readonly JwsSignatureOptions[],
  options: SignGeneralJwsOptions = {},
): Promise<string> {
  checkOptions(options, SEVERAL);
  if (!Array.isArray(signers) || signers.length === 0 || signers.length > maxSignatures) {
    throw invalid(`from 1 to ${maxSignatures} signers are needed`, 'signers');
  }
  for (const [index, one] of signers.entries()) checkOptions(one, signatureTable, `signers.${index}.`);
  const { written, content } = contentOf(payload, options, 'general');
  return formatJws(
    'general',
    written,
    await Promise.all(signers.map((one: JwsSignatureOptions) => signature(content, one, options))),
  );
}

interface Content {
  readonly content: Payload;
  /** Absent when it is detached. */
  readonly written: string | undefined;
}

function contentOf(payload: Uint8Array, { detached, unencoded }: JwsPayloadOptions, form: JwsForm): Content {
  if (!isBytes(payload)) throw invalid('bytes are needed', 'payload');
  const content = payloadOf(payload, unencoded ?? false);
  return { content, written: detached ? undefined : attachedText(content, form) };
}

async function signature(
  content: Payload,
  options: JwsSignatureOptions,
  call: CallOptions,
): Promise<WrittenSignature> {
  const { protectedText, unprotected } = await signerHeaders(options, content.encoded === undefined);
  const made = await signed(options.signer, signingInput(protectedText, content), callOptionsOf(call));
  return {
    protected: protectedText,
    ...(Object.keys(unprotected).length > 0 && { header: unprotected }),
    signature: encodeBase64url(made),
  };
}

/** What the signer answers. Throws `SIGNER_MISMATCH` for a length that its algorithm does not have. */
async function signed(signer: Signer | Mac, message: Uint8Array, call: CallOptions): Promise<Uint8Array> {
  const made = 'mac' in signer ? await signer.mac(message, call) : await signer.sign(message, call);
  const { operation, hash, signatureLength } = algorithm(signer.algorithm);
  const expected = operation === 'mac' && hash !== undefined ? hashLength(hash) : signatureLength;
  // An algorithm without a fixed length still has no empty signature.
  const length = isBytes(made) ? made.length : 0;
  if (length > 0 && (expected ?? length) === length) return made;
  throw new Failure('SIGNER_MISMATCH', 'the signer returned something else than a signature', {
    algorithm: signer.algorithm,
    ref: String(signer.key.ref),
  });
}
