// The parts of a package.json that the checks read.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What an `exports` or `imports` entry may be: a path, or conditions that lead to one. */
export type Target = string | { readonly [condition: string]: Target };

/** A package of the workspace. */
export interface Manifest {
  /** Its folder, relative to the root. */
  readonly folder: string;
  readonly name: string;
  readonly exports: Readonly<Record<string, Target>>;
  readonly imports: Readonly<Record<string, Target>>;
  /** Names it may import at run time. */
  readonly dependencies: readonly string[];
}

/** Every package of the workspace at `root`. */
export function manifests(root: string): readonly Manifest[] {
  return globSync('packages/*/package.json', { cwd: root }).map((file) => {
    const json = JSON.parse(readFileSync(join(root, file), 'utf8')) as Record<string, object | undefined>;
    const names = ['dependencies', 'optionalDependencies', 'peerDependencies'].flatMap((kind) =>
      Object.keys(json[kind] ?? {}),
    );
    return {
      folder: dirname(file),
      name: String(json['name']),
      exports: (json['exports'] ?? {}) as Manifest['exports'],
      imports: (json['imports'] ?? {}) as Manifest['imports'],
      dependencies: names,
    };
  });
}

/** The package of that name; a workspace without it is an error. */
export function manifest(root: string, name: string): Manifest {
  const found = manifests(root).find((one) => one.name === name);
  if (!found) throw new Error(`no package ${name} in ${root}`);
  return found;
}

/** Every path a target can lead to. */
export function paths(target: Target): readonly string[] {
  return typeof target === 'string' ? [target] : Object.values(target).flatMap(paths);
}

/** The source file behind each subpath of `exports`, by subpath; `./package.json` is left out. */
export function sources({ exports }: Manifest): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [subpath, target] of Object.entries(exports)) {
    const source = typeof target === 'string' ? undefined : target['@hk/source'];
    if (typeof source === 'string') found.set(subpath, source);
  }
  return found;
}
