/**
 * `hardkey key public`.
 *
 * @module
 */
import { Failure, type PublicKey } from 'hardkey';
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
  const ssh = given.has('ssh') ? await sshLine(publicKey) : undefined;
  const more = ssh === undefined ? {} : { ssh };
  const result = { ref: String(ref), keyId: id, fingerprint, publicKeyPem, jwk: publicKey.toJwk(), ...more };
  const text = ssh === undefined ? publicKeyPem : `${ssh}\n`;
  await writeResult(given, context, given.has('json') ? json(result) : text);
  return 0;
};

async function sshLine(publicKey: PublicKey): Promise<string> {
  const { formatSshPublicKey } = await import('hardkey/formats/sshsig');
  return formatSshPublicKey(publicKey);
}
