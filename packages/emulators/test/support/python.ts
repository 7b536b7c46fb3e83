// Tests written in Python against the official clients of that language, as tests of this runner.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { component } from '../../../../scripts/components/index.ts';

const python = component('python-cloud-clients');
const SUPPORT = import.meta.dirname;
const OLDEST_MS = 120_000;

/** What the emulator says of one of its rules. */
interface RuleReport {
  readonly rule: string;
  readonly acted: boolean;
}

/** What a test in Python said. */
interface Outcome {
  readonly title: string;
  readonly wrong: string | null;
}

/** An emulator that is to be tested. */
interface Emulator {
  /** Where its own interface listens. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Registers every test of Python modules, which find the emulator by these variables, and one more: that no rule
 * of the emulator stands without having acted in them. The emulator is closed then.
 */
export async function pythonTests(
  emulator: Emulator,
  folder: string,
  modules: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const outcomes = python.missing === undefined ? await run(folder, modules, environment) : [];
  const rules = (await (await fetch(`${emulator.url}/emulator/rules`)).json()) as readonly RuleReport[];
  await emulator.close();
  const skip = python.missing ?? false;
  for (const { title, wrong } of outcomes) test(title, () => assert.ok(wrong === null, wrong ?? ''));
  test('every rule of the emulator was seen to act by the client in Python', { skip }, () => {
    assert.ok(rules.length > 0 && outcomes.length > 0);
    assert.deepEqual(
      rules.filter(({ acted }) => !acted).map(({ rule }) => rule),
      [],
    );
  });
}

async function run(
  folder: string,
  modules: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<readonly Outcome[]> {
  const path = process.env['PATH'];
  const env = { PATH: path, PYTHONPATH: SUPPORT, PYTHONDONTWRITEBYTECODE: '1', ...environment };
  const args = [join(SUPPORT, 'report.py'), folder, ...modules];
  const limits = { timeout: OLDEST_MS, maxBuffer: 1 << 24 };
  const { stdout } = await promisify(execFile)(python.path, args, { env, ...limits });
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Outcome);
}
