/**
 * For whom a credential is encrypted: `--encrypt-with` and `--encrypt-to`.
 *
 * @module
 */
import type { Given } from '../../given.ts';
import { type Opened, openNamed } from '../../keys.ts';
import { type Reader, readerOf, readerWith, readPublicKey } from '../../readers.ts';

/** The reader, or undefined when everybody may read. */
export async function readerFor(given: Given, { keys }: Opened): Promise<Reader | undefined> {
  const publicKey = given.text('encrypt-to');
  if (publicKey !== undefined) return readerOf(await readPublicKey(publicKey, 'encrypt-to'));
  const name = given.text('encrypt-with');
  // `--fingerprint` is about the key that signs.
  return name === undefined ? undefined : readerWith(await openNamed(keys, name));
}
