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
import { openKeys, wholeRef } from '../../keys.ts';
import { json, keyJson, keyText } from '../../render.ts';
import type { Run } from '../../tree/command.ts';
import { storeOptions, storeRef } from './backend.ts';

/** See the tree. */
export const run: Run = async (given, context) => {
  const ref = storeRef(given);
  const name = given.text('algorithm');
  const known = name === undefined ? {} : { algorithm: algorithm(name).name };
  const bytes = await readSmallContent(argument(given));
  using material = new Secret(bytes);
  bytes.fill(0);
  const { keys } = await openKeys(given, context, storeOptions(given));
  await using _ = keys;
  const key = await importKey(keys, ref, { material, ...known }, passphraseOf(given, context));
  await context.output.write(
    given.has('json') ? json(keyJson(key, wholeRef(key))) : keyText(key, wholeRef(key)),
  );
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
