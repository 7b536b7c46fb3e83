// Verification must run in a browser and must not be able to touch a private key. Every verify path is
// bundled as a browser would have it, and the bundle's inputs are searched for what may not be there.
import { globSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { relative, resolve } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { report } from './report.ts';

const SOURCE = 'packages/hardkey/src';
const ENTRIES = ['core/verify.ts', 'core/trust/*.ts', 'formats/*/verify*.ts', 'formats/*/open-jwt.ts'];
const FORBIDDEN = ['core/software', 'unsafe', 'providers', 'testing'];

/** What was found on one verify path. */
export interface VerifyPath {
  readonly entry: string;
  readonly modules: number;
  /** npm packages that it brings into a browser. */
  readonly packages: readonly string[];
  readonly problems: readonly string[];
}

/** Walks every verify path of the workspace at `root`. */
export async function verifyPaths(root: string): Promise<readonly VerifyPath[]> {
  const entries = ENTRIES.flatMap((pattern) => globSync(`${SOURCE}/${pattern}`, { cwd: root })).sort();
  return Promise.all(entries.map((entry) => walk(root, entry)));
}

async function walk(root: string, entry: string): Promise<VerifyPath> {
  try {
    const { metafile } = await build({
      absWorkingDir: resolve(root),
      entryPoints: [entry],
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      conditions: ['@hk/source'],
      external: ['node:*'],
      logLevel: 'silent',
    });
    return inspect(entry, metafile);
  } catch (error) {
    // The bundler's own words: an import that a browser cannot have, or a file that is not there.
    return { entry, modules: 0, packages: [], problems: [`${entry}: ${(error as Error).message}`] };
  }
}

function inspect(entry: string, { inputs }: Metafile): VerifyPath {
  const via = chains(entry, inputs);
  const files = Object.keys(inputs);
  const bad = files.filter((file) => FORBIDDEN.some((part) => isUnder(file, `${SOURCE}/${part}`)));
  const builtins = files.flatMap((file) =>
    (inputs[file]?.imports ?? [])
      .filter(({ path, external }) => external && (path.startsWith('node:') || isBuiltin(path)))
      .map(({ path }) => `${via(file)} → ${path}`),
  );
  return {
    entry,
    modules: files.length,
    packages: [...new Set(files.flatMap(packageOf))].sort(),
    problems: [...bad.map(via), ...builtins].map((chain) => `reachable by verification: ${chain}`),
  };
}

function isUnder(file: string, part: string): boolean {
  return file.startsWith(`${part}/`) || file === `${part}.ts`;
}

function packageOf(file: string): readonly string[] {
  const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file) ?? [];
  return name ? [name] : [];
}

/** For each file, the shortest chain of imports that leads to it. */
function chains(entry: string, inputs: Metafile['inputs']): (file: string) => string {
  const from = new Map<string, string | undefined>([[entry, undefined]]);
  for (const file of from.keys())
    for (const { path, external } of inputs[file]?.imports ?? [])
      if (!external && !from.has(path)) from.set(path, file);
  return (file) => {
    const before = from.get(file);
    const name = relative(SOURCE, file).startsWith('..') ? file : relative(SOURCE, file);
    return before === undefined ? name : `${chains(entry, inputs)(before)} → ${name}`;
  };
}

if (import.meta.main) {
  const found = await verifyPaths('.');
  const none = found.length === 0 ? ['no verify path was found'] : [];
  report(
    [...none, ...found.flatMap(({ problems }) => problems)],
    found
      .map(
        ({ entry, modules, packages }) =>
          `${entry}: ${modules} modules, ${packages.join(' ') || 'no package'}`,
      )
      .join('\n'),
  );
}
