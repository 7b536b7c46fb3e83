import assert from 'node:assert/strict';
import { sign } from 'node:crypto';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createKeys, type Keys, type Policy, type Signer } from 'hardkey';
import { type SshAgentConfig, sshAgent } from 'hardkey/providers/ssh-agent';
import { utf8 } from '../../../src/encoding/bytes.ts';
import { sshString } from '../../../src/encoding/ssh.ts';
import { socketFailure } from '../../../src/providers/ssh-agent/failures.ts';
import { collected } from '../../support/collected.ts';
import { failsWith } from '../../support/failures.ts';
import { type Agent, keygen, ssh, sshFolder, sshPair, startAgent } from '../../support/ssh.ts';
import { keyOf, type Oddity, oddAgent } from './odd-agent.ts';

const skip = ssh.missing ?? false;
const folder = sshFolder();
const once: Policy = { retry: { attempts: 0 }, breaker: false };
const MESSAGE = utf8('message');

let sockets = 0;
const newSocket = (): string => join(folder, `a${++sockets}`);

async function agentFor(t: TestContext, env?: Readonly<Record<string, string>>): Promise<Agent> {
  const agent = await startAgent(newSocket(), env);
  t.after(() => agent.stop());
  return agent;
}

function keysFor(t: TestContext, config: SshAgentConfig, policy: Policy = once): Keys {
  const keys = createKeys([sshAgent(config)], policy);
  t.after(() => keys.close());
  return keys;
}

async function signerOf(keys: Keys, ref: string): Promise<Signer> {
  const key = await keys.open(ref);
  return key.use(key.algorithms[0] as 'Ed25519');
}

const ed25519 = ssh.missing === undefined ? sshPair(folder, 'ed25519') : undefined;
const byFingerprint = `ssh-agent:fingerprint=${ed25519?.fingerprint}`;

test('a key has the fingerprint of ssh-keygen and is the key of its line', { skip }, async (t) => {
  const pairs = (['ecdsa-256', 'ecdsa-521', 'rsa-2048'] as const).map((kind) => sshPair(folder, kind, 'own'));
  const agent = await agentFor(t);
  agent.add(pairs.map(({ path }) => path));
  const infos = await collected(keysFor(t, { socket: agent.socket }).list());
  assert.deepEqual(
    infos.map(({ ref, publicKey }) => [String(ref), publicKey?.toPem()]),
    pairs.map(({ path, fingerprint }) => [
      `ssh-agent:fingerprint=${fingerprint}`,
      keygen(['-e', '-m', 'PKCS8', '-f', `${path}.pub`]),
    ]),
  );
  const [{ label, custody } = {}] = infos;
  assert.deepEqual([label, custody], ['own', { place: 'program', level: 'claimed', facts: { agent: true } }]);
});

test('a comment names a key, which is pinned by its fingerprint and the socket of the reference', {
  skip,
}, async (t) => {
  const agent = await agentFor(t);
  agent.add([ed25519?.path ?? '']);
  const keys = keysFor(t, {});
  const key = await keys.open(`ssh-agent:comment=ed25519?socket=${agent.socket}`);
  assert.equal(String(key.ref), `${byFingerprint}?socket=${agent.socket}`);
  await key.use('Ed25519').sign(MESSAGE);
});

test('a comment of two keys is ARGUMENT_INVALID', { skip }, async (t) => {
  const agent = await agentFor(t);
  agent.add([sshPair(folder, 'ed25519', 'twin').path, sshPair(folder, 'ecdsa-256', 'twin').path]);
  const opening = keysFor(t, { socket: agent.socket }).open('ssh-agent:comment=twin');
  await assert.rejects(opening, failsWith('ARGUMENT_INVALID', { field: 'ssh-agent.comment' }));
});

test('without a socket in the reference or the configuration it is ARGUMENT_INVALID', async (t) => {
  const wrong = failsWith('ARGUMENT_INVALID', { field: 'ssh-agent.socket' });
  await assert.rejects(keysFor(t, {}).open('ssh-agent:comment=a'), wrong);
  await assert.rejects(collected(keysFor(t, {}).list()), wrong);
  assert.throws(() => sshAgent({ socket: 'agent' }), wrong);
});

