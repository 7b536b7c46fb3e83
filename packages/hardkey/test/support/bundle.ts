// A module with all that it imports, as a browser would have it: the source, on the browser's branch of
// every conditional import.
import { basename, relative, resolve } from 'node:path';
import { build } from 'esbuild';

const ROOT = resolve(import.meta.dirname, '../../../..');

/** What a server hands out, by path. */
export type Files = ReadonlyMap<string, Uint8Array | string>;

/** A bundle: the path of the module that was asked for, and every file that it consists of. */
export interface Bundle {
  readonly entry: string;
  readonly files: Files;
}

/** How a bundle is made. */
export interface BundleOptions {
  /** Smaller, as for publishing. */
  readonly minify?: boolean;
}

/** Bundles a module; what it imports on demand becomes files of their own. Paths begin with a slash. */
export async function bundle(entry: string, { minify = false }: BundleOptions = {}): Promise<Bundle> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    bundle: true,
    splitting: true,
    minify,
    write: false,
    outdir: '/',
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['@hk/source'],
    logLevel: 'silent',
  });
  const files = new Map(outputFiles.map(({ path, contents }) => [`/${relative('/', path)}`, contents]));
  return { entry: `/${basename(entry).replace(/\.ts$/, '.js')}`, files };
}
