// A canary: secrets that are planted, used by every command, and looked for everywhere they must not be.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { COMMAND, sandbox } from './support/sandbox.ts';

const { folder, work, environment, run, write } = sandbox();

/** A secret, in each form in which it could leak. */
function formsOf(name: string, bytes: Uint8Array): ReadonlyMap<string, Buffer> {
  const buffer = Buffer.from(bytes);
  const forms: Record<string, Buffer | string> = {
    raw: buffer,
    hex: buffer.toString('hex'),
    upper: buffer.toString('hex').toUpperCase(),
  };
  // In a key that is encoded the secret begins anywhere, and the characters at its ends hold other bits too.
  for (const shift of [0, 1, 2]) {
    const text = Buffer.concat([Buffer.alloc(shift), buffer]).toString('base64');
    const inner = text.replace(/.=*$/, '').slice(shift === 0 ? 0 : shift + 1);
    forms[`base64 at ${shift}`] = inner;
    forms[`base64url at ${shift}`] = inner.replaceAll('+', '-').replaceAll('/', '_');
  }
  return new Map(Object.entries(forms).map(([form, value]) => [`${name} as ${form}`, Buffer.from(value)]));
}

const PASSPHRASE = Buffer.from('canary-d41c0ffee-passphrase');
const PRIVATE = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
const SYMMETRIC = Uint8Array.from({ length: 32 }, (_, index) => (index * 37 + 11) & 0xff);
const SECRETS = new Map([
  ...formsOf('passphrase', PASSPHRASE),
  ...formsOf('private key', PRIVATE),
  ...formsOf('symmetric key', SYMMETRIC),
]);

/** Which secrets stand in some bytes. */
function found(bytes: Uint8Array): readonly string[] {
  const haystack = Buffer.from(bytes);
  // PEM has lines.
  const unbroken = Buffer.from(haystack.toString('latin1').replace(/[\r\n]/g, ''), 'latin1');
  return [...SECRETS]
    .filter(([, secret]) => haystack.includes(secret) || unbroken.includes(secret))
    .map(([name]) => name);
}

/** Every file below a folder, without the ones that were planted. */
function filesBelow(root: string, except: readonly string[]): readonly string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !except.some((one) => file.startsWith(one)));
}

const PLANTED = ['passphrase', 'key.der', 'aes.bin'].map((name) => join(work, name));
const STORE = join(work, 'keys');
mkdirSync(join(folder, 'tmp'));

// RFC 8410 §7: PKCS #8 of an Ed25519 key.
const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), PRIVATE]);
assert.equal(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }).asymmetricKeyType, 'ed25519');
write('passphrase', PASSPHRASE);
write('key.der', pkcs8);
write('aes.bin', SYMMETRIC);
write('identity.json', '{"id":"1"}');
write('content', 'content');
write('wrong', 'wrong');

const OPEN = ['--store', 'keys', '--passphrase-file', 'passphrase'];
const CLAIM = ['claim169', 'encode', 'identity.json', '--issuer', 'https://a.example', ...OPEN];

