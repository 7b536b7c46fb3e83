import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFileSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { openAuditLog } from '../src/audit-log.ts';
import { issuerSandbox } from './support/issuer.ts';

const { path, run, ok, fails, write, read, issuer } = issuerSandbox();

const SIGN = ['sign', 'content', '--key', 'issuer', '--format', 'base64'];
write('content', 'content');

/** The records of a log. */
function records(name: string): readonly Readonly<Record<string, unknown>>[] {
  const lines = read(name).toString().split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}

function headOf(name: string): { readonly sequence: number; readonly hash: string } {
  const lines = read(name).toString().split('\n').slice(0, -1);
  return {
    sequence: lines.length,
    hash: createHash('sha256')
      .update(lines.at(-1) ?? '')
      .digest('hex'),
  };
}

test('--audit records what is done with a key, and nothing of what is signed', () => {
  ok([...SIGN, '--audit', 'sign.log']);
  assert.equal(statSync(path('sign.log')).mode & 0o777, 0o600);
  const [last] = records('sign.log').slice(-1);
  assert.deepEqual(
    [last?.['operation'], last?.['algorithm'], last?.['fingerprint'], last?.['outcome']],
    ['sign', 'Ed25519', issuer.fingerprint, 'OK'],
  );
  assert.ok(!read('sign.log').toString().includes('content'));
});

test('the settings name a log for every command, beside themselves', () => {
  write('settings.json', '{"audit":"settings.log"}');
  ok([...SIGN, '--config', 'settings.json']);
  ok(['key', 'list', '--config', 'settings.json']);
  fails(
    ['key', 'show', 'file:missing', '--config', 'settings.json'],
    66,
    'no such key (KEY_NOT_FOUND ref=file:missing)',
  );
  const said = records('settings.log').map(({ operation, outcome }) => `${operation} ${outcome}`);
  assert.deepEqual(said.slice(-2), ['list OK', 'open KEY_NOT_FOUND']);
  assert.ok(said.includes('sign OK'));
});

test('a log that cannot be written withholds the signature: 75', () => {
  const { status, stdout, stderr } = run([...SIGN, '--audit', 'missing/audit.log']);
  assert.deepEqual([status, stdout], [75, '']);
  assert.match(stderr, /^hardkey: the log cannot be opened \(UNAVAILABLE path=missing\/audit.log\)\n$/);
});

test('a log that others may read is refused: 77', () => {
  writeFileSync(path('open.log'), '', { mode: 0o644 });
  const { status, stderr } = run([...SIGN, '--audit', 'open.log']);
  assert.equal(status, 77);
  assert.match(stderr, /others may read or write the log/);
});

test('a log that another has is waited for', async () => {
  const first = await openAuditLog(path('busy.log'));
  const second = openAuditLog(path('busy.log'));
  await first.append({ operation: 'first' });
  await first.close();
  const log = await second;
  await log.append({ operation: 'second' });
  await log.close();
  assert.deepEqual(
    records('busy.log').map(({ operation }) => operation),
    ['first', 'second'],
  );
});

test('verify says how many records there are, and the head, as text and as JSON', () => {
  ok([...SIGN, '--audit', 'good.log']);
  const { sequence, hash } = headOf('good.log');
  assert.equal(ok(['audit', 'verify', 'good.log']), `verified  ${sequence} records\nhead      ${hash}\n`);
  const json = ok(['audit', 'verify', 'good.log', '--json']);
  assert.deepEqual(JSON.parse(json), { sequence, hash });
  assert.equal(ok(['audit', 'verify', '-', '--json'], { input: read('good.log') }), json);
  write('head.json', json);
  ok([...SIGN, '--audit', 'good.log']);
  const later = headOf('good.log');
  assert.equal(
    ok(['audit', 'verify', 'good.log', '--head', 'head.json']),
    [
      `verified   ${later.sequence} records`,
      `head       ${later.hash}`,
      `kept head  record ${sequence} is the one it names`,
      '',
    ].join('\n'),
  );
});

