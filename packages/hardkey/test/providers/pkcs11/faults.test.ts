// What modules and tokens do wrong, and that each of it has its code, ends in time, and leaves a provider
// that works once the device does.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createKeys, isFailure, type KeyProvider, parseKeyRef, Secret, type Signer, verify } from 'hardkey';
import { failsWith } from '../../support/failures.ts';
import {
  application,
  type Forwarder,
  forwarder,
  missingForTokens,
  softToken,
  type TestToken,
  until,
  workersOf,
} from './support.ts';

const skip = missingForTokens('softhsm2', 'cc') ?? false;
const MESSAGE = new TextEncoder().encode('a message');

interface Scene {
  readonly module: Forwarder;
  readonly token: TestToken;
  readonly provider: KeyProvider;
  readonly signer: Signer;
}

/** A key on a token behind a module that does as it is told. */
async function scene(t: TestContext, sessions = 4): Promise<Scene> {
  const module = forwarder(t);
  const token = softToken(t, { through: module });
  const provider = token.provider({ modules: { m: { ...moduleOf(token), maxSessions: sessions } } });
  const key = await provider.create?.(parseKeyRef(token.ref('issuer')), { algorithm: 'ES256' });
  assert.ok(key);
  return { module, token, provider, signer: key.use('ES256') };
}

function moduleOf({ config }: TestToken) {
  const module = config.modules?.['m'];
  assert.ok(module);
  return module;
}

async function signs({ signer }: Pick<Scene, 'signer'>): Promise<void> {
  await verify(signer.publicKey, 'ES256', MESSAGE, await signer.sign(MESSAGE));
}

const down = failsWith('UNAVAILABLE', { provider: 'pkcs11' });

test('a session or a login that is lost is replaced, and nobody notices', { skip }, async (t) => {
  const its = await scene(t, 1);
  const logins = its.module.calls('C_Login');
  for (const error of ['0xb3', '0xb0', '0x90', '0x101']) {
    its.module.fault('C_SignInit', `once ${error}`);
    await signs(its);
  }
  assert.ok(its.module.calls('C_Login') > logins, 'who is not logged in logs in again');
});

test('sessions that the token closed are opened again, with a login', { skip }, async (t) => {
  const its = await scene(t, 2);
  const logins = its.module.calls('C_Login');
  for (let round = 0; round < 3; round++) {
    its.module.fault('C_SignInit', 'sessions');
    await Promise.all([signs(its), signs(its), signs(its)]);
  }
  assert.equal(its.module.calls('C_Login'), logins + 3);
});

test('a session that cannot be had twice in a row is UNAVAILABLE', { skip }, async (t) => {
  const its = await scene(t, 1);
  its.module.fault('C_SignInit', 'error 0xb3');
  await assert.rejects(its.signer.sign(MESSAGE), down);
  its.module.heal('C_SignInit');
  await signs(its);
});

test('a device that fails costs the worker: UNAVAILABLE, and the next call has another', {
  skip,
}, async (t) => {
  const its = await scene(t);
  for (const error of ['0x30', '0x32', '0xe0', '0x190']) {
    const before = workersOf();
    its.module.fault('C_Sign', `error ${error}`);
    await assert.rejects(its.signer.sign(MESSAGE), down);
    its.module.heal('C_Sign');
    await signs(its);
    assert.notDeepEqual(workersOf(), before);
  }
});

test('a module that crashes is UNAVAILABLE, and the application goes on', { skip }, async (t) => {
  const its = await scene(t);
  its.module.fault('C_Sign', 'crash');
  await assert.rejects(its.signer.sign(MESSAGE), down);
  its.module.heal('C_Sign');
  await signs(its);
});

test('a module that keeps crashing is left alone', { skip }, async (t) => {
  const its = await scene(t);
  its.module.fault('C_Sign', 'crash');
  for (let crash = 0; crash < 5; crash++) await assert.rejects(its.signer.sign(MESSAGE), down);
  const signed = its.module.calls('C_Sign');
  await assert.rejects(its.signer.sign(MESSAGE), /crashed too often/);
  assert.equal(its.module.calls('C_Sign'), signed);
});

test('a call that hangs ends at its deadline, and the next one is served', { skip }, async (t) => {
  for (const sessions of [1, 4]) {
    const its = await scene(t, sessions);
    its.module.fault('C_Sign', 'hang');
    const deadline = performance.now() + 300;
    await assert.rejects(
      its.signer.sign(MESSAGE, { deadline }),
      failsWith('UNAVAILABLE', { field: 'deadline' }),
    );
    its.module.heal('C_Sign');
    await signs(its);
  }
});