test('certificates and RSA keys that are too small are not listed, and UNSUPPORTED when named', {
  skip,
}, async (t) => {
  const authority = sshPair(folder, 'ed25519', 'authority');
  const certified = sshPair(folder, 'ecdsa-384', 'certified');
  keygen(['-q', '-s', authority.path, '-I', 'id', '-n', 'user', certified.path]);
  const small = sshPair(folder, 'rsa-1024', 'small');
  const agent = await agentFor(t);
  // ssh-add adds the certificate beside the key as well.
  agent.add([certified.path, small.path]);
  const keys = keysFor(t, { socket: agent.socket });
  assert.deepEqual(
    (await collected(keys.list())).map(({ ref }) => String(ref)),
    [`ssh-agent:fingerprint=${certified.fingerprint}`],
  );
  await assert.rejects(keys.open('ssh-agent:comment=small'), failsWith('UNSUPPORTED'));
});

test('a signature that nobody confirms is DENIED, and one that is confirmed is made', { skip }, async (t) => {
  for (const [askpass, allowed] of [
    ['/bin/false', false],
    ['/bin/true', true],
  ] as const) {
    const agent = await agentFor(t, { SSH_ASKPASS: askpass, DISPLAY: ':0' });
    agent.add(['-c', ed25519?.path ?? '']);
    const signer = await signerOf(keysFor(t, { socket: agent.socket }), byFingerprint);
    if (allowed) await signer.sign(MESSAGE);
    else await assert.rejects(signer.sign(MESSAGE), failsWith('DENIED', { ref: byFingerprint }));
  }
});

test('a key that was taken out of the agent is KEY_NOT_FOUND, and works again when it is back', {
  skip,
}, async (t) => {
  const agent = await agentFor(t);
  agent.add([ed25519?.path ?? '']);
  const signer = await signerOf(keysFor(t, { socket: agent.socket }), byFingerprint);
  agent.add(['-D']);
  await assert.rejects(signer.sign(MESSAGE), failsWith('KEY_NOT_FOUND', { ref: byFingerprint }));
  agent.add([ed25519?.path ?? '']);
  await signer.sign(MESSAGE);
});

test('an agent that was replaced by another process serves the next call', { skip }, async (t) => {
  const socket = newSocket();
  const first = await startAgent(socket);
  first.add([ed25519?.path ?? '']);
  const signer = await signerOf(keysFor(t, { socket }), byFingerprint);
  await first.stop();
  await assert.rejects(signer.sign(MESSAGE), failsWith('UNAVAILABLE', { path: socket }));
  const second = await startAgent(socket);
  t.after(() => second.stop());
  second.add([ed25519?.path ?? '']);
  await signer.sign(MESSAGE);
});

test('an agent that answers nothing is UNAVAILABLE at the deadline, or when the time for a reply is over', {
  skip,
}, async (t) => {
  const agent = await agentFor(t);
  agent.add([ed25519?.path ?? '']);
  const { socket } = agent;
  const hurried = await signerOf(keysFor(t, { socket }, { ...once, deadlineMs: 2000 }), byFingerprint);
  const patient = await signerOf(keysFor(t, { socket, timeoutMs: 2000 }), byFingerprint);
  agent.process.kill('SIGSTOP');
  await Promise.all([
    assert.rejects(hurried.sign(MESSAGE), failsWith('UNAVAILABLE', { field: 'deadline' })),
    assert.rejects(patient.sign(MESSAGE), failsWith('UNAVAILABLE', { field: 'timeoutMs' })),
  ]);
  agent.process.kill('SIGCONT');
  await hurried.sign(MESSAGE);
});

test('closing ends a call that waits', { skip }, async (t) => {
  const agent = await agentFor(t);
  agent.add([ed25519?.path ?? '']);
  const keys = keysFor(t, { socket: agent.socket });
  const signer = await signerOf(keys, byFingerprint);
  agent.process.kill('SIGSTOP');
  const waiting = assert.rejects(signer.sign(MESSAGE), failsWith('UNAVAILABLE'));
  await keys.close();
  await waiting;
});

