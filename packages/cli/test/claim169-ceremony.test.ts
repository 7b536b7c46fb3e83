// A credential whose key never meets the machine that makes it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import type { PreparedDocument } from 'hardkey/formats/claim169';
import { component } from '../../../scripts/components/index.ts';
import { readQr } from '../src/read-qr.ts';
import { DECODE, IDENTITY, ISSUER, issuerSandbox, TRUST } from './support/issuer.ts';

const { path, ok, run, fails, generate, write, read, issuer } = issuerSandbox();
const openssl = component('openssl');
const PREPARE = ['claim169', 'prepare', 'identity.json', '--public-key', 'issuer.pem', '--issuer', ISSUER];
const WARNED = 'hardkey: warning: identity.photo: deprecated since 1.2.1: use face\n';

/** Runs `prepare`, which warns of the photo. */
function prepared(...more: readonly string[]): PreparedDocument {
  const { status, stdout, stderr } = run([...PREPARE, ...more]);
  assert.deepEqual([status, stderr], [0, WARNED]);
  return JSON.parse(stdout === '' ? read('ana.json').toString() : stdout) as PreparedDocument;
}

test('prepare, review, sign with another command, complete: the credential verifies', () => {
  const document = prepared('--out', 'ana.json', '--expires-in', '1y');
  assert.equal(document.summary['identity.fullName'], IDENTITY.fullName);
  const review = JSON.parse(
    ok(['claim169', 'complete', 'ana.json', '--review', '--to-be-signed', 'ana.bin', '--json']),
  );
  assert.deepEqual(Object.keys(review), ['algorithm', 'key', 'digest', 'summary']);
  assert.deepEqual(review.summary, document.summary);
  assert.equal(review.key, issuer.fingerprint);
  assert.equal(read('ana.bin').toString('hex'), document.toBeSigned);
  const text = ok(['claim169', 'complete', 'ana.json', '--review']);
  assert.match(text, /^algorithm +EdDSA\nkey +sha256:[0-9a-f]{64}\ndigest +sha256:[0-9a-f]{64}\n/);
  assert.match(text, /^identity\.fullName +Janardhan BS$/m);

  write('ana.sig', ok(['sign', 'ana.bin', '--key', 'issuer', '--format', 'base64']));
  const complete = ['claim169', 'complete', 'ana.json', '--signature', 'ana.sig', '--format', 'base64'];
  const { status, stdout } = run(complete);
  assert.equal(status, 0);
  const decoded = JSON.parse(ok([...DECODE, '-', ...TRUST, '--json'], { input: stdout }));
  assert.deepEqual(decoded.identity, IDENTITY);
  assert.equal(decoded.verification.status, 'verified');
});

