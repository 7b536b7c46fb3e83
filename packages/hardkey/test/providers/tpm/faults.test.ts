import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createKeys, isFailure, parseKeyRef, type Signer, verify } from 'hardkey';
import { type TpmConfig, type TpmProvider, tpm } from 'hardkey/providers/tpm';
import { component } from '../../../../../scripts/components/index.ts';
import { collected } from '../../support/collected.ts';
import { failsWith } from '../../support/failures.ts';
import { beside, type Swtpm, swtpmFor } from '../../support/swtpm.ts';
import { secretOf } from './support.ts';

const skip = component('swtpm').missing ?? false;
const REF = 'tpm:handle=0x81000100';
const MESSAGE = new TextEncoder().encode('signed whatever happens');

interface Ready {
  readonly swtpm: Swtpm;
  readonly provider: TpmProvider;
  readonly signer: Signer;
}

/** A TPM with a key, and a provider that has used it. */
async function ready(t: TestContext, config: Partial<TpmConfig> = {}): Promise<Ready> {
  const swtpm = await swtpmFor(t);
  const provider = tpm({ device: swtpm.device, ...config });
  t.after(() => provider.close());
  await provider.create?.(parseKeyRef(REF), { algorithm: 'ES256' });
  const signer = (await provider.open(parseKeyRef(REF))).use('ES256');
  await check(signer);
  return { swtpm, provider, signer };
}

async function check(signer: Signer): Promise<void> {
  await verify(signer.publicKey, signer.algorithm, MESSAGE, await signer.sign(MESSAGE));
}

test('a TPM that is killed in the middle of a command is UNAVAILABLE, and used again when it is back', {
  skip,
}, async (t) => {
  const { swtpm, signer } = await ready(t);
  swtpm.stop();
  const calls = Array.from({ length: 8 }, () => signer.sign(MESSAGE));
  const settled = Promise.allSettled(calls);
  // The command is on its way, and nobody reads it.
  await sleep(20);
  await swtpm.kill();
  for (const call of calls) await assert.rejects(call, failsWith('UNAVAILABLE'));
  await settled;
  await assert.rejects(
    signer.sign(MESSAGE),
    failsWith('UNAVAILABLE', { ref: `${REF}?device=${swtpm.device}` }),
  );
  await swtpm.start();
  await check(signer);
});

test('a TPM that stands still keeps nobody past the deadline, and serves when it goes on', {
  skip,
}, async (t) => {
  const { swtpm, signer } = await ready(t);
  swtpm.stop();
  const deadline = performance.now() + 50;
  const calls = Array.from({ length: 4 }, () => signer.sign(MESSAGE, { deadline }));
  for (const call of calls) await assert.rejects(call, failsWith('UNAVAILABLE', { field: 'deadline' }));
  swtpm.resume();
  // The answer that came too late is nobody's.
  await check(signer);
});

test('a TPM that does not answer in its time is UNAVAILABLE, and a late answer is of no other command', {
  skip,
}, async (t) => {
  const { swtpm, signer } = await ready(t, { timeoutMs: 200 });
  swtpm.stop();
  await assert.rejects(signer.sign(MESSAGE), failsWith('UNAVAILABLE'));
  swtpm.resume();
  await check(signer);
});

test('a TPM that somebody else holds is UNAVAILABLE, and ours when it is let go', { skip }, async (t) => {
  const swtpm = await swtpmFor(t);
  // One is served, and soon there are too many that wait: then a socket turns away whoever comes.
  const others = Array.from({ length: 6 }, () => connect(swtpm.device.slice('unix:'.length)));
  await Promise.allSettled(others.map((one) => once(one, 'connect')));
  const provider = tpm({ device: swtpm.device, timeoutMs: 200 });
  t.after(() => provider.close());
  const ref = parseKeyRef(REF);
  await assert.rejects(
    async () => provider.create?.(ref, { algorithm: 'ES256' }),
    (error) => {
      assert.match(String(error), /does another program hold it\?/);
      return isFailure(error, 'UNAVAILABLE');
    },
  );
  for (const one of others) one.destroy();
  await provider.create?.(ref, { algorithm: 'ES256' });
  await check((await provider.open(ref)).use('ES256'));
});

test('providers of one process share a TPM', { skip }, async (t) => {
  const { swtpm, signer } = await ready(t);
  const other = tpm({ device: swtpm.device });
  const theirs = (await other.open(parseKeyRef(REF))).use('ES256');
  await Promise.all(Array.from({ length: 16 }, (_, at) => check(at % 2 === 0 ? signer : theirs)));
  await other.close();
  await check(signer);
  await assert.rejects(theirs.sign(MESSAGE), failsWith('UNAVAILABLE'));
});

