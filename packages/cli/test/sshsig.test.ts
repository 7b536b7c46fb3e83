import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { component } from '../../../scripts/components/index.ts';
import {
  type Agent,
  ssh,
  sshFolder,
  sshPair,
  sshProgram,
  startAgent,
} from '../../hardkey/test/support/ssh.ts';
import { COMMAND, sandbox } from './support/sandbox.ts';

const { folder, work, environment, path, ok, run, fails, generate, write, read } = sandbox();
const skip = ssh.missing ?? false;
const git = component('git');

write('content', 'content\n');
generate('ES256', 'issuer');
write('issuer.pem', ok(['key', 'public', 'issuer']));
write('issuer.pub', ok(['key', 'public', 'issuer', '--ssh']));
write('allowed', `me@example.org namespaces="file,git" ${read('issuer.pub')}`);

const SSHSIG = ['--format', 'sshsig'];
const FILE = [...SSHSIG, '--namespace', 'file'];

/** Whether ssh-keygen accepts a signature over the content. */
function keygenAccepts(signature: string, allowed: string, namespace = 'file'): boolean {
  const args = [
    '-Y',
    'verify',
    '-f',
    path(allowed),
    '-I',
    'me@example.org',
    '-n',
    namespace,
    '-s',
    path(signature),
  ];
  return spawnSync(sshProgram('ssh-keygen'), args, { input: read('content') }).status === 0;
}

const sockets = sshFolder();
const pair = ssh.missing === undefined ? sshPair(sockets, 'ed25519', 'me@example.org') : undefined;
let agent: Agent | undefined;
if (pair !== undefined) {
  agent = await startAgent(join(sockets, 'agent'));
  agent.add([pair.path]);
  write('agent.pub', `${pair.line}\n`);
  write('agent.allowed', `me@example.org ${pair.line}\n`);
}
after(() => agent?.stop());
const query = `?socket=${agent?.socket}`;

test('an sshsig of a key in the store is verified by ssh-keygen, over either hash', { skip }, () => {
  for (const hash of ['sha512', 'sha256']) {
    write('store.sig', ok(['sign', 'content', '--key', 'issuer', ...FILE, '--hash', hash]));
    assert.ok(keygenAccepts('store.sig', 'allowed'));
    assert.ok(!keygenAccepts('store.sig', 'allowed', 'git'));
  }
});

test('a key of an agent signs by its fingerprint, without settings', { skip }, () => {
  const ref = `ssh-agent:fingerprint=${pair?.fingerprint}`;
  write('agent.sig', ok(['sign', 'content', '--key', `${ref}${query}`, ...FILE]));
  assert.ok(keygenAccepts('agent.sig', 'agent.allowed'));
  // The agent of the environment is the one of a reference that names none.
  const env = { SSH_AUTH_SOCK: agent?.socket ?? '' };
  write('agent.sig', ok(['sign', 'content', '--key', ref, ...FILE], { env }));
  assert.ok(keygenAccepts('agent.sig', 'agent.allowed'));
  const verifying = ['verify', 'content', '--signature', 'agent.sig', ...FILE];
  assert.equal(ok([...verifying, '--trust', 'agent.pub']), 'verified\n');
});

test('keys of an agent are listed by its socket, with references that work by themselves', { skip }, () => {
  const [listed, ...others] = JSON.parse(ok(['key', 'list', '--ref', `ssh-agent:${query}`, '--json']));
  assert.equal(others.length, 0);
  assert.equal(listed.ref, `ssh-agent:fingerprint=${pair?.fingerprint}${query}`);
  assert.equal(listed.label, 'me@example.org');
  assert.equal(
    ok(['key', 'public', listed.ref, '--ssh']),
    `${pair?.line.split(' ').slice(0, 2).join(' ')}\n`,
  );
  assert.equal(ok(['key', 'list', '--json']).includes('ssh-agent:'), false);
});

test('the agent of the settings is listed, and its keys are found by label', { skip }, () => {
  write('config.json', JSON.stringify({ 'ssh-agent': { socket: agent?.socket } }));
  const settings = ['--config', 'config.json'];
  const refs = JSON.parse(ok(['key', 'list', '--json', ...settings])).map(({ ref }: { ref: string }) => ref);
  assert.deepEqual(refs, ['file:issuer?version=1', `ssh-agent:fingerprint=${pair?.fingerprint}`]);
  ok(['sign', 'content', '--key', 'me@example.org', ...settings]);
});

test('without an agent it is 64, and with one that is not there 75', { skip }, () => {
  const env = { SSH_AUTH_SOCK: '' };
  assert.equal(run(['key', 'list', '--ref', 'ssh-agent:'], { env }).status, 64);
  assert.equal(run(['sign', 'content', '--key', 'ssh-agent:comment=a?socket=/none', ...FILE]).status, 75);
  assert.equal(run(['sign', 'content', '--key', `ssh-agent:comment=none${query}`, ...FILE]).status, 66);
});

