import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createKeys, createTrust, isFailure, Secret, type Signer } from 'hardkey';
import {
  formatSshPublicKey,
  importSshPublicKey,
  isSshPublicKey,
  openSshsig,
  signSshsig,
} from 'hardkey/formats/sshsig';
import { memory } from 'hardkey/providers/memory';
import { vectors } from '../../../../../scripts/components/vectors.ts';
import { decodeBase64, encodeBase64 } from '../../../src/encoding/base64.ts';
import { concat } from '../../../src/encoding/bytes.ts';
import { decodeHex, encodeHex } from '../../../src/encoding/hex.ts';
import { sshString, sshUint32 } from '../../../src/encoding/ssh.ts';
import { signedBytes } from '../../../src/formats/sshsig/structure.ts';
import { failsWith } from '../../support/failures.ts';
import { keygen, type SshKind, ssh, sshFolder, sshPair } from '../../support/ssh.ts';
import { ALGORITHMS, allowedLine, keygenAccepts, keygenSign, signerOf, utf8 } from './support.ts';

const contracts = vectors('contracts/contract-vectors.json');
const folder = sshFolder();
const CONTENT = utf8('content\n');
const FILE = ['file'] as const;

/** The key of a seed. */
async function seeded(hex: string): Promise<Signer> {
  const material = new Secret(decodeHex(`302e020100300506032b657004220420${hex}`));
  return (await createKeys([memory()]).import('memory:seed', { material })).use('Ed25519');
}

test('the signature of the contract vectors is made and verified, byte for byte', {
  skip: contracts.missing ?? false,
}, async () => {
  const { ssh: vector } = JSON.parse(readFileSync(contracts.path, 'utf8'));
  const { namespace, armored_signature: armored } = vector;
  const content = utf8(vector.message_utf8);
  const signer = await seeded(vector.seed_hex);
  assert.equal(formatSshPublicKey(signer.publicKey, 'keyd'), vector.authorized_key);
  assert.equal(await signSshsig(content, { signer, namespace }), armored);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-512', Uint8Array.from(content)));
  assert.equal(encodeHex(signedBytes({ namespace, hash: 'sha512' }, digest)), vector.tbs_hex);
  const trust = await createTrust(await importSshPublicKey(vector.authorized_key));
  const opened = await openSshsig(armored, { content, trust, namespaces: [namespace] });
  assert.deepEqual([opened.hash, opened.algorithm, opened.namespace], ['sha512', 'Ed25519', 'git']);
  assert.equal(opened.key.publicKey.fingerprint, signer.publicKey.fingerprint);
});

for (const algorithm of ALGORITHMS) {
  for (const hash of ['sha512', 'sha256'] as const) {
    test(`ssh-keygen verifies ${algorithm} over ${hash}, and refuses other content`, {
      skip: ssh.missing ?? false,
    }, async () => {
      const signer = await signerOf(algorithm);
      const signature = await signSshsig(CONTENT, { signer, namespace: 'file', hash });
      const question = { signature, allowed: allowedLine(signer), namespace: 'file' };
      assert.ok(keygenAccepts(folder, { ...question, content: CONTENT }));
      assert.ok(!keygenAccepts(folder, { ...question, content: utf8('other\n') }));
      const trust = await createTrust(signer.publicKey);
      const opened = await openSshsig(signature, { content: CONTENT, trust, namespaces: FILE });
      assert.deepEqual([opened.algorithm, opened.hash], [algorithm, hash]);
    });
  }
}

const KINDS: readonly SshKind[] = ['ed25519', 'ecdsa-256', 'ecdsa-384', 'ecdsa-521', 'rsa-2048'];

for (const kind of KINDS) {
  test(`what ssh-keygen signs with ${kind} is verified, with either hash`, {
    skip: ssh.missing ?? false,
  }, async () => {
    const { path, line } = sshPair(folder, kind);
    const trust = await createTrust(await importSshPublicKey(line));
    for (const hash of ['sha512', 'sha256'] as const) {
      const signature = keygenSign(folder, path, CONTENT, 'file', hash);
      const opened = await openSshsig(signature, { content: CONTENT, trust, namespaces: ['git', 'file'] });
      assert.deepEqual([opened.hash, opened.namespace], [hash, 'file']);
    }
  });
}

