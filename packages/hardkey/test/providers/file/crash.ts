// Runs an operation in a process that is killed at a step.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { build } from 'esbuild';
import type { Order } from './operations.ts';

/** Prepares the child, in one file and compiled: it starts hundreds of times. */
export async function crasher(): Promise<(order: Order) => Promise<string>> {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-crash-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const outfile = join(folder, 'child.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'crash-child.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['@hk/source'],
    external: ['sodium-native'],
  });
  const env = { ...process.env, NODE_COMPILE_CACHE: folder };
  return async (order) => {
    const args = [outfile, JSON.stringify(order)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env });
    let said = '';
    child.stdout.on('data', (data: Uint8Array) => {
      said += String(data);
    });
    await new Promise((resolve) => child.on('close', resolve));
    return said.trim();
  };
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
