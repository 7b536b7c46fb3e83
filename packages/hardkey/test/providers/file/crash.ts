// Runs an operation in a process that is killed at a step.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { after } from 'node:test';
import { build } from 'esbuild';
import type { Order } from './operations.ts';

/** Starts a program of this folder with an argument. */
export type Start = (argument: object) => ChildProcessByStdio<Writable, Readable, null>;

/** Prepares a program, in one file and compiled: it starts hundreds of times. */
export async function program(name: string): Promise<Start> {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-program-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const outfile = join(folder, 'program.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, name)],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['@hk/source'],
    external: ['sodium-native'],
  });
  const env = { ...process.env, NODE_COMPILE_CACHE: folder };
  return (argument) =>
    spawn(process.execPath, [outfile, JSON.stringify(argument)], { stdio: ['pipe', 'pipe', 'inherit'], env });
}

/** What a child says until it ends. */
export async function heard(child: ReturnType<Start>): Promise<string> {
  let said = '';
  child.stdout.on('data', (data: Uint8Array) => {
    said += String(data);
  });
  await new Promise((resolve) => child.on('close', resolve));
  return said.trim();
}

/** Runs an operation in a process that is killed at a step, or gets to its end; what it said. */
export async function crasher(): Promise<(order: Order) => Promise<string>> {
  const start = await program('crash-child.ts');
  return (order) => heard(start(order));
}

/** Runs for each item, some at once. */
export async function eachAtOnce<T>(
  items: readonly T[],
  width: number,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await run(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
