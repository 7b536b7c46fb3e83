/**
 * For whom a credential is encrypted: `--encrypt-with` and `--encrypt-to`.
 *
 * @module
 */
import { Failure } from 'hardkey';
import type { Given } from '../../given.ts';
import { type Opened, openNamed } from '../../keys.ts';
import { type Reader, readerOf, readerWith, readPublicKey } from '../../readers.ts';

/**
 * The reader, or undefined when everybody may read. A public key does not say which algorithm its owner's
 * key is for: `--encrypt-algorithm` does.
 */
export async function readerFor(given: Given, { keys }: Opened): Promise<Reader | undefined> {
  const publicKey = given.text('encrypt-to');
  const algorithm = given.text('encrypt-algorithm');
  if (publicKey !== undefined) return readerOf(await readPublicKey(publicKey, 'encrypt-to'), algorithm);
  if (algorithm !== undefined) {
    throw new Failure('ARGUMENT_INVALID', '--encrypt-to says for whom', { field: 'encrypt-algorithm' });
  }
  const name = given.text('encrypt-with');
  // `--fingerprint` is about the key that signs.
  return name === undefined ? undefined : readerWith(await openNamed(keys, name));
}
