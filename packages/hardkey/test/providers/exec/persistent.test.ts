import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { isFailure, parseKeyRef, type Signer, verify } from 'hardkey';
import { exec } from 'hardkey/providers/exec';
import { component } from '../../../../../scripts/components/index.ts';
import { failsWith } from '../../support/failures.ts';
import { atOnce, stateOf, stopTime } from '../../support/stopped-time.ts';
import {
  EXAMPLES,
  folderFor,
  isRunning,
  keyPair,
  keysOf,
  linesOf,
  oddSigner,
  script,
  signerOf,
  until,
} from './support.ts';

const python = component('python-peers');
const MESSAGE = new TextEncoder().encode('a message for a program that stays');

async function checkOne(signer: Signer, message: Uint8Array = MESSAGE): Promise<void> {
  await verify(signer.publicKey, signer.algorithm, message, await signer.sign(message));
}

test('the Node.js example signs with each of its algorithms', async (t) => {
  for (const algorithm of ['Ed25519', 'ES256', 'RS256'] as const) {
    const pair = keyPair(folderFor(t), algorithm);
    const command = [process.execPath, join(EXAMPLES, 'signer.mjs'), 'issuer', pair.path];
    const { publicKey } = pair;
    await checkOne(await signerOf(t, { mode: 'persistent', command, algorithm, publicKey }));
  }
});

test('the Python example signs, two hundred calls at once', { skip: python.missing ?? false }, async (t) => {
  for (const algorithm of ['Ed25519', 'ES256'] as const) {
    const pair = keyPair(folderFor(t), algorithm);
    const command = [python.path, join(EXAMPLES, 'signer.py'), 'serve', 'issuer', pair.path];
    const { publicKey } = pair;
    const signer = await signerOf(t, {
      mode: 'persistent',
      command,
      algorithm,
      publicKey,
      timeoutMs: 30_000,
    });
    await Promise.all(Array.from({ length: 200 }, (_, at) => checkOne(signer, Uint8Array.of(at))));
  }
});

test('replies find their requests in whatever order they come', async (t) => {
  const pair = keyPair(folderFor(t));
  const signer = await signerOf(t, oddSigner(pair, { reverse: 8 }));
  await Promise.all(Array.from({ length: 16 }, (_, at) => checkOne(signer, Uint8Array.of(at))));
});

test('one process serves all calls, or as many as there may be workers', async (t) => {
  const folder = folderFor(t);
  const pair = keyPair(folder);
  for (const workers of [1, 3]) {
    const count = join(folder, `pids-${workers}`);
    const signer = await signerOf(t, oddSigner(pair, { count }, { workers }));
    for (let i = 0; i < 3; i++) await checkOne(signer);
    assert.equal(new Set(linesOf(count)).size, 1, 'one call at a time needs one process');
    await Promise.all(Array.from({ length: 24 }, (_, at) => checkOne(signer, Uint8Array.of(at))));
    assert.equal(new Set(linesOf(count)).size, workers);
  }
});

test('a hello of another version is UNSUPPORTED at open', async (t) => {
  const pair = keyPair(folderFor(t));
  const hello = { hello: { contract: '2.0', keys: [] } };
  const keys = keysOf(t, oddSigner(pair, { hello }));
  for (let i = 0; i < 7; i++) {
    const code = { field: 'signer.hello.contract', ref: 'exec:issuer' };
    await assert.rejects(keys.open('exec:issuer'), failsWith('UNSUPPORTED', code));
  }
});

test('a program without the key, with another, or for another algorithm is told apart at open', async (t) => {
  const pair = keyPair(folderFor(t));
  const hello = (key: object) => ({ hello: { hello: { contract: '1.0', keys: [key] } } });
  const open = (key: object) => keysOf(t, oddSigner(pair, hello(key))).open('exec:issuer');
  await assert.rejects(open({ key: 'other', alg: 'ES256' }), failsWith('KEY_NOT_FOUND'));
  await assert.rejects(open({ key: 'issuer', alg: 'ES384' }), failsWith('UNSUPPORTED'));
  const actual = `sha256:${'00'.repeat(32)}`;
  await assert.rejects(
    open({ key: 'issuer', alg: 'ES256', fingerprint: actual }),
    failsWith('SIGNER_MISMATCH', { actual }),
  );
});

