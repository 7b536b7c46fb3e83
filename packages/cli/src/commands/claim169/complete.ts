/**
 * `hardkey claim169 complete`.
 *
 * @module
 */
import { Failure } from 'hardkey';
import { type Prepared, readPrepared } from 'hardkey/formats/claim169';
import type { Context } from '../../context.ts';
import { argument, choice, type Given, onlyOne, required } from '../../given.ts';
import { readArgument, readSmallContent, textOf } from '../../input.ts';
import { openKeys } from '../../keys.ts';
import { fields, json } from '../../render.ts';
import { decodeSignature, SIGNATURE_FORMS } from '../../signature-forms.ts';
import type { Run } from '../../tree/command.ts';
import { readerFor } from './reader-for.ts';
import { writeToBeSigned } from './to-be-signed.ts';
import { wantedOf, writeCredential } from './write-credential.ts';

/** See the tree. */
export const run: Run = async (given, context) => {
  onlyOne(given, ['review', 'signature']);
  onlyOne(given, ['encrypt-with', 'encrypt-to']);
  const wanted = wantedOf(given);
  const prepared = await readPrepared(textOf(await readArgument(argument(given)), 'prepared'));
  await writeToBeSigned(given, prepared);
  if (given.has('review')) return review(given, context, prepared);
  const form = choice(given.text('format') ?? 'raw', 'format', SIGNATURE_FORMS);
  const file = await readSmallContent(required(given, 'signature'));
  const signature = decodeSignature(form, file, prepared.algorithm);
  const { errorLevel } = wanted;
  const encoded = await withReader(given, context, (encryptTo) =>
    prepared.complete(signature, {
      errorLevel,
      ...(encryptTo && { encryptTo }),
      allowService: given.has('allow-service'),
    }),
  );
  await writeCredential(given, context, encoded, wanted);
  return 0;
};

/** What would be signed, for somebody who decides whether it shall be. */
async function review(given: Given, { output }: Context, prepared: Prepared): Promise<number> {
  if (given.text('out') !== undefined) {
    throw new Failure('ARGUMENT_INVALID', 'a review has no credential to write', { field: 'out' });
  }
  const { summary, algorithm, key, digest } = prepared.toJSON();
  if (given.has('json')) await output.write(json({ algorithm, key, digest, summary }));
  else
    await output.write(
      fields([['algorithm', algorithm], ['key', key], ['digest', digest], ...Object.entries(summary)]),
    );
  return 0;
}

const ENCRYPTING = ['encrypt-with', 'encrypt-to', 'encrypt-algorithm'];

/** Runs with who may read it; a store is opened only for a key in it. */
async function withReader<T>(
  given: Given,
  context: Context,
  use: (reader: Awaited<ReturnType<typeof readerFor>>) => Promise<T>,
): Promise<T> {
  if (ENCRYPTING.every((name) => given.text(name) === undefined)) return use(undefined);
  const opened = await openKeys(given, context);
  await using _ = opened.keys;
  return await use(await readerFor(given, opened));
}
