import assert from 'node:assert/strict';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { isFailure, parseKeyRef, verify } from 'hardkey';
import { exec } from 'hardkey/providers/exec';
import { component } from '../../../../../scripts/components/index.ts';
import { failsWith } from '../../support/failures.ts';
import { atOnce, stateOf, stopTime } from '../../support/stopped-time.ts';
import {
  EXAMPLES,
  folderFor,
  isRunning,
  keyPair,
  linesOf,
  onceSigner,
  PATH,
  script,
  signerOf,
  until,
  waitFor,
} from './support.ts';

const openssl = component('openssl');
const python = component('python-peers');
const skip = openssl.missing ?? false;
const MESSAGE = new TextEncoder().encode('a message for a program');
const OUTPUT = { field: 'signer.output' };

test('the OpenSSL example signs, and its custody names the program', { skip }, async (t) => {
  const pair = keyPair(folderFor(t));
  const signer = await signerOf(t, onceSigner(pair));
  await verify(signer.publicKey, 'ES256', MESSAGE, await signer.sign(MESSAGE));
  assert.deepEqual(signer.key.custody, {
    place: 'program',
    level: 'claimed',
    facts: { command: 'openssl.sh' },
  });
});

test('the Python example signs', { skip: python.missing ?? false }, async (t) => {
  for (const algorithm of ['Ed25519', 'ES256'] as const) {
    const pair = keyPair(folderFor(t), algorithm);
    const command = [python.path, join(EXAMPLES, 'signer.py'), 'once', pair.path];
    const signer = await signerOf(
      t,
      onceSigner(pair, { command, algorithm, output: 'raw', timeoutMs: 30_000 }),
    );
    await verify(signer.publicKey, algorithm, MESSAGE, await signer.sign(MESSAGE));
  }
});

test('every output format gives the same kind of signature', { skip }, async (t) => {
  const folder = folderFor(t);
  const pair = keyPair(folder, 'RS256');
  const sign = `openssl dgst -sha256 -sign ${pair.path}`;
  for (const [output, filter] of [
    ['raw', ''],
    ['base64', '| base64 -w0'],
    ['base64', '| openssl base64 -A; echo'],
    ['base64', '| base64 -w0; printf "\\r\\n"'],
    ['hex', '| od -An -v -tx1 | tr -d " \\n"'],
  ] as const) {
    const command = [script(folder, 'signer', `${sign} ${filter}`)];
    const signer = await signerOf(t, onceSigner(pair, { command, algorithm: 'RS256', output }));
    await verify(signer.publicKey, 'RS256', MESSAGE, await signer.sign(MESSAGE));
  }
});

test('output that is not exactly one signature is MALFORMED', { skip }, async (t) => {
  const folder = folderFor(t);
  const pair = keyPair(folder);
  const half = '12'.repeat(32);
  for (const [output, print] of [
    ['raw', 'true'],
    ['raw', `printf ${'x'.repeat(63)}`],
    ['raw', `printf ${'x'.repeat(65)}`],
    ['der', `printf ${'x'.repeat(64)}`],
    ['der', `openssl dgst -sha256 -sign ${pair.path}; echo`],
    ['hex', `echo ${half}${half} ${half}${half}`],
    ['hex', `printf "${half}${half}\\n\\n"`],
    ['hex', `echo ${half}${half}0`],
    ['hex', `echo 0x${half}${half}`],
    ['base64', `echo ${half}`],
    ['base64', `echo "${Buffer.alloc(64).toString('base64url')}"`],
    ['base64', `printf "${Buffer.alloc(64).toString('base64').slice(0, 60)}\\n${'A'.repeat(28)}\\n"`],
    ['base64', `echo "{}"`],
  ] as const) {
    const signer = await signerOf(
      t,
      onceSigner(pair, { command: [script(folder, 'signer', print)], output }),
    );
    await assert.rejects(signer.sign(MESSAGE), failsWith('MALFORMED', OUTPUT), `${output} ${print}`);
  }
});

