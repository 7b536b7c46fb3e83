// A file system that loses power and keeps what it promised, no more: contents that were synced, names
// that a sync of their folder followed. What else is there afterwards it may have kept or not.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { observeSteps, type Step } from '../../../src/providers/file/steps.ts';

/** A folder as a power cut may leave it: the contents of each name. */
export type Remains = ReadonlyMap<string, Uint8Array>;

/** The states that a cut can leave: before any of the steps, and after the operation was acknowledged. */
export interface PowerCuts {
  readonly during: readonly Remains[];
  readonly after: readonly Remains[];
}

/** One file, whatever it is called. */
interface Node {
  contents: Uint8Array;
  synced: boolean;
}

type Names = ReadonlyMap<string, Node>;

/** What became of pages that were not synced: lost, there in part, zeros, or there. */
const PAGES: readonly ((contents: Uint8Array) => Uint8Array)[] = [
  () => new Uint8Array(),
  (contents) => contents.subarray(0, contents.length / 2),
  (contents) => new Uint8Array(contents.length),
  (contents) => contents,
];

/** Does something to a folder, whose contents are synced, and collects what cuts could leave of it. */
export async function powerCuts(
  folder: string,
  act: () => Promise<void>,
  leaveOut?: Step,
): Promise<PowerCuts> {
  const disk = diskOf(folder);
  const during: Remains[] = [];
  let finish = (): void => undefined;
  observeSteps((step, path) => {
    finish();
    finish = () => undefined;
    if (step === 'write') disk.created(path);
    during.push(...disk.remains());
    if (step === leaveOut) return false;
    // The hook comes before its step.
    if (step === 'fsync-file') finish = () => disk.syncFile(path);
    if (step === 'fsync-folder' && path === folder) finish = () => disk.syncNames();
    return true;
  });
  try {
    await act();
  } finally {
    observeSteps(() => true);
  }
  finish();
  return { during: withoutTwins(during), after: withoutTwins(disk.remains()) };
}

/** Makes a folder with these contents. */
export function materialise(remains: Remains, folder: string): void {
  mkdirSync(folder, { mode: 0o700 });
  for (const [name, contents] of remains) writeFileSync(join(folder, name), contents, { mode: 0o600 });
}

function diskOf(folder: string) {
  const nodes = new Map<number, Node>();
  const inode = (path: string): number => statSync(path).ino;
  const nodeOf = (path: string): Node => {
    const node = nodes.get(inode(path)) ?? { contents: new Uint8Array(), synced: false };
    nodes.set(inode(path), node);
    node.contents = new Uint8Array(readFileSync(path));
    return node;
  };
  const now = (): Names => {
    const names = readdirSync(folder).filter((name) => !name.startsWith('.lock'));
    return new Map(names.map((name) => [name, nodeOf(join(folder, name))]));
  };
  let durable = now();
  for (const node of durable.values()) node.synced = true;
  return {
    /** The number of a file that is gone may have been given again. */
    created: (path: string) => void nodes.delete(inode(path)),
    syncFile(path: string) {
      nodeOf(path).synced = true;
    },
    syncNames() {
      durable = now();
    },
    remains: () => namings(durable, now()).flatMap(contentsOfNodes),
  };
}

/** Names that were synced, with each choice of the changes since. */
function namings(durable: Names, now: Names): readonly Names[] {
  const changed = [...new Set([...durable.keys(), ...now.keys()])].filter(
    (name) => durable.get(name) !== now.get(name),
  );
  return Array.from({ length: 2 ** changed.length }, (_, choice) => {
    const names = new Map(durable);
    for (const [bit, name] of changed.entries()) {
      if (((choice >> bit) & 1) === 0) continue;
      const node = now.get(name);
      if (node === undefined) names.delete(name);
      else names.set(name, node);
    }
    return names;
  });
}

function contentsOfNodes(names: Names): readonly Remains[] {
  const all = [...names.values()].every(({ synced }) => synced) ? PAGES.slice(-1) : PAGES;
  return all.map(
    (kept) =>
      new Map([...names].map(([name, { contents, synced }]) => [name, synced ? contents : kept(contents)])),
  );
}

function withoutTwins(all: readonly Remains[]): readonly Remains[] {
  const keyOf = (remains: Remains): string =>
    JSON.stringify(
      [...remains].sort().map(([name, contents]) => [name, Buffer.from(contents).toString('hex')]),
    );
  return [...new Map(all.map((remains) => [keyOf(remains), remains])).values()];
}
