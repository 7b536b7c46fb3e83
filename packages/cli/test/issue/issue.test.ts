import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { importPublicKey } from 'hardkey';
import { issuerSandbox } from '../support/issuer.ts';
import { COMMAND } from '../support/sandbox.ts';
import { ISSUER, issueArgs, issuedIn, people, person, verifyAll } from './support.ts';

const { path, work, environment, run, ok, fails, write, read, issuer, generate, absentSigner } =
  issuerSandbox();
const publicKey = await importPublicKey(issuer.publicKeyPem ?? '');

write('people.ndjson', people(5));

/** The summary of a run without what differs between machines. */
function summary(stdout: string): Readonly<Record<string, string>> {
  const rows = stdout.split('\n').slice(0, -1);
  return Object.fromEntries(rows.map((row) => row.split(/ {2,}/)));
}

test('one credential for each line, in one file or a folder, and a summary', async () => {
  for (const [out, more] of [
    ['all.ndjson', []],
    ['all.csv', []],
    ['all', ['--format', 'txt']],
  ] as const) {
    const said = summary(ok(issueArgs(out, ...more)));
    const manifest = out === 'all' ? path('all/manifest') : path(`${out}.manifest`);
    assert.match(said['largest'] ?? '', /^QR version \d+, \d+ characters, line [1-5]$/);
    assert.deepEqual(
      { ...said, largest: '' },
      { issued: '5', failed: '0', largest: '', out: path(out), manifest },
    );
    const texts = issuedIn(path(out));
    assert.equal(texts.size, 5);
    await verifyAll(texts, publicKey);
  }
});

test('the lines of one file are in the order of the input, and --json says the same as JSON', () => {
  const { largest, ...said } = JSON.parse(ok(issueArgs('order.ndjson', '--json')));
  assert.deepEqual(Object.keys(largest), ['line', 'qrVersion', 'characters']);
  assert.deepEqual(said, {
    issued: 5,
    failed: 0,
    warnings: {},
    out: path('order.ndjson'),
    manifest: path('order.ndjson.manifest'),
  });
  assert.deepEqual([...issuedIn(path('order.ndjson')).keys()], [1, 2, 3, 4, 5]);
});

test('pictures are PNG unless --format says otherwise, and can be read', () => {
  ok(issueArgs('png'));
  assert.deepEqual(readdirSync(path('png')).slice(0, 2), ['000000001.png', '000000002.png']);
  const decoded = JSON.parse(
    ok(['claim169', 'decode', 'png/000000003.png', '--trust', 'issuer.pem', '--json']),
  );
  assert.equal(decoded.identity.id, '3');
  ok(issueArgs('svg', '--format', 'svg'));
  assert.match(read('svg/000000005.svg').toString(), /^<svg /);
});

test('threads issue the same, in the same order, from a store with a passphrase', async () => {
  write('passphrase', 'correct horse');
  const store = ['--store', 'secret', '--passphrase-file', 'passphrase'];
  const made = JSON.parse(
    ok(['key', 'generate', '--algorithm', 'ES256', '--label', 'issuer', '--json', ...store]),
  );
  write('many.ndjson', people(300));
  const args = issueArgs('threads.ndjson', ...store).filter((one) => one !== '--concurrency' && one !== '1');
  ok(args.map((one) => (one === 'people.ndjson' ? 'many.ndjson' : one)).concat('--concurrency', '3'));
  const texts = issuedIn(path('threads.ndjson'));
  assert.deepEqual(
    [...texts.keys()],
    Array.from({ length: 300 }, (_, index) => index + 1),
  );
  await verifyAll(texts, await importPublicKey(made.publicKeyPem));
});

