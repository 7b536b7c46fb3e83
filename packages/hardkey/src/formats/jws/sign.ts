/**
 * Signing a JWS (RFC 7515 §5.1).
 *
 * @module
 */
import { algorithm } from '../../core/algorithms.ts';
import type { CallOptions, Signer } from '../../core/operations.ts';
import { encodeBase64url } from '../../encoding/base64.ts';
import { utf8 } from '../../encoding/bytes.ts';
import { Failure } from '../../errors.ts';

/** What goes into a JWS beside the payload. */
export interface SignJwsOptions extends CallOptions {
  readonly signer: Signer;
  /** The `kid`. Default: the RFC 7638 thumbprint of the signer's public key; `null` leaves it out. */
  readonly keyId?: string | null;
  /** Leave the payload out, `header..signature`; the verifier brings it (RFC 7515 appendix F). Default false. */
  readonly detached?: boolean;
}

const OPTIONS: readonly string[] = ['signer', 'keyId', 'detached', 'signal', 'deadline', 'caller'];

/** Signs a payload. The result is text in the compact serialization. */
export async function signJws(payload: Uint8Array, options: SignJwsOptions): Promise<string> {
  const [unknown] = Object.keys(options).filter((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) throw new Failure('ARGUMENT_INVALID', 'unknown option', { field: unknown });
  const { signer, keyId = signer.publicKey.thumbprint, detached = false, ...call } = options;
  const { jose } = algorithm(signer.algorithm);
  if (jose === undefined) {
    throw new Failure('UNSUPPORTED', 'JOSE has no name for it', { algorithm: signer.algorithm });
  }
  const header = encodeBase64url(utf8(JSON.stringify({ alg: jose, ...(keyId !== null && { kid: keyId }) })));
  const content = encodeBase64url(payload);
  const signature = await signer.sign(utf8(`${header}.${content}`), call);
  return `${header}.${detached ? '' : content}.${encodeBase64url(signature)}`;
}
