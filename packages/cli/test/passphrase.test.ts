import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { COMMAND, sandbox } from './support/sandbox.ts';

const { environment, path, ok, run, fails, write } = sandbox();

write('right', 'correct horse\n');
write('wrong', 'incorrect horse\n');
write('empty', '\n');
const STORE = ['--store', 'keys'];
const RIGHT = ['--passphrase-file', 'right'];
const made = JSON.parse(
  ok(['key', 'generate', '--algorithm', 'ES256', '--label', 'issuer', ...STORE, ...RIGHT, '--json']),
);

test('a store with a passphrase says so', () => assert.equal(made.custody.facts.encrypted, true));

test('the passphrase comes from a file, or from a descriptor', () => {
  assert.equal(ok(['key', 'public', 'issuer', ...STORE, ...RIGHT]), made.publicKeyPem);
  const descriptor = openSync(path('right'), 'r');
  try {
    const args = ['key', 'public', 'issuer', ...STORE, '--passphrase-fd', '3'];
    assert.equal(ok(args, { descriptors: [descriptor] }), made.publicKeyPem);
  } finally {
    closeSync(descriptor);
  }
  const stdin = { input: 'correct horse' };
  assert.equal(ok(['key', 'public', 'issuer', ...STORE, '--passphrase-fd', '0'], stdin), made.publicKeyPem);
});

test('the passphrase comes from a pipe that a shell makes, which is read once', () => {
  const [node = '', ...before] = COMMAND;
  const command = [node, ...before, 'key', 'public', 'issuer', ...STORE].map((part) => `'${part}'`).join(' ');
  const script = `${command} --passphrase-file <(cat right)`;
  const { status, stdout } = spawnSync('bash', ['-c', script], {
    cwd: path('.'),
    env: { ...process.env, ...environment },
  });
  assert.deepEqual([status, String(stdout)], [0, made.publicKeyPem]);
});

test('the passphrase comes from a credential of systemd', () => {
  mkdirSync(path('credentials'));
  write('credentials/pass', 'correct horse');
  const env = { CREDENTIALS_DIRECTORY: path('credentials') };
  const args = ['key', 'public', 'issuer', ...STORE, '--passphrase-credential'];
  assert.equal(ok([...args, 'pass'], { env }), made.publicKeyPem);
  const missing = `the secret cannot be read (UNAVAILABLE path=${path('credentials/other')})`;
  fails([...args, 'other'], 75, missing, { env });
  fails([...args, '../pass'], 64, 'not the name of a credential (ARGUMENT_INVALID field=credential)', {
    env,
  });
  fails(
    [...args, 'pass'],
    64,
    'systemd gave no credentials: $CREDENTIALS_DIRECTORY is not set (ARGUMENT_INVALID field=passphrase-credential)',
  );
});

test('a wrong passphrase changes nothing, whatever is asked for', () => {
  const before = filesOf('keys');
  const wrong = [...STORE, '--passphrase-file', 'wrong'];
  write('other.bin', new Uint8Array(32));
  for (const args of [
    ['generate', '--algorithm', 'ES256', '--label', 'other'],
    ['import', 'other.bin', '--algorithm', 'A256GCM', '--label', 'other'],
    ['list'],
    ['show', 'issuer'],
    ['public', 'issuer'],
    ['rotate', 'issuer'],
    ['state', 'issuer', 'compromised'],
    ['delete', 'issuer', '--yes'],
  ]) {
    fails(['key', ...args, ...wrong], 77, 'the passphrase does not open the store (DENIED field=passphrase)');
  }
  assert.deepEqual(filesOf('keys'), before);
});

function filesOf(folder: string): ReadonlyMap<string, string> {
  const names = readdirSync(path(folder));
  return new Map(names.map((name) => [name, readFileSync(path(`${folder}/${name}`), 'latin1')]));
}