test('threads record every signature in one audit log, before it is issued', async () => {
  write('many.ndjson', people(100));
  const args = issueArgs('audited.ndjson', '--audit', 'audit.log').map((one) =>
    one === 'people.ndjson' ? 'many.ndjson' : one === '1' ? '2' : one,
  );
  ok(args);
  await verifyAll(issuedIn(path('audited.ndjson')), publicKey);
  ok(['audit', 'verify', 'audit.log']);
  const log = read('audit.log').toString().split('\n').slice(0, -1);
  const signed = log.map((line) => JSON.parse(line)).filter(({ operation }) => operation === 'sign');
  assert.equal(signed.length, 100);
  assert.ok(signed.every(({ outcome }) => outcome === 'OK'));
});

test('a bad record is reported by line and field, and the others are issued: 65', () => {
  const lines = [
    person(1),
    '{"id":2}',
    '{"id":"3","name":"x"}',
    'not JSON',
    '{}',
    person(6),
    person(7, { dateOfBirth: 'yesterday' }),
    person(8, { address: randomBytes(4000).toString('hex') }),
    person(9),
  ];
  write('bad.ndjson', lines.join('\n'));
  const args = issueArgs('bad-out.ndjson').map((one) => (one === 'people.ndjson' ? 'bad.ndjson' : one));
  const { status, stdout, stderr } = run(args);
  assert.equal(status, 65);
  assert.equal(
    stderr.replace(/offset=\d+/, 'offset=N'),
    [
      'hardkey: the field is text (ARGUMENT_INVALID line=2 field=identity.id)',
      'hardkey: no such field (ARGUMENT_INVALID line=3 field=identity.name)',
      'hardkey: the record is not JSON (MALFORMED line=4 field=record)',
      'hardkey: the record has no field (ARGUMENT_INVALID line=5 field=identity)',
      'hardkey: the field is a day, as YYYYMMDD (ARGUMENT_INVALID line=7 field=identity.dateOfBirth)',
      'hardkey: the credential is too large for a QR code (ARGUMENT_INVALID line=8 field=identity offset=N)',
      '',
    ].join('\n'),
  );
  const said = summary(stdout);
  assert.deepEqual([said['issued'], said['failed']], ['3', '6']);
  assert.deepEqual([...issuedIn(path('bad-out.ndjson')).keys()], [1, 6, 9]);
});

test('with --json bad records are JSON too', () => {
  write('one-bad.ndjson', '{"id":2}\n');
  const args = issueArgs('one-bad', '--json').map((one) =>
    one === 'people.ndjson' ? 'one-bad.ndjson' : one,
  );
  const { status, stderr, stdout } = run(args);
  assert.equal(status, 65);
  const details = { line: 1, field: 'identity.id' };
  assert.deepEqual(JSON.parse(stderr), {
    error: { code: 'ARGUMENT_INVALID', message: 'the field is text', details },
  });
  const said = JSON.parse(stdout);
  assert.deepEqual([said.issued, said.failed, said.largest], [0, 1, null]);
});

const DRY = ['claim169', 'issue', '--issuer', ISSUER, '--key', 'issuer', '--dry-run', '--concurrency', '1'];

test('--dry-run says what would happen, and writes and signs nothing', () => {
  write('dry.ndjson', `${person(1)}\n{"id":2}\n${person(3, { address: 'x'.repeat(200) })}\n`);
  const before = readdirSync(path('.'));
  const { status, stdout, stderr } = run([...DRY, '--in', 'dry.ndjson']);
  assert.equal(status, 65);
  assert.equal(stderr, 'hardkey: the field is text (ARGUMENT_INVALID line=2 field=identity.id)\n');
  const said = summary(stdout);
  assert.match(said['largest'] ?? '', /, line 3$/);
  assert.deepEqual({ ...said, largest: '' }, { good: '2', failed: '1', largest: '' });
  assert.deepEqual(readdirSync(path('.')), before);
  const json = JSON.parse(run([...DRY, '--in', 'dry.ndjson', '--json']).stdout);
  assert.deepEqual([json.good, json.failed, json.largest.line], [2, 1, 3]);
});

