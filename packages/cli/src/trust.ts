/**
 * Whose signatures count: the values of `--trust`.
 *
 * @module
 */
import { createTrust, Failure, type Trust, type TrustOptions } from 'hardkey';
import { isFile, readSmall } from './files.ts';
import type { Given } from './given.ts';
import { type Expected, sshSources } from './ssh-keys.ts';

/** What can stand for itself: a short form, JSON, PEM, an SSH key. Anything else was meant as the name of a file. */
const TEXT = /^(?:ed25519:|p256:|did:|\s*\{|-----BEGIN |(?:ssh|ecdsa)-\S+ AAAA)/;

/**
 * Reads every `--trust`. `expected` lets it be a file of allowed signers. Throws `ARGUMENT_INVALID` for one
 * that is neither a file nor a key.
 */
export async function readTrust(
  given: Given,
  options: TrustOptions = {},
  expected?: Expected,
): Promise<Trust> {
  const sources = await Promise.all(
    given.list('trust').map(async (one) => {
      const source = await readKeySource(one, 'trust');
      return (await sshSources(source, expected)) ?? [source];
    }),
  );
  return createTrust(sources.flat(), options);
}

/** What public keys are read from: the bytes of a file, or the text of a key itself. */
export async function readKeySource(argument: string, field: string): Promise<string | Uint8Array> {
  if (isFile(argument)) return readSmall(argument);
  if (TEXT.test(argument)) return argument;
  throw new Failure('ARGUMENT_INVALID', 'neither a file nor the text of a public key', { field });
}
