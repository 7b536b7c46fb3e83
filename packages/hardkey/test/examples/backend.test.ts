// examples/backend.ts as a process of its own.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createKeys } from 'hardkey';
import { file } from 'hardkey/providers/file';

const PROGRAM = join(import.meta.dirname, '../../../../examples/backend.ts');
const home = mkdtempSync(join(tmpdir(), 'hardkey-backend-'));
after(() => rmSync(home, { recursive: true }));

/** Runs the program in a home folder of its own. */
function run(env: Readonly<Record<string, string>> = {}): {
  status: number | null;
  out: string;
  err: string;
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=@hk/source', PROGRAM], {
    env: { PATH: process.env['PATH'] ?? '', HOME: home, ...env },
    encoding: 'utf8',
  });
  return { status, out: stdout, err: stderr };
}

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = join(home, 'issuer.pem');
writeFileSync(pem, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });

test('with a PEM file it issues and checks a token, and names the key', () => {
  const { status, out, err } = run({ SIGNING_KEY: `file:${pem}` });
  assert.deepEqual([status, out], [0, `user-1 file:${pem}\n`], err);
});

test('an encrypted PEM file opens with the passphrase of a file, and not without', () => {
  const encrypted = join(home, 'encrypted.pem');
  const passphrase = join(home, 'passphrase');
  const cipher = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' } as const;
  writeFileSync(encrypted, privateKey.export(cipher), { mode: 0o600 });
  writeFileSync(passphrase, 'secret\n', { mode: 0o600 });
  const env = { SIGNING_KEY: `file:${encrypted}` };
  assert.equal(run({ ...env, PASSPHRASE_FILE: passphrase }).out, `user-1 file:${encrypted}\n`);
  const without = run(env);
  assert.deepEqual([without.status, without.out], [1, '']);
});

test('without SIGNING_KEY it is the key named issuer of the store, and its version is pinned', async () => {
  assert.match(run().err, /KEY_NOT_FOUND/);
  const store = join(home, '.local/share/hardkey/keys');
  const keys = createKeys([file({ store, unencrypted: true })]);
  await keys.create('file:issuer', { algorithm: 'ES256' });
  assert.equal(run().out, 'user-1 file:issuer?version=1\n');
  await keys.rotate('file:issuer');
  await keys.close();
  assert.equal(run().out, 'user-1 file:issuer?version=2\n');
});

test('a key of another kind is refused before a token is made', () => {
  const other = join(home, 'other.pem');
  const { privateKey: key } = generateKeyPairSync('ed25519');
  writeFileSync(other, key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const { status, out, err } = run({ SIGNING_KEY: `file:${other}` });
  assert.deepEqual([status, out], [1, '']);
  assert.match(err, /UNSUPPORTED/);
});