test('an application that closes while a call hangs ends when it has closed', { skip }, async (t) => {
  const { module, token } = await scene(t, 1);
  module.fault('C_Sign', 'hang');
  const program = join(import.meta.dirname, 'leaving-child.ts');
  const args = [program, JSON.stringify(token.config), token.ref('issuer'), token.pinFile];
  const { status, stdout } = spawnSync(process.execPath, ['--conditions=@hk/source', ...args], {
    encoding: 'utf8',
  });
  assert.deepEqual([status, stdout], [0, 'UNAVAILABLE\ntrue\nclosed\n']);
});

test('a call that hangs and is left by a signal of time is as one at its deadline', { skip }, async (t) => {
  const its = await scene(t, 1);
  its.module.fault('C_Sign', 'hang');
  const left = its.signer.sign(MESSAGE, { signal: AbortSignal.timeout(300) });
  await assert.rejects(left, { name: 'TimeoutError' });
  its.module.heal('C_Sign');
  // Before the timeout of the configuration.
  await its.signer.sign(MESSAGE, { deadline: performance.now() + 30_000 });
});

test('a call that hangs costs no other: what is under way is answered, what waits has another process', {
  skip,
}, async (t) => {
  const its = await scene(t, 2);
  its.module.fault('C_Sign', 'hang');
  const deadline = performance.now() + 300;
  await assert.rejects(its.signer.sign(MESSAGE, { deadline }), failsWith('UNAVAILABLE'));
  const begun = its.module.calls('C_Sign');
  its.module.fault('C_Sign', 'wait');
  const under = signs(its);
  await until(() => its.module.calls('C_Sign') > begun);
  const waiting = signs(its);
  await until(() => workersOf().length === 2);
  its.module.heal('C_Sign');
  await Promise.all([under, waiting]);
  await until(() => workersOf().length === 1);
});

test('a hang without a deadline ends by the timeout of the configuration', { skip }, async (t) => {
  const module = forwarder(t);
  const token = softToken(t, { through: module });
  const provider = token.provider({ timeoutMs: 500 });
  await provider.create?.(parseKeyRef(token.ref('issuer')), { algorithm: 'ES256' });
  module.fault('C_FindObjectsInit', 'hang');
  await assert.rejects(provider.open(parseKeyRef(token.ref('issuer'))), /hangs/);
  module.heal('C_FindObjectsInit');
  await provider.open(parseKeyRef(token.ref('issuer')));
});

test('a module that hangs while it is loaded ends by the deadline', { skip }, async (t) => {
  const module = forwarder(t);
  const token = softToken(t, { through: module });
  module.fault('C_Initialize', 'hang');
  const provider = token.provider();
  const open = (): unknown =>
    provider.open(parseKeyRef(token.ref('none')), { deadline: performance.now() + 300 });
  await assert.rejects(async () => open(), failsWith('UNAVAILABLE', { field: 'deadline' }));
});

test('a worker killed under 32 signers fails them all at once, and the next call is served', {
  skip,
}, async (t) => {
  const its = await scene(t, 32);
  its.module.fault('C_Sign', 'hang');
  const signers = Array.from({ length: 32 }, () => its.signer.sign(MESSAGE));
  const settled = Promise.allSettled(signers);
  await until(() => its.module.calls('C_Sign') >= 32);
  const [worker] = workersOf();
  assert.ok(worker);
  process.kill(worker, 'SIGKILL');
  for (const outcome of await settled) {
    assert.equal(outcome.status, 'rejected');
    down(outcome.status === 'rejected' ? outcome.reason : undefined);
  }
  its.module.heal('C_Sign');
  await signs(its);
});

test('a token that was left alone signs something of ours before a message, if it may', {
  skip,
}, async (t) => {
  for (const selfTest of [true, false]) {
    const { module, token, provider } = await scene(t);
    const keys = createKeys([provider], { retry: { attempts: 0 }, selfTest });
    const signer = (await keys.open(token.ref('issuer'))).use('ES256');
    module.fault('C_Sign', 'error 0x5');
    for (let call = 0; call < 3; call++) await assert.rejects(signer.sign(MESSAGE), failsWith('UNAVAILABLE'));
    module.heal('C_Sign');
    const asked = module.calls('C_Sign');
    await assert.rejects(
      signer.sign(MESSAGE),
      (error) => isFailure(error) && error.details.field === 'breaker',
    );
    assert.equal(module.calls('C_Sign'), asked, 'it is left alone');
    // No longer than a breaker is open at first.
    await sleep(1000);
    await signer.sign(MESSAGE);
    assert.equal(module.calls('C_Sign'), asked + (selfTest ? 2 : 1));
    await signer.sign(MESSAGE);
    assert.equal(module.calls('C_Sign'), asked + (selfTest ? 3 : 2));
  }
});

