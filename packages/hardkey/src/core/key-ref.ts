/**
 * Key references: `scheme:body`, for example `pkcs11:token=prod;object=issuer`.
 *
 * @module
 */
import { Failure, isFailure } from '../errors.ts';
import { lately } from './lately.ts';
import { decoded } from './refs/attributes.ts';
import { checkOpaque, findSecret } from './refs/opaque.ts';
import { refuse } from './refs/refuse.ts';
import { schemeRows } from './refs/schemes.ts';

const REF = /^(?<scheme>[a-z][a-z0-9+.-]*):(?<body>.*)$/s;

/** What would be invisible, end a line, or is no text at all. The last are halves of surrogate pairs. */
const UNSEEN = /[\s\p{Cc}\p{Cf}\p{Cs}]/u;

/** The longest reference, in characters. */
const MAX_LENGTH = 4096;

/** A parsed reference. It names one key and never carries a secret. */
export interface KeyRef {
  readonly scheme: string;
  /**
   * What follows the colon. Schemes known here have one canonical form, whatever dialect the text was
   * in, so that equal references are equal text.
   */
  readonly body: string;
  toString(): string;
}

/**
 * Parses a reference. Schemes known here are checked by their grammar; others are accepted as they
 * are, for plug-ins. Throws `ARGUMENT_INVALID` with the attribute in `field` and, where it can be
 * said, the `offset` in `text`; `UNSUPPORTED` for what another tool's reference says and none here
 * can. Neither quotes the text, which may hold a secret.
 */
export function parseKeyRef(text: string): KeyRef {
  return known.get(text) ?? known.keep(text, parsed(text));
}

/** Every call names a key, most often one of a few, and services are asked for it by its parts. */
const known = lately<KeyRef>(256);

function parsed(text: string): KeyRef {
  checkLength(text);
  const unseen = text.search(UNSEEN);
  if (unseen !== -1) throw refuse('ref', 'percent-encode white space and control characters', unseen);
  const { scheme, body } = REF.exec(text)?.groups ?? {};
  if (scheme === undefined || body === undefined) throw refuse('ref', 'a key reference is scheme:body');
  const row = schemeRows.get(scheme);
  const canonical = inText(scheme.length + 1, () => (row?.canonical ?? checkOpaque)(body));
  const ref = freeze(row?.scheme ?? scheme, canonical);
  // The canonical form may be longer, and is parsed again where a reference comes back.
  checkLength(ref.toString());
  // With the wrong separator before it, a PIN would be the end of a label or of a file's name.
  if (findSecret(decoded(canonical)) !== undefined) throw refuse('ref', 'a reference carries no secret');
  return ref;
}

function checkLength(text: string): void {
  if (typeof text !== 'string') throw refuse('ref', 'a key reference is text');
  if (text.length > MAX_LENGTH) throw refuse('ref', `a reference has at most ${MAX_LENGTH} characters`);
}

/** Makes a reference of its parts, for providers that pin a version. Throws as {@link parseKeyRef}. */
export function keyRef(scheme: string, body: string): KeyRef {
  return parseKeyRef(`${scheme}:${body}`);
}

/** Runs `parse`, and counts the offset of its failure from the start of the text, not of the body. */
function inText(start: number, parse: () => string): string {
  try {
    return parse();
  } catch (error) {
    if (!isFailure(error) || error.details.offset === undefined) throw error;
    throw new Failure(error.code, error.message, { ...error.details, offset: error.details.offset + start });
  }
}

function freeze(scheme: string, body: string): KeyRef {
  return Object.freeze({ scheme, body, toString: () => `${scheme}:${body}` });
}