const signer = await signerOf('Ed25519');
const trust = await createTrust(signer.publicKey);
const signature = await signSshsig(CONTENT, { signer, namespace: 'file' });
const open = (text: string, more: object = {}): Promise<unknown> =>
  openSshsig(text, { content: CONTENT, trust, namespaces: FILE, ...more });
const refused = (check: string) => failsWith('VERIFICATION_FAILED', { check });

test('other content, another key, another namespace and another hash are VERIFICATION_FAILED, each by its check', async () => {
  const other = await createTrust((await signerOf('ES256')).publicKey);
  await assert.rejects(open(signature, { content: utf8('other') }), refused('signature'));
  await assert.rejects(open(signature, { trust: other }), refused('key.known'));
  await assert.rejects(open(signature, { namespaces: ['git', 'files'] }), refused('namespace'));
  await assert.rejects(open(signature, { hashes: ['sha256'] }), refused('hash'));
});

test('a key of the trust counts within the limits of the trust', async () => {
  const expired = await createTrust({ ...signer.publicKey.toJwk(), exp: 1000 });
  await assert.rejects(open(signature, { trust: expired }), refused('key.not-after'));
  await open(signature, { trust: expired, at: new Date(), signedAt: new Date(500_000) });
  const narrow = await createTrust(signer.publicKey, { algorithms: ['ES256'] });
  await assert.rejects(open(signature, { trust: narrow }), refused('key.algorithm'));
});

/** The bytes within the armor, and the armor around bytes. */
const bytesOf = (text: string): Uint8Array => decodeBase64(text.split('\n').slice(1, -2).join(''));
const armored = (bytes: Uint8Array): string =>
  `-----BEGIN SSH SIGNATURE-----\n${encodeBase64(bytes)}\n-----END SSH SIGNATURE-----\n`;

test('every change of one bit is refused', async () => {
  const bytes = bytesOf(signature);
  assert.deepEqual(
    (await openSshsig(armored(bytes), { content: CONTENT, trust, namespaces: FILE })).hash,
    'sha512',
  );
  const codes = new Set<string>();
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Uint8Array.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const failure = await open(armored(changed)).then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.ok(isFailure(failure), `bit ${bit}: ${String(failure)}`);
    codes.add(failure.code);
  }
  assert.deepEqual([...codes].sort(), ['MALFORMED', 'UNSUPPORTED', 'VERIFICATION_FAILED']);
});

/** A structure with what a test changes of it. */
async function structure(change: {
  magic?: string;
  version?: number;
  namespace?: string;
  reserved?: string;
  hash?: string;
  end?: string;
}): Promise<string> {
  const {
    magic = 'SSHSIG',
    version = 1,
    namespace = 'file',
    reserved = '',
    hash = 'sha512',
    end = '',
  } = change;
  const key = decodeBase64(formatSshPublicKey(signer.publicKey).split(' ')[1] ?? '');
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-512', Uint8Array.from(CONTENT)));
  const message = concat(
    utf8('SSHSIG'),
    sshString(namespace),
    sshString(),
    sshString(hash),
    sshString(digest),
  );
  const made = sshString(sshString('ssh-ed25519'), sshString(await signer.sign(message)));
  return armored(
    concat(
      utf8(magic),
      sshUint32(version),
      sshString(key),
      sshString(namespace),
      sshString(reserved),
      sshString(hash),
      made,
      utf8(end),
    ),
  );
}

test('a structure is refused for what it says, also where the signature over it is genuine', async () => {
  await open(await structure({}));
  await assert.rejects(
    open(await structure({ magic: 'SSHSIX' })),
    failsWith('MALFORMED', { field: 'sshsig' }),
  );
  await assert.rejects(open(await structure({ end: '\0' })), failsWith('MALFORMED', { field: 'sshsig' }));
  await assert.rejects(open(await structure({ reserved: 'x' })), failsWith('MALFORMED', { field: 'sshsig' }));
  await assert.rejects(open(await structure({ namespace: '' })), failsWith('MALFORMED', { field: 'sshsig' }));
  await assert.rejects(
    open(await structure({ version: 2 })),
    failsWith('UNSUPPORTED', { field: 'sshsig.version' }),
  );
  await assert.rejects(
    open(await structure({ hash: 'sha1' })),
    failsWith('UNSUPPORTED', { field: 'sshsig.hash' }),
  );
});

