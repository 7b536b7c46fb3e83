// Runs a module on Node as it is, and as browsers have it.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { promisify } from 'node:util';
import { bundle } from '../../support/bundle.ts';
import type { Printed } from './run-module.ts';

/** Whether the process finds sodium-native installed. */
export type WithSodium = 'with' | 'without';

const folder = mkdtempSync(join(tmpdir(), 'hardkey-runtimes-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** What the function `run` of a module returns for a file of JSON, in a process of that Node. */
export async function runOnNode(
  node: string,
  sodium: WithSodium,
  module: string,
  input: string,
): Promise<Printed> {
  const runner = join(import.meta.dirname, 'run-module.ts');
  const args = ['--conditions=@hk/source', '--no-warnings', runner, sodium, module, input];
  const { stdout } = await promisify(execFile)(node, args, { maxBuffer: 2 ** 24 });
  return JSON.parse(stdout) as Printed;
}

/** A module as browsers have it, in a file: on Node it uses that Node's WebCrypto. */
export async function forBrowsers(module: string): Promise<string> {
  const { entry, files } = await bundle(module);
  for (const [path, content] of files) written(path, content);
  writtenJson('package.json', { type: 'module' });
  return join(folder, entry);
}

/** A value in a file of JSON that ends with the tests. */
export function writtenJson(name: string, value: unknown): string {
  return written(name, JSON.stringify(value));
}

function written(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}
