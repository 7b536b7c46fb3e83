/**
 * Detached content (RFC 9052 §2): the structure without its payload or ciphertext, and both together
 * again. What signatures and codes cover stays the same.
 *
 * @module
 */
import { invalid } from '../../errors.ts';
import { malformed } from './headers.ts';
import { bytesGiven } from './options.ts';
import { type CoseStructure, decodeCose, encodeCose } from './structure.ts';

/** A structure and the content that was in it. */
export interface Detached {
  readonly cose: Uint8Array<ArrayBuffer>;
  readonly content: Uint8Array;
}

/** Which element of every structure is the content. */
const CONTENT = 2;

/** Takes the content out. Throws `MALFORMED`, field `cose`, where there is none. */
export function detachContent(bytes: Uint8Array): Detached {
  const structure = decodeCose(bytes);
  const content = structure.elements[CONTENT];
  if (!(content instanceof Uint8Array)) throw malformed('there is no content');
  return { cose: written(bytes, structure, null), content };
}

/** Puts the content in. Throws `ARGUMENT_INVALID`, field `content`, where there is one. */
export function attachContent(bytes: Uint8Array, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const structure = decodeCose(bytes);
  if (structure.elements[CONTENT] !== null) throw invalid('the content is attached', 'content');
  return written(bytes, structure, bytesGiven(content, 'content'));
}

function written(
  bytes: Uint8Array,
  { kind, elements }: CoseStructure,
  content: Uint8Array | null,
): Uint8Array<ArrayBuffer> {
  // RFC 8949 §3.1: the first byte of a tag is of major type 6.
  return encodeCose(kind, elements.with(CONTENT, content), (bytes[0] ?? 0) >> 5 === 6);
}
