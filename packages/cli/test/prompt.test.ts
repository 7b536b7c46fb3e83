// The question for a passphrase, on a terminal and among signals.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { component } from '../../../scripts/components/index.ts';
import { COMMAND, sandbox } from './support/sandbox.ts';

const { work, environment, ok, path, write } = sandbox();
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

test('a key file that is encrypted, in DER too, is asked about after the store', SKIP, () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const encrypt = { type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'of the file' } as const;
  write('locked.pem', privateKey.export({ ...encrypt, format: 'pem' }));
  write('locked.der', privateKey.export({ ...encrypt, format: 'der' }));
  const answer = { wait: 'Passphrase of the key file: ' };
  for (const form of ['pem', 'der']) {
    const args = ['key', 'import', `locked.${form}`, '--label', form, '--store'];
    const steps = [asked, typed(`pässphräse${ENTER}`), answer, typed(`of the file${ENTER}`)];
    assert.equal(inShell(steps, [...args, 'keys']).status, 0);
    // A store without a passphrase asks for none.
    assert.equal(
      inShell([answer, typed(`of the file${ENTER}`)], [...args, 'open', '--no-passphrase']).status,
      0,
    );
    assert.equal(inShell([answer, typed(`wrong${ENTER}`)], [...args, 'open2', '--no-passphrase']).status, 77);
  }
});

test('a folder that holds no store yet is asked about twice', SKIP, () => {
  mkdirSync(path('empty'), { mode: 0o700 });
  write('empty/.lock.left', '');
  const args = ['key', 'generate', '--algorithm', 'ES256', '--label', 'a', '--store', 'empty'];
  const again = { wait: 'Once more: ' };
  assert.equal(inShell([asked, typed(`one${ENTER}`), again, typed(`other${ENTER}`)], args).status, 64);
  assert.equal(inShell([asked, typed(`one${ENTER}`), again, typed(`one${ENTER}`)], args).status, 0);
});
