import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  truncateSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { test } from 'node:test';
import { importPublicKey } from 'hardkey';
import { verifyAudit } from 'hardkey/audit';
import { issuerSandbox } from '../support/issuer.ts';
import { COMMAND } from '../support/sandbox.ts';
import { issueArgs, issuedIn, manifestOf, people, person, verifyAll } from './support.ts';

const { path, work, environment, run, ok, fails, write, issuer, generate } = issuerSandbox();
const publicKey = await importPublicKey(issuer.publicKeyPem ?? '');

/** The arguments of a run from another file than `people.ndjson`. */
function from(input: string, out: string, ...more: readonly string[]): readonly string[] {
  return issueArgs(out, ...more).map((one) => (one === 'people.ndjson' ? input : one));
}

function counts(stdout: string): readonly [issued: number, before: number, failed: number] {
  const { issued, failed, 'issued before': before } = JSON.parse(stdout);
  return [issued, before, failed];
}

test('a run that is there is refused without --resume, and with it nothing is issued twice', () => {
  write('people.ndjson', people(4));
  for (const out of ['twice.ndjson', 'twice']) {
    ok(issueArgs(out, ...(out === 'twice' ? ['--format', 'txt'] : [])));
    const manifest = path(out === 'twice' ? 'twice/manifest' : 'twice.ndjson.manifest');
    const before = issuedIn(path(out));
    const again = issueArgs(out, ...(out === 'twice' ? ['--format', 'txt'] : []), '--json');
    const there = 'a run was begun here: --resume goes on with it';
    fails(again.slice(0, -1), 64, `${there} (ARGUMENT_INVALID field=out path=${manifest})`);
    assert.deepEqual(counts(ok([...again, '--resume'])), [0, 4, 0]);
    assert.deepEqual(issuedIn(path(out)), before);
  }
});

test('--resume where nothing was begun begins', () => {
  assert.deepEqual(counts(ok(issueArgs('begun.ndjson', '--resume', '--json'))), [4, 0, 0]);
});

test('records that failed are issued when they were put right, also between others', async () => {
  const bad = new Set([2, 3, 6]);
  const lines = (wrong: ReadonlySet<number>) =>
    [1, 2, 3, 4, 5, 6, 7].map((n) => (wrong.has(n) ? '{"id":0}\n' : `${person(n)}\n`)).join('');
  for (const out of ['right.ndjson', 'right']) {
    const more = [...(out === 'right' ? ['--format', 'txt'] : []), '--json'];
    write('right-in.ndjson', lines(bad));
    assert.equal(run(from('right-in.ndjson', out, ...more)).status, 65);
    write('right-in.ndjson', lines(new Set([3])));
    const second = run(from('right-in.ndjson', out, ...more, '--resume'));
    assert.deepEqual([second.status, counts(second.stdout)], [65, [2, 4, 1]]);
    write('right-in.ndjson', lines(new Set()));
    assert.deepEqual(counts(ok(from('right-in.ndjson', out, ...more, '--resume'))), [1, 6, 0]);
    assert.deepEqual(counts(ok(from('right-in.ndjson', out, ...more, '--resume'))), [0, 7, 0]);
    const texts = issuedIn(path(out));
    assert.equal(texts.size, 7);
    await verifyAll(texts, publicKey);
  }
  const manifest = path('right.ndjson.manifest');
  assert.deepEqual(
    manifestOf(manifest).map(({ line }) => line),
    [1, 4, 5, 7, 2, 6, 3],
  );
  await verifyAudit(manifest);
});

test('an input that was changed is refused before anything is signed', () => {
  write('changing.ndjson', people(5));
  ok(from('changing.ndjson', 'changed.ndjson'));
  const changed = 'the input was changed: this record was issued with other content';
  const again = (input: string, line: number) => {
    write('changing.ndjson', input);
    const manifest = readFileSync(path('changed.ndjson.manifest'), 'utf8');
    const { status, stdout, stderr } = run(from('changing.ndjson', 'changed.ndjson', '--resume'));
    assert.deepEqual(
      { status, stdout, stderr },
      { status: 64, stdout: '', stderr: `hardkey: ${changed} (ARGUMENT_INVALID field=in.${line})\n` },
    );
    assert.deepEqual(manifestOf(path('changed.ndjson.manifest')).length, 5);
    // Nothing but that it was tried was added.
    assert.ok(readFileSync(path('changed.ndjson.manifest'), 'utf8').startsWith(manifest));
  };
  again(people(5).replace('Person 4', 'Person X'), 4);
  again(`${person(9)}\n${people(5)}`, 1);
  again(people(3), 4);
  again('', 1);
});

