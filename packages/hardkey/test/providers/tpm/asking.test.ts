// Somebody who is asked for the value of a key: when, and how often.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseKeyRef, Secret, verify } from 'hardkey';
import { type TpmProvider, tpm } from 'hardkey/providers/tpm';
import { component } from '../../../../../scripts/components/index.ts';
import { failsWith } from '../../support/failures.ts';
import { type Swtpm, swtpmFor, tpm2 } from '../../support/swtpm.ts';
import { secretOf } from './support.ts';

const skip = component('swtpm').missing ?? false;
const tools = skip || (component('tpm2-tools').missing ?? false);
const MESSAGE = new TextEncoder().encode('message');
const HANDLE = 'tpm:handle=0x81000100';

/** Somebody who answers, and what they were asked. */
function somebody(answer: string) {
  const asked: string[] = [];
  const askAuth = async (ref: object): Promise<Secret> => {
    asked.push(String(ref));
    return new Secret(Buffer.from(answer));
  };
  return { asked, askAuth };
}

function providerOn(t: TestContext, { device }: Swtpm, more: Parameters<typeof tpm>[0] = {}): TpmProvider {
  const provider = tpm({ device, ...more });
  t.after(() => provider.close());
  return provider;
}

async function sign(provider: TpmProvider, ref: string): Promise<void> {
  const signer = (await provider.open(parseKeyRef(ref))).use('ES256');
  await verify(signer.publicKey, signer.algorithm, MESSAGE, await signer.sign(MESSAGE));
}

test('of a key at a handle a value is asked for once it has shown that it has one', { skip }, async (t) => {
  const swtpm = await swtpmFor(t);
  const maker = providerOn(t, swtpm, { auth: secretOf('1234') });
  await maker.create?.(parseKeyRef(HANDLE), { algorithm: 'ES256' });
  const { asked, askAuth } = somebody('1234');
  const provider = providerOn(t, swtpm, { askAuth });
  const key = await provider.open(parseKeyRef(HANDLE));
  assert.deepEqual(asked, []);
  // However many sign with it, no value was tried more than once to find that out.
  await Promise.all(Array.from({ length: 8 }, () => key.use('ES256').sign(MESSAGE)));
  assert.equal(new Set(asked).size, 1);
  assert.equal((await maker.status()).lockout.tries, 1);
  // While a wrong value counts, none is tried.
  await sign(providerOn(t, swtpm, { askAuth }), HANDLE);
  assert.equal((await maker.status()).lockout.tries, 1);
});

test('of a key file that has a value it is asked for, and nothing is tried before', { skip }, async (t) => {
  const swtpm = await swtpmFor(t);
  const ref = `tpm:file=${join(swtpm.state, 'key.pem')}`;
  const maker = providerOn(t, swtpm, { auth: secretOf('1234') });
  await maker.create?.(parseKeyRef(ref), { algorithm: 'ES256' });
  const { asked, askAuth } = somebody('1234');
  await sign(providerOn(t, swtpm, { askAuth }), ref);
  assert.deepEqual(asked, [`${ref}?device=${swtpm.device}`]);
  assert.equal((await maker.status()).lockout.tries, 0);
});

test('nobody is asked of a key without a value, nor for one that is made', { skip }, async (t) => {
  const swtpm = await swtpmFor(t);
  const { asked, askAuth } = somebody('1234');
  const provider = providerOn(t, swtpm, { askAuth });
  for (const ref of [HANDLE, `tpm:file=${join(swtpm.state, 'key.pem')}`]) {
    await provider.create?.(parseKeyRef(ref), { algorithm: 'ES256' });
    await sign(provider, ref);
  }
  assert.deepEqual(asked, []);
});

test('a wrong answer is DENIED and counts once, and nobody is asked again', { skip }, async (t) => {
  const swtpm = await swtpmFor(t);
  const ref = `tpm:file=${join(swtpm.state, 'key.pem')}`;
  const maker = providerOn(t, swtpm, { auth: secretOf('1234') });
  await maker.create?.(parseKeyRef(ref), { algorithm: 'ES256' });
  const { asked, askAuth } = somebody('4321');
  const provider = providerOn(t, swtpm, { askAuth });
  for (const _ of [1, 2]) await assert.rejects(sign(provider, ref), failsWith('DENIED'));
  assert.equal(asked.length, 1);
  assert.equal((await maker.status()).lockout.tries, 1);
});

test('a value whose wrong tries do not count is found out without a count', { skip: tools }, async (t) => {
  const swtpm = await swtpmFor(t, { transport: 'tcp' });
  const run = (name: string, ...args: readonly string[]): void => {
    const options = { cwd: swtpm.state, env: { ...process.env, ...swtpm.env }, encoding: 'utf8' } as const;
    const { status, stderr } = spawnSync(tpm2(name), args, options);
    assert.equal(status, 0, stderr);
  };
  const attributes = 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|sign';
  const files = ['-u', 'key.pub', '-r', 'key.priv'];
  run('createprimary', '-C', 'o', '-c', 'primary.ctx');
  run('flushcontext', '-t');
  run('create', '-C', 'primary.ctx', '-G', 'ecc:ecdsa-sha256', '-a', attributes, '-p', '1234', ...files);
  run('flushcontext', '-t');
  run('load', '-C', 'primary.ctx', ...files, '-c', 'key.ctx');
  run('flushcontext', '-t');
  run('evictcontrol', '-C', 'o', '-c', 'key.ctx', '0x81000100');
  run('flushcontext', '-t');
  const { asked, askAuth } = somebody('1234');
  const provider = providerOn(t, swtpm, { askAuth });
  await sign(provider, HANDLE);
  assert.equal(asked.length, 1);
  assert.equal((await provider.status()).lockout.tries, 0);
});

test('where nobody can be asked a key with a value says that it was not given, and counts once', {
  skip,
}, async (t) => {
  const swtpm = await swtpmFor(t);
  const maker = providerOn(t, swtpm, { auth: secretOf('1234') });
  await maker.create?.(parseKeyRef(HANDLE), { algorithm: 'ES256' });
  const key = await providerOn(t, swtpm).open(parseKeyRef(HANDLE));
  for (const _ of [1, 2]) {
    const missing = failsWith('ARGUMENT_INVALID', { field: 'tpm.auth', provider: 'tpm' });
    await assert.rejects(key.use('ES256').sign(MESSAGE), missing);
  }
  assert.equal((await maker.status()).lockout.tries, 1);
});

test('what asks is a function', () => {
  assert.throws(
    () => tpm({ askAuth: 'value' } as never),
    failsWith('ARGUMENT_INVALID', { field: 'tpm.askAuth' }),
  );
});