test('a path that is no socket is UNAVAILABLE, and what the system refuses is DENIED', async (t) => {
  const keys = keysFor(t, { socket: join(folder, 'none') });
  await assert.rejects(collected(keys.list()), failsWith('UNAVAILABLE', { path: join(folder, 'none') }));
  const coded = (code: string) => socketFailure(Object.assign(new Error(code), { code }), {}).code;
  assert.deepEqual(['EACCES', 'EAGAIN', 'ECONNREFUSED'].map(coded), ['DENIED', 'OVERLOADED', 'UNAVAILABLE']);
});

test('64 signers at once', { skip }, async (t) => {
  const agent = await agentFor(t);
  agent.add([ed25519?.path ?? '']);
  const keys = keysFor(t, { socket: agent.socket });
  const signers = await Promise.all(Array.from({ length: 64 }, () => signerOf(keys, byFingerprint)));
  await Promise.all(signers.map((signer, at) => signer.sign(utf8(`message ${at}`))));
});

/** Signs with a key of an odd agent. */
async function oddly(t: TestContext, type: 'rsa' | 'ed25519', oddity: Oddity): Promise<Uint8Array> {
  const socket = newSocket();
  await oddAgent(t, socket, keyOf(type), oddity);
  return (await signerOf(keysFor(t, { socket }), 'ssh-agent:comment=odd')).sign(MESSAGE);
}

test('a reply may come byte for byte', async (t) => {
  assert.equal((await oddly(t, 'ed25519', { pieces: 1 })).length, 64);
});

test('leading zeros that an agent left out of an RSA signature are there again', async (t) => {
  const socket = newSocket();
  const pair = keyOf('rsa');
  // One in 256 begins with a zero.
  let at = 0;
  while (sign('sha512', utf8(`message ${at}`), pair.privateKey)[0] !== 0) at += 1;
  await oddAgent(t, socket, pair, { signature: (right) => right.subarray(1) });
  const signer = await signerOf(keysFor(t, { socket }), 'ssh-agent:comment=odd');
  const signature = await signer.sign(utf8(`message ${at}`));
  assert.deepEqual([signature.length, signature[0]], [256, 0]);
});

const WRONG: readonly (readonly [title: string, oddity: Oddity, code: Parameters<typeof failsWith>[0]])[] = [
  ['an empty reply', { raw: Uint8Array.of(0, 0, 0, 0) }, 'MALFORMED'],
  ['a reply beyond the limit', { raw: Uint8Array.of(0, 4, 0, 1, 14) }, 'MALFORMED'],
  ['two replies', { raw: Uint8Array.of(0, 0, 0, 1, 5, 0, 0, 0, 1, 5) }, 'MALFORMED'],
  ['the answer to another request', { raw: sshString(Uint8Array.of(12, 0, 0, 0, 0)) }, 'MALFORMED'],
  ['a refusal with more behind it', { raw: sshString(Uint8Array.of(5, 0)) }, 'MALFORMED'],
  ['bytes behind the signature', { raw: sshString(Uint8Array.of(14), sshString('a'), 'b') }, 'MALFORMED'],
  ['a signature that is none', { raw: sshString(Uint8Array.of(14), sshString('abc')) }, 'MALFORMED'],
  ['half a reply', { raw: Uint8Array.of(0, 0, 0, 9, 14) }, 'UNAVAILABLE'],
  ['a signature that is too short', { signature: (right) => right.subarray(1) }, 'MALFORMED'],
  ['a signature of an unknown algorithm', { name: 'ssh-ed448' }, 'UNSUPPORTED'],
  ['a signature of another algorithm', { name: 'rsa-sha2-256' }, 'UNSUPPORTED'],
  ['a signature by another key', { liar: true }, 'SIGNER_MISMATCH'],
];

for (const [title, oddity, code] of WRONG) {
  test(`${title} is ${code}`, async (t) => {
    await assert.rejects(oddly(t, 'ed25519', oddity), failsWith(code));
  });
}

test('an agent that signs with SHA-1 although it is asked not to is UNSUPPORTED', async (t) => {
  await assert.rejects(oddly(t, 'rsa', { name: 'ssh-rsa' }), failsWith('UNSUPPORTED'));
});