test('an armor with something before it, twice, of another kind or cut is MALFORMED', async () => {
  for (const text of [
    '',
    `signed\n${signature}`,
    `${signature}${signature}`,
    signature.replaceAll('SSH SIGNATURE', 'PUBLIC KEY'),
    signature.slice(0, -10),
    signature.replace('U1NI', 'U1N!'),
    `-----BEGIN SSH SIGNATURE-----\n${'A'.repeat(70_000)}`,
  ]) {
    await assert.rejects(open(text), failsWith('MALFORMED', { field: 'sshsig' }), text.slice(0, 40));
  }
});

test('the signature of a certificate, or of a key of a security key, is UNSUPPORTED', {
  skip: ssh.missing ?? false,
}, async () => {
  const [authority, user] = [sshPair(folder, 'ed25519', 'ca'), sshPair(folder, 'ed25519', 'user')];
  keygen(['-q', '-s', authority.path, '-I', 'id', '-n', 'user', `${user.path}.pub`]);
  const certified = keygenSign(folder, `${user.path}-cert.pub`, CONTENT, 'file');
  await assert.rejects(open(certified), failsWith('UNSUPPORTED', { field: 'sshsig.publicKey' }));
});

test('a key that SSH has no name for is UNSUPPORTED before anything is signed', async () => {
  for (const algorithm of ['PS256', 'ES256K', 'Ed448'] as const) {
    const other = await signerOf(algorithm);
    let asked = 0;
    const counting: Signer = {
      ...other,
      sign: (...args) => {
        asked += 1;
        return other.sign(...args);
      },
    };
    const making = signSshsig(CONTENT, { signer: counting, namespace: 'file' });
    await assert.rejects(making, failsWith('UNSUPPORTED'), algorithm);
    assert.equal(asked, 0);
  }
});

test('arguments that make no sense are ARGUMENT_INVALID, with the option', async () => {
  const options = { signer, namespace: 'file' };
  const wrong = (field: string) => failsWith('ARGUMENT_INVALID', { field });
  for (const namespace of ['', 'a\n', 'a\0', 'a'.repeat(256)]) {
    await assert.rejects(signSshsig(CONTENT, { ...options, namespace }), wrong('options.namespace'));
    await assert.rejects(open(signature, { namespaces: [namespace] }), wrong('options.namespaces'));
  }
  await assert.rejects(signSshsig('text' as never, options), wrong('content'));
  await assert.rejects(signSshsig(CONTENT, { ...options, hash: 'sha1' as never }), wrong('options.hash'));
  await assert.rejects(signSshsig(CONTENT, { ...options, hsah: 'sha256' } as never), wrong('options.hsah'));
  await assert.rejects(open(signature, { namespaces: [] }), wrong('options.namespaces'));
  await assert.rejects(open(signature, { namespaces: 'file' }), wrong('options.namespaces'));
  await assert.rejects(open(signature, { trust: undefined }), wrong('options.trust'));
  await assert.rejects(open(signature, { hashes: [] }), wrong('options.hashes'));
});

test('a public key is one line, of the kind that it says', async () => {
  const line = formatSshPublicKey(signer.publicKey, 'me@example.org');
  assert.ok(isSshPublicKey(line));
  assert.ok(!isSshPublicKey('me@example.org ssh-ed25519 AAAA'));
  assert.equal((await importSshPublicKey(` ${line}\n`)).id, signer.publicKey.id);
  const malformed = failsWith('MALFORMED', { field: 'sshKey' });
  await assert.rejects(importSshPublicKey(line.replace('ssh-ed25519', 'ssh-rsa')), malformed);
  await assert.rejects(importSshPublicKey(`${line}\n${line}`), malformed);
  await assert.rejects(importSshPublicKey('ssh-ed25519'), malformed);
  await assert.rejects(importSshPublicKey(line.replace('AAAA', 'AAA!')), malformed);
  assert.throws(() => formatSshPublicKey(signer.publicKey, 'a\nb'), failsWith('ARGUMENT_INVALID'));
});
