import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { sandbox } from './support/sandbox.ts';

const { path, ok, run, spawn, fails, generate, write, read } = sandbox();

const CONTENT = Uint8Array.of(0xff, 0x00, 0x0d, 0x0a);
write('content', CONTENT);

/** What is read by a key of the store. */
function decrypted(file: string, key: string): Uint8Array {
  const { status, stdout, stderr } = spawn(['decrypt', file, '--key', key]);
  assert.deepEqual([status, stderr], [0, '']);
  return new Uint8Array(stdout);
}

// RFC 9052 §2: the tag of COSE_Encrypt0 is 16, that of COSE_Encrypt 96.
for (const [algorithm, tag] of [
  ['A128GCM', 'd0'],
  ['ChaCha20-Poly1305', 'd0'],
  ['A256KW', 'd860'],
  ['RSA-OAEP-256', 'd860'],
  ['ECDH-ES+A256KW', 'd860'],
] as const)
  test(`a key for ${algorithm} reads what was encrypted with it`, () => {
    const label = algorithm.replace('+', '_');
    generate(algorithm, label);
    ok(['encrypt', 'content', '--key', label, '--out', `${label}.cose`]);
    assert.ok(read(`${label}.cose`).toString('hex').startsWith(tag));
    assert.deepEqual(decrypted(`${label}.cose`, label), CONTENT);
  });

test('the name of a key stands for the versions before a rotation as well, and a version for itself', () => {
  for (const algorithm of ['A256GCM', 'RSA-OAEP-256']) {
    const label = `rotated-${algorithm}`;
    generate(algorithm, label);
    for (const file of ['first', 'second']) {
      ok(['encrypt', 'content', '--key', label, '--out', file]);
      ok(['key', 'rotate', label]);
    }
    for (const name of [label, `file:${label}`])
      for (const file of ['first', 'second']) assert.deepEqual(decrypted(file, name), CONTENT);
    const closed = (...key: readonly string[]) =>
      assert.match(run(['decrypt', 'first', ...key]).stderr, /DECRYPTION_FAILED/);
    closed('--key', `file:${label}?version=2`);
    const rows = JSON.parse(ok(['key', 'list', '--json'])) as readonly { ref: string; fingerprint: string }[];
    const { fingerprint = '' } = rows.find(({ ref }) => ref === `file:${label}?version=3`) ?? {};
    if (algorithm === 'RSA-OAEP-256') closed('--key', label, '--fingerprint', fingerprint);
    ok(['key', 'state', `file:${label}?version=1`, 'suspended']);
    assert.equal(run(['decrypt', 'first', '--key', label]).status, 77);
    assert.deepEqual(decrypted('second', label), CONTENT);
  }
});

