import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DECODE, ENCODE, IDENTITY, issuerSandbox, PLAIN, TRUST } from './support/issuer.ts';

const { path, ok, run, fails, generate, write, read, encoded } = issuerSandbox();

test('encode writes the text alone, and warns where it does not mix', () => {
  const { status, stdout, stderr } = run(ENCODE);
  assert.equal(status, 0);
  // RFC 9285 table 1; a dash or a space at the ends is avoided.
  assert.match(stdout, /^[0-9A-Z$%*+./:][0-9A-Z $%*+./:-]+\n$/);
  assert.equal(stderr, 'hardkey: warning: identity.photo: deprecated since 1.2.1: use face\n');
});

test('encode --json gives the text with what is known of it', () => {
  const result = JSON.parse(ok([...ENCODE, '--json']));
  assert.deepEqual(Object.keys(result), ['text', 'qrVersion', 'compression', 'warnings']);
  assert.equal(result.warnings[0].code, 'deprecated-field');
  ok([...DECODE, result.text, ...TRUST]);
});

test('an identity is a file, standard input, or the argument', () => {
  for (const [argument, input] of [
    ['identity.json', ''],
    ['-', JSON.stringify(IDENTITY)],
    ['-', `\u{feff}${JSON.stringify(IDENTITY)}\r\n`],
    [JSON.stringify(IDENTITY), ''],
  ] as const) {
    const { stdout } = run(['claim169', 'encode', argument, ...ENCODE.slice(3)], { input });
    assert.deepEqual(
      JSON.parse(ok([...DECODE, '-', ...TRUST, '--json'], { input: stdout })).identity,
      IDENTITY,
    );
  }
});

test('an identity that cannot be encoded is 65 and names the field', () => {
  const encode = (identity: string, line: string) =>
    fails(['claim169', 'encode', '-', ...ENCODE.slice(3)], 65, line, { input: identity });
  encode('{"name":"x"}', 'no such field (MALFORMED field=identity.name)');
  encode('{"id":7}', 'the field is text (MALFORMED field=identity.id)');
  encode('{"photo":"%"}', 'bytes are written in base64 (MALFORMED field=identity.photo)');
  encode('{"id":', 'the identity is not JSON, nor the name of a file (MALFORMED field=identity)');
  encode('[]', 'an object was expected (MALFORMED field=identity)');
  encode('{"dateOfBirth":"1984"}', 'the field is a day, as YYYYMMDD (MALFORMED field=identity.dateOfBirth)');
});

test('an issuer that is missing or no URI is 64', () => {
  const encode = ['claim169', 'encode', 'identity.json', '--key', 'issuer'];
  fails(encode, 64, '--issuer is missing (ARGUMENT_INVALID field=issuer)');
  fails([...encode, '--issuer', 'COUN'], 64, 'the issuer is a URI (ARGUMENT_INVALID field=meta.issuer)');
});

test('--encrypt-with a symmetric key is read by the key, and by its bytes in any form', () => {
  const bytes = Uint8Array.from({ length: 32 }, (_, index) => 255 - index);
  write('aes.raw', bytes);
  write('aes.hex', `${Buffer.from(bytes).toString('hex')}\n`);
  write('aes.b64', `${Buffer.from(bytes).toString('base64')}\r\n`);
  ok(['key', 'import', 'aes.raw', '--label', 'readers', '--algorithm', 'A256GCM']);
  const secret = encoded('--encrypt-with', 'readers');
  const keys = [
    ['--decrypt-with', 'readers'],
    ...['raw', 'hex', 'b64'].map((form) => ['--decrypt-key', `aes.${form}`]),
  ];
  for (const key of keys) ok([...DECODE, secret, ...TRUST, ...key]);
  fails(
    [...DECODE, secret, ...TRUST],
    64,
    'the credential is encrypted and there is no key (ARGUMENT_INVALID field=decryptWith)',
  );
  write('wrong.raw', bytes.toReversed());
  assert.equal(run([...DECODE, secret, ...TRUST, '--decrypt-key', 'wrong.raw']).status, 1);
  write('short', 'too short');
  fails(
    [...DECODE, secret, ...TRUST, '--decrypt-key', 'short'],
    65,
    'not 16, 24 or 32 bytes, nor their hexadecimal or base64 (MALFORMED field=decrypt-key path=short)',
  );
});

test('--encrypt-with and --encrypt-to a key pair are read by its private half', () => {
  const rsa = generate('RSA-OAEP-256', 'rsa');
  write('rsa.pem', rsa.publicKeyPem ?? '');
  for (const reader of [
    ['--encrypt-with', 'rsa'],
    ['--encrypt-to', 'rsa.pem'],
  ])
    ok([...DECODE, encoded(...reader), ...TRUST, '--decrypt-with', 'rsa']);
});

test('--encrypt-algorithm writes for a key that is for another algorithm than is usual', () => {
  const name = 'ECDH-ES+A256KW';
  write('desk.pem', generate(name, 'desk').publicKeyPem ?? '');
  const to = ['--encrypt-to', 'desk.pem'];
  const open = (text: string) => [...DECODE, text, ...TRUST, '--decrypt-with', 'desk'];
  ok(open(encoded(...to, '--encrypt-algorithm', name)));
  assert.equal(run(open(encoded(...to))).status, 1);
  const alone = [...PLAIN, '--encrypt-algorithm', name];
  fails(alone, 64, '--encrypt-to says for whom (ARGUMENT_INVALID field=encrypt-algorithm)');
});

test('--out writes the text without a line end, and another suffix is 64', () => {
  const { stdout, stderr } = run([...PLAIN, '--out', 'credential.txt']);
  assert.deepEqual([stdout, stderr], ['', '']);
  assert.match(read('credential.txt').toString(), /^[0-9A-Z $%*+./:-]+$/);
  ok([...DECODE, 'credential.txt', ...TRUST]);
  for (const out of ['credential.gif', 'png', path('x.PNG')])
    fails([...ENCODE, '--out', out], 64, '--out ends in .png, .svg or .txt (ARGUMENT_INVALID field=out)');
});
