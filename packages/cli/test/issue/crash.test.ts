// The command is killed between signature, output and manifest, again and again, until it is through.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { importPublicKey } from 'hardkey';
import { verifyAudit } from 'hardkey/audit';
import { issuerSandbox } from '../support/issuer.ts';
import { issueArgs, issuedIn, people, recordedIn, type Texts, verifyAll } from './support.ts';

// A round has a dozen processes for each kind of output.
const ROUNDS = Math.ceil(Number(process.env['HARDKEY_CRASH_ROUNDS'] ?? 3) / 5);

const { path, work, environment, write, issuer } = issuerSandbox();
const publicKey = await importPublicKey(issuer.publicKeyPem ?? '');
const CHILD = join(import.meta.dirname, 'crash-child.ts');

/** The steps of one commit, in the order in which they are taken. */
const STEPS = {
  file: ['signed', 'write', 'sync', 'record', 'issued'],
  folder: ['signed', 'write', 'sync', 'publish', 'sync-folder', 'record', 'issued'],
} as const;

/** Runs it until the step with this number; what it said last. */
function runUntil(at: number, args: readonly string[]): string {
  const child = [...['--conditions=@hk/source', CHILD, String(at)], ...args];
  const options = { cwd: work, env: environment, encoding: 'utf8', timeout: 120_000 } as const;
  const { status, signal, stderr } = spawnSync(process.execPath, child, options);
  if (signal === 'SIGKILL') return stderr.trim();
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  return 'ended';
}

/** What was issued before stays as it is: nobody gets a second credential. */
function assertKept(before: Texts, after: Texts): void {
  for (const [line, text] of before) assert.equal(after.get(line), text, `line ${line}`);
}

// Several commits in a file; in a folder each credential has steps of its own.
for (const [kind, out, records, threads, more] of [
  ['file', 'codes.ndjson', 1200, 1, []],
  ['file', 'codes.csv', 1200, 1, []],
  ['file', 'threads.ndjson', 40, 2, []],
  ['folder', 'codes', 3, 1, ['--format', 'txt']],
] as const) {
  test(`killed at every step, every record is issued once: ${out}`, async (t) => {
    write('people.ndjson', people(records));
    const said = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round++) {
      const name = `${round}-${out}`;
      const args = issueArgs(name, ...more, '--resume').map((one) => (one === '1' ? String(threads) : one));
      let before: Texts = new Map();
      // A step later each time, so that each is met, after any number of commits.
      for (let at = 0; ; at++) {
        const end = runUntil(at, args);
        said.set(end, (said.get(end) ?? 0) + 1);
        if (end === 'ended') break;
        const after = recordedIn(path(name));
        assertKept(before, after);
        before = after;
      }
      const texts = issuedIn(path(name));
      assertKept(before, texts);
      assert.equal(texts.size, records);
      await verifyAll(texts, publicKey);
      await verifyAudit(path(kind === 'folder' ? join(name, 'manifest') : `${name}.manifest`));
    }
    for (const step of STEPS[kind]) assert.ok(said.has(`killed ${step}`), `was killed at ${step}`);
    for (const [end, times] of said) t.diagnostic(`${end}: ${times}`);
  });
}
