// Private halves, read and written by OpenSSL.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createCipheriv, createPrivateKey, generateKeyPairSync, scryptSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createKeys, type FailureCode, type KeySpec, type Keys, Secret } from 'hardkey';
import { type Derivation, file } from 'hardkey/providers/file';
import { component } from '../../../../../scripts/components/index.ts';
import { concat } from '../../../src/encoding/bytes.ts';
import { der, derOid, derTag, derUnsigned } from '../../../src/encoding/der.ts';
import { decodePem, encodePem } from '../../../src/encoding/pem.ts';
import { failsWith } from '../../support/failures.ts';
import { lockedKeys, openKeys, passphrase, quickStore, scratch } from './support.ts';

const openssl = component('openssl');
const SKIP = { skip: openssl.missing ?? false };
const PASS = 'correct horse battery';

/** Runs OpenSSL on a file; the passphrase comes over a pipe. */
function run(args: readonly string[], input: string | Uint8Array = PASS): string {
  const { status, stdout, stderr } = spawnSync(openssl.path, args, { input });
  assert.equal(status, 0, String(stderr));
  return String(stdout);
}

const SPECS: readonly KeySpec[] = [
  { algorithm: 'ES256' },
  { algorithm: 'Ed25519' },
  { algorithm: 'RS256', bits: 2048 },
  { algorithm: 'ECDH-ES+A128KW', curve: 'X25519' },
];

/** What the parameters of a file are, as OpenSSL reads them. */
const WRITTEN: Readonly<Record<Derivation, RegExp>> = {
  // 600,000 rounds, and N = 2^14, r = 8, p = 1.
  pbkdf2: /:PBKDF2\n[\s\S]*INTEGER +:0927C0\n[\s\S]*:hmacWithSHA256\n[\s\S]*:aes-256-cbc\n/,
  scrypt:
    /:(?:id-)?scrypt\n[\s\S]*INTEGER +:4000\n[\s\S]*INTEGER +:08\n[\s\S]*INTEGER +:01\n[\s\S]*:aes-256-cbc\n/,
};

for (const derivation of ['pbkdf2', 'scrypt'] as const) {
  test(`what is written under ${derivation} opens in OpenSSL, and says what it costs`, SKIP, async (t) => {
    const store = scratch(t);
    await using keys = createKeys([file({ store, passphrase: passphrase(PASS), derivation })]);
    for (const [index, spec] of SPECS.entries()) {
      const { publicKey } = await keys.create(`file:a${index}`, spec);
      const path = join(store, `a${index}.1.pem`);
      const pem = run(['pkey', '-in', path, '-passin', 'stdin', '-pubout']);
      assert.equal(pem, publicKey?.toPem());
      assert.match(run(['asn1parse', '-in', path]), WRITTEN[derivation]);
    }
    assert.equal(JSON.parse(readFileSync(join(store, 'store.json'), 'utf8')).derivation, derivation);
    // The store is what says it: the next provider need not.
    await lockedKeys(store, PASS).create('file:next', { algorithm: 'Ed25519' });
    assert.match(run(['asn1parse', '-in', join(store, 'next.1.pem')]), WRITTEN[derivation]);
  });
}

const FORMS: Readonly<Record<string, readonly string[]>> = {
  'scrypt as OpenSSL has it': ['-scrypt'],
  'scrypt with other costs': ['-scrypt', '-scrypt_N', '1024', '-scrypt_r', '16', '-scrypt_p', '2'],
  'PBKDF2 as OpenSSL has it': [],
  'PBKDF2 with HMAC-SHA-512': ['-v2', 'aes-128-cbc', '-v2prf', 'hmacWithSHA512', '-iter', '100000'],
  'Triple DES': ['-v2', 'des3', '-v2prf', 'hmacWithSHA1'],
};