test('a run is gone on with by the same key and with the same options', () => {
  write('same.ndjson', people(2));
  ok(from('same.ndjson', 'same-out.ndjson'));
  const resume = (...more: readonly string[]) => from('same.ndjson', 'same-out.ndjson', '--resume', ...more);
  const other = generate('Ed25519', 'other');
  fails(
    resume().map((one) => (one === 'issuer' ? 'other' : one)),
    76,
    `the run was begun with another key (SIGNER_MISMATCH expected=${issuer.fingerprint} actual=${other.fingerprint})`,
  );
  fails(
    resume('--expires-in', '1y'),
    64,
    'the run was begun with another --expires-in (ARGUMENT_INVALID field=expires-in)',
  );
  write('same.csv', 'id,fullName\n1,Person 1\n');
  fails(
    from('same.csv', 'same-out.ndjson', '--resume'),
    64,
    'the run was begun with other columns (ARGUMENT_INVALID field=in)',
  );
});

test('a manifest that was changed is refused, and so is an output that is shorter than it says', () => {
  write('torn.ndjson', people(3));
  ok(from('torn.ndjson', 'torn-out.ndjson'));
  const manifest = path('torn-out.ndjson.manifest');
  const content = readFileSync(manifest, 'utf8');
  writeFileSync(manifest, content.replace('"line":2', '"line":7'));
  const resume = from('torn.ndjson', 'torn-out.ndjson', '--resume');
  assert.equal(run(resume).status, 1);
  writeFileSync(manifest, content);
  truncateSync(path('torn-out.ndjson'), 100);
  const { status, stderr } = run(resume);
  assert.equal(status, 65);
  assert.match(stderr, /shorter than the manifest says.*\(MALFORMED field=out /);
});

test('what was written and not recorded is written again, not twice', async () => {
  write('again.ndjson', people(3));
  ok(from('again.ndjson', 'again-out.ndjson'));
  const before = issuedIn(path('again-out.ndjson'));
  appendFileSync(path('again-out.ndjson'), `{"line":4,"text":"${'HALF A CRE'.repeat(200)}`);
  appendFileSync(path('again.ndjson'), `${person(4)}\n`);
  ok(from('again.ndjson', 'again-out.ndjson', '--resume'));
  const texts = issuedIn(path('again-out.ndjson'));
  assert.deepEqual([...texts].slice(0, 3), [...before]);
  await verifyAll(texts, publicKey);
});

test('what a stopped run left of a record that has since gone bad is removed', () => {
  write('left.ndjson', `${person(1)}\n`);
  ok(from('left.ndjson', 'left', '--format', 'txt'));
  write('left/000000002.txt', 'a credential that nobody recorded');
  write('left/000000002.txt.part', 'half of it');
  write('left.ndjson', `${person(1)}\n{"id":2}\n`);
  assert.equal(run(from('left.ndjson', 'left', '--format', 'txt', '--resume')).status, 65);
  assert.deepEqual([...issuedIn(path('left')).keys()], [1]);
});

test('two processes never have the same output: 75', async () => {
  mkdirSync(path('busy'));
  // It waits for the rest of its input.
  const first = spawn(COMMAND[0] ?? '', [...COMMAND.slice(1), ...from('-', 'busy', '--format', 'txt')], {
    cwd: work,
    env: environment,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  first.stdin.write(`${person(1)}\n`);
  await fileAppears('busy/000000001.txt');
  const lock = `field=lock path=${path('busy/manifest.lock')}`;
  const second = from('again.ndjson', 'busy', '--format', 'txt', '--resume');
  fails(second, 75, `another process has the lock (UNAVAILABLE ${lock})`);
  first.stdin.end(`${person(2)}\n`);
  assert.equal(await ended(first), 0);
  assert.equal(issuedIn(path('busy')).size, 2);
});

async function fileAppears(name: string): Promise<void> {
  const watcher = watch(path('busy'));
  const changes = new Promise<void>((resolve) => {
    watcher.on('change', () => existsSync(path(name)) && resolve());
    if (existsSync(path(name))) resolve();
  });
  await changes;
  watcher.close();
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => child.on('error', reject).on('exit', resolve));
}
