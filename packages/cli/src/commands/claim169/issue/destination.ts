/**
 * Where credentials go: `--out`.
 *
 * @module
 */
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Failure } from 'hardkey';
import { fileFailure } from '../../../files.ts';
import { choice, type Given, required } from '../../../given.ts';
import type { Picture } from '../picture.ts';
import { openFolder, syncFolder } from './folder.ts';
import type { Made } from './lane.ts';
import { openFile } from './one-file.ts';

/** A credential, and the line its record begins on. */
export interface Credential {
  readonly line: number;
  readonly made: Made;
}

/** What the manifest says of where a credential is. */
export type Place = { readonly file: string } | { readonly end: number };

/** An output that is open. Close it. */
export interface Destination extends AsyncDisposable {
  /** Credentials that are written together, at most. */
  readonly most: number;
  /** Returns when all of them are durable, with the place of each. */
  write(credentials: readonly Credential[]): Promise<readonly Place[]>;
  /** Removes what an earlier part of the run may have left of a record that has no credential. */
  clear(line: number): Promise<void>;
}

/** What `--out` names: a folder with a file for each credential, or one file for all. */
export interface Target {
  readonly form: Picture | 'ndjson' | 'csv';
  readonly path: string;
  readonly manifest: string;
}

/** Reads `--out` and `--format`. Throws `ARGUMENT_INVALID` for the name of another kind of file. */
export function targetOf(given: Given): Target {
  const out = required(given, 'out');
  const path = resolve(out);
  const format = given.text('format');
  const suffix = /\.(ndjson|csv|png|svg|txt|json|jsonl)$/.exec(out)?.[1];
  if (suffix === undefined) {
    const form = choice(format ?? 'png', 'format', ['png', 'svg', 'txt']);
    return { form, path, manifest: join(path, 'manifest') };
  }
  if (suffix !== 'ndjson' && suffix !== 'csv')
    throw invalid('--out is a folder, or ends in .ndjson or .csv', 'out');
  if (format !== undefined) throw invalid('--format is for the files in a folder', 'format');
  return { form: suffix, path, manifest: `${path}.manifest` };
}

/** What becomes a file of its own, where something does. */
export function pictureOf({ form }: Target): Picture | undefined {
  return form === 'ndjson' || form === 'csv' ? undefined : form;
}

/** Refuses what was there before and is not of a run, and makes the folder. */
export function prepareTarget({ form, path, manifest }: Target): void {
  const isFolder = form !== 'ndjson' && form !== 'csv';
  try {
    if (!existsSync(manifest) && hasContent(path)) throw occupied(path);
    if (isFolder && mkdirSync(path, { recursive: true }) !== undefined) syncFolder(dirname(path));
  } catch (cause) {
    throw cause instanceof Failure ? cause : fileFailure(path, cause);
  }
}

/** Opens it, at the end of what the manifest has lines for. */
export async function openTarget({ form, path }: Target, end: number): Promise<Destination> {
  return form === 'ndjson' || form === 'csv' ? openFile(path, form, end) : openFolder(path, form);
}

function hasContent(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return false;
  if (found.isDirectory()) return readdirSync(path).length > 0;
  return !found.isFile() || found.size > 0;
}

function invalid(message: string, field: string): Failure<'ARGUMENT_INVALID'> {
  return new Failure('ARGUMENT_INVALID', message, { field });
}

function occupied(path: string): Failure<'ARGUMENT_INVALID'> {
  return new Failure('ARGUMENT_INVALID', 'there is something else there already', { field: 'out', path });
}
