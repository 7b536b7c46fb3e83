/**
 * `hardkey key import`.
 *
 * @module
 */
import {
  algorithm,
  isFailure,
  type Key,
  type KeyMaterial,
  type Keys,
  Secret,
  type SecretSource,
} from 'hardkey';
import { secretFile, secretPrompt } from 'hardkey/secrets';
import type { Context } from '../../context.ts';
import { argument, type Given } from '../../given.ts';
import { readSmallContent } from '../../input.ts';
import type { Run } from '../../tree/command.ts';
import { makeKey } from './make.ts';

/** See the tree. */
export const run: Run = async (given, context) => {
  const name = given.text('algorithm');
  const known = name === undefined ? {} : { algorithm: algorithm(name).name };
  const bytes = await readSmallContent(argument(given));
  using material = new Secret(bytes);
  bytes.fill(0);
  const passphrase = passphraseOf(given, context);
  await makeKey(given, context, (keys, ref) => importKey(keys, ref, { material, ...known }, passphrase));
  return 0;
};

/** Takes the key in, and asks for what opens it when it turns out that something has to. */
async function importKey(
  keys: Keys,
  ref: string,
  content: KeyMaterial,
  { source, ask }: KeyPassphrase,
): Promise<Key> {
  using given = await source?.();
  try {
    return await keys.import(ref, given === undefined ? content : { ...content, passphrase: given });
  } catch (error) {
    if (ask === undefined || given !== undefined || !needsPassphrase(error)) throw error;
    using answer = await ask();
    return await keys.import(ref, { ...content, passphrase: answer });
  }
}

/** What opens the key: where the user said that it is, and who can be asked otherwise. */
interface KeyPassphrase {
  readonly source?: SecretSource;
  readonly ask?: SecretSource;
}

function passphraseOf(given: Given, { interactive }: Context): KeyPassphrase {
  const path = given.text('key-passphrase-file');
  if (path !== undefined) return { source: secretFile(path) };
  return interactive ? { ask: secretPrompt('Passphrase of the key file: ') } : {};
}

function needsPassphrase(error: unknown): boolean {
  return isFailure(error, 'ARGUMENT_INVALID') && error.details.field === 'passphrase';
}
