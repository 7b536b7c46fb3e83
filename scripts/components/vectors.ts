// Test vectors of standards and of other implementations, kept in a folder beside the repository:
//
//   const wycheproof = vectors('wycheproof');
//   test('every verdict of Wycheproof', { skip: wycheproof.missing ?? false }, () => { … wycheproof.path … });
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { absent, type Found } from './index.ts';

const ROOT = join(import.meta.dirname, '../..');

/** A file or folder of vectors. HARDKEY_VECTORS says where they are, when not in `../shared/vectors`. */
export function vectors(subpath: string): Found {
  const folder = resolve(ROOT, process.env['HARDKEY_VECTORS'] || '../shared/vectors');
  const path = join(folder, subpath);
  if (existsSync(path)) return { path };
  return absent(`no test vectors ${subpath} in ${folder}: set HARDKEY_VECTORS to the folder that has them`);
}
