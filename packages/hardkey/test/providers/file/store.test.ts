import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { inspect } from 'node:util';
import { createKeys, type FailureCode, isFailure, Secret, verify } from 'hardkey';
import { file } from 'hardkey/providers/file';
import { tryLockFile } from '../../../src/lock-file.ts';
import { lockedKeys, openKeys, passphrase, scratch } from './support.ts';

const MESSAGE = new TextEncoder().encode('message');
const PASS = 'correct horse battery';

function failsAs(code: FailureCode, field?: string) {
  return (error: unknown) =>
    isFailure(error, code) && (field === undefined || (error.details.field ?? error.details.check) === field);
}

test('a key outlives the provider, encrypted, and signs after it is opened again', async (t) => {
  const store = scratch(t);
  {
    await using keys = lockedKeys(store, PASS);
    const key = await keys.create('file:issuer', { algorithm: 'ES256' });
    assert.equal(String(key.ref), 'file:issuer?version=1');
    assert.deepEqual(key.custody.facts, { encrypted: true, extractable: true });
  }
  await using keys = lockedKeys(store, PASS);
  const signer = (await keys.open('file:issuer')).use('ES256');
  await verify(signer.publicKey, 'ES256', MESSAGE, await signer.sign(MESSAGE));
  const pem = readFileSync(join(store, 'issuer.1.pem'), 'utf8');
  assert.match(pem, /^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
  assert.equal(createPrivateKey({ key: pem, passphrase: PASS }).asymmetricKeyType, 'ec');
  await assert.rejects(lockedKeys(store, 'wrong').open('file:issuer'), failsAs('DENIED', 'passphrase'));
  await assert.rejects(
    createKeys([file({ store })]).open('file:issuer'),
    failsAs('ARGUMENT_INVALID', 'passphrase'),
  );
  await assert.rejects(openKeys(store).open('file:issuer'), failsAs('DENIED', 'passphrase'));
});

test('folder and files are private, and a store that is not is refused', async (t) => {
  const store = scratch(t);
  await using keys = openKeys(store);
  await keys.create('file:a', { algorithm: 'Ed25519' });
  assert.equal(statSync(store).mode & 0o777, 0o700);
  for (const name of readdirSync(store)) assert.equal(statSync(join(store, name)).mode & 0o777, 0o600, name);
  chmodSync(join(store, 'a.key.json'), 0o640);
  await assert.rejects(openKeys(store).open('file:a'), failsAs('DENIED', 'store.permissions'));
  chmodSync(join(store, 'a.key.json'), 0o600);
  chmodSync(store, 0o750);
  await assert.rejects(openKeys(store).open('file:a'), failsAs('DENIED', 'store.permissions'));
  chmodSync(store, 0o700);
  symlinkSync(join(store, 'a.key.json'), join(store, 'b.key.json'));
  await assert.rejects(openKeys(store).open('file:b'), failsAs('DENIED', 'store.permissions'));
});

test('a key is created once, and what is destroyed is gone', async (t) => {
  const store = scratch(t);
  await using keys = openKeys(store);
  await assert.rejects(keys.open('file:a'), failsAs('KEY_NOT_FOUND'));
  await keys.create('file:a', { algorithm: 'ES256' });
  await assert.rejects(keys.create('file:a', { algorithm: 'ES256' }), failsAs('KEY_EXISTS'));
  await keys.destroy('file:a');
  await assert.rejects(keys.open('file:a'), failsAs('KEY_NOT_FOUND'));
  assert.deepEqual(readdirSync(store), ['store.json']);
  await keys.create('file:a', { algorithm: 'ES256' });
});

test('after a rotation the new version signs, the old one only opens what was made for it', async (t) => {
  const store = scratch(t);
  await using keys = openKeys(store);
  const first = await keys.create('file:a', { algorithm: 'A256GCM' });
  const sealed = await first.use('A256GCM').encrypt(MESSAGE, new Uint8Array());
  const second = await keys.rotate('file:a');
  assert.equal(String(second.ref), 'file:a?version=2');
  const old = (await keys.open('file:a?version=1')).use('A256GCM');
  assert.deepEqual(await old.decrypt(sealed, new Uint8Array()), MESSAGE);
  await assert.rejects(old.encrypt(MESSAGE, new Uint8Array()), failsAs('DENIED', 'state'));
  await assert.rejects(second.use('A256GCM').decrypt(sealed, new Uint8Array()), failsAs('DECRYPTION_FAILED'));
});

test('a suspended key does nothing and a compromised one only opens', async (t) => {
  const store = scratch(t);
  await using keys = openKeys(store);
  const created = await keys.create('file:a', { algorithm: 'A256GCM' });
  const sealed = await created.use('A256GCM').encrypt(MESSAGE, new Uint8Array());
  await keys.setState('file:a', 'compromised');
  const aead = (await keys.open('file:a')).use('A256GCM');
  assert.deepEqual(await aead.decrypt(sealed, new Uint8Array()), MESSAGE);
  await assert.rejects(aead.encrypt(MESSAGE, new Uint8Array()), failsAs('DENIED', 'state'));
  await keys.setState('file:a', 'suspended');
  const suspended = (await keys.open('file:a')).use('A256GCM');
  await assert.rejects(suspended.decrypt(sealed, new Uint8Array()), failsAs('DENIED', 'state'));
});

test('no byte of a record can be changed by somebody without the passphrase', async (t) => {
  const store = scratch(t);
  const keys = lockedKeys(store, PASS);
  await keys.create('file:a', { algorithm: 'Ed25519' });
  await keys.setState('file:a', 'compromised');
  const path = join(store, 'a.key.json');
  const record = readFileSync(path);
  const list = async () => {
    for await (const { state } of keys.list()) assert.equal(state, 'compromised');
  };
  await list();
  for (let at = 0; at < record.length; at++) {
    const changed = Uint8Array.from(record);
    changed[at] = (changed[at] ?? 0) ^ 1;
    writeFileSync(path, changed);
    await assert.rejects(list(), (error) => isFailure(error), `byte ${at}`);
  }
  writeFileSync(path, record.toString().replaceAll('compromised', 'active'));
  await assert.rejects(list(), failsAs('VERIFICATION_FAILED', 'store.record'));
  writeFileSync(path, record);
  await keys.create('file:b', { algorithm: 'Ed25519' });
  writeFileSync(path, readFileSync(join(store, 'b.key.json')));
  await assert.rejects(keys.open('file:a'), failsAs('VERIFICATION_FAILED', 'store.record'));
});

test('a private half put in the place of another is refused', async (t) => {
  const store = scratch(t);
  const keys = openKeys(store);
  await keys.create('file:a', { algorithm: 'Ed25519' });
  await keys.create('file:b', { algorithm: 'Ed25519' });
  writeFileSync(join(store, 'a.1.pem'), readFileSync(join(store, 'b.1.pem')));
  await assert.rejects(keys.open('file:a'), failsAs('VERIFICATION_FAILED', 'store.private-half'));
});

test('a key of a kind that the runtime lacks is listed without its public half, and hides no other', async (t) => {
  const store = scratch(t);
  await using keys = openKeys(store);
  for (const label of ['known', 'strange']) await keys.create(`file:${label}`, { algorithm: 'ES256' });
  const path = join(store, 'strange.key.json');
  const record = JSON.parse(readFileSync(path, 'utf8').split('\n')[0] ?? '');
  const { publicKey: strange } = generateKeyPairSync('ec', { namedCurve: 'brainpoolP256r1' });
  record.versions[0].spki = strange.export({ type: 'spki', format: 'der' }).toString('base64');
  writeFileSync(path, readFileSync(path, 'utf8').replace(/^.*/, JSON.stringify(record)));
  const found = new Map<string | undefined, boolean>();
  for await (const { label, publicKey } of keys.list()) found.set(label, publicKey !== undefined);
  assert.deepEqual([...found].sort(), [
    ['known', true],
    ['strange', false],
  ]);
  await assert.rejects(keys.open('file:strange'), failsAs('UNSUPPORTED'));
});

test('a store without a passphrase is not believed when one is given', async (t) => {
  const store = scratch(t);
  await openKeys(store).create('file:a', { algorithm: 'Ed25519' });
  await assert.rejects(lockedKeys(store, PASS).open('file:a'), failsAs('DENIED', 'passphrase'));
});

test('a plain PEM opens read only', async (t) => {
  const store = scratch(t);
  const keys = openKeys(store);
  await keys.create('file:a', { algorithm: 'ES256' });
  const path = join(store, 'a.1.pem');
  const key = await keys.open(`file:${path}`);
  assert.deepEqual(key.algorithms.slice(0, 1), ['ES256']);
  assert.equal(key.custody.facts['encrypted'], false);
  await assert.rejects(keys.destroy(`file:${path}`), failsAs('UNSUPPORTED'));
  await assert.rejects(keys.open('file:/nowhere/key.pem'), failsAs('KEY_NOT_FOUND'));
});

test('an imported key keeps its identity, and halves that do not belong together are refused', async (t) => {
  const store = scratch(t);
  const keys = openKeys(store);
  // RFC 8037 appendix A.1.
  const jwk = {
    kty: 'OKP',
    crv: 'Ed25519',
    d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
    x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  };
  const bytes = new TextEncoder().encode(JSON.stringify(jwk));
  const key = await keys.import('file:rfc', { material: new Secret(bytes) });
  assert.equal(key.publicKey?.thumbprint, 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
  const other = { ...jwk, x: 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs' };
  await assert.rejects(
    keys.import('file:mixed', { material: new Secret(new TextEncoder().encode(JSON.stringify(other))) }),
    failsAs('MALFORMED'),
  );
});

test('passphrases and private bytes are in no failure, inspection or file name', async (t) => {
  const store = scratch(t);
  const keys = lockedKeys(store, PASS);
  const key = await keys.create('file:a', { algorithm: 'ES256' });
  const seen = [inspect(key, { depth: 9 }), inspect(keys, { depth: 9 }), JSON.stringify(key)];
  const attempts = [
    () => lockedKeys(store, `${PASS}x`).open('file:a'),
    () => keys.create('file:a', { algorithm: 'ES256' }),
  ];
  for (const attempt of attempts) {
    await attempt().catch((error: unknown) => seen.push(inspect(error, { depth: 9 }), JSON.stringify(error)));
  }
  seen.push(...readdirSync(store).map((name) => name + readFileSync(join(store, name), 'latin1')));
  assert.equal(seen.length, 10);
  for (const text of seen) assert.ok(!text.includes(PASS));
  assert.ok(inspect(await passphrase(PASS)()).includes('Secret'), 'the scan looks at real output');
});

test('unknown configuration is refused', () => {
  assert.throws(() => file({ path: '/x' } as object), failsAs('ARGUMENT_INVALID', 'path'));
});

test('a store that another process writes to waits, and that process keeps its lock', async (t) => {
  const store = scratch(t);
  await using keys = openKeys(store);
  await keys.create('file:a', { algorithm: 'Ed25519' });
  const lock = join(store, '.lock');
  const release = tryLockFile(lock);
  assert.ok(release);
  const soon = { deadline: performance.now() + 200 };
  await assert.rejects(keys.create('file:b', { algorithm: 'Ed25519' }, soon), failsAs('UNAVAILABLE'));
  release();
  await wait(50);
  assert.ok(!existsSync(join(store, 'b.1.pem')), 'a call that was told to be over writes nothing');
  const again = tryLockFile(lock);
  assert.ok(again);
  await (await keys.open('file:a')).use('Ed25519').sign(MESSAGE);
  assert.ok(existsSync(lock));
  const waiting = keys.create('file:b', { algorithm: 'Ed25519' });
  again();
  await waiting;
  assert.ok(!existsSync(lock));
});

test('the lock of a process that died at any moment does not stay', async (t) => {
  const store = scratch(t);
  await using keys = openKeys(store);
  await keys.create('file:a', { algorithm: 'Ed25519' });
  const script = `
    import { tryLockFile } from ${JSON.stringify(import.meta.resolve('../../../src/lock-file.ts'))};
    if (!tryLockFile(${JSON.stringify(join(store, '.lock'))})) process.exit(3);
    process.kill(process.pid, 'SIGKILL');
  `;
  const { signal } = spawnSync(process.execPath, ['--input-type=module', '--eval', script]);
  assert.equal(signal, 'SIGKILL');
  assert.ok(readFileSync(join(store, '.lock')).length > 0, 'a lock that is there names its process');
  await keys.create('file:b', { algorithm: 'Ed25519' });
});