test('a program that ends badly is UNAVAILABLE, unless its status says more', async (t) => {
  const folder = folderFor(t);
  const pair = keyPair(folder);
  for (const [end, code] of [
    ['exit 1', 'UNAVAILABLE'],
    ['exit 75', 'UNAVAILABLE'],
    ['kill -SEGV $$', 'UNAVAILABLE'],
    ['kill -KILL $$', 'UNAVAILABLE'],
    ['exit 66', 'KEY_NOT_FOUND'],
    ['exit 69', 'UNSUPPORTED'],
    ['exit 77', 'DENIED'],
    // A signature that a failing program prints is none.
    [`printf ${'x'.repeat(64)}; exit 1`, 'UNAVAILABLE'],
  ] as const) {
    const signer = await signerOf(
      t,
      onceSigner(pair, { command: [script(folder, 'signer', end)], output: 'raw' }),
    );
    await assert.rejects(signer.sign(MESSAGE), failsWith(code, { ref: 'exec:issuer' }), end);
  }
});

test('a program that is not there is UNAVAILABLE, and one that may not be run is DENIED', async (t) => {
  const folder = folderFor(t);
  const pair = keyPair(folder);
  const missing = await signerOf(t, onceSigner(pair, { command: [join(folder, 'none'), 'secret-argument'] }));
  await assert.rejects(missing.sign(MESSAGE), (error) => {
    failsWith('UNAVAILABLE', { path: join(folder, 'none') })(error);
    return !inspect(error, { depth: 10, showHidden: true }).includes('secret-argument');
  });
  const path = script(folder, 'signer', 'true');
  chmodSync(path, 0o600);
  const forbidden = await signerOf(t, onceSigner(pair, { command: [path] }));
  await assert.rejects(forbidden.sign(MESSAGE), failsWith('DENIED', { path }));
  const nowhere = await signerOf(t, onceSigner(pair, { cwd: join(folder, 'none') }));
  await assert.rejects(nowhere.sign(MESSAGE), failsWith('UNAVAILABLE'));
});

test('at the deadline the whole process group is killed, grandchildren that hold the pipe too', async (t) => {
  const folder = folderFor(t);
  const pair = keyPair(folder);
  const pids = join(folder, 'pids');
  const command = [script(folder, 'signer', `sleep 600 & echo $! >> ${pids}; echo $$ >> ${pids}; wait`)];
  const time = stopTime(t);
  for (const [field, fields, policy] of [
    ['timeoutMs', { timeoutMs: 300 }, {}],
    ['deadline', {}, { deadlineMs: 300 }],
  ] as const) {
    const before = linesOf(pids).length;
    const signer = await signerOf(t, onceSigner(pair, { command, ...fields }), policy);
    const signing = signer.sign(MESSAGE);
    assert.ok(await until(() => linesOf(pids).length === before + 2));
    time.pass(299);
    assert.equal(await stateOf(signing), 'pending');
    time.pass(1);
    await assert.rejects(atOnce(signing), failsWith('UNAVAILABLE', { field }));
    assert.ok(await until(() => !linesOf(pids).some((pid) => isRunning(Number(pid)))));
  }
});

test('a deadline given to the provider itself ends a call as well', async (t) => {
  const folder = folderFor(t);
  const pair = keyPair(folder);
  const provider = exec({
    signers: { a: onceSigner(pair, { command: [script(folder, 'signer', 'sleep 600')] }) },
  });
  t.after(() => provider.close());
  const time = stopTime(t);
  const signer = (await provider.open(parseKeyRef('exec:a'))).use('ES256');
  const deadline = performance.now() + 100;
  const past = failsWith('UNAVAILABLE', { field: 'deadline' });
  const signing = signer.sign(MESSAGE, { deadline });
  time.pass(99);
  assert.equal(await stateOf(signing), 'pending');
  time.pass(1);
  await assert.rejects(atOnce(signing), past);
  await assert.rejects(atOnce(signer.sign(MESSAGE, { deadline })), past);
});

test('a child that a program leaves behind neither delays the signature nor lives on', {
  skip,
  // Whoever waits for the children waits for ten minutes.
  timeout: 120_000,
}, async (t) => {
  const folder = folderFor(t);
  const pair = keyPair(folder);
  const pids = join(folder, 'pids');
  const escaped = join(folder, 'escaped');
  t.after(() => {
    for (const pid of linesOf(escaped)) if (isRunning(Number(pid))) process.kill(Number(pid), 'SIGKILL');
  });
  // The second one left the group, so it lives; it does not keep the pipe open for us.
  const text = `sleep 600 & echo $! > ${pids}
    setsid sh -c 'echo $$ > ${escaped}; exec sleep 600' &
    while [ ! -s ${escaped} ]; do sleep 0.02; done
    openssl dgst -sha256 -sign ${pair.path}`;
  const signer = await signerOf(t, onceSigner(pair, { command: [script(folder, 'signer', text)] }));
  const signature = await signer.sign(MESSAGE);
  assert.ok(isRunning(Number(linesOf(escaped)[0])), 'the signature came before the end of the child');
  await verify(signer.publicKey, 'ES256', MESSAGE, signature);
  assert.ok(await until(() => !isRunning(Number(linesOf(pids)[0]))));
});

