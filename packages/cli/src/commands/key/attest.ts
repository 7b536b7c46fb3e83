/**
 * `hardkey key attest`.
 *
 * @module
 */
import { Failure } from 'hardkey';
import { readSmall } from '../../files.ts';
import { argument, type Given } from '../../given.ts';
import { textOf } from '../../input.ts';
import { openKeys, openNamed } from '../../keys.ts';
import { json } from '../../render.ts';
import { checkDestination, writeResult } from '../../results.ts';
import type { Run } from '../../tree/command.ts';
import { nonceOf } from './nonce.ts';

/** See the tree. */
export const run: Run = async (given, context) => {
  const nonce = nonceOf(given);
  checkDestination(given, context, { binary: true });
  const certificates = await certificatesOf(given);
  const { keys } = await openKeys(given, context, certificates === undefined ? {} : { certificates });
  await using _ = keys;
  const key = await openNamed(keys, argument(given), given);
  if (key.attest === undefined) {
    throw new Failure('UNSUPPORTED', 'nothing but its provider says where this key lives', {
      ref: String(key.ref),
    });
  }
  await writeResult(given, context, await key.attest({ nonce }));
  const out = given.text('out');
  if (out === undefined || !given.has('json')) return 0;
  const fingerprint = key.publicKey?.fingerprint ?? null;
  const told = { ref: String(key.ref), fingerprint, nonce: Buffer.from(nonce).toString('hex'), out };
  await context.output.write(json(told));
  return 0;
};

/** Certificates of the key that attests, in PEM. */
async function certificatesOf(given: Given): Promise<string | undefined> {
  const path = given.text('certificate');
  return path === undefined ? undefined : textOf(await readSmall(path), 'certificate');
}
