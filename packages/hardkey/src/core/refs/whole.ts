/**
 * The reference of a key with all its versions.
 *
 * @module
 */
import type { KeyRef } from '../key-ref.ts';

/** Where `version` in the query says which of several keys of one name it is. */
const VERSIONED: readonly string[] = ['file', 'hashivault', 'openbao'];

/** The reference without its version, in the schemes whose keys have versions under one name. */
export function wholeKey(ref: KeyRef): string {
  const text = String(ref);
  if (!VERSIONED.includes(ref.scheme)) return text;
  return text.replace(/([?&])version=\d+(&?)/, (_, before: string, more: string) =>
    more === '' ? '' : before,
  );
}
