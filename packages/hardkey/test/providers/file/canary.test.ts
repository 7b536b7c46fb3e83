// Secrets that are planted in a store, and looked for in all that it gives, says and writes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { createKeys, type Key, Secret } from 'hardkey';
import { file } from 'hardkey/providers/file';
import { secretBytes, secretFile } from 'hardkey/secrets';
import { scanFor } from '../../../src/conformance/scan.ts';
import { filesOf, listed, lockedKeys, openKeys, quickStore, scratch } from './support.ts';

const PASS = 'canary-passphrase-5e1d';
const SYMMETRIC = 'canary-symmetric-key-of-32-bytes';
const SEED = 'canary-seed-of-an-ed25519-key-32';
const scans = [PASS, SYMMETRIC, SEED].map((mark) =>
  scanFor(mark, (value) => inspect(value, { depth: 9, showHidden: true })),
);

/** Which of the secrets show in a value. */
function shown(value: unknown): readonly number[] {
  return scans.flatMap((scan, index) => (scan.finds(value) ? [index] : []));
}

// RFC 8410 §7: PKCS #8 of an Ed25519 key.
const PKCS8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from(SEED)]);

/** Plants both keys; what importing them gave. */
async function plant(keys: ReturnType<typeof lockedKeys>): Promise<readonly Key[]> {
  return [
    await keys.import('file:pair', { material: new Secret(PKCS8) }),
    await keys.import('file:symmetric', {
      material: new Secret(Buffer.from(SYMMETRIC)),
      algorithm: 'A256GCM',
    }),
  ];
}

/** Gives what it throws. */
async function failureOf(act: () => Promise<unknown>): Promise<unknown> {
  return act().then(
    () => assert.fail('it did not fail'),
    (error: unknown) => error,
  );
}

test('the search finds what is there: each secret, in each form', () => {
  for (const scan of scans) scan.control();
});

test('no secret is in a key, an operation, a provider or a failure', async (t) => {
  const store = scratch(t);
  await quickStore(store, PASS);
  const provider = file({ store, passphrase: secretBytes(Buffer.from(PASS)) });
  const keys = createKeys([provider]);
  const seen: unknown[] = [provider, keys, ...(await plant(keys)), ...(await listed(keys))];
  for (const [ref, name] of [
    ['file:pair', 'Ed25519'],
    ['file:symmetric', 'A256GCM'],
  ] as const) {
    const key = await keys.open(ref);
    seen.push(key, key.use(name));
  }
  const material = new Secret(Buffer.from(SYMMETRIC));
  const pem = `-----BEGIN PRIVATE KEY-----\n${Buffer.from(SEED).toString('base64')}\n-----END PRIVATE KEY-----\n`;
  seen.push(
    material,
    await failureOf(() => keys.import('file:pair', { material: new Secret(PKCS8) })),
    await failureOf(() => keys.import('file:new', { material, algorithm: 'A128GCM' })),
    await failureOf(() => keys.import('file:new', { material })),
    await failureOf(() =>
      keys.import('file:new', { material: new Secret(Buffer.from(`{"k":"${SYMMETRIC}`)) }),
    ),
    await failureOf(() => keys.import('file:new', { material: new Secret(Buffer.from(pem)) })),
    await failureOf(() => lockedKeys(store, `${PASS}x`).open('file:pair')),
    await failureOf(() => openKeys(store).open('file:pair')),
  );
  writeFileSync(join(store, 'pair.1.pem'), readFileSync(join(store, 'symmetric.1.jwe')));
  writeFileSync(join(store, 'symmetric.1.jwe'), `${SYMMETRIC}.${SEED}`);
  seen.push(
    await failureOf(() => keys.open('file:pair')),
    await failureOf(() => keys.open('file:symmetric')),
  );
  assert.equal(seen.length, 20);
  for (const value of seen) assert.deepEqual(shown(value), []);
});

test('a damaged file of a store without a passphrase is not quoted', async (t) => {
  const store = scratch(t);
  const keys = openKeys(store);
  await plant(keys);
  const [pair, symmetric] = ['pair.1.pem', 'symmetric.1.jwe'].map((name) => join(store, name)) as [
    string,
    string,
  ];
  for (const damage of [
    (text: string) => text.slice(0, -1),
    (text: string) => text.slice(1),
    (text: string) => `${text}x`,
  ]) {
    for (const [path, ref] of [
      [pair, 'file:pair'],
      [symmetric, 'file:symmetric'],
    ] as const) {
      const text = readFileSync(path, 'utf8');
      assert.notDeepEqual(shown(text), []);
      writeFileSync(path, damage(text.trimEnd()));
      const failure = await keys.open(ref).catch((error: unknown) => error);
      assert.deepEqual(shown(failure), []);
      writeFileSync(path, text);
    }
  }
});

test('no secret is in a file of a store with a passphrase, and all are in one without, but for that', async (t) => {
  const [locked, open] = [scratch(t), scratch(t)];
  await quickStore(locked, PASS);
  await plant(lockedKeys(locked, PASS));
  for (const text of filesOf(locked).values()) assert.deepEqual(shown(text), []);
  await plant(openKeys(open));
  const found = [...filesOf(open).values()].flatMap(shown);
  assert.deepEqual(found.sort(), [1, 2]);
});

test('no secret is on the command line or in the environment of a process that uses the store', async (t) => {
  const store = scratch(t);
  await quickStore(store, PASS);
  await plant(lockedKeys(store, PASS));
  const path = join(store, '..', 'passphrase');
  writeFileSync(path, PASS);
  // The process itself reads what others could read of it.
  const script = `
    import { readFileSync } from 'node:fs';
    import { createKeys } from 'hardkey';
    import { file } from 'hardkey/providers/file';
    import { secretFile } from 'hardkey/secrets';
    const config = { store: process.argv[1], passphrase: secretFile(process.argv[2]) };
    const key = await createKeys([file(config)]).open('file:pair');
    await key.use('Ed25519').sign(new Uint8Array());
    for (const name of ['cmdline', 'environ']) process.stdout.write(readFileSync('/proc/self/' + name));
  `;
  const args = ['--conditions=@hk/source', '--input-type=module', '--eval', script, store, path];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: import.meta.dirname });
  assert.equal(status, 0, String(stderr));
  assert.ok(String(stdout).includes(path));
  assert.deepEqual(shown(new Uint8Array(stdout)), []);
  assert.equal((await secretFile(path)()).length, PASS.length);
});
