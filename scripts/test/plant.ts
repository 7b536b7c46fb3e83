// A small workspace on disk for a check to look at.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const NODE_MODULES = resolve(import.meta.dirname, '../../node_modules');

/** Writes the files below a temporary folder, lends the folder to `fn` and removes it. */
export async function planted<T>(
  files: Readonly<Record<string, string | object>>,
  fn: (root: string) => T | Promise<T>,
): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), 'hardkey-planted-'));
  try {
    symlinkSync(NODE_MODULES, join(root, 'node_modules'));
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), typeof content === 'string' ? content : JSON.stringify(content));
    }
    return await fn(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
