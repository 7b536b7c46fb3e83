import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { component } from '../../../scripts/components/index.ts';
import { COMMAND, sandbox } from './support/sandbox.ts';

const { folder, home, environment, run } = sandbox();
const tmp = join(folder, 'tmp');
mkdirSync(tmp);

const { status, stdout, stderr } = run(['quickstart'], { env: { TMPDIR: tmp } });
const [name = ''] = readdirSync(tmp);
const made = join(tmp, name);

test('it ends well, asks nothing and complains of nothing', () => {
  assert.deepEqual([status, stderr], [0, '']);
});

test('it says where the folder is, and leaves nothing outside of it', () => {
  assert.equal(readdirSync(tmp).length, 1);
  assert.deepEqual(readdirSync(home), []);
  assert.ok(stdout.includes(`This is a throwaway folder: ${made}\n`));
  assert.deepEqual(readdirSync(made).sort(), [
    'credential.png',
    'forged.txt',
    'identity.json',
    'issuer.pem',
    'keys',
    'passphrase',
  ]);
});

test('the generated passphrase is in a file that only its owner can read', () => {
  assert.ok(stdout.includes(join(made, 'passphrase')));
  assert.equal(statSync(join(made, 'passphrase')).mode & 0o777, 0o600);
  assert.equal(statSync(made).mode & 0o777, 0o700);
});

test('it verifies what is in the picture, and rejects one changed bit by its signature', () => {
  assert.match(stdout, /\n {3}status {7}verified\n/);
  assert.match(stdout, /\n {3}fullName {5}Janardhan BS\n/);
  assert.match(
    stdout,
    /\n {3}hardkey: .*\(VERIFICATION_FAILED check=signature .*\n {3}exit status 1: rejected\n/,
  );
});

test('it draws the code with nothing but blocks when it is not on a terminal', () => {
  assert.doesNotMatch(stdout, /\u001b/);
  const drawn = stdout.split('\n').filter((line) => /^[█▀▄ ]+$/.test(line));
  assert.ok(drawn.length > 20);
  assert.equal(new Set(drawn.map((line) => line.length)).size, 1);
});

const zbarimg = component('zbarimg');
test('zbarimg reads the picture', { skip: zbarimg.missing ?? false }, () => {
  const text = execFileSync(zbarimg.path, ['--quiet', '--raw', join(made, 'credential.png')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const args = ['claim169', 'decode', '-', '--trust', join(made, 'issuer.pem')];
  assert.equal(run(args, { input: text }).status, 0);
});

test('the commands it printed work when they are pasted in their order', () => {
  const commands = [...stdout.matchAll(/^ {3}\$ (.+)$/gm)].map(([, command]) => command ?? '');
  assert.deepEqual(
    commands.map((command) => command.split(' ').slice(0, 3).join(' ')),
    [
      'hardkey key generate',
      'hardkey key public',
      'hardkey claim169 encode',
      'hardkey claim169 decode',
      'hardkey claim169 decode',
      'hardkey key delete',
    ],
  );
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'hardkey'), `#!/bin/sh\nexec ${COMMAND.join(' ')} "$@"\n`);
  chmodSync(join(bin, 'hardkey'), 0o755);
  const env = { ...environment, PATH: `${bin}:${process.env['PATH']}` };
  const statuses = commands.map((command) => spawnSync('sh', ['-c', command], { env }).status);
  // The forged credential is the fifth.
  assert.deepEqual(statuses, [0, 0, 0, 0, 1, 0]);
});

test('through npx it prints commands for npx', () => {
  const npx = run(['quickstart'], { env: { TMPDIR: tmp, npm_command: 'exec' } });
  assert.match(npx.stdout, /\n {3}\$ npx hardkey key generate /);
});

test('without a folder for temporary files it is 64', () => {
  const missing = join(folder, 'missing');
  const stderr = `hardkey: no such file (ARGUMENT_INVALID path=${join(missing, 'hardkey-')})\n`;
  assert.deepEqual(run(['quickstart'], { env: { TMPDIR: missing } }), { status: 64, stdout: '', stderr });
});

test('when nobody reads on, it is 75, and no defect', () => {
  const script = `${COMMAND.join(' ')} quickstart | sed 3q; exit \${PIPESTATUS[0]}`;
  const ended = spawnSync('bash', ['-c', script], { env: { ...process.env, ...environment, TMPDIR: tmp } });
  assert.deepEqual(
    [ended.status, String(ended.stderr)],
    [75, 'hardkey: the output cannot be written (UNAVAILABLE field=stdout)\n'],
  );
});
