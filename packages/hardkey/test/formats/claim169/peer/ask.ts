// The published claim169 package, asked through peer.py.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { component } from '../../../../../../scripts/components/index.ts';
import type { Named } from './names.ts';

const python = component('python-peers');
/** Why it cannot be asked here. */
export const skip: string | false = python.missing ?? false;

/** A question, as peer.py takes it. */
export interface Asked {
  readonly op: 'encode' | 'decode';
  readonly [name: string]: unknown;
}

/** Its answer. */
export interface Answer {
  readonly error?: string;
  readonly text?: string;
  readonly claim?: Named;
  readonly meta?: Named;
  readonly verified?: boolean;
  readonly kid?: string | null;
  readonly x5chain?: readonly string[];
}

/** Asks everything in one run of Python. */
export function ask(questions: readonly Asked[]): readonly Answer[] {
  const { status, stdout, stderr } = spawnSync(python.path, [join(import.meta.dirname, 'peer.py')], {
    encoding: 'utf8',
    input: questions.map((one) => `${JSON.stringify(one)}\n`).join(''),
    maxBuffer: 2 ** 26,
    env: { ...process.env, PYTHONIOENCODING: 'utf8' },
  });
  assert.equal(status, 0, stderr);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer);
}
