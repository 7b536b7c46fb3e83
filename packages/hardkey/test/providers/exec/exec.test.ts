import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createKeys, type FailureCode, isFailure, verify } from 'hardkey';
import { exec, type SignerConfig } from 'hardkey/providers/exec';
import { component } from '../../../../../scripts/components/index.ts';

const EXAMPLES = join(import.meta.dirname, '../../../../../examples/signers');
const MESSAGE = new TextEncoder().encode('signed by a program');
const openssl = component('openssl');

function failsAs(code: FailureCode) {
  return (error: unknown) => isFailure(error, code);
}

/** Whether a process is gone, or dead and not yet waited for by whoever adopted it. */
function hasEnded(pid: number): boolean {
  try {
    return / [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

/** A key pair in files, and a folder for it. */
function pair(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-exec-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const path = join(folder, 'key.pem');
  writeFileSync(path, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  return { folder, path, publicKey: publicKey.export({ format: 'pem', type: 'spki' }).toString() };
}

function keysOf(signer: SignerConfig) {
  return createKeys([exec({ signers: { issuer: signer } })], { retry: { attempts: 0 } });
}

function shell(command: string, publicKey: string, more: object = {}): SignerConfig {
  return {
    mode: 'once',
    command: ['/bin/sh', '-c', command],
    algorithm: 'ES256',
    publicKey,
    stdin: 'raw',
    output: 'der',
    ...more,
  };
}

test('a program run for each signature signs', { skip: openssl.missing ?? false }, async (t) => {
  const { path, publicKey } = pair(t);
  const command = [join(EXAMPLES, 'openssl-signer.sh'), path];
  const env = { PATH: '/usr/bin:/bin' };
  const keys = keysOf({ ...shell('', publicKey), command, env });
  const key = await keys.open('exec:issuer');
  assert.equal(key.custody.place, 'program');
  const signer = key.use('ES256');
  await verify(signer.publicKey, 'ES256', MESSAGE, await signer.sign(MESSAGE));
  await keys.close();
});

test('a program that stays signs, fifty at once', async (t) => {
  const { path, publicKey } = pair(t);
  const command = [process.execPath, join(EXAMPLES, 'node-signer.mjs'), 'issuer', path];
  const keys = keysOf({ mode: 'persistent', command, algorithm: 'ES256', publicKey });
  const signer = (await keys.open('exec:issuer')).use('ES256');
  const messages = Array.from({ length: 50 }, (_, at) => Uint8Array.of(at));
  const signatures = await Promise.all(messages.map((message) => signer.sign(message)));
  for (const [at, signature] of signatures.entries()) {
    await verify(signer.publicKey, 'ES256', Uint8Array.of(at), signature);
  }
  await keys.close();
  await assert.rejects(signer.sign(MESSAGE), failsAs('UNAVAILABLE'));
});

test('a signature by another key is SIGNER_MISMATCH and does not leave', {
  skip: openssl.missing ?? false,
}, async (t) => {
  const { path } = pair(t);
  const other = pair(t);
  const command = [join(EXAMPLES, 'openssl-signer.sh'), path];
  const env = { PATH: '/usr/bin:/bin' };
  const keys = keysOf({ ...shell('', other.publicKey), command, env });
  const signer = (await keys.open('exec:issuer')).use('ES256');
  await assert.rejects(signer.sign(MESSAGE), failsAs('SIGNER_MISMATCH'));
});

test('a program that hangs is killed with its children', async (t) => {
  const { folder, publicKey } = pair(t);
  const mark = join(folder, 'pid');
  const keys = keysOf(shell(`sleep 60 & echo $! > ${mark}; wait`, publicKey, { timeoutMs: 300 }));
  const signer = (await keys.open('exec:issuer')).use('ES256');
  const started = performance.now();
  await assert.rejects(signer.sign(MESSAGE), failsAs('UNAVAILABLE'));
  assert.ok(performance.now() - started < 5000);
  await wait(50);
  const grandchild = Number(readFileSync(mark, 'utf8'));
  assert.ok(hasEnded(grandchild));
});

test('what a program prints is bounded and never quoted', async (t) => {
  const { publicKey } = pair(t);
  for (const command of ['yes canary-secret', 'echo canary-secret >&2; exit 3', 'echo canary-secret']) {
    const signer = (await keysOf(shell(command, publicKey)).open('exec:issuer')).use('ES256');
    const error: unknown = await signer.sign(MESSAGE).catch((caught: unknown) => caught);
    assert.ok(isFailure(error));
    assert.ok(!JSON.stringify(error).includes('canary') && !String(error.stack).includes('canary'));
  }
});

test('a signer has an absolute program, a pinned key and no unknown fields', async (t) => {
  const { publicKey } = pair(t);
  const good = shell('true', publicKey);
  for (const wrong of [
    { ...good, command: ['sh'] },
    { ...good, command: [] },
    { ...good, publicKey: undefined },
    { ...good, shell: true },
  ]) {
    await assert.rejects(async () => {
      await keysOf(wrong as SignerConfig).open('exec:issuer');
    }, failsAs('ARGUMENT_INVALID'));
  }
  await assert.rejects(keysOf(good).open('exec:nobody'), failsAs('KEY_NOT_FOUND'));
});
