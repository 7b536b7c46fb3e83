// What a page has to load to verify a credential.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { bundle } from '../../support/bundle.ts';

/** Bytes after gzip, which every server has. */
const CORE_LIMIT = 30_000;
const BROTLI_LIMIT = 65_000;

test('verification is small, and what few codes need is in files of its own', async () => {
  const source = join(import.meta.dirname, '../../../src/formats/claim169/verify.ts');
  const { entry, files } = await bundle(source, { minify: true });
  const sizes = new Map(
    [...files].map(([path, contents]) => [path, gzipSync(contents, { level: 9 }).length]),
  );
  const [brotli, ...others] = [...sizes.keys()].filter((path) => path.startsWith('/brotli-'));
  assert.ok(brotli !== undefined && others.length === 0);
  const atOnce = loadedAtOnce(entry, files);
  const core = atOnce.reduce((sum, path) => sum + (sizes.get(path) ?? 0), 0);
  assert.ok(core > 10_000 && core <= CORE_LIMIT, `${core} bytes at once`);
  const ofBrotli = sizes.get(brotli) ?? 0;
  assert.ok(ofBrotli > 50_000 && ofBrotli <= BROTLI_LIMIT, `${ofBrotli} bytes for Brotli`);
  const text = (paths: readonly string[]) => paths.map((path) => Buffer.from(files.get(path) ?? '')).join('');
  assert.ok(text([...files.keys()]).includes('x509.path-length'));
  assert.ok(!/asn1|x509\.path-length/.test(text(atOnce)), 'certificates are read by other files');
});

/** A file and what it imports statically. */
function loadedAtOnce(entry: string, files: ReadonlyMap<string, Uint8Array | string>): readonly string[] {
  const found = new Set([entry]);
  for (const path of found) {
    const text = Buffer.from(files.get(path) ?? '').toString();
    for (const { 1: name } of text.matchAll(/(?:from|import)"\.\/([^"]+)"/g)) found.add(`/${name}`);
  }
  return [...found];
}
