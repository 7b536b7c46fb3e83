// What a run of the command loads, as the loader of Node.js sees it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { sandbox } from './sandbox.ts';

const OBSERVER = `
import { registerHooks } from 'node:module';
import { writeFileSync } from 'node:fs';
const seen = new Set();
registerHooks({
  load(url, context, next) {
    seen.add(url);
    return next(url, context);
  },
});
process.on('exit', () => writeFileSync('loaded', [...seen].join('\\n')));
`;

/** What there may be beside the core, the encodings and the frame of the command. */
export interface Loads {
  /** Of hardkey: a folder in src/providers. */
  readonly provider: string;
  /** Of the command: the file that leads to the provider. */
  readonly backend: string;
  /** Of others, as the package.json of hardkey or of the command has them; what they load is theirs. */
  readonly packages: readonly string[];
}

const ALWAYS = /^(core|encoding)\/|^(errors|index|lock-file|secrets)\.ts$/;
const BACKENDS = /^(agents|aws|azure|file-store|gcp|keyrings|tokens|tpms|vaults|audit-log|program)\.ts$/;

/** Asserts that signing a file by a key loads nothing of another backend, format or SDK. */
export function assertLoads(
  { ok, path, read, write }: ReturnType<typeof sandbox>,
  key: string,
  env: Readonly<Record<string, string>>,
  { provider, backend, packages }: Loads,
): void {
  write('observer.mjs', OBSERVER);
  write('observed', 'content');
  const observed = { ...env, NODE_OPTIONS: `--import=${path('observer.mjs')}` };
  ok(['sign', 'observed', '--key', key, '--out', 'observed.sig'], { env: observed });
  const urls = read('loaded').toString().split('\n');
  const below = (place: RegExp): readonly string[] =>
    urls.flatMap((url) => {
      const found = place.exec(url)?.[1];
      return found === undefined ? [] : [found];
    });
  const parts = below(/\/packages\/hardkey\/src\/(.*)/).filter((part) => !ALWAYS.test(part));
  const folders = new Set(parts.map((part) => part.replace(/\/[^/]*$/, '')));
  assert.deepEqual([...folders], [`providers/${provider}`]);
  const frame = below(/\/packages\/cli\/src\/([^/]*)$/);
  assert.deepEqual(
    frame.filter((file) => BACKENDS.test(file)),
    [backend],
  );
  assert.deepEqual(below(/\/packages\/cli\/src\/commands\/(.*)/).toSorted(), ['formats.ts', 'sign.ts']);
  const others = [...new Set(below(/node_modules\/((?:@[^/]+\/)?[^/]+)(?!.*node_modules)/))];
  assert.deepEqual(others.filter((name) => DECLARED.has(name)).toSorted(), packages);
  assert.equal(others.length > 0, packages.length > 0);
}

/** What may be installed for hardkey and for the command. */
const DECLARED: ReadonlySet<string> = new Set(
  ['hardkey', 'cli'].flatMap((name) => {
    const file = join(import.meta.dirname, '../../..', name, 'package.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, object>>;
    const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = manifest;
    return Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
  }),
);