test('300 MB of output end the program, and are not kept', async (t) => {
  const folder = folderFor(t);
  const pair = keyPair(folder);
  const command = [script(folder, 'signer', 'head -c 300000000 /dev/zero')];
  const signer = await signerOf(t, onceSigner(pair, { command, output: 'raw' }));
  const before = process.memoryUsage().rss;
  await assert.rejects(signer.sign(MESSAGE), failsWith('MALFORMED', OUTPUT));
  assert.ok(process.memoryUsage().rss - before < 50_000_000);
});

test('endless complaints on stderr do not stop a program, and 16 KiB of them are heard', {
  skip,
}, async (t) => {
  const folder = folderFor(t);
  const pair = keyPair(folder);
  const text = `head -c 300000 /dev/zero | tr '\\0' x >&2; openssl dgst -sha256 -sign ${pair.path}`;
  let heard = 0;
  const provider = exec({
    signers: { issuer: onceSigner(pair, { command: [script(folder, 'signer', text)] }) },
    onStderr: (signer, bytes) => {
      assert.equal(signer, 'issuer');
      heard += bytes.length;
    },
  });
  t.after(() => provider.close());
  await (await provider.open(parseKeyRef('exec:issuer'))).use('ES256').sign(MESSAGE);
  assert.equal(heard, 16 * 1024);
});

test('a program that does not read its message breaks no pipe of ours', async (t) => {
  const folder = folderFor(t);
  const pair = keyPair(folder);
  const signer = await signerOf(t, onceSigner(pair, { command: [script(folder, 'signer', 'exit 1')] }));
  await assert.rejects(signer.sign(new Uint8Array(8_000_000)), failsWith('UNAVAILABLE'));
});

test('a signature by another key is SIGNER_MISMATCH through createKeys', { skip }, async (t) => {
  const folder = folderFor(t);
  const [pair, other] = [keyPair(folder), keyPair(folder)];
  const signer = await signerOf(t, onceSigner(pair, { publicKey: other.publicKey }));
  await assert.rejects(signer.sign(MESSAGE), failsWith('SIGNER_MISMATCH', { ref: 'exec:issuer' }));
});

test('a program has the environment it is given and nothing else', async (t) => {
  const folder = folderFor(t);
  const pair = keyPair(folder);
  const seen = join(folder, 'environment');
  process.env['HARDKEY_TEST_SECRET'] = 'canary-in-our-environment';
  t.after(() => {
    delete process.env['HARDKEY_TEST_SECRET'];
  });
  const env = { PATH, GIVEN: 'canary-given' };
  const command = [
    script(folder, 'signer', `tr '\\0' '\\n' < /proc/$$/environ > ${seen}; pwd >> ${seen}; exit 1`),
  ];
  const signer = await signerOf(t, onceSigner(pair, { command, env }));
  const error: unknown = await signer.sign(MESSAGE).catch((caught: unknown) => caught);
  assert.ok(isFailure(error, 'UNAVAILABLE'));
  assert.deepEqual(readFileSync(seen, 'utf8').trim().split('\n'), [
    `PATH=${PATH}`,
    'GIVEN=canary-given',
    '/',
  ]);
  assert.ok(!inspect([error, signer], { depth: 10, showHidden: true }).includes('canary'));
});

test('no shell reads the arguments', async (t) => {
  const folder = folderFor(t);
  const pair = keyPair(folder);
  const seen = join(folder, 'arguments');
  const given = ['$(id)', '; true', '"', "'", '*', ' a  b '];
  const command = [script(folder, 'signer', `printf '%s\\n' "$@" > ${seen}; exit 1`), ...given];
  await assert.rejects((await signerOf(t, onceSigner(pair, { command }))).sign(MESSAGE));
  assert.deepEqual(readFileSync(seen, 'utf8').split('\n').slice(0, -1), given);
});

