/**
 * `hardkey key import`.
 *
 * @module
 */
import { algorithm, type KeyMaterial, Secret } from 'hardkey';
import { secretFile, secretPrompt } from 'hardkey/secrets';
import type { Context } from '../../context.ts';
import { argument, type Given } from '../../given.ts';
import { readSmallContent } from '../../input.ts';
import { openKeys, wholeRef } from '../../keys.ts';
import { json, keyJson, keyText } from '../../render.ts';
import type { Run } from '../../tree/command.ts';
import { newRef } from './backend.ts';

/** See the tree. */
export const run: Run = async (given, context) => {
  const ref = newRef(given);
  const name = given.text('algorithm');
  const known = name === undefined ? {} : { algorithm: algorithm(name).name };
  const bytes = await readSmallContent(argument(given));
  using material = new Secret(bytes);
  using passphrase = await passphraseOf(given, context, bytes);
  bytes.fill(0);
  const content: KeyMaterial = { material, ...known, ...(passphrase === undefined ? {} : { passphrase }) };
  const { keys } = await openKeys(given, context);
  await using _ = keys;
  const key = await keys.import(ref, content);
  await context.output.write(
    given.has('json') ? json(keyJson(key, wholeRef(key))) : keyText(key, wholeRef(key)),
  );
  return 0;
};

/** What opens the file, when it is encrypted. */
async function passphraseOf(
  given: Given,
  { interactive }: Context,
  bytes: Uint8Array,
): Promise<Secret | undefined> {
  const path = given.text('key-passphrase-file');
  if (path !== undefined) return secretFile(path)();
  if (!interactive || !isEncrypted(bytes)) return undefined;
  return secretPrompt('Passphrase of the key file: ')();
}

/** RFC 5958 and the older headers of OpenSSL. */
function isEncrypted(bytes: Uint8Array): boolean {
  return /ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(new TextDecoder('latin1').decode(bytes));
}
