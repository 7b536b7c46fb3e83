/**
 * The only import path by which private bytes leave. To review what does, search for `hardkey/unsafe`.
 *
 * @module
 */
import { exportKey } from '#software';
import type { Key } from '../core/key.ts';
import { Secret } from '../core/secret.ts';
import { softwareKeyOf } from '../core/software/registry.ts';
import { Failure } from '../errors.ts';

/**
 * The private half of a key this process holds: PKCS #8 DER, or the bytes of a symmetric key. Throws
 * `UNSUPPORTED` for every key that lives elsewhere. Dispose of the secret.
 */
export async function exportPrivateKey(key: Key): Promise<Secret> {
  const software = softwareKeyOf(key);
  if (software === undefined) {
    throw new Failure('UNSUPPORTED', 'the private half is not in this process', { ref: String(key.ref) });
  }
  const bytes = await exportKey(software);
  const secret = new Secret(bytes);
  bytes.fill(0);
  return secret;
}
