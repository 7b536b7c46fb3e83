/**
 * The `hardkey` command.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import type { Context } from './context.ts';
import { readEnvironment } from './environment.ts';
import { endingOf } from './exit.ts';
import { type Output, streamOutput } from './output.ts';
import { readPlain } from './plain.ts';
import type { Asked } from './tree/command.ts';
import { TREE } from './tree/index.ts';

/** Runs one command line, without the program's name, and gives its exit status. Never throws. */
export async function main(args: readonly string[]): Promise<number> {
  const output = streamOutput(process.stdout, process.stderr);
  return run(args, output);
}

async function run(args: readonly string[], output: Output): Promise<number> {
  try {
    return await attempt(args, output);
  } catch (error) {
    const { status, text } = endingOf(error, args.includes('--json'));
    // When standard error is closed too, the status says it.
    await output.note(text).catch(() => undefined);
    return status;
  }
}

async function attempt(args: readonly string[], output: Output): Promise<number> {
  const asked = readPlain(args, TREE) ?? (await explained(args, output));
  if (typeof asked === 'number') return asked;
  const { run } = await asked.leaf.load();
  return run(asked.given, contextOf(output));
}

async function explained(args: readonly string[], output: Output): Promise<Asked | number> {
  const { read } = await import('./program.ts');
  return read(args, output, version());
}

function contextOf(output: Output): Context {
  return {
    output,
    environment: readEnvironment(process.env),
    interactive: process.stderr.isTTY === true,
    execute: attempt,
  };
}

function version(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}