/** One command of each kind, with the failures in which a secret is at hand. */
const COMMANDS: readonly (readonly string[])[] = [
  ['key', 'import', 'key.der', '--label', 'issuer', '--json', ...OPEN],
  ['key', 'import', 'aes.bin', '--label', 'readers', '--algorithm', 'A256GCM', '--json', ...OPEN],
  ['key', 'import', 'aes.bin', '--label', 'x', ...OPEN],
  ['key', 'import', 'key.der', '--label', 'x', '--algorithm', 'ES256', ...OPEN],
  ['key', 'import', 'aes.bin', '--label', 'x', '--algorithm', 'A128GCM', '--json', ...OPEN],
  ['key', 'list', '--json', ...OPEN],
  ['key', 'show', 'issuer', '--json', ...OPEN],
  ['key', 'show', 'readers', '--json', ...OPEN],
  ['key', 'public', 'issuer', '--out', 'issuer.pem', ...OPEN],
  ['key', 'set-default', 'issuer', '--config', 'config.json', ...OPEN],
  ['sign', 'content', '--key', 'issuer', '--out', 'content.sig', ...OPEN],
  ['sign', 'content', '--key', 'issuer', '--format', 'der', ...OPEN],
  ['encrypt', 'content', '--key', 'readers', '--out', 'content.cose', ...OPEN],
  ['decrypt', 'content.cose', '--key', 'readers', ...OPEN],
  ['decrypt', 'content.cose', '--key', 'issuer', ...OPEN],
  [...CLAIM, '--key', 'issuer', '--encrypt-with', 'readers', '--out', 'credential.txt'],
  ['claim169', 'decode', 'credential.txt', '--trust', 'issuer.pem', '--decrypt-key', 'aes.bin', '--json'],
  ['claim169', 'decode', 'credential.txt', '--trust', 'issuer.pem', '--decrypt-key', 'passphrase', '--json'],
  ['claim169', 'inspect', 'credential.txt', '--json'],
  ['claim169', 'decode', 'credential.txt', '--trust', 'key.der'],
  ['claim169', 'decode', 'credential.txt', '--trust', 'passphrase'],
  ['key', 'list', '--config', 'passphrase', ...OPEN],
  ['key', 'list', '--store', 'keys', '--passphrase-file', 'wrong'],
  ['key', 'rotate', 'issuer', ...OPEN],
  ['key', 'delete', 'issuer', '--yes', ...OPEN],
];

test('no command writes a secret to its output or its failures', () => {
  const ended = COMMANDS.map((args) => run(args));
  // The commands did what they were there for: most of them ended well, the others with a code of ours.
  assert.ok(ended.filter(({ status }) => status === 0).length >= 15);
  for (const { status } of ended) assert.ok([0, 1, 64, 65, 69, 77].includes(status ?? -1), String(status));
  for (const [index, { stdout, stderr }] of ended.entries())
    assert.deepEqual(found(Buffer.from(stdout + stderr)), [], COMMANDS[index]?.join(' '));
});

test('no file holds a secret but those it was planted in, and the store holds it encrypted', () => {
  const files = filesBelow(folder, PLANTED);
  assert.ok(files.some((file) => file.startsWith(STORE)));
  assert.ok(files.some((file) => file.endsWith('credential.txt')));
  for (const file of files) assert.deepEqual(found(readFileSync(file)), [], file);
});

test('the scan finds what is there: the planted files, and a store without a passphrase', () => {
  assert.deepEqual(
    PLANTED.map((file) => found(readFileSync(file))[0]),
    ['passphrase as raw', 'private key as raw', 'symmetric key as raw'],
  );
  const open = ['--store', 'open', '--no-passphrase'];
  run(['key', 'import', 'aes.bin', '--label', 'readers', '--algorithm', 'A256GCM', ...open]);
  run(['key', 'import', 'key.der', '--label', 'issuer', ...open]);
  const files = filesBelow(join(work, 'open'), []);
  assert.deepEqual(files.flatMap((file) => found(readFileSync(file))).sort(), [
    'private key as base64 at 1',
    'symmetric key as base64url at 0',
  ]);
});

test('a secret stands neither on the command line nor in the environment of the process', async () => {
  const [node = '', ...before] = COMMAND;
  const child = spawn(node, [...before, 'sign', '-', '--key', 'readers', ...OPEN], {
    cwd: work,
    env: { ...environment },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  try {
    const proc = join('/proc', String(child.pid));
    const control = `--passphrase-file\0passphrase\0`;
    // More than a pipe holds: who takes it has started, and has its arguments.
    const content = new Uint8Array(4_000_000);
    await new Promise((resolve, reject) => {
      child.stdin?.write(content, (error) => (error ? reject(error) : resolve(undefined)));
    });
    const line = readFileSync(join(proc, 'cmdline'));
    assert.ok(line.toString().includes(control));
    assert.deepEqual([...found(line), ...found(readFileSync(join(proc, 'environ')))], []);
  } finally {
    child.kill();
  }
});

test('settings and plaintext are for their owner', () => {
  assert.equal(statSync(join(work, 'config.json')).mode & 0o777, 0o600);
});
