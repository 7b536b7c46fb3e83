/**
 * The CWT tag (RFC 8392 §6), which stands before the tag of the COSE structure.
 *
 * @module
 */
import { concat } from '../../encoding/bytes.ts';
import { isShortest, readArgument } from '../../encoding/cbor/head.ts';
import { Failure } from '../../errors.ts';
import { bytesGiven, optionsGiven } from '../cose/options.ts';

/** The CBOR tag of a CWT. */
export const cwtTag = 61;

/** A token without its CWT tag. */
export interface Untagged {
  /** Whether it had one. */
  readonly tagged: boolean;
  /** What follows the tag, as a view of the input. */
  readonly content: Uint8Array;
}

const TAG = 6;

/**
 * Takes the CWT tag off, where there is one. What follows is not looked at, so this also serves claims
 * that some issuers tag. A tag that is not in its shortest form is one, unless `deterministic`, when it
 * is `MALFORMED`, field `cwt`.
 */
export function untagCwt(bytes: Uint8Array, options: { readonly deterministic?: boolean } = {}): Untagged {
  const { deterministic = false } = optionsGiven(options);
  const none = { tagged: false, content: bytesGiven(bytes, 'bytes') };
  const [first = 0] = bytes;
  const info = first & 31;
  // 61 does not fit into the first byte; from 28 on there is no argument (RFC 8949 §3).
  if (first >> 5 !== TAG || info < 24 || info > 27) return none;
  const size = 1 << (info - 24);
  if (bytes.length <= size || readArgument(bytes, 1, size) !== cwtTag) return none;
  if (deterministic && !isShortest(cwtTag, size)) {
    throw new Failure('MALFORMED', 'the head is not the shortest', { field: 'cwt', offset: 0 });
  }
  return { tagged: true, content: bytes.subarray(1 + size) };
}

/** Puts the CWT tag before a COSE structure, which must have its own (RFC 8392 §6). */
export function tagCwt(cose: Uint8Array): Uint8Array<ArrayBuffer> {
  if ((bytesGiven(cose, 'cose')[0] ?? 0) >> 5 !== TAG) {
    throw new Failure('ARGUMENT_INVALID', 'the COSE structure has no tag', { field: 'tagged' });
  }
  return concat(Uint8Array.of(0xd8, cwtTag), cose);
}
