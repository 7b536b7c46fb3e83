// The question for a passphrase, on a terminal and among signals.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { component } from '../../../scripts/components/index.ts';
import { COMMAND, sandbox } from './support/sandbox.ts';

const { work, environment, ok, write } = sandbox();
const python = component('python3');
const SKIP = { skip: python.missing ?? false };

const DRIVER = join(import.meta.dirname, 'support/shell.py');
const ASK = 'Passphrase of the key store: ';
const ENTER = '\r';
const [CONTROL_C, CONTROL_U, CONTROL_Z, CONTROL_BACKSLASH, DELETE] = ['\x03', '\x15', '\x1a', '\x1c', '\x7f'];

type Step = Readonly<Record<string, string | true>>;

/** What came of a command among these steps. */
interface Ended {
  /** Exit status, or the negative number of the signal that ended it. */
  readonly status: number;
  readonly shown: string;
  /** Whether the terminal echoed, wherever a step asked and at the end. */
  readonly echo: readonly boolean[];
}

function inShell(
  steps: readonly Step[],
  args: readonly string[] = ['key', 'list', '--store', 'keys'],
): Ended {
  const task = JSON.stringify({ command: [...COMMAND, ...args], steps });
  const options = {
    cwd: work,
    env: { ...environment, TERM: 'xterm' },
    encoding: 'utf8',
    timeout: 120_000,
  } as const;
  const { stdout, stderr } = spawnSync(python.path, [DRIVER, task], options);
  assert.equal(stderr, '');
  return JSON.parse(stdout) as Ended;
}

write('passphrase', 'pässphräse');
ok([
  'key',
  'generate',
  '--algorithm',
  'ES256',
  '--label',
  'a',
  '--store',
  'keys',
  '--passphrase-file',
  'passphrase',
]);

const asked: Step = { wait: ASK };
const echo: Step = { echo: true };
const typed = (text: string): Step => ({ type: text });

test('nothing is echoed while the answer is typed, and everything after it', SKIP, () => {
  const { status, shown, echo: echoes } = inShell([asked, echo, typed('pässphräse'), echo, typed(ENTER)]);
  assert.deepEqual([status, echoes], [0, [false, false, true]]);
  assert.match(shown, /^Passphrase of the key store: \r\nfile:a/);
});

test('characters are erased whole, and the line with Control-U', SKIP, () => {
  const keys = `wröng${CONTROL_U}pässphröß${DELETE}${DELETE}äse${ENTER}`;
  assert.equal(inShell([asked, typed(keys)]).status, 0);
});

for (const [name, key] of Object.entries({ 'Control-C': CONTROL_C, 'Control-\\': CONTROL_BACKSLASH })) {
  test(`${name} gives up: 77, and the terminal echoes again`, SKIP, () => {
    const { status, shown, echo: echoes } = inShell([asked, typed(`päss${key}`)]);
    assert.deepEqual([status, echoes], [77, [true]]);
    assert.match(shown, /the question was not answered \(DENIED field=secret\)/);
  });
}

for (const [signal, number] of Object.entries({ SIGINT: 2, SIGTERM: 15, SIGHUP: 1, SIGQUIT: 3 })) {
  test(`${signal} ends the command, and the terminal echoes again`, SKIP, () => {
    const { status, echo: echoes } = inShell([asked, echo, typed('päss'), { signal }]);
    assert.deepEqual([status, echoes], [-number, [false, true]]);
  });
}

for (const [name, stop] of Object.entries({
  'Control-Z': typed(`päss${CONTROL_Z}`),
  SIGTSTP: { signal: 'SIGTSTP' },
})) {
  test(`${name} stops the command; it asks again when it goes on, and forgot what was typed`, SKIP, () => {
    const again = [{ stopped: true }, echo, { continue: true }, asked, echo] as const;
    const { status, echo: echoes } = inShell([asked, stop, ...again, typed(`pässphräse${ENTER}`)]);
    assert.deepEqual([status, echoes], [0, [true, false, true]]);
  });
}
