/**
 * `hardkey encrypt`.
 *
 * @module
 */
import { encryptEncrypt0, encryptTo } from 'hardkey/formats/cose';
import type { Context } from '../context.ts';
import { argument, type Given, onlyOne } from '../given.ts';
import { readToWrap } from '../input.ts';
import { openKey, openKeys } from '../keys.ts';
import { type Reader, readerOf, readerWith, readPublicKey } from '../readers.ts';
import { checkDestination, writeResult } from '../results.ts';
import type { Run } from '../tree/command.ts';

/** See the tree. */
export const run: Run = async (given, context) => {
  onlyOne(given, ['key', 'to']);
  onlyOne(given, ['key', 'algorithm']);
  checkDestination(given, context, { binary: true });
  await writeResult(given, context, await encrypted(given, context));
  return 0;
};

async function encrypted(given: Given, context: Context): Promise<Uint8Array> {
  const content = await readToWrap(argument(given));
  const to = given.text('to');
  if (to !== undefined) {
    return await encryptFor(given, content, readerOf(await readPublicKey(to, 'to'), given.text('algorithm')));
  }
  const opened = await openKeys(given, context);
  await using _ = opened.keys;
  return await encryptFor(given, content, readerWith(await openKey(opened, given)));
}

async function encryptFor(given: Given, content: Uint8Array, reader: Reader): Promise<Uint8Array> {
  if ('encrypt' in reader) return encryptEncrypt0(content, reader);
  return encryptTo(content, [reader], { allowService: given.has('allow-service') });
}
