/**
 * The header of a signature, as its signer writes it.
 *
 * @module
 */
import { algorithm, isAlgorithm } from '../../core/algorithms.ts';
import type { Mac, Signer } from '../../core/operations.ts';
import { isBytes, isName, isNames, type TableOf } from '../../core/option-table.ts';
import { STAND_IN, standsInFor } from '../../core/stand-in.ts';
import { isJsonObject, isText, type JsonObject } from '../../core/trust/strict-json.ts';
import { parseCertificate } from '../../core/x509/certificate.ts';
import { encodeBase64, encodeBase64url } from '../../encoding/base64.ts';
import { utf8 } from '../../encoding/bytes.ts';
import { Failure, invalid } from '../../errors.ts';
import { type JwsHeaders, protectedOnly, registered } from './header.ts';
import { checkJson, isPlainObject } from './json-values.ts';

/** One signature and what its header says. */
export interface JwsSignatureOptions {
  /** Signs, or makes a code with a shared key (`HS256` and its like). */
  readonly signer: Signer | Mac;
  /**
   * The `kid`, protected. Default: the RFC 7638 thumbprint of the public key, and nothing for a shared
   * key, whose thumbprint would say something of it; `null` leaves it out.
   */
  readonly keyId?: string | null;
  /** The `typ`: what the whole is. */
  readonly type?: string;
  /** The `cty`: what the payload is. */
  readonly contentType?: string;
  /** `x5c`: the signer's certificate and those after it, DER. The root may be left out. */
  readonly certificates?: readonly Uint8Array[];
  /** More protected parameters. */
  readonly protectedHeaders?: JsonObject;
  /** Names among {@link protectedHeaders} that a reader must understand, for `crit`. */
  readonly critical?: readonly string[];
  /** Parameters that the signature does not cover. There is no place for them in compact text. */
  readonly unprotectedHeaders?: JsonObject;
}

/** {@link JwsSignatureOptions} for callers that were not compiled. */
export const signatureTable: TableOf<JwsSignatureOptions> = {
  signer: isSigner,
  keyId: (value) => value === null || isName(value),
  type: isName,
  contentType: isName,
  certificates: (value) => Array.isArray(value) && value.length > 0 && value.every(isBytes),
  protectedHeaders: isPlainObject,
  critical: isNames,
  unprotectedHeaders: isPlainObject,
};

/** A header to be written. */
export interface WrittenHeaders extends JwsHeaders {
  /** The encoded protected header. */
  readonly protectedText: string;
}

/** Parameters that have an option of their own. */
const OWN: readonly string[] = [...protectedOnly, 'kid', 'typ', 'cty', 'x5c', STAND_IN];

/**
 * Both parts of a header. Throws `ARGUMENT_INVALID` naming what does not go together, `UNSUPPORTED` for
 * an algorithm that JOSE does not name, and `SIGNER_MISMATCH` for the certificate of another key.
 */
export async function signerHeaders(
  options: JwsSignatureOptions,
  unencoded: boolean,
): Promise<WrittenHeaders> {
  if (options.signer === undefined) throw invalid('nothing signs', 'signer');
  const { signer, type, contentType, protectedHeaders: more = {}, unprotectedHeaders = {} } = options;
  checkMore(more, OWN, 'protectedHeaders');
  checkMore(unprotectedHeaders, protectedOnly, 'unprotectedHeaders');
  const keyId = keyIdOf(options);
  const x5c = await certificatesOf(options);
  const critical = criticalOf(options, unencoded);
  const standIn = standsInFor(signer.key);
  const header = {
    alg: joseName(signer),
    ...(keyId !== undefined && { kid: keyId }),
    ...(type !== undefined && { typ: type }),
    ...(contentType !== undefined && { cty: contentType }),
    ...(x5c !== undefined && { x5c }),
    ...(standIn !== undefined && { [STAND_IN]: standIn }),
    ...more,
    ...(unencoded && { b64: false }),
    ...(critical.length > 0 && { crit: critical }),
  };
  const twice = Object.keys(unprotectedHeaders).find((name) => Object.hasOwn(header, name));
  if (twice !== undefined) throw invalid('also in the protected header', `unprotectedHeaders.${twice}`);
  const protectedText = encodeBase64url(utf8(JSON.stringify(header)));
  return { protected: header, unprotected: unprotectedHeaders, protectedText };
}

/** Whether a value signs or makes codes, with an algorithm for that. */
function isSigner(value: unknown): value is Signer | Mac {
  if (!isJsonObject(value) || !isText(value['algorithm']) || !isAlgorithm(value['algorithm'])) return false;
  const operation = 'mac' in value ? 'mac' : 'sign';
  return typeof value[operation] === 'function' && algorithm(value['algorithm']).operation === operation;
}

function joseName(signer: Signer | Mac): string {
  const { jose } = algorithm(signer.algorithm);
  if (jose !== undefined) return jose;
  throw new Failure('UNSUPPORTED', 'JOSE has no name for it', { algorithm: signer.algorithm });
}

function keyIdOf({ signer, keyId }: JwsSignatureOptions): string | undefined {
  if (keyId !== undefined) return keyId ?? undefined;
  return 'publicKey' in signer ? signer.publicKey.thumbprint : undefined;
}

function checkMore(more: JsonObject, reserved: readonly string[], path: string): void {
  checkJson(more, path);
  const taken = reserved.find((name) => Object.hasOwn(more, name));
  if (taken !== undefined) throw invalid('the parameter is not given here', `${path}.${taken}`);
}

function criticalOf(
  { critical = [], protectedHeaders = {} }: JwsSignatureOptions,
  unencoded: boolean,
): string[] {
  const wrong = critical.some((name) => registered.includes(name) || !Object.hasOwn(protectedHeaders, name));
  if (wrong || new Set(critical).size !== critical.length) {
    throw invalid('not a list of parameters of protectedHeaders', 'critical');
  }
  return unencoded ? ['b64', ...critical] : [...critical];
}

/** RFC 7515 §4.1.6: base64 of each, the signer's first. */
async function certificatesOf({
  signer,
  certificates,
}: JwsSignatureOptions): Promise<readonly string[] | undefined> {
  const [first] = certificates ?? [];
  if (certificates === undefined || first === undefined) return undefined;
  if (!('publicKey' in signer)) throw invalid('a shared key has no certificate', 'certificates');
  const leaf = await parseCertificate(first, 'certificates.0');
  const { fingerprint } = await leaf.publicKey();
  if (fingerprint === signer.publicKey.fingerprint) return certificates.map(encodeBase64);
  throw new Failure('SIGNER_MISMATCH', 'the first certificate is of another key', {
    field: 'certificates.0',
    expected: fingerprint,
    actual: signer.publicKey.fingerprint,
  });
}