test('an sshsig verifies under a PEM, an SSH public key, and a file of allowed signers', () => {
  write('own.sig', ok(['sign', 'content', '--key', 'issuer', ...FILE]));
  const args = ['verify', 'content', '--signature', 'own.sig', ...FILE];
  const line = read('issuer.pub').toString().trim();
  for (const trust of ['issuer.pem', 'issuer.pub', 'allowed', line]) {
    assert.equal(ok([...args, '--trust', trust]), 'verified\n', trust);
  }
  assert.equal(ok([...args, '--trust', 'allowed', '--identity', 'me@example.org']), 'verified\n');
  const { verified, algorithm, checks } = JSON.parse(ok([...args, '--trust', 'issuer.pub', '--json']));
  assert.deepEqual([verified, algorithm, checks[0]], [true, 'ES256', { name: 'namespace', passed: true }]);
});

test('another namespace, identity, key or content is 1', () => {
  write('own.sig', ok(['sign', 'content', '--key', 'issuer', ...FILE]));
  generate('Ed25519', 'other');
  write('other.pub', ok(['key', 'public', 'other', '--ssh']));
  write('changed', 'changed');
  const args = ['--signature', 'own.sig', ...SSHSIG, '--trust'];
  for (const wrong of [
    ['content', ...args, 'issuer.pub', '--namespace', 'git'],
    ['content', ...args, 'allowed', '--namespace', 'file', '--identity', 'you@example.org'],
    ['content', ...args, 'other.pub', '--namespace', 'file'],
    ['changed', ...args, 'issuer.pub', '--namespace', 'file'],
  ]) {
    assert.equal(run(['verify', ...wrong]).status, 1, wrong.join(' '));
  }
});

test('SSH public keys are a trust for every format', () => {
  write('own.jws', ok(['sign', 'content', '--key', 'issuer', '--format', 'jws']));
  assert.equal(ok(['verify', 'own.jws', '--format', 'jws', '--trust', 'issuer.pub']), 'verified\n');
});

test('options that make no sense are 64', () => {
  write('own.sig', ok(['sign', 'content', '--key', 'issuer', ...FILE]));
  fails(
    ['sign', 'content', '--key', 'issuer', ...SSHSIG],
    64,
    '--namespace is missing (ARGUMENT_INVALID field=namespace)',
  );
  for (const [name, value] of [
    ['namespace', 'file'],
    ['hash', 'sha256'],
  ] as const) {
    const line = `--${name} is for an sshsig (ARGUMENT_INVALID field=${name})`;
    fails(['sign', 'content', '--key', 'issuer', `--${name}`, value], 64, line);
  }
  const verifying = ['verify', 'content', '--signature', 'own.sig', '--trust', 'issuer.pub'];
  assert.equal(run([...verifying, ...SSHSIG]).status, 64);
  assert.equal(run([...verifying, '--namespace', 'file']).status, 64);
  assert.equal(run([...verifying, ...FILE, '--identity', 'me@example.org']).status, 64);
  generate('ES256K', 'coin');
  assert.equal(run(['sign', 'content', '--key', 'coin', ...FILE]).status, 69);
});

test('git signs commits with a key of hardkey, and verifies them', {
  skip: skip || (git.missing ?? false),
}, () => {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const [node, ...args] = COMMAND.map((word) => `'${word}'`);
  writeFileSync(join(bin, 'hardkey'), `#!/bin/sh\nexec ${node} ${args.join(' ')} "$@"\n`, { mode: 0o700 });
  const program = join(import.meta.dirname, '../../../examples/git/hardkey-ssh-sign');
  const env = { ...environment, PATH: `${bin}${delimiter}${process.env['PATH']}`, GIT_CONFIG_NOSYSTEM: '1' };
  const repository = join(work, 'repository');
  const inGit = (...more: string[]): string =>
    execFileSync(git.path, ['-C', repository, ...more], { env, encoding: 'utf8', stdio: 'pipe' });
  mkdirSync(repository);
  inGit('init', '--quiet');
  for (const [name, value] of [
    ['user.name', 'me'],
    ['user.email', 'me@example.org'],
    ['gpg.format', 'ssh'],
    ['gpg.ssh.program', program],
    ['gpg.ssh.allowedSignersFile', path('allowed')],
    ['user.signingKey', 'file:issuer'],
  ] as const) {
    inGit('config', name, value);
  }
  inGit('commit', '--quiet', '--allow-empty', '-S', '-m', 'signed');
  assert.equal(inGit('log', '-1', '--format=%G? %GS').trim(), 'G me@example.org');
  // What git signed is what is left of the commit without its signature.
  const commit = inGit('cat-file', 'commit', 'HEAD');
  const [, armored = ''] = /^gpgsig (.*?)\n(?! )/ms.exec(commit) ?? [];
  write('commit.sig', `${armored.replaceAll('\n ', '\n')}\n`);
  write('commit', commit.replace(/^gpgsig .*?\n(?! )/ms, ''));
  const verifying = ['verify', 'commit', '--signature', 'commit.sig', ...SSHSIG, '--namespace', 'git'];
  assert.equal(ok([...verifying, '--trust', 'allowed']), 'verified\n');
  assert.ok(readFileSync(path('commit.sig'), 'utf8').startsWith('-----BEGIN SSH SIGNATURE-----'));
});