test('a new store derives as --derivation says, which is recorded in it', () => {
  const store = ['--store', 'scrypt', ...RIGHT];
  const generate = ['key', 'generate', '--algorithm', 'ES256', '--label'];
  ok([...generate, 'a', '--derivation', 'scrypt', ...store]);
  assert.equal(JSON.parse(readFileSync(path('scrypt/store.json'), 'utf8')).derivation, 'scrypt');
  ok([...generate, 'b', ...store]);
  fails(
    [...generate, 'c', '--derivation', 'pbkdf2', ...store],
    64,
    `the store derives keys otherwise (ARGUMENT_INVALID field=derivation path=${path('scrypt/store.json')})`,
  );
  fails(
    [...generate, 'c', '--derivation', 'bcrypt', ...store],
    64,
    '--derivation is one of pbkdf2, scrypt (ARGUMENT_INVALID field=derivation)',
  );
});

test('a wrong passphrase is 77', () => {
  const { status, stdout, stderr } = run(['key', 'list', ...STORE, '--passphrase-file', 'wrong']);
  assert.deepEqual([status, stdout], [77, '']);
  assert.match(stderr, /^hardkey: [^\n]+ \(DENIED[^\n]*\)\n$/);
});

test('no passphrase, where nobody can be asked, is 64 and names the options', () => {
  const line =
    'a passphrase is needed: --passphrase-file, --passphrase-fd, --passphrase-credential or --no-passphrase (ARGUMENT_INVALID field=passphrase)';
  fails(['key', 'list', ...STORE], 64, line);
  fails(['key', 'generate', '--algorithm', 'ES256', '--label', 'a', '--store', 'new'], 64, line);
});

test('--no-passphrase does not open a store that has one, nor a passphrase one that has none', () => {
  fails(
    ['key', 'list', ...STORE, '--no-passphrase'],
    77,
    `the store has a passphrase (DENIED field=passphrase path=${path('keys/store.json')})`,
  );
  ok(['key', 'generate', '--algorithm', 'ES256', '--label', 'a', '--store', 'open', '--no-passphrase']);
  fails(
    ['key', 'list', '--store', 'open', ...RIGHT],
    77,
    `the store has no passphrase, but one was given (DENIED field=passphrase path=${path('open/store.json')})`,
  );
  // What it is, is recorded: it need not be said again.
  assert.match(ok(['key', 'list', '--store', 'open']), /encrypted=false/);
});

test('two sources, and a descriptor that is none, are 64', () => {
  fails(
    ['key', 'list', ...STORE, ...RIGHT, '--no-passphrase'],
    64,
    'only one of --passphrase-file, --passphrase-fd, --passphrase-credential, --no-passphrase (ARGUMENT_INVALID field=no-passphrase)',
  );
  fails(
    ['key', 'list', ...STORE, '--passphrase-fd', 'three'],
    64,
    'not a file descriptor (ARGUMENT_INVALID field=passphrase-fd)',
  );
  fails(
    ['sign', '-', '--key', 'issuer', ...STORE, '--passphrase-fd', '0'],
    64,
    'standard input cannot be both (ARGUMENT_INVALID field=passphrase-fd)',
  );
});

test('a passphrase that cannot be read is 75, and an empty one 65', () => {
  fails(
    ['key', 'list', ...STORE, '--passphrase-file', 'missing'],
    75,
    'the secret cannot be read (UNAVAILABLE path=missing)',
  );
  fails(
    ['key', 'list', ...STORE, '--passphrase-file', 'empty'],
    65,
    'the secret is empty (MALFORMED path=empty)',
  );
});

test('a store that others can enter is 77', () => {
  chmodSync(path('keys'), 0o755);
  const { status, stderr } = run(['key', 'list', ...STORE, ...RIGHT]);
  chmodSync(path('keys'), 0o700);
  assert.equal(status, 77);
  assert.match(stderr, /\(DENIED /);
  ok(['key', 'list', ...STORE, ...RIGHT]);
});

test('what failed left nothing behind but an empty folder', () => {
  assert.deepEqual(readdirSync(path('new')), []);
});