test('64 signers at once are all served', { skip }, async (t) => {
  const its = await scene(t);
  const messages = Array.from({ length: 64 }, (_, at) => Uint8Array.of(at));
  const signatures = await Promise.all(messages.map((message) => its.signer.sign(message)));
  for (const [at, message] of messages.entries()) {
    await verify(its.signer.publicKey, 'ES256', message, signatures[at] ?? new Uint8Array());
  }
});

test('a token that is taken away is UNAVAILABLE, and works when it is back', { skip }, async (t) => {
  const its = await scene(t);
  await signs(its);
  await its.token.outage.begin();
  await assert.rejects(its.signer.sign(MESSAGE), down);
  await assert.rejects(its.provider.open(parseKeyRef(its.token.ref('issuer'))), down);
  await its.token.outage.end();
  await signs(its);
});

test('a key that another process removes is KEY_NOT_FOUND', { skip }, async (t) => {
  const its = await scene(t);
  const other = its.token.provider();
  await other.create?.(parseKeyRef(its.token.ref('other')), { algorithm: 'ES256' });
  await other.destroy?.(parseKeyRef(its.token.ref('issuer')));
  await assert.rejects(its.signer.sign(MESSAGE), failsWith('KEY_NOT_FOUND'));
});

test('a key that took the place of another is SIGNER_MISMATCH, and signs nothing', { skip }, async (t) => {
  const its = await scene(t);
  const ref = `${its.token.ref('issuer').replace('?', ';id=%01?')}`;
  const provider = its.token.provider();
  await provider.destroy?.(parseKeyRef(its.token.ref('issuer')));
  const first = await provider.create?.(parseKeyRef(ref), { algorithm: 'ES256' });
  const signer = first?.use('ES256');
  const other = its.token.provider();
  await other.destroy?.(parseKeyRef(ref));
  await other.create?.(parseKeyRef(ref), { algorithm: 'ES256' });
  await assert.rejects(async () => signer?.sign(MESSAGE), failsWith('SIGNER_MISMATCH'));
});

test('a wrong PIN is DENIED, tried once, and not again by whoever comes later', { skip }, async (t) => {
  const { module, token } = await scene(t);
  const tried = module.calls('C_Login');
  const provider = token.provider({ pin: async () => new Secret(Buffer.from('0000')) });
  const open = (): Promise<unknown> => provider.open(parseKeyRef(token.ref('issuer')));
  const wrong = failsWith('DENIED', { provider: 'pkcs11', field: 'pkcs11.pin-source' });
  for (const outcome of await Promise.allSettled([open(), open(), open()])) {
    wrong(outcome.status === 'rejected' ? outcome.reason : undefined);
  }
  await assert.rejects(open(), wrong);
  await assert.rejects(
    async () => provider.create?.(parseKeyRef(token.ref('new')), { algorithm: 'ES256' }),
    wrong,
  );
  assert.equal(module.calls('C_Login'), tried + 1);
});

test('a PIN that is locked or has expired is DENIED and not tried', { skip }, async (t) => {
  for (const error of ['0xa3', '0xa4']) {
    const module = forwarder(t);
    const token = softToken(t, { through: module });
    module.fault('C_Login', `error ${error}`);
    const provider = token.provider();
    for (let attempt = 0; attempt < 3; attempt++) {
      await assert.rejects(provider.open(parseKeyRef(token.ref('issuer'))), failsWith('DENIED'));
    }
    assert.equal(module.calls('C_Login'), 1);
  }
});

test('a wrong PIN behind one reference does not pass for the right one of another', { skip }, async (t) => {
  const { token, provider } = await scene(t);
  const wrong = join(token.folder, 'wrong');
  execFileSync('sh', ['-c', `echo 0000 > ${wrong}`]);
  await provider.open(parseKeyRef(token.ref('issuer')));
  const ref = parseKeyRef(`${token.ref('issuer')}&pin-source=file:${wrong}`);
  await assert.rejects(provider.open(ref), failsWith('DENIED'));
  await provider.open(parseKeyRef(`${token.ref('issuer')}&pin-source=file:${token.pinFile}`));
});

test('a worker ends with its application, however that ends', { skip }, async (t) => {
  const { token } = await scene(t);
  const child = application(t, token, 1, 'stays');
  await once(child.stdout, 'data');
  const [worker] = workersOf(child.pid);
  assert.ok(worker);
  child.kill('SIGKILL');
  await until(() => !workersOf(child.pid).includes(worker) && !isThere(worker));
});

function isThere(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