test('OpenSSL signs what was prepared, and its DER completes', {
  skip: openssl.missing ?? false,
}, async () => {
  const command = (...args: readonly string[]) =>
    execFileSync(openssl.path, args, { cwd: path('.'), stdio: 'pipe' });
  command('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'root.key');
  command('ec', '-in', 'root.key', '-pubout', '-out', 'root.pem');
  const prepare = ['claim169', 'prepare', '{"id":"1"}', '--public-key', 'root.pem', '--issuer', ISSUER];
  write('one.json', ok([...prepare, '--to-be-signed', 'one.bin', '--key-id', 'root-1']));
  command('dgst', '-sha256', '-sign', 'root.key', '-out', 'one.sig', 'one.bin');
  const complete = ['claim169', 'complete', 'one.json', '--signature', 'one.sig'];
  ok([...complete, '--format', 'der', '--out', 'one.png', '--error-level', 'H']);
  const decoded = JSON.parse(ok([...DECODE, 'one.png', '--trust', 'root.pem', '--json']));
  assert.deepEqual([decoded.identity, decoded.verification.status], [{ id: '1' }, 'verified']);
  assert.equal(decoded.verification.keyId, 'root-1');
  assert.ok((await readQr(read('one.png'))).length > 100);
  const [, fingerprint = ''] = /"key": "(.*)"/.exec(read('one.json').toString()) ?? [];
  const mismatch = `the signature is not by the expected key (SIGNER_MISMATCH algorithm=ES256 expected=${fingerprint})`;
  fails(complete, 76, mismatch);
});

test('a signature of another key, or of other bytes, is 76', () => {
  const { key } = prepared('--out', 'ana.json', '--to-be-signed', 'ana.bin');
  generate('Ed25519', 'other');
  const sign = (file: string, label: string, to: string) => ok(['sign', file, '--key', label, '--out', to]);
  write('other.bin', 'something else');
  const line = `the signature is not by the expected key (SIGNER_MISMATCH algorithm=Ed25519 expected=${key})`;
  for (const [file, label] of [
    ['ana.bin', 'other'],
    ['other.bin', 'issuer'],
  ] as const) {
    sign(file, label, 'wrong.sig');
    fails(['claim169', 'complete', 'ana.json', '--signature', 'wrong.sig'], 76, line);
  }
  sign('ana.bin', 'issuer', 'right.sig');
  assert.equal(run(['claim169', 'complete', 'ana.json', '--signature', 'right.sig', '--json']).status, 0);
});

test('a file that shows something else than it would have signed is 65, for the reviewer too', () => {
  const document = prepared();
  const lie = { ...document, summary: { ...document.summary, 'identity.fullName': 'Eve' } };
  write('lie.json', JSON.stringify(lie));
  const line = 'the file does not say what would be signed (MALFORMED field=prepared.summary)';
  fails(['claim169', 'complete', 'lie.json', '--review'], 65, line);
  fails(['claim169', 'complete', 'lie.json', '--signature', 'x'], 65, line);
  fails(
    ['claim169', 'complete', '{}', '--review'],
    65,
    'the file does not say what would be signed (MALFORMED field=prepared.kind)',
  );
});

test('what is prepared is encrypted when it is completed', () => {
  prepared('--out', 'ana.json', '--to-be-signed', 'ana.bin');
  ok(['sign', 'ana.bin', '--key', 'issuer', '--out', 'ana.sig']);
  write('reader.pem', generate('RSA-OAEP-256', 'reader').publicKeyPem ?? '');
  const complete = ['claim169', 'complete', 'ana.json', '--signature', 'ana.sig'];
  const { stdout } = run([...complete, '--encrypt-to', 'reader.pem', '--no-passphrase']);
  ok([...DECODE, stdout.slice(0, -1), ...TRUST, '--decrypt-with', 'reader']);
});

test('an identity that cannot be encoded is 65', () => {
  const prepare = ['claim169', 'prepare', '{"dateOfBirth":"1984"}', ...PREPARE.slice(3)];
  fails(prepare, 65, 'the field is a day, as YYYYMMDD (MALFORMED field=identity.dateOfBirth)');
});

test('what is missing or makes no sense is 64', () => {
  const prepare = ['claim169', 'prepare', 'identity.json'];
  fails(prepare, 64, '--issuer is missing (ARGUMENT_INVALID field=issuer)');
  fails([...prepare, '--issuer', ISSUER], 64, '--public-key is missing (ARGUMENT_INVALID field=public-key)');
  write('rsa.pem', generate('RSA-OAEP-256', 'rsa').publicKeyPem ?? '');
  fails(
    [...prepare, '--issuer', ISSUER, '--public-key', 'rsa.pem'],
    64,
    '--algorithm is missing: RSA keys have several, or none (ARGUMENT_INVALID field=algorithm)',
  );
  prepared('--out', 'ana.json');
  const complete = ['claim169', 'complete', 'ana.json'];
  fails(complete, 64, '--signature is missing (ARGUMENT_INVALID field=signature)');
  fails(
    [...complete, '--review', '--signature', 'x'],
    64,
    'only one of --review, --signature (ARGUMENT_INVALID field=signature)',
  );
  fails(
    [...complete, '--review', '--out', 'x.png'],
    64,
    'a review has no credential to write (ARGUMENT_INVALID field=out)',
  );
  write('bad.hex', '0g');
  fails(
    [...complete, '--signature', 'bad.hex', '--format', 'hex'],
    65,
    'not hexadecimal (MALFORMED field=signature)',
  );
  fails(
    [...complete, '--signature', 'bad.hex', '--format', 'der'],
    64,
    'der is a form of ECDSA signatures (ARGUMENT_INVALID field=format)',
  );
  fails(
    [...complete, '--review', '--error-level', 'l'],
    64,
    '--error-level is one of L, M, Q, H (ARGUMENT_INVALID field=error-level)',
  );
});

test('a higher error level draws a larger code, and says its version', () => {
  const encode = ['claim169', 'encode', '{"id":"1"}', '--key', 'issuer', '--issuer', ISSUER, '--json'];
  const version = (level: string) => JSON.parse(ok([...encode, '--error-level', level])).qrVersion as number;
  const versions = ['L', 'M', 'Q', 'H'].map(version);
  assert.deepEqual(
    versions,
    versions.toSorted((a, b) => a - b),
  );
  assert.ok(new Set(versions).size === 4);
});