test('a signature by another key is SIGNER_MISMATCH through createKeys', async (t) => {
  const folder = folderFor(t);
  const [pair, other] = [keyPair(folder), keyPair(folder)];
  const signer = await signerOf(t, oddSigner({ path: pair.path, publicKey: other.publicKey }));
  await assert.rejects(signer.sign(MESSAGE), failsWith('SIGNER_MISMATCH'));
});

test('a process that dies fails what it had, and the next call gets another', async (t) => {
  const folder = folderFor(t);
  const count = join(folder, 'pids');
  const signer = await signerOf(t, oddSigner(keyPair(folder), { count, gate: join(folder, 'never') }));
  const slow = Array.from({ length: 3 }, () => signer.sign(new TextEncoder().encode('slow')));
  const results = slow.map((call) => call.catch((error: unknown) => error));
  assert.ok(await until(() => linesOf(count).length === 3));
  process.kill(Number(linesOf(count)[0]), 'SIGKILL');
  for (const result of await Promise.all(results)) {
    assert.ok(isFailure(result, 'UNAVAILABLE') && result.details.ref === 'exec:issuer', inspect(result));
  }
  await checkOne(signer);
  assert.equal(new Set(linesOf(count)).size, 2);
});

test('a program that keeps crashing is left alone after the fifth time in a minute', async (t) => {
  const folder = folderFor(t);
  const count = join(folder, 'pids');
  const signer = await signerOf(t, oddSigner(keyPair(folder), { count, exitAt: 'request' }));
  for (let i = 0; i < 8; i++) await assert.rejects(signer.sign(MESSAGE), failsWith('UNAVAILABLE'));
  assert.equal(linesOf(count).length, 5);
});

test('a program that is not there is asked for again and again', async (t) => {
  const folder = folderFor(t);
  const odd = oddSigner(keyPair(folder));
  const path = script(folder, 'signer', 'exec "$@"');
  renameSync(path, `${path}.away`);
  const keys = keysOf(t, { ...odd, command: [path, ...odd.command] });
  for (let i = 0; i < 8; i++)
    await assert.rejects(keys.open('exec:issuer'), failsWith('UNAVAILABLE', { path }));
  renameSync(`${path}.away`, path);
  await checkOne((await keys.open('exec:issuer')).use('ES256'));
});

test('a program that is refused its key is DENIED and not started again, which would lock the token', async (t) => {
  const folder = folderFor(t);
  const starts = join(folder, 'starts');
  const path = script(folder, 'signer', `echo start >> ${starts}; exit 77`);
  const keys = keysOf(t, { ...oddSigner(keyPair(folder)), command: [path] });
  for (let i = 0; i < 3; i++) await assert.rejects(keys.open('exec:issuer'), failsWith('DENIED'));
  assert.equal(linesOf(starts).length, 1);
});

test('a program that dies before its hello is UNAVAILABLE at open', async (t) => {
  const keys = keysOf(t, oddSigner(keyPair(folderFor(t)), { exitAt: 'start' }));
  await assert.rejects(keys.open('exec:issuer'), failsWith('UNAVAILABLE'));
});

test('a program that says no hello does not make its caller wait beyond the deadline', async (t) => {
  const time = stopTime(t);
  const signer = oddSigner(keyPair(folderFor(t)), { silent: true }, { timeoutMs: 200 });
  const patient = { ...signer, timeoutMs: 60_000 };
  for (const [keys, field, ms] of [
    [keysOf(t, signer), 'timeoutMs', 200],
    [keysOf(t, patient, { deadlineMs: 200 }), 'deadline', 200],
    // The five seconds that a program has for its hello.
    [keysOf(t, patient), undefined, 5000],
  ] as const) {
    const opening = keys.open('exec:issuer');
    assert.equal(await stateOf(opening), 'pending');
    time.pass(ms - 1);
    assert.equal(await stateOf(opening), 'pending');
    time.pass(1);
    await assert.rejects(atOnce(opening), (error) => {
      failsWith('UNAVAILABLE')(error);
      return isFailure(error) && error.details.field === field;
    });
  }
});

test('codes that a program answers with come through, and its words do not', async (t) => {
  const pair = keyPair(folderFor(t));
  for (const [said, code] of [
    ['KEY_NOT_FOUND', 'KEY_NOT_FOUND'],
    ['UNSUPPORTED', 'UNSUPPORTED'],
    ['DENIED', 'DENIED'],
    ['OVERLOADED', 'OVERLOADED'],
    ['UNAVAILABLE', 'UNAVAILABLE'],
    ['EXPIRED', 'UNAVAILABLE'],
    ['canary-code', 'UNAVAILABLE'],
  ] as const) {
    const reply = { e: { code: said, retryable: true, message: 'canary: the PIN is 1234' } };
    const signer = await signerOf(t, oddSigner(pair, { reply }));
    const error: unknown = await signer.sign(MESSAGE).catch((caught: unknown) => caught);
    failsWith(code, { ref: 'exec:issuer' })(error);
    assert.ok(!inspect(error, { depth: 10, showHidden: true }).includes('canary'));
  }
});

