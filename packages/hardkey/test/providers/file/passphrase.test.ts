// Where the passphrase of a store comes from, and what a wrong one does: nothing.
import assert from 'node:assert/strict';
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createKeys, type Keys, Secret, type SecretSource } from 'hardkey';
import { file } from 'hardkey/providers/file';
import { secretBytes, secretCredential, secretDescriptor, secretFile } from 'hardkey/secrets';
import { failsWith } from '../../support/failures.ts';
import { filesOf, listed, lockedKeys, passphrase, quickStore, scratch } from './support.ts';

const PASS = 'correct horse battery';

function keysOf(store: string, source: SecretSource): Keys {
  return createKeys([file({ store, passphrase: source })]);
}

test('it comes from a callback, a file, a descriptor or a credential', async (t) => {
  const store = scratch(t);
  await quickStore(store, PASS);
  const { publicKey } = await lockedKeys(store, PASS).create('file:a', { algorithm: 'Ed25519' });
  const folder = join(store, '..', 'secrets');
  mkdirSync(folder);
  writeFileSync(join(folder, 'pass'), `${PASS}\n`);
  const descriptor = openSync(join(folder, 'pass'), 'r');
  t.after(() => closeSync(descriptor));
  let asked = 0;
  const sources: Readonly<Record<string, SecretSource>> = {
    callback: async () => {
      asked++;
      return new Secret(Buffer.from(PASS));
    },
    file: secretFile(join(folder, 'pass')),
    descriptor: secretDescriptor(descriptor),
    credential: secretCredential('pass', folder),
    bytes: secretBytes(Buffer.from(PASS)),
  };
  for (const [name, source] of Object.entries(sources)) {
    const key = await keysOf(store, source).open('file:a');
    assert.equal(key.publicKey?.fingerprint, publicKey?.fingerprint, name);
  }
  assert.ok(asked > 0);
});

test('a wrong one is DENIED, and changes nothing', async (t) => {
  const store = scratch(t);
  await quickStore(store, PASS);
  await lockedKeys(store, PASS).create('file:a', { algorithm: 'Ed25519' });
  const before = filesOf(store);
  const keys = lockedKeys(store, `${PASS} `);
  const spec = { algorithm: 'Ed25519' } as const;
  for (const act of [
    () => keys.open('file:a'),
    () => keys.open('file:missing'),
    () => keys.create('file:b', spec),
    () => keys.import('file:b', { material: new Secret(new Uint8Array(32)), algorithm: 'A256GCM' }),
    () => keys.rotate('file:a'),
    () => keys.setState('file:a', 'compromised'),
    () => keys.destroy('file:a'),
    () => keys.check('file:a'),
    () => listed(keys),
  ]) {
    await assert.rejects(act(), failsWith('DENIED', { field: 'passphrase' }));
  }
  assert.deepEqual(filesOf(store), before);
});

test('a source that gives another one later does not lock a key away', async (t) => {
  const store = scratch(t);
  await quickStore(store, PASS);
  let text = PASS;
  await using keys = keysOf(store, async () => new Secret(Buffer.from(text)));
  await keys.create('file:a', { algorithm: 'Ed25519' });
  text = 'another';
  const denied = failsWith('DENIED', { field: 'passphrase' });
  await assert.rejects(keys.create('file:b', { algorithm: 'Ed25519' }), denied);
  await assert.rejects(keys.open('file:a'), denied);
  text = PASS;
  await keys.create('file:b', { algorithm: 'Ed25519' });
});

test('a source that fails is UNAVAILABLE, its failures are passed on, and what is no Secret is refused', async (t) => {
  const store = scratch(t);
  await quickStore(store, PASS);
  const open = (source: SecretSource) => keysOf(store, source).open('file:a');
  const gone = new Error('the vault is gone');
  await assert.rejects(
    open(() => Promise.reject(gone)),
    (error: Error) => failsWith('UNAVAILABLE', { field: 'passphrase' })(error) && error.cause === gone,
  );
  await assert.rejects(
    open(secretFile(join(store, 'missing'))),
    failsWith('UNAVAILABLE', { path: join(store, 'missing') }),
  );
  const text = (async () => PASS) as object as SecretSource;
  await assert.rejects(open(text), failsWith('ARGUMENT_INVALID', { field: 'passphrase' }));
});

test('one that is empty, or longer than can be opened again, is refused', async (t) => {
  const store = scratch(t);
  for (const length of [0, 1025]) {
    const keys = keysOf(store, async () => new Secret(new Uint8Array(length).fill(0x78)));
    const creating = keys.create('file:a', { algorithm: 'Ed25519' });
    await assert.rejects(creating, failsWith('ARGUMENT_INVALID', { field: 'passphrase' }));
  }
  const keys = createKeys([file({ store, passphrase: passphrase('x'.repeat(1024)), derivation: 'scrypt' })]);
  await keys.create('file:a', { algorithm: 'Ed25519' });
  await keys.open('file:a');
});

test('any bytes are a passphrase', async (t) => {
  const store = scratch(t);
  const bytes = Uint8Array.of(0xff, 0x00, 0x0a, 0x80);
  const config = { store, passphrase: secretBytes(bytes), derivation: 'scrypt' } as const;
  await createKeys([file(config)]).create('file:a', { algorithm: 'Ed25519' });
  await createKeys([file(config)]).open('file:a');
});

test('a configuration that contradicts itself or the store is refused', async (t) => {
  const store = scratch(t);
  const derivation = failsWith('ARGUMENT_INVALID', { field: 'derivation' });
  assert.throws(() => file({ unencrypted: true, derivation: 'scrypt' }), derivation);
  assert.throws(() => file({ derivation: 'bcrypt' as 'scrypt' }), derivation);
  await quickStore(store, PASS);
  const other = createKeys([file({ store, passphrase: passphrase(PASS), derivation: 'pbkdf2' })]);
  await assert.rejects(other.open('file:a'), derivation);
  await assert.rejects(
    createKeys([file({ store })]).open('file:a'),
    failsWith('ARGUMENT_INVALID', { path: store }),
  );
  rmSync(store, { recursive: true });
  await createKeys([file({ store, unencrypted: true })]).create('file:a', { algorithm: 'Ed25519' });
  await assert.rejects(createKeys([file({ store, derivation: 'scrypt' })]).open('file:a'), derivation);
});

test('who waits for a store to open is not told of the abort of another', async (t) => {
  const store = scratch(t);
  const abort = new AbortController();
  const asked: (() => void)[] = [];
  await using keys = keysOf(store, async () => {
    await new Promise<void>((resolve) => asked.push(resolve));
    return new Secret(Buffer.from(PASS));
  });
  const spec = { algorithm: 'Ed25519' } as const;
  const first = keys.create('file:a', spec, { signal: abort.signal });
  const second = keys.create('file:b', spec);
  abort.abort(new Error('enough'));
  await assert.rejects(first, /enough/);
  const answering = setInterval(() => {
    for (const answer of asked.splice(0)) answer();
  }, 5);
  t.after(() => clearInterval(answering));
  assert.equal((await second).label, 'b');
  assert.deepEqual(
    (await listed(keys)).map(({ label }) => label),
    ['b'],
  );
});
