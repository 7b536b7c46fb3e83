import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createKeys, parseKeyRef, type Signer, verify } from 'hardkey';
import { verifyAttestation } from 'hardkey/formats/attestation';
import { type TpmConfig, tpm } from 'hardkey/providers/tpm';
import { component } from '../../../../../scripts/components/index.ts';
import { failsWith } from '../../support/failures.ts';
import { type Swtpm, swtpmFor, tpm2 } from '../../support/swtpm.ts';
import { startBus, until } from '../pkcs11/support.ts';
import { atHandle, secretOf } from './support.ts';

const python = component('python3');
const skip = component('swtpm').missing ?? python.missing ?? false;
const REF = parseKeyRef('tpm:handle=0x81000100');

/** A device of this name before a TPM. */
async function deviceFor(
  t: TestContext,
  swtpm: Swtpm,
  name: string,
  { where = swtpm.device.slice('unix:'.length), env = {} } = {},
): Promise<string> {
  const path = join(swtpm.state, name);
  const args = [join(import.meta.dirname, 'device.py'), where, path];
  const child = spawn(python.path, args, {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...env },
  });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return path;
}

// The first has the name of the kernel's resource manager, which ends our objects itself.
for (const name of ['tpmrm0', 'tpm0']) {
  test(`a device named ${name} is written to and read from`, { skip }, async (t) => {
    const swtpm = await swtpmFor(t);
    const device = await deviceFor(t, swtpm, name);
    const provider = tpm({ device, timeoutMs: 5000 });
    for (let at = 0; at < 4; at++) {
      await provider.create?.(parseKeyRef(`tpm:${atHandle(at)}`), { algorithm: 'ES256' });
    }
    const { publicKey, sign } = (await provider.open(REF)).use('ES256');
    const message = new Uint8Array(3);
    const signatures = await Promise.all(Array.from({ length: 8 }, () => sign(message)));
    for (const signature of signatures) await verify(publicKey, 'ES256', message, signature);
    await provider.close();
    await assert.rejects(sign(message), failsWith('UNAVAILABLE'));
  });
}

const managed = component('tpm2-abrmd').missing ?? component('tpm2-tools').missing ?? skip;

test('behind a resource manager hardkey is one of many, and nobody sees the objects of another', {
  skip: managed,
}, async (t) => {
  const swtpm = await swtpmFor(t, { transport: 'tcp' });
  const bus = { DBUS_SESSION_BUS_ADDRESS: await startBus(t), TSS2_LOG: 'all+NONE' };
  const env = { ...process.env, ...bus };
  const words = ['--session', '--allow-root', `--tcti=${swtpm.env['TPM2TOOLS_TCTI']}`];
  const manager = spawn(component('tpm2-abrmd').path, words, { env, stdio: 'ignore' });
  t.after(() => manager.kill('SIGKILL'));
  const where = 'tabrmd:bus_type=session';
  const tool = (...args: readonly string[]): SpawnSyncReturns<string> =>
    spawnSync(tpm2(args[0] ?? ''), args.slice(1), {
      cwd: swtpm.state,
      env: { ...env, TPM2TOOLS_TCTI: where },
      encoding: 'utf8',
    });
  await until(() => tool('getrandom', '1').status === 0);
  const device = await deviceFor(t, swtpm, 'tpmrm0', { where, env: bus });
  const keys = createKeys([tpm({ device, auth: secretOf('1234'), pcrs: 'sha256:7' })]);
  t.after(() => keys.close());
  const message = new Uint8Array(3);
  const signers: Signer[] = [];
  for (let at = 0; at < 5; at++) {
    const ref = at < 2 ? `tpm:${atHandle(at)}` : `tpm:file=${swtpm.state}/${at}.pem`;
    signers.push((await keys.create(ref, { algorithm: 'ES256' })).use('ES256'));
  }
  const theirs = tool('createprimary', '-C', 'o', '-G', 'ecc256', '-c', 'theirs.ctx');
  assert.equal(theirs.status, 0, theirs.stderr);
  // More objects than there are slots, a session for each policy, and somebody else in between.
  for (let round = 0; round < 3; round++) {
    await Promise.all(signers.map((signer) => signer.sign(message)));
    assert.equal(tool('getcap', 'handles-transient').stdout.trim(), '');
    assert.equal(tool('readpublic', '-c', 'theirs.ctx').status, 0);
  }
  const key = await keys.open(`tpm:${atHandle(0)}`);
  assert.ok(key.publicKey !== undefined);
  const nonce = new Uint8Array(8).fill(1);
  const evidence = (await key.attest?.({ nonce })) ?? new Uint8Array();
  const device2 = tpm({ device });
  const roots = await device2.attestationKey();
  await device2.close();
  await verifyAttestation(evidence, { key: key.publicKey, nonce, roots });
});

test('a device that does not answer is UNAVAILABLE', { skip }, async (t) => {
  const swtpm = await swtpmFor(t);
  const provider = tpm({ device: await deviceFor(t, swtpm, 'tpm0'), timeoutMs: 100 });
  swtpm.stop();
  await assert.rejects(provider.open(REF), failsWith('UNAVAILABLE'));
  await provider.close();
  swtpm.resume();
});

test('a device that is not there is UNAVAILABLE, and one that may not be opened DENIED', {
  skip,
}, async (t) => {
  const swtpm = await swtpmFor(t);
  const none = tpm({ device: join(swtpm.state, 'none') });
  await assert.rejects(none.open(REF), failsWith('UNAVAILABLE', { path: join(swtpm.state, 'none') }));
  const path = join(swtpm.state, 'closed');
  writeFileSync(path, '');
  chmodSync(path, 0);
  // Root may open anything.
  if (process.getuid?.() !== 0) await assert.rejects(tpm({ device: path }).open(REF), failsWith('DENIED'));
  await none.close();
});

test('a file is no device, and nothing is written to it', async (t) => {
  const path = join(mkdtempSync(join(tmpdir(), 'hardkey-no-tpm-')), 'report');
  t.after(() => rmSync(dirname(path), { recursive: true }));
  writeFileSync(path, 'not to be lost');
  const provider = tpm({ device: path });
  await assert.rejects(provider.open(REF), failsWith('ARGUMENT_INVALID', { field: 'tpm.device', path }));
  await provider.close();
  assert.equal(readFileSync(path, 'utf8'), 'not to be lost');
});

test('a configuration that cannot work is ARGUMENT_INVALID, with its field', () => {
  for (const [config, field] of [
    [{ devices: '/dev/tpm0' }, 'tpm.devices'],
    [{ device: 'usb:1' }, 'tpm.device'],
    [{ device: 'tcp:localhost' }, 'tpm.device'],
    [{ folder: '' }, 'tpm.folder'],
    [{ auth: '1234' }, 'tpm.auth'],
    [{ pcrs: 'sha256' }, 'tpm.pcrs'],
    [{ pcrs: 'md5:1' }, 'tpm.pcrs'],
    [{ pcrs: 'sha256:1+sha256:2' }, 'tpm.pcrs'],
    [{ timeoutMs: 0 }, 'tpm.timeoutMs'],
  ] as const) {
    assert.throws(() => tpm(config as TpmConfig), failsWith('ARGUMENT_INVALID', { field }), field);
  }
  assert.throws(() => tpm({ attestationCertificates: 'no PEM' }), failsWith('MALFORMED'));
});