test('a wrong signature fails its call alone; a wrong frame ends the process', async (t) => {
  const folder = folderFor(t);
  const pair = keyPair(folder);
  const hex = (text: string) => Buffer.from(text).toString('hex');
  const cases = [
    [{ reply: { s: 'AQID' } }, 'signer.output', 1],
    [{ reply: { s: 'not base64' } }, 'signer.reply.s', 2],
    [{ raw: `0000000a${hex('not a json')}` }, 'signer.frame', 2],
    [{ raw: 'ffffffff' }, 'signer.frame', 2],
    [{ raw: '00010001' }, 'signer.frame', 2],
    [{ raw: hex('signer: warning\n') }, 'signer.frame', 2],
    [{ raw: `00000016${hex('{"id":999999,"s":"AA"}')}` }, 'signer.reply.s', 2],
    [{ raw: `00000018${hex('{"id":999999,"s":"AAAA"}')}` }, 'signer.reply.id', 2],
  ] as const;
  for (const [at, [oddity, field, processes]] of cases.entries()) {
    const count = join(folder, `pids-${at}`);
    const signer = await signerOf(t, oddSigner(pair, { ...oddity, count }));
    for (let i = 0; i < 2; i++) {
      await assert.rejects(signer.sign(MESSAGE), failsWith('MALFORMED', { field }), JSON.stringify(oddity));
    }
    assert.equal(new Set(linesOf(count)).size, processes, JSON.stringify(oddity));
  }
});

test('a call that is aborted ends at once, and its late reply is discarded', async (t) => {
  const folder = folderFor(t);
  const [count, gate] = [join(folder, 'pids'), join(folder, 'gate')];
  // The provider itself: createKeys would end the call without it.
  const provider = exec({ signers: { a: oddSigner(keyPair(folder), { count, gate }) } });
  t.after(() => provider.close());
  const signer = (await provider.open(parseKeyRef('exec:a'))).use('ES256');
  await checkOne(signer);
  const controller = new AbortController();
  const reason = new Error('enough');
  const slow = signer.sign(new TextEncoder().encode('slow'), { signal: controller.signal });
  assert.ok(await until(() => linesOf(count).length === 2));
  controller.abort(reason);
  // The program has not replied: what it waits for is not there.
  await assert.rejects(atOnce(slow), reason);
  writeFileSync(gate, '');
  // Answered after the abandoned one, on the same pipe.
  await checkOne(signer, new TextEncoder().encode('slow as well'));
  await checkOne(signer);
  assert.equal(new Set(linesOf(count)).size, 1);
});

test('a program that hangs is replaced; one that is only slow is not', async (t) => {
  const folder = folderFor(t);
  const pair = keyPair(folder);
  const hung = join(folder, 'hung');
  const time = stopTime(t);
  const mute = await signerOf(t, oddSigner(pair, { count: hung, mute: true }, { timeoutMs: 200 }));
  for (let i = 1; i <= 2; i++) {
    time.pass(1);
    const signing = mute.sign(MESSAGE);
    assert.ok(await until(() => linesOf(hung).length === i));
    time.pass(199);
    assert.equal(await stateOf(signing), 'pending');
    time.pass(1);
    await assert.rejects(atOnce(signing), failsWith('UNAVAILABLE', { field: 'timeoutMs' }));
  }
  assert.equal(new Set(linesOf(hung)).size, 2);
  assert.ok(await until(() => !isRunning(Number(linesOf(hung)[0]))));

  const [slow, gate] = [join(folder, 'slow'), join(folder, 'gate')];
  const signer = await signerOf(t, oddSigner(pair, { count: slow, gate }, { timeoutMs: 300 }));
  time.pass(1);
  const late = signer.sign(new TextEncoder().encode('slow'));
  assert.ok(await until(() => linesOf(slow).length === 1));
  time.pass(299);
  await checkOne(signer);
  time.pass(1);
  await assert.rejects(atOnce(late), failsWith('UNAVAILABLE', { field: 'timeoutMs' }));
  await checkOne(signer);
  assert.equal(new Set(linesOf(slow)).size, 1);
});

