import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createKeys, type FailureCode, isFailure, Secret, verify } from 'hardkey';
import { file } from 'hardkey/providers/file';
import { tryLockFile } from '../../../src/lock-file.ts';
import { fileLike, lockedKeys, openKeys, scratch } from './support.ts';

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

test('folder and files are private, as are the folders that had to be made', async (t) => {
  const parent = join(scratch(t), 'above');
  const store = join(parent, 'keys');
  await using keys = openKeys(store);
  await keys.create('file:a', { algorithm: 'Ed25519' });
  for (const folder of [parent, store]) assert.equal(statSync(folder).mode & 0o777, 0o700);
  for (const name of readdirSync(store)) assert.equal(statSync(join(store, name)).mode & 0o777, 0o600, name);
});

test('a key is created once, and what is destroyed is gone', async (t) => {
  const store = scratch(t);
  await using keys = openKeys(store);
  await assert.rejects(keys.open('file:a'), failsAs('KEY_NOT_FOUND'));
  await keys.create('file:a', { algorithm: 'ES256' });
  await assert.rejects(keys.create('file:a', { algorithm: 'ES256' }), failsAs('KEY_EXISTS'));
  await keys.destroy('file:a');
  await assert.rejects(keys.open('file:a'), failsAs('KEY_NOT_FOUND'));
  assert.deepEqual(readdirSync(store), ['index.json', 'store.json']);
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

test('a key of a kind that the runtime lacks is listed without its public half, and hides no other', async (t) => {
  const store = scratch(t);
  await using keys = openKeys(store);
  for (const label of ['known', 'strange']) await keys.create(`file:${label}`, { algorithm: 'ES256' });
  const path = fileLike(store, /^strange\.\d+\.key\.json$/);
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