test('the manifest of a run is a log', () => {
  write('people.ndjson', '{"id":"1"}\n{"id":"2"}\n');
  const issue = [
    'claim169',
    'issue',
    '--in',
    'people.ndjson',
    '--key',
    'issuer',
    '--issuer',
    'https://a.example',
  ];
  ok([...issue, '--out', 'codes.ndjson', '--concurrency', '1']);
  assert.equal(JSON.parse(ok(['audit', 'verify', 'codes.ndjson.manifest', '--json'])).sequence, 3);
});

for (const [name, spoil, line] of [
  [
    'changed',
    (log: string) => log.replace('"outcome":"OK"', '"outcome":"NO"'),
    /the record before this one was changed \(VERIFICATION_FAILED check=chain field=line\.2 offset=\d+\)/,
  ],
  [
    'a record missing',
    (log: string) => log.split('\n').toSpliced(0, 1).join('\n'),
    /a record is missing, repeated or out of order \(VERIFICATION_FAILED check=sequence field=line\.1 offset=0\)/,
  ],
  [
    'cut short within its last line',
    (log: string) => log.slice(0, -1),
    /the last line has no end \(VERIFICATION_FAILED check=end /,
  ],
  ['no log', () => 'not a log\n', /not a record \(VERIFICATION_FAILED check=format field=line\.1 offset=0\)/],
] as const)
  test(`a log that is ${name} is 1`, () => {
    ok([...SIGN, '--audit', 'spoiled.log']);
    write('spoilt', spoil(read('spoiled.log').toString()));
    const { status, stdout, stderr } = run(['audit', 'verify', 'spoilt']);
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, line);
    const asJson = run(['audit', 'verify', 'spoilt', '--json']);
    assert.equal(asJson.status, 1);
    assert.equal(JSON.parse(asJson.stderr).error.code, 'VERIFICATION_FAILED');
  });

test('a head that was kept shows that records were cut off, or written anew: 1', () => {
  ok([...SIGN, '--audit', 'kept.log']);
  copyFileSync(path('kept.log'), path('before.log'));
  ok([...SIGN, '--audit', 'kept.log']);
  write('kept.json', ok(['audit', 'verify', 'kept.log', '--json']));
  const verify = ['audit', 'verify', 'before.log', '--head', 'kept.json'];
  const cut = run(verify);
  assert.equal(cut.status, 1);
  assert.match(cut.stderr, /records up to the head are missing \(VERIFICATION_FAILED check=head /);
  // Without the head the shorter log is a good one.
  ok(['audit', 'verify', 'before.log']);
  ok([...SIGN, '--audit', 'before.log']);
  const anew = run(verify);
  assert.equal(anew.status, 1);
  assert.match(anew.stderr, /not the record that the head names \(VERIFICATION_FAILED check=head /);
});

test('a head that is none is 65, and files that are not there are 64', () => {
  ok([...SIGN, '--audit', 'any.log']);
  for (const content of ['', 'x', '[]', '{"sequence":1}', `{"sequence":-1,"hash":"${'0'.repeat(64)}"}`]) {
    write('bad.json', content);
    const { status, stderr } = run(['audit', 'verify', 'any.log', '--head', 'bad.json']);
    assert.equal(status, 65, content);
    assert.match(stderr, /a head is JSON with sequence and hash, and nothing else \(MALFORMED field=head /);
  }
  fails(['audit', 'verify', 'gone.log'], 64, 'no such file (ARGUMENT_INVALID path=gone.log)');
  fails(
    ['audit', 'verify', 'any.log', '--head', 'gone.json'],
    64,
    'no such file (ARGUMENT_INVALID path=gone.json)',
  );
});

test('an empty log has no records, and a kept head shows that there were some', () => {
  write('kept.json', JSON.stringify({ sequence: 1, hash: 'a'.repeat(64) }));
  write('empty.log', '');
  assert.match(ok(['audit', 'verify', 'empty.log']), /^verified {2}0 records\n/);
  assert.equal(run(['audit', 'verify', 'empty.log', '--head', 'kept.json']).status, 1);
});
