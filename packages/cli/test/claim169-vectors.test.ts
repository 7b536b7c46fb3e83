import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { vectors } from '../../../scripts/components/vectors.ts';
import { sandbox } from './support/sandbox.ts';

const { ok, run, write } = sandbox();
const DECODE = ['claim169', 'decode'];

const folder = vectors('claim169');
const vector = (name: string) => JSON.parse(readFileSync(join(folder.path, `${name}.json`), 'utf8'));
const NOW = ['--at', '2026-01-01T00:00:00Z', '--json'];

test('vectors of another implementation', { skip: folder.missing ?? false }, () => {
  const signed = vector('valid/ed25519-signed');
  const trust = ['--trust', `ed25519:${signed.signing_key.public_key_hex}`];
  const verified = JSON.parse(ok([...DECODE, '-', ...trust, ...NOW], { input: signed.qr_data }));
  assert.deepEqual([verified.identity, verified.meta], [signed.expected_claim169, signed.expected_cwt_meta]);
  assert.equal(verified.verification.status, 'verified');

  const unsigned = vector('valid/minimal');
  const minimal = run([...DECODE, '-', ...trust, ...NOW], { input: unsigned.qr_data });
  assert.deepEqual([minimal.status, minimal.stdout], [1, '']);
  const allowed = JSON.parse(ok([...DECODE, '-', '--allow-unsigned', ...NOW], { input: unsigned.qr_data }));
  assert.deepEqual([allowed.identity, allowed.verification.status], [unsigned.expected_claim169, 'unsigned']);

  const encrypted = vector('valid/encrypted-aes256');
  write('vector.hex', encrypted.encryption_key.symmetric_key_hex);
  const key = ['--decrypt-key', 'vector.hex', '--allow-unsigned'];
  const opened = JSON.parse(ok([...DECODE, '-', ...key, ...NOW], { input: encrypted.qr_data }));
  assert.deepEqual(opened.identity, encrypted.expected_claim169);
});

test('the issuer may be given as a did:key or a did:jwk', { skip: folder.missing ?? false }, () => {
  const { qr_data, signing_key } = vector('valid/ed25519-signed');
  // The public key of RFC 8032 §7.1 TEST 1, as did-method-key §3.1 writes it.
  assert.ok(signing_key.public_key_hex.startsWith('d75a980182b10ab7'));
  const didKey = 'did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw';
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
  const didJwk = `did:jwk:${Buffer.from(JSON.stringify(jwk)).toString('base64url')}`;
  for (const did of [didKey, didJwk, `${didJwk}#0`, `${didKey}#${didKey.slice(8)}`]) {
    const { verification } = JSON.parse(ok([...DECODE, '-', '--trust', did, ...NOW], { input: qr_data }));
    assert.equal(verification.status, 'verified', did);
  }
  // The first of did-method-key's own examples: somebody else.
  const other = 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK';
  const refused = run([...DECODE, '-', '--trust', other, ...NOW], { input: qr_data });
  assert.deepEqual([refused.status, refused.stdout], [1, '']);
});

test('vectors out of their time are reported', { skip: folder.missing ?? false }, () => {
  for (const [name, status] of [
    ['expired', 'expired'],
    ['not-yet-valid', 'not-yet-valid'],
  ] as const) {
    const { qr_data, expected_claim169 } = vector(`edge/${name}`);
    const { status: exit, stdout } = run([...DECODE, '-', '--allow-unsigned', ...NOW], { input: qr_data });
    const { identity, verification } = JSON.parse(stdout);
    assert.deepEqual([exit, identity, verification.status], [1, expected_claim169, status]);
  }
});

for (const [name, field] of [
  ['bad-base45', 'base45'],
  ['bad-zlib', 'compression'],
  ['not-cose', 'cose'],
  ['missing-169', 'claim169'],
] as const)
  test(`the vector ${name} is 65 in ${field}`, { skip: folder.missing ?? false }, () => {
    const { qr_data } = vector(`invalid/${name}`);
    const { status, stdout, stderr } = run([...DECODE, '-', '--allow-unsigned', ...NOW], { input: qr_data });
    const { code, details } = JSON.parse(stderr).error;
    assert.deepEqual([status, stdout, code, details.field], [65, '', 'MALFORMED', field]);
  });