test('messages that are too long are refused, or signed by their digest where the program does that', async (t) => {
  const folder = folderFor(t);
  const hello = { hello: { contract: '1.0', keys: [{ key: 'issuer', alg: 'ES256' }], maxMessage: 10 } };
  const signer = await signerOf(t, oddSigner(keyPair(folder), { hello }));
  await checkOne(signer, new Uint8Array(10));
  const refused = failsWith('ARGUMENT_INVALID', { field: 'message' });
  await assert.rejects(signer.sign(new Uint8Array(11)), refused);

  const rsa = keyPair(folder, 'RS256');
  const command = [process.execPath, join(EXAMPLES, 'signer.mjs'), 'issuer', rsa.path];
  const { publicKey } = rsa;
  const digests = await signerOf(t, { mode: 'persistent', command, algorithm: 'RS256', publicKey });
  await checkOne(digests, new Uint8Array(3_000_000));
});

test('a call with more than may wait is OVERLOADED', async (t) => {
  const folder = folderFor(t);
  const gate = join(folder, 'gate');
  const signer = await signerOf(t, oddSigner(keyPair(folder), { gate }));
  const message = new TextEncoder().encode('slow');
  const calls = Array.from({ length: 260 }, () => signer.sign(message));
  const states = await Promise.all(calls.map(stateOf));
  assert.deepEqual(states, [...Array(256).fill('pending'), ...Array(4).fill('rejected')]);
  for (const call of calls.splice(256)) await assert.rejects(call, failsWith('OVERLOADED'));
  writeFileSync(gate, '');
  for (const call of calls) assert.equal((await call).length, 64);
});

test('closing waits for what is under way, and then no process is left', async (t) => {
  const folder = folderFor(t);
  const [count, child] = [join(folder, 'pids'), join(folder, 'child')];
  const gate = join(folder, 'gate');
  const provider = exec({ signers: { a: oddSigner(keyPair(folder), { count, child, gate }) } });
  const signer = (await provider.open(parseKeyRef('exec:a'))).use('ES256');
  const time = stopTime(t);
  const slow = signer.sign(new TextEncoder().encode('slow'));
  const closing = provider.close();
  await assert.rejects(signer.sign(MESSAGE), failsWith('UNAVAILABLE'));
  assert.ok(await until(() => linesOf(count).length === 1));
  // Longer than a program has for its own end, and shorter than one signature may take.
  time.pass(2000);
  assert.deepEqual([await stateOf(slow), await stateOf(closing)], ['pending', 'pending']);
  writeFileSync(gate, '');
  assert.equal((await slow).length, 64);
  assert.equal(await stateOf(closing), 'pending');
  // Its child keeps it from ending with its stdin.
  time.pass(1000);
  await closing;
  for (const pid of [...linesOf(count), ...linesOf(child)])
    assert.ok(await until(() => !isRunning(Number(pid))), pid);
});

// The program would stay for ever, and closing waits for its end.
test('closing kills a program that does not end with its stdin', { timeout: 120_000 }, async (t) => {
  const folder = folderFor(t);
  const count = join(folder, 'pids');
  const provider = exec({ signers: { a: oddSigner(keyPair(folder), { count, stays: true }) } });
  await (await provider.open(parseKeyRef('exec:a'))).use('ES256').sign(MESSAGE);
  await provider.close();
  assert.ok(!isRunning(Number(linesOf(count)[0])));
});

test('an idle program does not keep its caller alive, and ends with it', async (t) => {
  const folder = folderFor(t);
  const pair = keyPair(folder);
  const count = join(folder, 'pids');
  const config = { signers: { a: oddSigner(pair, { count }) } };
  const source = `
    import { parseKeyRef } from 'hardkey';
    import { exec } from 'hardkey/providers/exec';
    const provider = exec(${JSON.stringify(config)});
    const key = await provider.open(parseKeyRef('exec:a'));
    console.log((await key.use('ES256').sign(new Uint8Array(3))).length);`;
  const args = ['--conditions=@hk/source', '--input-type=module', '--eval', source];
  const done = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    timeout: 20_000,
    cwd: import.meta.dirname,
  });
  assert.deepEqual([done.status, done.stdout], [0, '64\n'], done.stderr);
  assert.ok(await until(() => !isRunning(Number(linesOf(count)[0]))));
});
