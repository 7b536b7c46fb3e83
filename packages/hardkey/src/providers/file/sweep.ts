/**
 * Removes what writes left behind that did not end. Nothing of it was ever read.
 *
 * @module
 */
import { join } from 'node:path';
import { changed } from './authentic.ts';
import { remove, syncFolder, TEMPORARY } from './disk.ts';
import type { StoreIndex } from './index-file.ts';
import { type KeyFile, keyFiles, namesIn } from './layout.ts';
import type { KeyRecord } from './record.ts';

/**
 * Removes files that were being written, and those of `label` that its record does not name. Throws
 * `VERIFICATION_FAILED`, check `store.index`, when there are records from after the index: it was put
 * back, and to go on would be to lose them.
 */
export function sweep(folder: string, label: string, index: StoreIndex, record: KeyRecord | undefined): void {
  const files = keyFiles(folder);
  // One write may have ended between its record and the index.
  const later = files.find(({ kind, number }) => kind === 'record' && number > index.serial + 1);
  if (later !== undefined) throw changed('index', later.path);
  const temporary = namesIn(folder).filter((name) => name.startsWith(TEMPORARY));
  const leavings = files.filter((file) => file.label === label && !isNamed(file, record));
  const paths = [...temporary.map((name) => join(folder, name)), ...leavings.map(({ path }) => path)];
  for (const path of paths) remove(path);
  if (paths.length > 0) syncFolder(folder);
}

function isNamed({ kind, number }: KeyFile, record: KeyRecord | undefined): boolean {
  if (record === undefined) return false;
  if (kind === 'record') return number === record.serial;
  return record.versions.some(({ version }) => version === number);
}
