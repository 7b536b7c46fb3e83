/**
 * `hardkey key public`.
 *
 * @module
 */
import { Failure } from 'hardkey';
import { argument } from '../../given.ts';
import { openKeys, openNamed } from '../../keys.ts';
import { json } from '../../render.ts';
import { writeResult } from '../../results.ts';
import type { Run } from '../../tree/command.ts';

/** See the tree. */
export const run: Run = async (given, context) => {
  const { keys } = await openKeys(given, context);
  await using _ = keys;
  const { ref, id, publicKey } = await openNamed(keys, argument(given), given);
  if (publicKey === undefined)
    throw new Failure('UNSUPPORTED', 'the key has no public half', { ref: String(ref) });
  const publicKeyPem = publicKey.toPem();
  const { fingerprint } = publicKey;
  const result = { ref: String(ref), keyId: id, fingerprint, publicKeyPem, jwk: publicKey.toJwk() };
  await writeResult(given, context, given.has('json') ? json(result) : publicKeyPem);
  return 0;
};
