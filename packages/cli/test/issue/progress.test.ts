// How far a run is, for somebody who sits before it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { component } from '../../../../scripts/components/index.ts';
import { issuerSandbox } from '../support/issuer.ts';
import { COMMAND } from '../support/sandbox.ts';
import { issueArgs, issuedIn, people } from './support.ts';

const { work, environment, path, run, write } = issuerSandbox();
const python = component('python3');
const SKIP = { skip: python.missing ?? false };
const TERMINAL = join(import.meta.dirname, '../support/terminal.py');

// Enough that the line is replaced a few times, one bad record among them.
const RECORDS = 4000;
write('people.ndjson', `${people(RECORDS)}{"id":0}\n`);

/** Runs it before a terminal: its status and what is left on the screen, with all that was there before. */
function onTerminal(args: readonly string[], input?: string) {
  const words = [...COMMAND, ...args];
  const piped = ['/bin/sh', '-c', `cat '${input}' | "$@"`, 'sh', ...words];
  const task = JSON.stringify({ command: input === undefined ? words : piped, talk: [], columns: 200 });
  const options = { cwd: work, env: { ...environment, TERM: 'xterm' }, encoding: 'utf8' } as const;
  const { status, stdout } = spawnSync(python.path, [TERMINAL, task], { ...options, timeout: 120_000 });
  const states = stdout.split('\r').map((state) => state.trim());
  return { status, states: states.filter((state) => state !== '') };
}

test(
  'a terminal shows the share, records, rate and time that is left, and then the summary alone',
  SKIP,
  () => {
    const { status, states } = onTerminal(issueArgs('shown.ndjson'));
    assert.equal(status, 65);
    const bars = states.filter((state) => state.startsWith('['));
    assert.ok(bars.length > 2, `${bars.length} states`);
    for (const bar of bars) {
      const [, filled = '', spaces = '', share = '', done = ''] =
        /^\[(#*)( *)\] (\d+) % {2}(\d+) done(?:, 1 failed)?, \d+\/s(?:, (?:\d+ h )?(?:\d+ min )?\d+ (?:s|min) left)?$/.exec(
          bar,
        ) ?? assert.fail(bar);
      assert.equal(filled.length + spaces.length, 20);
      assert.equal(filled.length, Math.floor(Number(share) / 5));
      assert.ok(Math.abs(Number(done) / RECORDS - Number(share) / 100) < 0.05, bar);
    }
    assert.match(bars.at(-1) ?? '', /\/s, \d+ s left$/);
    const shares = bars.map((bar) => Number(/(\d+) %/.exec(bar)?.[1]));
    assert.deepEqual(
      shares,
      shares.toSorted((a, b) => a - b),
    );
    // The remark on the bad record and the summary stand on lines of their own.
    const rest = states.filter((state) => !state.startsWith('['));
    assert.match(
      rest[0] ?? '',
      /^hardkey: the field is text \(ARGUMENT_INVALID line=4001 field=identity\.id\)$/,
    );
    assert.match(rest[1] ?? '', /^issued {4}4000$/);
    assert.equal(issuedIn(path('shown.ndjson')).size, RECORDS);
  },
);

test('of an input whose size is not known there is neither a share nor a time', SKIP, () => {
  const args = issueArgs('piped.ndjson').map((one) => (one === 'people.ndjson' ? '-' : one));
  const { status, states } = onTerminal(args, 'people.ndjson');
  assert.equal(status, 65);
  const lines = states.filter((state) => state.includes('/s'));
  assert.ok(lines.length > 2);
  for (const line of lines) assert.match(line, /^\d+ done(, 1 failed)?, \d+\/s$/);
});

test('a resumed run counts from where it begins', SKIP, () => {
  const { status, states } = onTerminal(issueArgs('shown.ndjson', '--resume'));
  assert.equal(status, 65);
  for (const bar of states.filter((state) => state.startsWith('[')))
    assert.match(bar, /^\[#{20}\] 100 % {2}1 done/);
});

test('where standard error is no terminal there is no line', () => {
  const { stderr } = run(issueArgs('quiet.ndjson'));
  assert.equal(stderr, 'hardkey: the field is text (ARGUMENT_INVALID line=4001 field=identity.id)\n');
});
