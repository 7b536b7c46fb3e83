/**
 * Verifying a JWS (RFC 7515 §5.2). Needs public keys only.
 *
 * @module
 */
import type { SignatureAlgorithm } from '../../core/algorithms.ts';
import { type Trust, type Trusted, verifyTrusted } from '../../core/trust/trust.ts';
import { decodeBase64url, encodeBase64url } from '../../encoding/base64.ts';
import { utf8 } from '../../encoding/bytes.ts';
import { Failure } from '../../errors.ts';
import { decodeHeader } from './header.ts';

/** What verification needs. */
export interface OpenJwsOptions {
  readonly trust: Trust;
  /** The verifier's time. Default now. */
  readonly at?: Date;
  /** The payload of a detached signature. */
  readonly payload?: Uint8Array;
}

/** A payload whose signature is genuine, by whom, and every check that was made. */
export interface OpenedJws extends Trusted {
  readonly payload: Uint8Array;
  readonly algorithm: SignatureAlgorithm;
  readonly keyId?: string;
}

const OPTIONS: readonly string[] = ['trust', 'at', 'payload'];

/**
 * Verifies a JWS in the compact serialization and returns its payload. Keys found in the header
 * (`jwk`, `jku`, `x5u`) are never used; a certificate chain (`x5c`) counts where it leads to a root of
 * the trust.
 *
 * Throws `VERIFICATION_FAILED` with the check that failed, `UNSUPPORTED` for an algorithm that is not
 * known, `none` among them, or a `crit`ical parameter, and `MALFORMED`, field `jws`.
 */
export async function openJws(text: string, options: OpenJwsOptions): Promise<OpenedJws> {
  const [unknown] = Object.keys(options).filter((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) throw new Failure('ARGUMENT_INVALID', 'unknown option', { field: unknown });
  const { header, content, signature: encoded } = split(text);
  const signature = decodeBase64url(encoded, 'jws.signature');
  const { algorithms, ...names } = decodeHeader(header);
  const payload = payloadOf(content, options.payload);
  const algorithm = chosen(algorithms, signature);
  const message = utf8(`${header}.${content === '' ? encodeBase64url(payload) : content}`);
  const at = options.at ?? new Date();
  const trusted = await verifyTrusted(options.trust, { algorithm, signature, message, at, ...names });
  const { keyId } = names;
  return { ...trusted, payload, algorithm, ...(keyId !== undefined && { keyId }) };
}

interface Parts {
  readonly header: string;
  readonly content: string;
  readonly signature: string;
}

function split(text: string): Parts {
  const [header = '', content = '', signature, ...more] = text.split('.');
  if (signature !== undefined && more.length === 0) return { header, content, signature };
  throw new Failure('MALFORMED', 'not three parts with dots between them', { field: 'jws' });
}

function payloadOf(content: string, detached: Uint8Array | undefined): Uint8Array {
  if (content === '' && detached !== undefined) return detached;
  if (detached === undefined) return decodeBase64url(content, 'jws.payload');
  throw new Failure('ARGUMENT_INVALID', 'the payload is attached', { field: 'payload' });
}

/** RFC 8037 §3.1: `EdDSA` is said of both curves, and the signatures of the two differ in length. */
function chosen(
  algorithms: readonly { readonly name: SignatureAlgorithm; readonly signatureLength?: number }[],
  signature: Uint8Array,
): SignatureAlgorithm {
  const row = algorithms.find((one) => one.signatureLength === signature.length) ?? algorithms[0];
  if (row !== undefined) return row.name;
  throw new Failure('UNSUPPORTED', 'unknown signature algorithm', { field: 'jws.alg' });
}
