import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createKeys, type KeyProvider, type Keys } from 'hardkey';
import { createKeyManager, type KeyManager, type ManagedBackend } from 'hardkey/key-manager';
import { exec } from 'hardkey/providers/exec';
import { file } from 'hardkey/providers/file';
import { memory } from 'hardkey/providers/memory';
import { sshAgent } from 'hardkey/providers/ssh-agent';
import { failsWith } from '../support/failures.ts';
import { ssh, sshFolder, sshPair, startAgent } from '../support/ssh.ts';

const MESSAGE = new TextEncoder().encode('an artifact');
const HASHES = { 'P-256': 'sha256', 'P-384': 'sha384', 'P-521': 'sha512', secp256k1: 'sha256' } as const;

const FILE: ManagedBackend = { scheme: 'file', refOf: (label) => `file:${label}` };
const MEMORY: ManagedBackend = { scheme: 'memory', refOf: (label) => `memory:${label}` };
/** An agent that is not there. */
const AGENT: ManagedBackend = { scheme: 'ssh-agent' };

function setUp(
  t: TestContext,
  backends: readonly ManagedBackend[] = [FILE, MEMORY],
  more: readonly KeyProvider[] = [],
): { readonly manager: KeyManager; readonly keys: Keys } {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-manager-'));
  const store = file({ store: join(folder, 'keys'), unencrypted: true });
  const keys = createKeys([store, memory(), ...more], { retry: { attempts: 0 }, breaker: false });
  t.after(async () => {
    await keys.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { keys, manager: createKeyManager(keys, { backends }) };
}

for (const curve of Object.keys(HASHES) as (keyof typeof HASHES)[]) {
  test(`a pair on ${curve} signs a digest, and OpenSSL verifies it over the content`, async (t) => {
    const { manager } = setUp(t);
    const { keyId, publicKeyPem, ref } = await manager.generateKeyPair(curve, 'artifacts');
    const digest = Uint8Array.from(createHash(HASHES[curve]).update(MESSAGE).digest());
    const signature = await manager.signDigest(keyId, digest);
    assert.ok(verify(HASHES[curve], MESSAGE, { key: publicKeyPem, dsaEncoding: 'ieee-p1363' }, signature));
    for (const name of [keyId, ref, 'artifacts', await manager.fingerprint(keyId)]) {
      await manager.verifySignature(name, digest, signature);
    }
    const other = Uint8Array.from(digest, (byte, at) => (at === 0 ? byte ^ 1 : byte));
    await assert.rejects(
      manager.verifySignature(keyId, other, signature),
      failsWith('VERIFICATION_FAILED', { check: 'signature' }),
    );
    await assert.rejects(manager.signDigest(keyId, digest.subarray(1)), failsWith('ARGUMENT_INVALID'));
    await assert.rejects(
      manager.verifySignature(keyId, digest.subarray(1), signature),
      failsWith('ARGUMENT_INVALID', { field: 'digest' }),
    );
  });
}

test('the curve is P-384 unless it is said, and the key goes to the first backend that makes keys', async (t) => {
  const { manager } = setUp(t, [AGENT, FILE, MEMORY], [sshAgent({ socket: '/none' })]);
  const { keyId, ref } = await manager.generateKeyPair(undefined, 'artifacts');
  assert.equal(await manager.algorithm(keyId), 'ES384');
  assert.equal(ref, 'file:artifacts?version=1');
  const there = await manager.generateKeyPair('P-256', 'other', { backend: 'memory' });
  assert.equal(there.ref, 'memory:other');
});

test('the fingerprint is the SHA-256 of the SPKI', async (t) => {
  const { manager } = setUp(t);
  const { keyId, publicKeyPem } = await manager.generateKeyPair('P-256', 'a');
  const spki = createPublicKey(publicKeyPem).export({ type: 'spki', format: 'der' });
  const expected = `sha256:${createHash('sha256').update(spki).digest('hex')}`;
  assert.equal(await manager.fingerprint(keyId), expected);
  assert.equal(await manager.publicKeyPem(expected.toUpperCase().replace('SHA256', 'sha256')), publicKeyPem);
  assert.equal((await manager.publicKey('a')).toPem(), publicKeyPem);
});

test('keys of all backends are listed with where they are, and a backend that is away beside them', async (t) => {
  const { manager } = setUp(t, [AGENT, FILE, MEMORY], [sshAgent({ socket: '/none' })]);
  const a = await manager.generateKeyPair('P-256', 'a');
  const b = await manager.generateKeyPair('Ed25519', 'b', { backend: 'memory' });
  const { keys, unavailable } = await manager.listKeys();
  assert.deepEqual(
    keys.map(({ id, label, type, backend, state, custody }) => [
      id,
      label,
      type,
      backend,
      state,
      custody.place,
    ]),
    [
      [a.keyId, 'a', 'EC P-256', 'file', 'active', 'file'],
      [b.keyId, 'b', 'OKP Ed25519', 'memory', 'active', 'memory'],
    ],
  );
  assert.deepEqual(
    unavailable.map(({ backend, failure }) => [backend, failure.code]),
    [['ssh-agent', 'UNAVAILABLE']],
  );
});

test('a name of no key is KEY_NOT_FOUND, and UNAVAILABLE where a backend may have it and is away', async (t) => {
  const { manager } = setUp(t);
  await assert.rejects(manager.publicKey('none'), failsWith('KEY_NOT_FOUND', { field: 'key' }));
  const away = setUp(t, [AGENT, FILE], [sshAgent({ socket: '/none' })]);
  const { keyId, ref } = await away.manager.generateKeyPair('P-256', 'a');
  const { fingerprint } = await away.manager.publicKey(keyId);
  for (const name of [fingerprint, ref]) await away.manager.publicKey(name);
  // The agent may have a key with the same label, and be who was meant.
  await assert.rejects(away.manager.publicKey('a'), failsWith('UNAVAILABLE', { path: '/none' }));
  await assert.rejects(away.manager.publicKey('none'), failsWith('UNAVAILABLE', { path: '/none' }));
});

test('a name of several keys is ARGUMENT_INVALID', async (t) => {
  const { manager } = setUp(t);
  await manager.generateKeyPair('P-256', 'twin');
  await manager.generateKeyPair('P-256', 'twin', { backend: 'memory' });
  await assert.rejects(manager.publicKey('twin'), failsWith('ARGUMENT_INVALID', { field: 'key' }));
  await manager.publicKey('memory:twin');
});

test('a label names the current version, and an id its own', async (t) => {
  const { manager, keys } = setUp(t);
  const first = await manager.generateKeyPair('P-256', 'a');
  const second = await keys.rotate('file:a');
  assert.equal(await manager.publicKeyPem('a'), second.publicKey?.toPem());
  assert.equal(await manager.publicKeyPem(first.keyId), first.publicKeyPem);
});

test('a deleted key is gone, with all its versions', async (t) => {
  const { manager, keys } = setUp(t);
  const { keyId } = await manager.generateKeyPair('P-256', 'a');
  await keys.rotate('file:a');
  await manager.publicKey(keyId);
  await manager.deleteKey(keyId);
  await assert.rejects(manager.publicKey(keyId), failsWith('KEY_NOT_FOUND'));
  assert.deepEqual(await manager.listKeys(), { keys: [], unavailable: [] });
});

test('a backend that is not there, or makes no keys, is UNSUPPORTED, and nothing takes its place', async (t) => {
  const { manager, keys } = setUp(t, [AGENT, FILE], [sshAgent({ socket: '/none' }), exec({ signers: {} })]);
  for (const backend of ['pkcs11', 'ssh-agent', 'memory']) {
    await assert.rejects(
      manager.generateKeyPair('P-256', 'a', { backend }),
      failsWith('UNSUPPORTED', { provider: backend }),
    );
  }
  assert.deepEqual((await manager.listKeys()).keys, []);
  await assert.rejects(
    createKeyManager(keys, { backends: [AGENT] }).generateKeyPair('P-256', 'a'),
    failsWith('UNSUPPORTED', { field: 'backend' }),
  );
});

test('a label that is taken is KEY_EXISTS', async (t) => {
  const { manager } = setUp(t);
  await manager.generateKeyPair('P-256', 'a');
  await assert.rejects(manager.generateKeyPair('P-384', 'a'), failsWith('KEY_EXISTS'));
});

test('what cannot be done with a key is UNSUPPORTED', async (t) => {
  const { manager, keys } = setUp(t);
  await keys.create('memory:secret', { algorithm: 'A256GCM' });
  await assert.rejects(manager.publicKey('secret'), failsWith('UNSUPPORTED'));
  await assert.rejects(manager.algorithm('secret'), failsWith('UNSUPPORTED'));
  const { keyId } = await manager.generateKeyPair('Ed25519', 'ed');
  await assert.rejects(manager.signDigest(keyId, new Uint8Array(64)), failsWith('UNSUPPORTED'));
});

test('keys of an agent are managed by the same names', { skip: ssh.missing ?? false }, async (t) => {
  const folder = sshFolder();
  const pair = sshPair(folder, 'ecdsa-256', 'mine');
  const agent = await startAgent(join(folder, 'agent'));
  t.after(() => agent.stop());
  agent.add([pair.path]);
  const { manager } = setUp(t, [AGENT, FILE], [sshAgent({ socket: agent.socket })]);
  const { keys } = await manager.listKeys();
  assert.deepEqual(
    keys.map(({ label, type, ref }) => [label, type, ref]),
    [['mine', 'EC P-256', `ssh-agent:fingerprint=${pair.fingerprint}`]],
  );
  assert.equal(await manager.algorithm('mine'), 'ES256');
  await assert.rejects(manager.signDigest('mine', new Uint8Array(32)), failsWith('UNSUPPORTED'));
});

test('arguments that make no sense are ARGUMENT_INVALID', async (t) => {
  const { manager, keys } = setUp(t);
  await assert.rejects(
    manager.generateKeyPair('P-224' as never, 'a'),
    failsWith('ARGUMENT_INVALID', { field: 'curve' }),
  );
  await assert.rejects(
    manager.generateKeyPair('P-256', ''),
    failsWith('ARGUMENT_INVALID', { field: 'label' }),
  );
  await assert.rejects(
    manager.generateKeyPair('P-256', 'a', { label: 'b' } as never),
    failsWith('ARGUMENT_INVALID', { field: 'options.label' }),
  );
  assert.throws(() => createKeyManager(keys, { backends: [] }), failsWith('ARGUMENT_INVALID'));
  assert.throws(
    () => createKeyManager(keys, { backends: [FILE], extra: 1 } as never),
    failsWith('ARGUMENT_INVALID'),
  );
});