for (const [name, options] of Object.entries(FORMS)) {
  test(`what OpenSSL writes opens: ${name}`, SKIP, async (t) => {
    const store = scratch(t);
    await quickStore(store, PASS);
    await using keys = lockedKeys(store, PASS);
    const { publicKey } = await keys.create('file:a', { algorithm: 'ES256' });
    const path = join(store, 'a.1.pem');
    const encrypt = ['pkcs8', '-topk8', ...options, '-passin', 'stdin', '-passout', 'stdin'];
    const theirs = run([...encrypt, '-in', path], `${PASS}\n${PASS}\n`);
    assert.notEqual(theirs, readFileSync(path, 'utf8'));
    // In the store, in a file of its own, and as what is taken in.
    writeFileSync(path, theirs);
    assert.equal((await keys.open('file:a')).publicKey?.fingerprint, publicKey?.fingerprint);
    const alone = join(store, '..', 'alone.pem');
    writeFileSync(alone, theirs);
    assert.equal((await keys.open(`file:${alone}`)).publicKey?.fingerprint, publicKey?.fingerprint);
    for (const material of [theirs, decodePem(theirs)[0]?.bytes ?? '']) {
      await assert.rejects(taken(keys, material, 'wrong'), failsWith('DENIED', { field: 'passphrase' }));
      assert.equal((await taken(keys, material)).publicKey?.fingerprint, publicKey?.fingerprint);
      await keys.destroy('file:b');
    }
  });
}

function taken(keys: Keys, material: string | Uint8Array, text = PASS) {
  return keys.import('file:b', {
    material: new Secret(Buffer.from(material)),
    passphrase: new Secret(Buffer.from(text)),
  });
}

/** What scrypt is asked for: N, r and p, as numbers of bytes. */
type Costs = readonly [n: Uint8Array, r: Uint8Array, p: Uint8Array];

const [KEY, IV, SALT] = [generateKeyPairSync('ed25519').privateKey, new Uint8Array(16), new Uint8Array(16)];

/** PKCS #8 under scrypt (RFC 7914 §7), whatever it says that it costs. */
function underScrypt(costs: Costs, ciphertext: Uint8Array = new Uint8Array(64)): string {
  const parameters = [der(derTag.octetString, SALT), ...costs.map(derUnsigned)];
  const kdf = der(derTag.sequence, derOid('1.3.6.1.4.1.11591.4.11'), der(derTag.sequence, ...parameters));
  const cipher = der(derTag.sequence, derOid('2.16.840.1.101.3.4.1.42'), der(derTag.octetString, IV));
  const scheme = [derOid('1.2.840.113549.1.5.13'), der(derTag.sequence, kdf, cipher)];
  const info = der(derTag.sequence, der(derTag.sequence, ...scheme), der(derTag.octetString, ciphertext));
  return encodePem('ENCRYPTED PRIVATE KEY', info);
}

/** A key of N = 2^exponent, r = 8, p = 1 that is right in everything. */
function honest(exponent: number): string {
  const N = 2 ** exponent;
  const cipher = createCipheriv(
    'aes-256-cbc',
    scryptSync(PASS, SALT, 32, { N, r: 8, p: 1, maxmem: 2 ** 30 }),
    IV,
  );
  const pkcs8 = KEY.export({ format: 'der', type: 'pkcs8' });
  const n = Uint8Array.of(N >> 16, (N >> 8) & 0xff, N & 0xff);
  return underScrypt([n, Uint8Array.of(8), Uint8Array.of(1)], concat(cipher.update(pkcs8), cipher.final()));
}

test('scrypt opens up to N = 2^14, and above it is UNSUPPORTED, as for the runtime', async (t) => {
  const keys = openKeys(scratch(t));
  await taken(keys, honest(14));
  await keys.destroy('file:b');
  assert.throws(() => createPrivateKey({ key: honest(15), passphrase: PASS }), /memory limit exceeded/);
  const field = 'privateKey.costParameter';
  await assert.rejects(taken(keys, honest(15)), failsWith('UNSUPPORTED', { field }));
});

test('a key that asks for more than anybody has is refused before anything is derived', async (t) => {
  const keys = openKeys(scratch(t));
  const [one, eight, many] = [Uint8Array.of(1), Uint8Array.of(8), new Uint8Array(8).fill(0x7f)];
  const kilo = Uint8Array.of(4, 0);
  const cases: readonly (readonly [Costs, FailureCode, string])[] = [
    [[many, eight, one], 'UNSUPPORTED', 'costParameter'],
    [[kilo, many, one], 'UNSUPPORTED', 'blockSize'],
    [[kilo, eight, many], 'UNSUPPORTED', 'parallelizationParameter'],
    [[kilo, eight, Uint8Array.of(0x40, 0)], 'MALFORMED', 'parallelizationParameter'],
  ];
  for (const [costs, code, field] of cases) {
    await assert.rejects(taken(keys, underScrypt(costs)), failsWith(code, { field: `privateKey.${field}` }));
  }
});