test('sixty-four signers at once, with more keys than the TPM has slots, are all served', {
  skip,
}, async (t) => {
  const { swtpm, provider, signer } = await ready(t);
  const signers: Signer[] = [signer];
  for (let at = 0; at < 7; at++) {
    const ref = parseKeyRef(`tpm:file=${join(swtpm.state, `${at}.pem`)}`);
    const key = await provider.create?.(ref, { algorithm: at % 2 === 0 ? 'ES256' : 'ES384' });
    assert.ok(key !== undefined);
    signers.push(key.use(at % 2 === 0 ? 'ES256' : 'ES384'));
  }
  await Promise.all(Array.from({ length: 64 }, (_, at) => check(signers[at % signers.length] ?? signer)));
});

test('a process that ended without a word left everything loaded, and the next one has room', {
  skip,
}, async (t) => {
  const { swtpm, provider, signer } = await ready(t);
  await provider.close();
  const source = `
    import { parseKeyRef } from 'hardkey';
    import { tpm } from 'hardkey/providers/tpm';
    const provider = tpm({ device: ${JSON.stringify(swtpm.device)} });
    for (let at = 0; at < 3; at++) {
      const ref = parseKeyRef('tpm:file=' + ${JSON.stringify(swtpm.state)} + '/left' + at + '.pem');
      const key = await provider.create(ref, { algorithm: 'ES256' });
      await key.use('ES256').sign(new Uint8Array(3));
      await key.attest({ nonce: new Uint8Array(8) });
    }
    process.kill(process.pid, 'SIGKILL');`;
  const args = ['--conditions=@hk/source', '--input-type=module', '--eval', source];
  const { signal } = spawnSync(process.execPath, args, { cwd: import.meta.dirname, timeout: 60_000 });
  assert.equal(signal, 'SIGKILL');
  const next = tpm({ device: swtpm.device });
  t.after(() => next.close());
  const again = (await next.open(parseKeyRef(REF))).use('ES256');
  await check(again);
  assert.equal(again.publicKey.fingerprint, signer.publicKey.fingerprint);
});

test('processes on one TPM wait for each other', { skip }, async (t) => {
  const { swtpm, provider } = await ready(t);
  await provider.close();
  const source = `
    import { parseKeyRef } from 'hardkey';
    import { tpm } from 'hardkey/providers/tpm';
    const provider = tpm({ device: ${JSON.stringify(swtpm.device)}, timeoutMs: 30000 });
    const signer = (await provider.open(parseKeyRef('${REF}'))).use('ES256');
    for (let at = 0; at < 5; at++) await signer.sign(new Uint8Array(3));
    await provider.close();`;
  const args = ['--conditions=@hk/source', '--input-type=module', '--eval', source];
  const children = [1, 2, 3, 4].map(() =>
    spawn(process.execPath, args, { cwd: import.meta.dirname, stdio: 'ignore' }),
  );
  const ended = await Promise.all(children.map((child) => once(child, 'exit')));
  assert.deepEqual(
    ended.map(([status]) => status as unknown),
    [0, 0, 0, 0],
  );
});

