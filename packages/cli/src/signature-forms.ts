/**
 * The forms of a signature that stands alone.
 *
 * @module
 */
import { algorithm, ecdsaFromDer, Failure, type SignatureAlgorithm } from 'hardkey';
import { fromBase64 } from './base64.ts';
import { textOf, withoutLineEnd } from './input.ts';

/** Every form: `raw` is r‖s for ECDSA, `der` its DER. */
export const SIGNATURE_FORMS = ['raw', 'der', 'base64', 'hex'] as const;

/** One of {@link SIGNATURE_FORMS}. */
export type SignatureForm = (typeof SIGNATURE_FORMS)[number];

/** The signature in a file, as the formats take it. Throws `MALFORMED`, field `signature`, when it is not in its form. */
export function decodeSignature(form: SignatureForm, file: Uint8Array, name: SignatureAlgorithm): Uint8Array {
  if (form === 'raw') return file;
  const { keyType, signatureLength = 0 } = algorithm(name);
  if (form !== 'der') {
    const text = textOf(withoutLineEnd(file), 'signature');
    return form === 'base64' ? fromBase64(text, 'signature') : fromHex(text);
  }
  if (keyType === 'EC') return ecdsaFromDer(file, signatureLength);
  throw new Failure('ARGUMENT_INVALID', 'der is a form of ECDSA signatures', { field: 'format' });
}

function fromHex(text: string): Uint8Array {
  if (/^(?:[0-9a-fA-F]{2})*$/.test(text)) return new Uint8Array(Buffer.from(text, 'hex'));
  throw new Failure('MALFORMED', 'not hexadecimal', { field: 'signature' });
}
