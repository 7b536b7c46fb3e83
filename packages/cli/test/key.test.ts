import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { MADE, OPEN_CUSTODY, sandbox } from './support/sandbox.ts';

const { home, path, ok, fails, generate, write } = sandbox();
const OPEN = ['--no-passphrase'];
const STORE = ['--store', 'keys'];

const issuer = generate('Ed25519', 'issuer');

test('generate --json says what was made, in six members', () => {
  assert.deepEqual(Object.keys(issuer), MADE);
  assert.match(issuer.keyId, /^[0-9a-f]{16}$/);
  assert.match(issuer.fingerprint ?? '', /^sha256:[0-9a-f]{64}$/);
  assert.match(
    issuer.publicKeyPem ?? '',
    /^-----BEGIN PUBLIC KEY-----\n[\s\S]+\n-----END PUBLIC KEY-----\n$/,
  );
  assert.deepEqual([issuer.ref, issuer.algorithm, issuer.custody], ['file:issuer', 'Ed25519', OPEN_CUSTODY]);
});

test('a symmetric key has no fingerprint and no public half', () => {
  const made = generate('A256GCM', 'readers');
  assert.deepEqual(Object.keys(made), MADE);
  assert.deepEqual([made.fingerprint, made.publicKeyPem], [null, null]);
  fails(
    ['key', 'public', 'readers'],
    69,
    'the key has no public half (UNSUPPORTED ref=file:readers?version=1)',
  );
});

test('generate without --json writes the same in lines', () => {
  const text = ok(['key', 'generate', '--algorithm', 'ES384', '--label', 'lines', ...OPEN]);
  const names = text.split('\n').map((line) => line.split('  ')[0]);
  assert.deepEqual(names, ['ref', 'algorithm', 'key id', 'fingerprint', 'custody', '']);
});

test('the default store is in $XDG_DATA_HOME, or where that is by default', () => {
  assert.equal(statSync(join(home, '.local/share/hardkey/keys')).mode & 0o777, 0o700);
  const data = path('data');
  ok(['key', 'generate', '--algorithm', 'ES256', '--label', 'x', ...OPEN], { env: { XDG_DATA_HOME: data } });
  assert.equal(statSync(join(data, 'hardkey/keys')).mode & 0o777, 0o700);
  // XDG Base Directory: a relative path is ignored.
  ok(['key', 'show', 'issuer'], { env: { XDG_DATA_HOME: 'data' } });
});

test('a store of --store has its own keys, and a printed reference works with it', () => {
  const made = generate('ES256', 'issuer', ...STORE);
  assert.equal(made.ref, 'file:issuer');
  assert.equal(ok(['key', 'public', made.ref, ...STORE]), made.publicKeyPem);
  assert.equal(ok(['key', 'public', issuer.ref]), issuer.publicKeyPem);
});

test('a label that is taken is 73, and one that is none 64', () => {
  fails(
    ['key', 'generate', '--algorithm', 'ES256', '--label', 'issuer', ...OPEN],
    73,
    'the key exists (KEY_EXISTS ref=file:issuer)',
  );
  for (const label of ['../issuer', 'a?version=2', '/etc/x', 'a:b', '-a', ''])
    fails(
      ['key', 'generate', '--algorithm', 'ES256', `--label=${label}`, ...OPEN],
      64,
      'a label is 1 to 64 letters, digits, dots, hyphens and underscores (ARGUMENT_INVALID field=label)',
    );
});

test('an algorithm or a backend that is not there is 69', () => {
  fails(
    ['key', 'generate', '--algorithm', 'ROT13', '--label', 'a', ...OPEN],
    69,
    'unknown algorithm (UNSUPPORTED algorithm=ROT13)',
  );
  fails(
    ['key', 'generate', '--algorithm', 'ES256', '--label', 'a', '--backend', 'hsm', ...OPEN],
    69,
    'keys are made in file, pkcs11, tpm, keyring, awskms, gcpkms, azurekms, hashivault, openbao, and in no other backend (UNSUPPORTED field=backend)',
  );
});

test('--bits and --curve are those that were asked for', () => {
  generate('ECDH-ES+A128KW', 'curve', '--curve', 'X25519');
  assert.equal(JSON.parse(ok(['key', 'public', 'curve', '--json'])).jwk.crv, 'X25519');
  fails(
    ['key', 'generate', '--algorithm', 'ES256', '--label', 'a', '--bits', '2048', ...OPEN],
    64,
    'bits are 2048, 3072 or 4096, and for RSA only (ARGUMENT_INVALID field=bits)',
  );
});

test('a key is found by reference, pinned reference, id and label', () => {
  for (const name of ['file:issuer', 'file:issuer?version=1', issuer.keyId, 'issuer'])
    assert.equal(ok(['key', 'public', name]), issuer.publicKeyPem, name);
});

test('a name that fits two keys is 64, and one that fits none 66', () => {
  generate('ES256', issuer.keyId, ...STORE);
  // The label of one key is the id of another.
  generate('ES256', issuer.keyId);
  fails(
    ['key', 'public', issuer.keyId],
    64,
    'several keys have this id or label: give the reference (ARGUMENT_INVALID field=key)',
  );
  ok(['key', 'delete', `file:${issuer.keyId}`, '--yes']);
  fails(['key', 'public', 'nobody'], 66, 'no key has this id or label (KEY_NOT_FOUND field=key)');
  fails(['key', 'public', 'file:nobody'], 66, 'no such key (KEY_NOT_FOUND ref=file:nobody)');
});

test('a label that a backend which is away may have too is of no use, and the reference is told', () => {
  write('agent.json', JSON.stringify({ 'ssh-agent': { socket: '/none' } }));
  const at = ['--store', 'beside-agent', '--config', 'agent.json'];
  ok(['key', 'generate', '--algorithm', 'ES256', '--label', 'a', '--no-passphrase', ...at]);
  fails(
    ['key', 'public', 'a', ...at],
    75,
    'no agent answers on the socket: is it running?; a key there may have this label too: give the reference, file:a (UNAVAILABLE provider=ssh-agent path=/none)',
  );
  const { keyId } = JSON.parse(ok(['key', 'show', 'file:a', '--json', ...at]));
  for (const known of ['file:a', keyId]) ok(['key', 'public', known, ...at]);
});

test('the name of a key file is answered with how to write it', () => {
  write('key.pem', '');
  fails(
    ['key', 'public', 'key.pem'],
    66,
    'no key has this id or label: a key file is file: and its path (KEY_NOT_FOUND field=key)',
  );
});

test('a reference with a secret in it is 64 and is not repeated', () => {
  fails(
    ['key', 'show', 'pkcs11:object=a?pin-value=hunter2'],
    64,
    'a reference carries no secret (ARGUMENT_INVALID field=pkcs11.pin-value offset=16)',
  );
});

test('--fingerprint pins the key: another one is 76', () => {
  ok(['key', 'show', 'issuer', '--fingerprint', issuer.fingerprint ?? '']);
  const other = `sha256:${'0'.repeat(64)}`;
  fails(
    ['key', 'show', 'issuer', '--fingerprint', other],
    76,
    `the reference opens another key than expected (SIGNER_MISMATCH ref=file:issuer?version=1 expected=${other} actual=${issuer.fingerprint})`,
  );
  fails(
    ['key', 'show', 'issuer', '--fingerprint', '00:11'],
    64,
    'a fingerprint is sha256: and 64 hexadecimal digits (ARGUMENT_INVALID field=fingerprint)',
  );
});
