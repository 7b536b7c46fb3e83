/**
 * Where a new key goes.
 *
 * @module
 */
import { Failure } from 'hardkey';
import type { Derivation } from 'hardkey/providers/file';
import { choice, type Given, onlyOne, required } from '../../given.ts';
import type { OpeningOptions } from '../../keys.ts';

/** The reference of a key that is to be made: as it is given, or for a label in the file store. */
export function storeRef(given: Given): string {
  onlyOne(given, ['ref', 'label']);
  onlyOne(given, ['ref', 'backend']);
  const ref = given.text('ref');
  if (ref !== undefined) return ref;
  if ((given.text('backend') ?? 'file') !== 'file') {
    throw new Failure('UNSUPPORTED', 'no backend of this name makes keys', { field: 'backend' });
  }
  const label = required(given, 'label');
  // A label with more in it could name a file, or a version.
  if (/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/.test(label)) return `file:${label}`;
  throw new Failure('ARGUMENT_INVALID', 'a label is 1 to 64 letters, digits, dots, hyphens and underscores', {
    field: 'label',
  });
}

const DERIVATIONS: readonly Derivation[] = ['pbkdf2', 'scrypt'];

/** How the store is made, if it is new. */
export function storeOptions(given: Given): OpeningOptions {
  const derivation = given.text('derivation');
  return derivation === undefined ? {} : { derivation: choice(derivation, 'derivation', DERIVATIONS) };
}