test('an idle connection does not keep its process alive', { skip }, async (t) => {
  const { swtpm, provider } = await ready(t);
  await provider.close();
  const source = `
    import { parseKeyRef } from 'hardkey';
    import { tpm } from 'hardkey/providers/tpm';
    const provider = tpm({ device: ${JSON.stringify(swtpm.device)} });
    console.log((await (await provider.open(parseKeyRef('${REF}'))).use('ES256').sign(new Uint8Array(3))).length);`;
  const args = ['--conditions=@hk/source', '--input-type=module', '--eval', source];
  const { status, stdout } = spawnSync(process.execPath, args, {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.deepEqual([status, stdout], [0, '64\n']);
});

test('a TPM that was reset under the connection is started and served again', { skip }, async (t) => {
  const { swtpm, provider } = await ready(t);
  const file = parseKeyRef(`tpm:file=${join(swtpm.state, 'key.pem')}`);
  const key = await provider.create?.(file, { algorithm: 'ES256' });
  assert.ok(key !== undefined);
  await check(key.use('ES256'));
  const control = `${swtpm.device.slice('unix:'.length)}.ctrl`;
  assert.equal(spawnSync(beside('swtpm_ioctl'), ['--unix', control, '-i']).status, 0);
  await check(key.use('ES256'));
  await check((await provider.open(parseKeyRef(REF))).use('ES256'));
});

test('a wrong value counts once, however many sign with it', { skip }, async (t) => {
  const { swtpm, provider } = await ready(t, { auth: secretOf('right') });
  assert.equal((await provider.status()).lockout.tries, 0);
  const wrong = tpm({ device: swtpm.device, auth: secretOf('wrong') });
  t.after(() => wrong.close());
  const signer = (await wrong.open(parseKeyRef(REF))).use('ES256');
  const calls = await Promise.allSettled(Array.from({ length: 64 }, () => signer.sign(MESSAGE)));
  for (const call of calls) {
    assert.ok(call.status === 'rejected' && isFailure(call.reason, 'DENIED'));
  }
  await assert.rejects(signer.sign(MESSAGE), failsWith('DENIED'));
  assert.equal((await provider.status()).lockout.tries, 1);
});

test('a TPM that is locked out is DENIED and not retried, and serves keys whose values do not count', {
  skip,
}, async (t) => {
  const { swtpm, provider } = await ready(t, { auth: secretOf('right') });
  const free = tpm({ device: swtpm.device });
  t.after(() => free.close());
  const other = parseKeyRef('tpm:handle=0x81000101');
  await free.create?.(other, { algorithm: 'ES256' });
  const { maxTries } = (await provider.status()).lockout;
  for (let at = 0; at < maxTries; at++) {
    const keys = createKeys([tpm({ device: swtpm.device, auth: secretOf('wrong') })]);
    const signer = (await keys.open(REF)).use('ES256');
    await assert.rejects(signer.sign(MESSAGE), failsWith('DENIED', { operation: 'TPM2_Sign' }));
    await keys.close();
  }
  assert.deepEqual((await provider.status()).lockout.isLockedOut, true);
  const signer = (await provider.open(parseKeyRef(REF))).use('ES256');
  await assert.rejects(signer.sign(MESSAGE), (error) => {
    assert.match(String(error), /locked out/);
    return isFailure(error, 'DENIED');
  });
  await check((await free.open(other)).use('ES256'));
});

test('a handle that holds another key by now is SIGNER_MISMATCH behind createKeys', { skip }, async (t) => {
  const { swtpm, provider } = await ready(t);
  const keys = createKeys([tpm({ device: swtpm.device })]);
  t.after(() => keys.close());
  const signer = (await keys.open(REF)).use('ES256');
  await provider.destroy?.(parseKeyRef(REF));
  await assert.rejects(signer.sign(MESSAGE), failsWith('KEY_NOT_FOUND'));
  await provider.create?.(parseKeyRef(REF), { algorithm: 'ES256' });
  await assert.rejects(signer.sign(MESSAGE), failsWith('SIGNER_MISMATCH'));
});

test('with a value, another key at the handle is SIGNER_MISMATCH before it signs', { skip }, async (t) => {
  const { provider } = await ready(t, { auth: secretOf('1234') });
  const signer = (await provider.open(parseKeyRef(REF))).use('ES256');
  await provider.destroy?.(parseKeyRef(REF));
  await provider.create?.(parseKeyRef(REF), { algorithm: 'ES256' });
  await assert.rejects(signer.sign(MESSAGE), failsWith('SIGNER_MISMATCH'));
});

test('a creation that was given up leaves nothing behind', { skip }, async (t) => {
  const { swtpm, provider } = await ready(t);
  const file = join(swtpm.state, 'never.pem');
  for (const rest of ['handle=0x81000102', `file=${file}`]) {
    const stop = new AbortController();
    swtpm.stop();
    const call = provider.create?.(
      parseKeyRef(`tpm:${rest}`),
      { algorithm: 'ES256' },
      { signal: stop.signal },
    );
    const settled = Promise.allSettled([call]);
    await sleep(20);
    stop.abort(new Error('no longer'));
    await settled;
    await assert.rejects(async () => call, /no longer/);
    swtpm.resume();
  }
  const listed = await collected(createKeys([provider]).list());
  assert.deepEqual(
    listed.map(({ ref }) => String(ref)),
    [`${REF}?device=${swtpm.device}`],
  );
  assert.equal(existsSync(file), false);
});

test('closing while the TPM stands still ends, with all that waits', { skip }, async (t) => {
  const { swtpm, provider, signer } = await ready(t, { timeoutMs: 200 });
  swtpm.stop();
  const calls = Array.from({ length: 3 }, () => signer.sign(MESSAGE));
  const settled = Promise.allSettled(calls);
  await provider.close();
  await settled;
  for (const call of calls) await assert.rejects(call, failsWith('UNAVAILABLE'));
  swtpm.resume();
});
