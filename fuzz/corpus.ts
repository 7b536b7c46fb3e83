/**
 * Inputs kept between runs, and what was found.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from './engine.ts';

const CORPUS = join(import.meta.dirname, 'corpus');
const FINDINGS = join(import.meta.dirname, 'findings');
/** Files of one target. A corpus that nobody can look through is not looked at. */
const MOST = 96;

/** The saved inputs of a target, in an order that does not change. */
export function readCorpus(target: string): readonly Uint8Array[] {
  const folder = join(CORPUS, target);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((file) => Uint8Array.from(readFileSync(join(folder, file))));
}

/** Saves inputs that are new, the shortest first, as long as there is room. How many were saved. */
export function saveCorpus(target: string, inputs: readonly Uint8Array[]): number {
  const folder = join(CORPUS, target);
  mkdirSync(folder, { recursive: true });
  const known = new Set(readdirSync(folder));
  const before = known.size;
  for (const input of inputs.toSorted((a, b) => a.length - b.length)) {
    const name = `${hash(input)}.bin`;
    if (known.size >= MOST || known.has(name)) continue;
    writeFileSync(join(folder, name), input);
    known.add(name);
  }
  return known.size - before;
}

/** Writes a finding. The path of its input, which `--replay` takes. */
export function saveFinding(target: string, { input, what }: Finding): string {
  mkdirSync(FINDINGS, { recursive: true });
  const path = join(FINDINGS, `${target}-${hash(input)}`);
  writeFileSync(`${path}.bin`, input);
  writeFileSync(`${path}.txt`, `${what}\n`);
  return `${path}.bin`;
}

function hash(input: Uint8Array): string {
  return createHash('sha256').update(input).digest('hex').slice(0, 16);
}
