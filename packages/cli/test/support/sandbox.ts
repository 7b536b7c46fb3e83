// A home of its own for the command, run as a process on the source.
import assert from 'node:assert/strict';
import { type SpawnSyncOptions, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

/** What a process did. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a process gets beside its arguments. */
export interface Surroundings {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  /** Open file descriptors that it has as 3, 4 and so on. */
  readonly descriptors?: readonly number[];
}

/** What `sign` says where no backend is configured. */
export const PROTECTION: RegExp =
  /^hardkey: signed with a software key in [a-z ]+; no backend is configured\n/m;

const ENTRY = join(import.meta.dirname, 'hardkey.ts');
/** Stripping types once is enough. */
const COMPILE_CACHE = join(tmpdir(), 'hardkey-test-compile-cache');

/** Node's arguments that run the command. */
export const COMMAND: readonly string[] = [process.execPath, '--conditions=@hk/source', ENTRY];

/** What `key generate --json` and its like say, in this order. */
export const MADE: readonly string[] = [
  'ref',
  'algorithm',
  'keyId',
  'fingerprint',
  'publicKeyPem',
  'custody',
];

/** A key as they describe it. */
export interface Made {
  readonly ref: string;
  readonly algorithm: string;
  readonly keyId: string;
  readonly fingerprint: string | null;
  readonly publicKeyPem: string | null;
  readonly custody: unknown;
}

/** Custody of a key in a store without a passphrase. */
export const OPEN_CUSTODY = {
  place: 'file',
  level: 'claimed',
  facts: { encrypted: false, extractable: true },
};

/** What {@link sandbox} gives. */
export type Sandbox = ReturnType<typeof sandbox>;

/** A folder with a home in it, removed when the tests of the file are done. */
export function sandbox() {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-cli-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const home = join(folder, 'home');
  const work = join(folder, 'work');
  for (const one of [home, work]) mkdirSync(one);
  const path = (name: string) => join(work, name);
  const environment = { HOME: home, NODE_COMPILE_CACHE: COMPILE_CACHE };

  /** Runs the command in the work folder; its output as bytes. */
  function spawn(args: readonly string[], { input, env = {}, descriptors = [] }: Surroundings = {}) {
    const [node = '', ...before] = COMMAND;
    const options: SpawnSyncOptions = {
      cwd: work,
      env: { ...environment, ...env },
      input: input ?? '',
      stdio: ['pipe', 'pipe', 'pipe', ...descriptors],
      timeout: 60_000,
      maxBuffer: 1 << 26,
    };
    const { status, stdout, stderr } = spawnSync(node, [...before, ...args], options);
    return { status, stdout: stdout as Buffer, stderr: String(stderr) };
  }

  /** The same, with its output as text, and without what is said of every key that nobody chose a place for. */
  function run(args: readonly string[], surroundings?: Surroundings): Ended {
    const { status, stdout, stderr } = spawn(args, surroundings);
    return { status, stdout: stdout.toString('utf8'), stderr: stderr.replace(PROTECTION, '') };
  }

  /** Its output, when it ends well and complains of nothing. */
  function ok(args: readonly string[], surroundings?: Surroundings): string {
    const { status, stdout, stderr } = run(args, surroundings);
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' }, args.join(' '));
    return stdout;
  }

  /** Asserts that it ends with a status and one line, and writes no result. */
  function fails(args: readonly string[], status: number, line: string, surroundings?: Surroundings): void {
    assert.deepEqual(run(args, surroundings), { status, stdout: '', stderr: `hardkey: ${line}\n` });
  }

  /** Makes a key in a store without a passphrase. */
  function generate(algorithm: string, label: string, ...more: readonly string[]): Made {
    const args = ['key', 'generate', '--algorithm', algorithm, '--label', label, '--no-passphrase', '--json'];
    return JSON.parse(ok([...args, ...more])) as Made;
  }

  return {
    folder,
    home,
    work,
    path,
    environment,
    spawn,
    run,
    ok,
    fails,
    generate,
    write: (name: string, content: string | Uint8Array) => writeFileSync(path(name), content),
    read: (name: string): Buffer => readFileSync(path(name)),
  };
}
