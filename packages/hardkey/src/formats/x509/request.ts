/**
 * Certification requests (PKCS #10, RFC 2986).
 *
 * @module
 */
import { algorithm } from '../../core/algorithms.ts';
import { callOptionsOf } from '../../core/call-options.ts';
import type { CallOptions, Signer } from '../../core/operations.ts';
import { callTable, checkOptions, isPublicKey, type TableOf } from '../../core/option-table.ts';
import { isJsonObject, isText } from '../../core/trust/strict-json.ts';
import { encodeSignatureAlgorithm } from '../../core/x509/signature-algorithm.ts';
import { der, derBits, derTag, derUnsigned } from '../../encoding/der.ts';
import { ecdsaToDer } from '../../encoding/ecdsa.ts';
import { invalid } from '../../errors.ts';
import { encodeName } from './name.ts';

/** What a request says. */
export interface RequestOptions extends CallOptions {
  /** The key that asks, and that signs the request to prove that it is there. */
  readonly signer: Signer;
  /** The name that is asked for, as RFC 4514 writes it: `CN=Issuer,O=Example,C=CH`. */
  readonly subject: string;
}

const TABLE: TableOf<RequestOptions> = { ...callTable, signer: isJsonObject, subject: isText };

/** The tag [0], constructed: the attributes, of which there are none. */
const ATTRIBUTES = 0xa0;

/**
 * Makes a request, DER; its PEM label is `CERTIFICATE REQUEST`. Throws `ARGUMENT_INVALID` for a subject
 * that is no name, and what the key throws.
 */
export async function createCertificateRequest(options: RequestOptions): Promise<Uint8Array> {
  checkOptions(options, TABLE);
  const { signer, subject } = options;
  if (!isPublicKey((signer as Partial<Signer> | undefined)?.publicKey))
    throw invalid('a signer is needed', 'signer');
  if (!isText(subject)) throw invalid('text is needed', 'subject');
  const identifier = encodeSignatureAlgorithm(signer.algorithm);
  // RFC 2986 §4.1: version 1 is written as zero, and the attributes are there even when there are none.
  const info = der(
    derTag.sequence,
    derUnsigned(Uint8Array.of(0)),
    encodeName(subject, 'subject'),
    signer.publicKey.spki,
    der(ATTRIBUTES),
  );
  const signature = await signer.sign(info, callOptionsOf(options));
  const isEcdsa = algorithm(signer.algorithm).keyType === 'EC';
  return der(derTag.sequence, info, identifier, derBits(isEcdsa ? ecdsaToDer(signature) : signature));
}
