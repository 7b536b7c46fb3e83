/**
 * Keys from elsewhere: wrapped for the server, which alone can unwrap them.
 *
 * @module
 */
import { randomBytes, wrapTo } from '#crypto';
import { exportKey, importSecret, wrap } from '#software';
import { algorithm } from '../../core/algorithms.ts';
import { importPublicKey } from '../../core/import-public-key.ts';
import type { Key, KeyMaterial } from '../../core/key.ts';
import type { CallOptions } from '../../core/operations.ts';
import { importSoftwareKey, type SoftwarePair } from '../../core/software/import.ts';
import { isText } from '../../core/trust/strict-json.ts';
import { encodeBase64 } from '../../encoding/base64.ts';
import { concat } from '../../encoding/bytes.ts';
import { newKey } from './algorithms.ts';
import { malformedAnswer } from './failures.ts';
import { act, checkFree, detailsOf, openKey, type Place, pathOf } from './keys.ts';

/** Takes a key in. Throws `MALFORMED` when its halves do not belong together. */
export async function importKey(place: Place, material: KeyMaterial, options: CallOptions): Promise<Key> {
  const pair = await importSoftwareKey(material);
  const [name = ''] = pair.algorithms;
  const { type } = newKey(pair.publicKey ?? {}, algorithm(name));
  await checkFree(place, options);
  const ciphertext = encodeBase64(await wrapped(place, pair, options));
  // Without it the key could never have a second version.
  const body = { ciphertext, type, hash_function: 'SHA256', allow_rotation: true };
  const path = `${pathOf(place.address)}/import`;
  await act(place, 'import', { method: 'POST', path, body, once: true }, options);
  return openKey(place, options);
}

/** As Transit's import wants it: AES-KWP of the key under a fresh key, and that under the server's (RSA-OAEP-256). */
async function wrapped(place: Place, { key }: SoftwarePair, options: CallOptions): Promise<Uint8Array> {
  const details = detailsOf(place, 'import');
  const request = { method: 'GET', path: `${place.address.at}/wrapping_key` } as const;
  const { public_key: pem } = await place.client.call(request, options, { details });
  if (!isText(pem)) throw malformedAnswer('public_key', details);
  const server = await importPublicKey(pem);
  const bytes = await exportKey(key);
  const fresh = randomBytes(32);
  try {
    const target = await wrap(await importSecret(fresh), algorithm('A256KWP'), bytes);
    return concat(await wrapTo(server, fresh), target);
  } finally {
    bytes.fill(0);
    fresh.fill(0);
  }
}
