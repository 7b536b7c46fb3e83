/**
 * Where a credential goes: a picture or a file of text, JSON, or a code on the terminal.
 *
 * @module
 */
import { Failure } from 'hardkey';
import { type Encoded, type QrErrorLevel, qrErrorLevels } from 'hardkey/formats/claim169';
import type { Context } from '../../context.ts';
import { choice, type Given } from '../../given.ts';
import { json, oneLine } from '../../render.ts';
import { writeResult } from '../../results.ts';
import { draw, type Picture } from './picture.ts';

/** What the user wants to have of a credential. Read before anything is signed. */
export interface Wanted {
  /** What `--out` is to hold, by the end of its name. */
  readonly picture?: Picture;
  readonly errorLevel: QrErrorLevel;
}

/** Throws `ARGUMENT_INVALID` for an `--out` of another kind, and an `--error-level` that is none. */
export function wantedOf(given: Given): Wanted {
  const errorLevel = choice(given.text('error-level') ?? 'L', 'error-level', qrErrorLevels);
  const out = given.text('out');
  if (out === undefined) return { errorLevel };
  const suffix = /\.(png|svg|txt)$/.exec(out)?.[1];
  if (suffix !== undefined) return { errorLevel, picture: suffix as Picture };
  throw new Failure('ARGUMENT_INVALID', '--out ends in .png, .svg or .txt', { field: 'out' });
}

/** Writes it. Warnings are part of the JSON, or go where they do not mix. */
export async function writeCredential(
  given: Given,
  context: Context,
  { text, qrVersion, compression, warnings }: Encoded,
  { picture, errorLevel }: Wanted,
): Promise<void> {
  const { output } = context;
  if (picture !== undefined) await writeResult(given, context, await draw(picture, text, errorLevel));
  if (given.has('json')) return output.write(json({ text, qrVersion, compression, warnings }));
  for (const { path, message } of warnings)
    await output.note(`hardkey: warning: ${oneLine(path)}: ${message}`);
  if (picture !== undefined) return;
  if (!output.terminal) return output.write(`${text}\n`);
  const { showQr } = await import('../../show-qr.ts');
  await showQr(text, context, errorLevel);
}