test('--to takes the public key of a reader, and any file of a private key reads', () => {
  for (const [name, pair] of [
    ['rsa', generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['p256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['x25519', generateKeyPairSync('x25519')],
  ] as const) {
    write(`${name}.pub`, pair.publicKey.export({ format: 'pem', type: 'spki' }));
    write(`${name}.jwk`, JSON.stringify(pair.publicKey.export({ format: 'jwk' })));
    write(`${name}.pem`, pair.privateKey.export({ format: 'pem', type: 'pkcs8' }));
    for (const to of [`${name}.pub`, `${name}.jwk`]) {
      ok(['encrypt', 'content', '--to', to, '--out', `${name}.cose`]);
      assert.deepEqual(decrypted(`${name}.cose`, `file:./${name}.pem`), CONTENT);
    }
  }
});

test('--to with --algorithm reaches a key that has only that one', () => {
  generate('ECDH-ES+A192KW', 'only');
  ok(['key', 'public', 'only', '--out', 'only.pem']);
  ok(['encrypt', 'content', '--to', 'only.pem', '--algorithm', 'ECDH-ES+A192KW', '--out', 'only.cose']);
  assert.deepEqual(decrypted('only.cose', 'only'), CONTENT);
  fails(
    ['encrypt', 'content', '--to', 'only.pem', '--algorithm', 'RSA-OAEP-256'],
    69,
    'nothing can be encrypted to this key so (UNSUPPORTED algorithm=RSA-OAEP-256)',
  );
});

test('a key that signs does not encrypt', () => {
  const { publicKeyPem } = generate('Ed25519', 'signer');
  write('signer.pem', publicKeyPem ?? '');
  fails(
    ['encrypt', 'content', '--key', 'signer'],
    69,
    'the key does not encrypt (UNSUPPORTED ref=file:signer?version=1)',
  );
  fails(
    ['encrypt', 'content', '--to', 'signer.pem'],
    69,
    'nothing can be encrypted to this key so (UNSUPPORTED algorithm=ECDH-ES+A128KW)',
  );
});

test('another key, and one changed bit, are 1 with the same words', () => {
  generate('A256GCM', 'mine');
  generate('A256GCM', 'theirs');
  ok(['encrypt', 'content', '--key', 'mine', '--out', 'mine.cose']);
  const first = run(['decrypt', 'mine.cose', '--key', 'theirs']);
  const bytes = read('mine.cose');
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  write('changed.cose', bytes);
  const second = run(['decrypt', 'changed.cose', '--key', 'mine']);
  assert.deepEqual([first.status, first.stdout], [1, '']);
  assert.match(first.stderr, /^hardkey: [^\n]+ \(DECRYPTION_FAILED[^\n]*\)\n$/);
  assert.deepEqual(second, first);
});

test('a key of another kind is another key: 1', () => {
  generate('A128GCM', 'short');
  const { status, stdout, stderr } = run(['decrypt', 'mine.cose', '--key', 'short']);
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(stderr, /\(DECRYPTION_FAILED algorithm=A256GCM\)/);
  generate('RSA-OAEP-256', 'wrapping');
  assert.equal(run(['decrypt', 'mine.cose', '--key', 'wrapping']).status, 1);
});

test('a suspended key does not encrypt, and a compromised one still decrypts', () => {
  generate('RSA-OAEP-256', 'state');
  ok(['encrypt', 'content', '--key', 'state', '--out', 'state.cose']);
  ok(['key', 'state', 'state', 'compromised']);
  fails(
    ['encrypt', 'content', '--key', 'state'],
    77,
    'the key is compromised (DENIED ref=file:state?version=1)',
  );
  assert.deepEqual(decrypted('state.cose', 'state'), CONTENT);
});

test('decrypt reads COSE_Encrypt0 and COSE_Encrypt and nothing else: 65', () => {
  generate('A256GCM', 'reader');
  write('noise', 'noise');
  assert.equal(run(['decrypt', 'noise', '--key', 'reader']).status, 65);
  generate('ES256', 'signing');
  ok(['sign', 'content', '--key', 'signing', '--format', 'cose', '--out', 'signed.cose']);
  fails(
    ['decrypt', 'signed.cose', '--key', 'reader'],
    65,
    'signed, and not encrypted (MALFORMED field=cose)',
  );
});

test('content comes from standard input as it is, and plaintext is for its owner only', () => {
  generate('A256GCM', 'pipe');
  const { stdout } = spawn(['encrypt', '-', '--key', 'pipe'], { input: CONTENT });
  const args = ['decrypt', '-', '--key', 'pipe', '--out', 'plain'];
  assert.equal(ok(args, { input: stdout }), '');
  assert.deepEqual(new Uint8Array(read('plain')), CONTENT);
  assert.equal(statSync(path('plain')).mode & 0o777, 0o600);
});

test('--key and --to contradict each other: 64', () => {
  fails(
    ['encrypt', 'content', '--key', 'a', '--to', 'b'],
    64,
    'only one of --key, --to (ARGUMENT_INVALID field=to)',
  );
});
