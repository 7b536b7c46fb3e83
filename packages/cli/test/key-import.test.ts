import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { MADE, sandbox } from './support/sandbox.ts';

const { path, ok, run, fails, write } = sandbox();
const OPEN = ['--no-passphrase'];

test('import takes PKCS #8, SEC 1, JWK and the bytes of a symmetric key', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = publicKey.export({ format: 'pem', type: 'spki' });
  write('pkcs8.pem', privateKey.export({ format: 'pem', type: 'pkcs8' }));
  write('sec1.pem', privateKey.export({ format: 'pem', type: 'sec1' }));
  write('key.jwk', JSON.stringify(privateKey.export({ format: 'jwk' })));
  write('aes.bin', new Uint8Array(32).fill(7));
  for (const [index, file] of ['pkcs8.pem', 'sec1.pem', 'key.jwk'].entries()) {
    const made = JSON.parse(
      ok(['key', 'import', file, '--label', `in${index}`, '--algorithm', 'ES256', ...OPEN, '--json']),
    );
    assert.deepEqual([Object.keys(made), made.algorithm, made.publicKeyPem], [MADE, 'ES256', pem]);
  }
  const aes = ['key', 'import', 'aes.bin', '--label', 'aes', '--json', ...OPEN];
  assert.equal(JSON.parse(ok([...aes, '--algorithm', 'A256GCM'])).algorithm, 'A256GCM');
});

test('import refuses what is no key, and a key for another algorithm', () => {
  write('noise', 'noise');
  fails(
    ['key', 'import', 'noise', '--label', 'noise', ...OPEN],
    65,
    'neither PEM nor DER nor JWK (MALFORMED field=privateKey)',
  );
  write('ed.pem', generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }));
  fails(
    ['key', 'import', 'ed.pem', '--label', 'ed', '--algorithm', 'ES256', ...OPEN],
    64,
    'the key is not for this algorithm (ARGUMENT_INVALID algorithm=ES256)',
  );
});

test('import opens an encrypted file with --key-passphrase-file', () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({
    format: 'pem',
    type: 'pkcs8',
    cipher: 'aes-256-cbc',
    passphrase: 'of the file',
  });
  write('locked.pem', pem);
  write('right', 'of the file\n');
  write('wrong', 'another\n');
  const args = ['key', 'import', 'locked.pem', '--label', 'locked', ...OPEN];
  fails(args, 64, 'the key is encrypted and needs a passphrase (ARGUMENT_INVALID field=passphrase)');
  fails(
    [...args, '--key-passphrase-file', 'wrong'],
    77,
    'the passphrase does not open the key (DENIED field=passphrase)',
  );
  ok([...args, '--key-passphrase-file', 'right']);
});

test('a plain PEM file is a key wherever a key is taken, and is not written to', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  writeFileSync(path('plain.pem'), privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  const spki = publicKey.export({ format: 'pem', type: 'spki' });
  for (const ref of ['file:./plain.pem', `file:${path('plain.pem')}`])
    assert.equal(ok(['key', 'public', ref]), spki);
  const { status, stderr } = run(['key', 'rotate', 'file:./plain.pem']);
  assert.deepEqual(
    [status, stderr],
    [69, 'hardkey: a key file is read only (UNSUPPORTED ref=file:./plain.pem)\n'],
  );
});
