/**
 * The photos of records: files that a column names.
 *
 * @module
 */
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { Failure, isFailure } from 'hardkey';
import type { EncodeOptions, Identity, Meta } from 'hardkey/formats/claim169';
import { readSmall } from '../../../files.ts';
import type { Given } from '../../../given.ts';
import { STDIN } from '../../../input.ts';
import { type PhotoChoice, photoChoice, photoFitter } from '../../../photos.ts';

/** Where photos are: plain values. */
export interface PhotoFiles extends PhotoChoice {
  readonly column: string;
  /** Names begin here, and none leads out of it. */
  readonly folder: string;
}

/** Puts the photo of a file into an identity. What is wrong with the file is wrong with the record. */
export type FitFile = (identity: Identity, meta: Meta, name: string) => Promise<Identity>;

/** Reads the options; undefined without `--photo-column`. The folder is that of the input where none is named. */
export function photoFilesOf(given: Given, input: string): PhotoFiles | undefined {
  const choice = photoChoice(given, 'photo-column');
  const column = given.text('photo-column');
  const folder = given.text('photos');
  if (choice !== undefined && column !== undefined) {
    return { ...choice, column, folder: resolve(folder ?? (input === STDIN ? '.' : dirname(input))) };
  }
  if (folder === undefined) return undefined;
  throw new Failure('ARGUMENT_INVALID', '--photos is for --photo-column', { field: 'photos' });
}

/** Fits photos of files into credentials that are encoded so. */
export async function fileFitter(
  { folder, column: _, ...choice }: PhotoFiles,
  encoding: EncodeOptions,
): Promise<FitFile> {
  const fit = await photoFitter(choice, encoding);
  return async (identity, meta, name) => (await fit(identity, meta, await readPhoto(folder, name))).identity;
}

async function readPhoto(folder: string, name: string): Promise<Uint8Array> {
  const path = resolve(folder, name);
  const inside = relative(folder, path);
  if (isAbsolute(inside) || inside.split(/[\\/]/)[0] === '..') {
    throw new Failure('ARGUMENT_INVALID', 'the photo is not in the folder of photos', { field: 'photo' });
  }
  try {
    return await readSmall(path);
  } catch (error) {
    if (!isFailure(error)) throw error;
    throw new Failure(
      'ARGUMENT_INVALID',
      error.message,
      { field: 'photo', path: join(folder, inside) },
      error,
    );
  }
}
