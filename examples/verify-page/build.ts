// Builds the page: node build.ts TRUST-FILE OUT-FOLDER
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const SOURCE = join(import.meta.dirname, 'src');
const COPIED = ['index.html', 'style.css', 'icon.svg', 'manifest.webmanifest'];

/** Every file of the page by name; `trust` is any file that createTrust reads. */
export async function buildPage(trust: Uint8Array): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>(COPIED.map((name) => [name, readFileSync(join(SOURCE, name))]));
  for (const [name, contents] of await bundle('page.ts', {})) files.set(name, contents);
  const hash = createHash('sha256');
  for (const [name, contents] of files) hash.update(name).update(contents);
  files.set('trust.json', trust);
  const names = [...files.keys()].map((name) => (name === 'index.html' ? './' : name));
  const define = {
    VERSION: JSON.stringify(hash.digest('hex').slice(0, 16)),
    FILES: JSON.stringify(names),
  };
  for (const [name, contents] of await bundle('service-worker.ts', define)) files.set(name, contents);
  return files;
}

async function bundle(
  entry: string,
  define: Readonly<Record<string, string>>,
): Promise<readonly (readonly [string, Uint8Array])[]> {
  const { outputFiles } = await build({
    entryPoints: [join(SOURCE, entry)],
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    outdir: '/',
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['@hk/source'],
    define: { ...define },
    logLevel: 'warning',
  });
  return outputFiles.map(({ path, contents }) => [path.slice(1), contents]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [trustFile, folder] = process.argv.slice(2);
  if (trustFile === undefined || folder === undefined)
    throw new Error('usage: node build.ts TRUST-FILE OUT-FOLDER');
  for (const [name, contents] of await buildPage(readFileSync(trustFile))) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), contents);
  }
}
