import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { createKeys, type SignatureAlgorithm } from 'hardkey';
import { createCertificateRequest } from 'hardkey/formats/x509';
import { memory } from 'hardkey/providers/memory';
import { component } from '../../../../../scripts/components/index.ts';
import { encodePem } from '../../../src/encoding/pem.ts';
import { encodeName } from '../../../src/formats/x509/name.ts';
import { failsWith } from '../../support/failures.ts';

const { path, missing } = component('openssl');
const skip = missing ?? false;

function openssl(input: Uint8Array, ...args: readonly string[]): string {
  const pem = encodePem('CERTIFICATE REQUEST', input);
  const { status, stdout, stderr } = spawnSync(path, ['req', ...args], { input: pem, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout + stderr;
}

async function request(algorithm: SignatureAlgorithm, subject: string): Promise<Uint8Array> {
  const keys = createKeys([memory()]);
  const key = await keys.create('memory:issuer', {
    algorithm,
    ...(/^[RP]S/.test(algorithm) ? { bits: 2048 } : {}),
  });
  return createCertificateRequest({ signer: key.use(algorithm), subject });
}

test('OpenSSL accepts a request of every algorithm that it knows', { skip }, async () => {
  for (const algorithm of [
    ...(['ES256', 'ES384', 'ES512', 'ES256K', 'Ed25519', 'Ed448'] as const),
    ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ]) {
    const made = await request(algorithm, 'CN=issuer,O=Example');
    assert.match(openssl(made, '-verify', '-noout'), /verify OK/, algorithm);
  }
});

test('the subject is what RFC 4514 says of its text, in the words of OpenSSL', { skip }, async () => {
  for (const subject of [
    'CN=issuer',
    'CN=issuer,O=Example,C=CH',
    // RFC 4514 §4.
    'UID=jsmith,DC=example,DC=net',
    'OU=Sales+CN=J.  Smith,DC=example,DC=net',
    'CN=James \\"Jim\\" Smith\\, III,DC=example,DC=net',
    'CN=Before\\0DAfter,DC=example,DC=net',
    'CN=Lu\\C4\\8Di\\C4\\87',
    'CN=\\#first\\ ',
    'emailAddress=a@example.org,serialNumber=7,GN=Jo,SN=Doe,T=Dr',
  ]) {
    if (subject.includes('\\0D')) {
      assert.throws(() => encodeName(subject, 'subject'), failsWith('ARGUMENT_INVALID', { offset: 3 }));
      continue;
    }
    const text = openssl(await request('ES256', subject), '-subject', '-noout', '-nameopt', 'RFC2253');
    const expected = subject
      .replace('T=Dr', 'title=Dr')
      .replace('OU=Sales+CN=J.  Smith', 'CN=J.  Smith+OU=Sales');
    assert.equal(text, `subject=${expected}\n`);
  }
});

test('letters beyond ASCII are UTF-8', { skip }, async () => {
  const made = await request('ES256', 'CN=Zoë Čapek,L=Zürich');
  const text = openssl(made, '-subject', '-noout', '-nameopt', 'RFC2253,-esc_msb,utf8');
  assert.equal(text.trim(), 'subject=CN=Zoë Čapek,L=Zürich');
});

test('a subject that is no name is ARGUMENT_INVALID, with its offset', () => {
  for (const [subject, offset] of [
    ['', 0],
    ['issuer', 0],
    ['CN=a,issuer', 5],
    ['CN=a,,O=b', 5],
    ['XX=a', 0],
    ['constructor=a', 0],
    ['CN=', 3],
    ['CN=a;O=b', 3],
    ['CN=a\\', 5],
    ['CN=a"b', 3],
    ['CN=#0c0161', 3],
    ['CN=\\FF', 3],
    ['C=CHE', 2],
    ['C=C', 2],
    ['DC=é', 3],
    [`CN=${'a'.repeat(65)}`, 3],
    ['CN=a\\x', 3],
  ] as const) {
    assert.throws(
      () => encodeName(subject, 'subject'),
      failsWith('ARGUMENT_INVALID', { field: 'subject', offset }),
      subject,
    );
  }
});