test('one process at a time, or as many as there may be workers', { skip }, async (t) => {
  const folder = folderFor(t);
  const pair = keyPair(folder);
  for (const workers of [1, 8]) {
    const [log, go] = [join(folder, `log-${workers}`), join(folder, `go-${workers}`)];
    const sign = `openssl dgst -sha256 -sign ${pair.path}`;
    const command = [
      script(folder, `signer-${workers}`, `echo + >> ${log}; ${waitFor(go)}; echo - >> ${log}; ${sign}`),
    ];
    const signer = await signerOf(t, onceSigner(pair, { command, workers }));
    const messages = Array.from({ length: 10 }, (_, at) => Uint8Array.of(at));
    const signing = messages.map((message) => signer.sign(message));
    // So many begin, and none ends before they all did.
    assert.ok(await until(() => linesOf(log).length === workers));
    writeFileSync(go, '');
    for (const [at, signature] of (await Promise.all(signing)).entries()) {
      await verify(signer.publicKey, 'ES256', Uint8Array.of(at), signature);
    }
    let running = 0;
    const counts = linesOf(log).map((line) => {
      running += line === '+' ? 1 : -1;
      return running;
    });
    assert.equal(Math.max(...counts), workers);
  }
});

test('a call that waits for its turn leaves the queue when it is aborted, and others go on', {
  skip,
}, async (t) => {
  const folder = folderFor(t);
  const pair = keyPair(folder);
  const go = join(folder, 'go');
  const text = `${waitFor(go)}; openssl dgst -sha256 -sign ${pair.path}`;
  const command = [script(folder, 'signer', text)];
  // The provider itself: createKeys would end the call without it.
  const provider = exec({ signers: { a: onceSigner(pair, { command }) } });
  t.after(() => provider.close());
  const signer = (await provider.open(parseKeyRef('exec:a'))).use('ES256');
  const controller = new AbortController();
  const first = signer.sign(MESSAGE);
  const second = signer.sign(MESSAGE, { signal: controller.signal });
  const third = signer.sign(MESSAGE);
  const reason = new Error('enough');
  for (const call of [first, second, third]) assert.equal(await stateOf(call), 'pending');
  controller.abort(reason);
  // The first cannot have ended: what it waits for is not there.
  await assert.rejects(atOnce(second), reason);
  writeFileSync(go, '');
  await Promise.all([first, third]);
});

test('more calls than may wait are OVERLOADED', async (t) => {
  const folder = folderFor(t);
  const pair = keyPair(folder);
  const command = [script(folder, 'signer', 'sleep 600')];
  const time = stopTime(t);
  const signer = await signerOf(t, onceSigner(pair, { command }), { deadlineMs: 1000 });
  const calls = Array.from({ length: 260 }, () => signer.sign(MESSAGE));
  const states = await Promise.all(calls.map(stateOf));
  assert.deepEqual(states, [...Array(257).fill('pending'), ...Array(3).fill('rejected')]);
  for (const call of calls.slice(257)) await assert.rejects(call, failsWith('OVERLOADED'));
  time.pass(1000);
  for (const call of calls.slice(0, 257))
    await assert.rejects(atOnce(call), failsWith('UNAVAILABLE', { field: 'deadline' }));
});

test('closing kills what runs, and what waits fails', async (t) => {
  const folder = folderFor(t);
  const pair = keyPair(folder);
  const pids = join(folder, 'pids');
  const command = [script(folder, 'signer', `echo $$ >> ${pids}; exec sleep 600`)];
  const provider = exec({ signers: { a: onceSigner(pair, { command }) } });
  // No limit of time ends it instead.
  stopTime(t);
  const signer = (await provider.open(parseKeyRef('exec:a'))).use('ES256');
  const calls = [signer.sign(MESSAGE), signer.sign(MESSAGE)].map((call) =>
    call.catch((error: unknown) => error),
  );
  assert.ok(await until(() => linesOf(pids).length === 1));
  const closing = provider.close();
  assert.ok(await until(() => !isRunning(Number(linesOf(pids)[0]))));
  await closing;
  for (const result of await Promise.all(calls)) assert.ok(isFailure(result, 'UNAVAILABLE'));
  assert.equal(linesOf(pids).length, 1);
});
