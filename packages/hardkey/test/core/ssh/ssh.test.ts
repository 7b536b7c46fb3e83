import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { vectors } from '../../../../../scripts/components/vectors.ts';
import { importPublicKey, publicKeyOf } from '../../../src/core/import-public-key.ts';
import { decodeSshKey, encodeSshKey, sshFingerprint } from '../../../src/core/ssh/public-key.ts';
import { decodeSshSignature, encodeSshSignature } from '../../../src/core/ssh/signature.ts';
import { concat } from '../../../src/encoding/bytes.ts';
import { sshString, sshUnsigned } from '../../../src/encoding/ssh.ts';
import { failsWith } from '../../support/failures.ts';
import { keygen, type SshKind, ssh, sshFolder, sshPair } from '../../support/ssh.ts';

const contracts = vectors('contracts/contract-vectors.json');

/** The bytes of a line of an authorized_keys file. */
function bytesOfLine(line: string): Uint8Array {
  return Uint8Array.from(Buffer.from(line.split(' ')[1] ?? '', 'base64'));
}

test('the key of the contract vectors is that of its seed', {
  skip: contracts.missing ?? false,
}, async () => {
  const { ssh: vector } = JSON.parse(readFileSync(contracts.path, 'utf8'));
  const key = await publicKeyOf(decodeSshKey(bytesOfLine(vector.authorized_key)));
  const pkcs8 = Buffer.from(`302e020100300506032b657004220420${vector.seed_hex}`, 'hex');
  const signature = sign(null, Buffer.from('m'), { key: pkcs8, format: 'der', type: 'pkcs8' });
  const { verify } = await import('hardkey');
  await verify(key, 'Ed25519', Buffer.from('m'), Uint8Array.from(signature));
  assert.deepEqual(Uint8Array.from(encodeSshKey(key)), bytesOfLine(vector.authorized_key));
});

const KINDS: readonly SshKind[] = ['ed25519', 'ecdsa-256', 'ecdsa-384', 'ecdsa-521', 'rsa-2048'];

test('keys of ssh-keygen are read and written byte for byte', { skip: ssh.missing ?? false }, async () => {
  const folder = sshFolder();
  for (const kind of KINDS) {
    const { line, path, fingerprint } = sshPair(folder, kind);
    const bytes = bytesOfLine(line);
    const key = await publicKeyOf(decodeSshKey(bytes));
    assert.deepEqual(Uint8Array.from(encodeSshKey(key)), bytes, kind);
    assert.equal(await sshFingerprint(bytes), fingerprint);
    if (kind !== 'ed25519') assert.equal(key.toPem(), keygen(['-e', '-m', 'PKCS8', '-f', `${path}.pub`]));
  }
});

async function spkiOf(type: 'ed448' | 'x25519'): Promise<Uint8Array> {
  const { publicKey } = generateKeyPairSync(type as 'ed448');
  return Uint8Array.from(publicKey.export({ type: 'spki', format: 'der' }));
}

test('kinds that SSH has no name for, or we none for, are UNSUPPORTED', async () => {
  for (const type of ['ed448', 'x25519'] as const) {
    const key = await importPublicKey(await spkiOf(type));
    assert.throws(() => encodeSshKey(key), failsWith('UNSUPPORTED'));
  }
  for (const name of ['ssh-dss', 'sk-ssh-ed25519@openssh.com', 'ssh-ed25519-cert-v01@openssh.com', '']) {
    assert.throws(() => decodeSshKey(concat(sshString(name), sshString('x'))), failsWith('UNSUPPORTED'));
  }
});

const point = (first: number, length: number): Uint8Array =>
  Uint8Array.of(first, ...new Uint8Array(length - 1));
const p256 = sshString('ecdsa-sha2-nistp256');
const odd = Uint8Array.of(...new Uint8Array(256).fill(0xff));

const BROKEN: readonly (readonly [title: string, bytes: Uint8Array])[] = [
  ['no bytes', new Uint8Array()],
  ['a name alone', sshString('ssh-ed25519')],
  ['an Ed25519 key that is too short', concat(sshString('ssh-ed25519'), sshString(new Uint8Array(31)))],
  ['bytes behind the key', concat(sshString('ssh-ed25519'), sshString(new Uint8Array(32)), Uint8Array.of(0))],
  ['another curve than the type has', concat(p256, sshString('nistp384'), sshString(point(4, 65)))],
  ['a compressed point', concat(p256, sshString('nistp256'), sshString(point(2, 33)))],
  ['a point of another length', concat(p256, sshString('nistp256'), sshString(point(4, 64)))],
  [
    'an RSA key with an even exponent',
    concat(sshString('ssh-rsa'), sshUnsigned(Uint8Array.of(4)), sshUnsigned(odd)),
  ],
  ['an RSA key without a modulus', concat(sshString('ssh-rsa'), sshUnsigned(Uint8Array.of(3)))],
];

for (const [title, bytes] of BROKEN) {
  test(`${title} is MALFORMED`, () => {
    assert.throws(() => decodeSshKey(bytes), failsWith('MALFORMED'));
  });
}

test('signatures of ECDSA are two integers, and fixed width here', () => {
  const signature = Uint8Array.from({ length: 64 }, (_, at) => (at < 2 ? 0 : at + 128));
  const bytes = encodeSshSignature({ algorithm: 'ES256', signature });
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32)];
  const numbers = concat(sshUnsigned(r), sshUnsigned(s));
  assert.deepEqual(bytes, concat(sshString('ecdsa-sha2-nistp256'), sshString(numbers)));
  assert.deepEqual(decodeSshSignature(bytes), { algorithm: 'ES256', signature });
});

test('an algorithm that SSH has no name for, or we none for, is UNSUPPORTED', () => {
  const none = { algorithm: 'PS256', signature: odd } as const;
  assert.throws(() => encodeSshSignature(none), failsWith('UNSUPPORTED', { algorithm: 'PS256' }));
  for (const name of ['ssh-rsa', 'ssh-dss', 'sk-ssh-ed25519@openssh.com']) {
    const act = () => decodeSshSignature(concat(sshString(name), sshString(odd)));
    assert.throws(act, failsWith('UNSUPPORTED', { field: 'signature' }));
  }
});

test('an integer beyond the curve, one too many and one too few are MALFORMED', () => {
  const one = sshUnsigned(Uint8Array.of(1));
  const wide = sshUnsigned(new Uint8Array(33).fill(0x7f));
  for (const numbers of [concat(one, wide), concat(wide, one), concat(one, one, one), one]) {
    const act = () => decodeSshSignature(concat(p256, sshString(numbers)));
    assert.throws(act, failsWith('MALFORMED', { field: 'signature' }));
  }
  assert.throws(() => decodeSshSignature(concat(p256, sshString(one, one), one)), failsWith('MALFORMED'));
});