test('--dry-run needs no signature of a key that signs by a program', () => {
  const dry = ['claim169', 'issue', '--issuer', ISSUER, ...absentSigner(), '--in', 'people.ndjson'];
  assert.equal(summary(ok([...dry, '--dry-run']))['good'], '5');
  // Without the program nothing is issued, and nobody is told that all records are bad.
  const { status, stdout, stderr } = run([...dry, '--out', 'down.ndjson']);
  assert.deepEqual([status, stdout], [75, '']);
  assert.match(stderr, /^hardkey: stopped: 0 issued, 0 failed; --resume goes on\nhardkey: .*\(UNAVAILABLE /);
});

const CSV = `\ufeffid,fullName,gender,address,face
1,"Ama ""K"" Mensah",2,"House 1
Accra",
2,Kofi,male,,
3,Too,few
4,"stray" quote,1,,
,,,,
6,Yaa,1,,"[{""data"":""/9j/"",""format"":0,""subFormat"":1}]"
`;

test('CSV has the names of fields above, and quoted cells with line ends', () => {
  write('people.csv', CSV.replaceAll('\n', '\r\n'));
  const args = issueArgs('csv.ndjson').map((one) => (one === 'people.ndjson' ? 'people.csv' : one));
  const { status, stderr } = run(args);
  assert.equal(status, 65);
  const quote = 'not a row of CSV: a quote is where none may be, or is not closed';
  assert.equal(
    stderr,
    [
      'hardkey: the field is an integer (ARGUMENT_INVALID line=4 field=identity.gender)',
      'hardkey: not as many cells as the header has names (MALFORMED line=5 field=record)',
      `hardkey: ${quote} (MALFORMED line=6 field=record)`,
      'hardkey: the record has no field (ARGUMENT_INVALID line=7 field=identity)',
      '',
    ].join('\n'),
  );
  const texts = issuedIn(path('csv.ndjson'));
  assert.deepEqual([...texts.keys()], [2, 8]);
  const decoded = ['claim169', 'decode', '-', '--trust', 'issuer.pem', '--json'];
  const { identity } = JSON.parse(ok(decoded, { input: texts.get(2) ?? '' }));
  assert.deepEqual(identity, {
    id: '1',
    fullName: 'Ama "K" Mensah',
    gender: 2,
    address: 'House 1\r\nAccra',
  });
});

test('a header that is none ends the run before it begins', () => {
  const dry = (input: string, line: string) => {
    write('header.csv', input);
    fails([...DRY, '--in', 'header.csv'], 64, line);
  };
  dry('id,name\n1,x\n', 'no such field (ARGUMENT_INVALID field=identity.name)');
  dry('id,id\n1,1\n', 'two columns have the same name (ARGUMENT_INVALID field=in)');
  dry('', 'the input is empty: it begins with the names of its columns (ARGUMENT_INVALID field=in)');
});

test('standard input is NDJSON when it begins with a brace, and CSV otherwise', () => {
  for (const input of [people(2), 'id,fullName\n1,Person 1\n2,Person 2\n'])
    assert.equal(summary(ok([...DRY, '--in', '-'], { input }))['good'], '2');
});

test('a run that cannot go on does not wait for the rest of its input', async () => {
  const issue = ['claim169', 'issue', '--in', '-', '--issuer', ISSUER];
  for (const [input, args, expected] of [
    [people(1), [...absentSigner(), '--out', 'open.ndjson'], 75],
    ['id,nothing\n', ['--key', 'issuer', '--dry-run'], 64],
  ] as const) {
    const [node = '', ...before] = COMMAND;
    const stdio = ['pipe', 'ignore', 'ignore'] as const;
    const options = { cwd: work, env: environment, timeout: 60_000 };
    const child = spawn(node, [...before, ...issue, ...args], { ...options, stdio: [...stdio] });
    // And nothing more, and no end.
    child.stdin?.write(input);
    const [status] = await once(child, 'exit');
    assert.equal(status, expected);
  }
});

test('bytes that are no UTF-8 are a bad record, and name the record', () => {
  write('latin.ndjson', Buffer.from('{"id":"\xe9"}\n', 'latin1'));
  const { status, stderr } = run([...DRY, '--in', 'latin.ndjson']);
  assert.equal(status, 65);
  assert.equal(stderr, 'hardkey: the text is not UTF-8 (MALFORMED line=1 field=record)\n');
});

test('what is wrong with the settings is said once, before the first record', () => {
  const more = (...args: readonly string[]) => issueArgs('never.ndjson', ...args);
  const named = more().map((one) => (one === ISSUER ? 'COUN' : one));
  fails(named, 64, 'the issuer is a URI (ARGUMENT_INVALID field=meta.issuer)');
  fails(more('--subject-field', 'name'), 64, 'no such field (ARGUMENT_INVALID field=identity.name)');
  fails(more('--dry-run', '--resume'), 64, 'only one of --dry-run, --resume (ARGUMENT_INVALID field=resume)');
  fails(more('--format', 'png'), 64, '--format is for the files in a folder (ARGUMENT_INVALID field=format)');
  const concurrency = issueArgs('never.ndjson').with(-1, '0');
  fails(concurrency, 64, '--concurrency is a number from 1 to 1024 (ARGUMENT_INVALID field=concurrency)');
  const picture = issueArgs('never.png');
  fails(picture, 64, '--out is a folder, or ends in .ndjson or .csv (ARGUMENT_INVALID field=out)');
  const missing = issueArgs('never.ndjson').map((one) => (one === 'people.ndjson' ? 'missing' : one));
  fails(missing, 64, 'no such file (ARGUMENT_INVALID path=missing)');
  assert.ok(!existsSync(path('never.ndjson.manifest')));
});

test('what is there already is left alone: 64', () => {
  write('taken.ndjson', 'mine\n');
  const there = 'there is something else there already';
  fails(issueArgs('taken.ndjson'), 64, `${there} (ARGUMENT_INVALID field=out path=${path('taken.ndjson')})`);
  assert.equal(read('taken.ndjson').toString(), 'mine\n');
  mkdirSync(path('full'));
  write('full/mine', '');
  fails(issueArgs('full'), 64, `${there} (ARGUMENT_INVALID field=out path=${path('full')})`);
  assert.deepEqual(readdirSync(path('full')), ['mine']);
});

test('each credential can have a subject and a time, and is encrypted under a key of its own', () => {
  const more = ['--subject-field', 'id', '--expires-in', '1y'];
  ok(issueArgs('subject.ndjson', ...more));
  const [text = ''] = issuedIn(path('subject.ndjson')).values();
  const decode = ['claim169', 'decode', '-', '--trust', 'issuer.pem', '--json'];
  const { meta } = JSON.parse(ok(decode, { input: text }));
  assert.deepEqual([meta.subject, meta.expiresAt - meta.issuedAt], ['1', 31_536_000]);
  generate('A256GCM', 'direct');
  fails(
    issueArgs('secret.ndjson', '--encrypt-with', 'direct'),
    69,
    'each credential gets a content key of its own: that takes a key that wraps, or a public key (UNSUPPORTED field=encrypt-with algorithm=A256GCM)',
  );
  generate('A256KW', 'wrapping');
  ok(issueArgs('wrapped.ndjson', '--encrypt-with', 'wrapping'));
  const [wrapped = ''] = issuedInUnread('wrapped.ndjson');
  const opened = JSON.parse(ok([...decode, '--decrypt-with', 'wrapping'], { input: wrapped }));
  assert.equal(opened.identity.id, '1');
});

function issuedInUnread(out: string): readonly string[] {
  return [...issuedIn(path(out)).values()];
}
