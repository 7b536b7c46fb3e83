import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { vectors } from '../../../../../scripts/components/vectors.ts';
import { parseCertificate } from '../../../src/core/x509/certificate.ts';
import { type ValidPath, validatePath } from '../../../src/core/x509/path.ts';
import { authority, keyPair, schemes, signer, type TestCertificate } from '../../support/certificates.ts';
import { failsWith } from '../../support/failures.ts';

const at = new Date('2026-07-01T00:00:00Z');

function validate(leaf: TestCertificate, root: TestCertificate): Promise<ValidPath> {
  return validatePath([leaf.der], [root.der], { at, usage: 'digitalSignature' });
}

const examples = vectors('cose/x509-examples');

test('the certificates of the COSE working group’s examples validate', {
  skip: examples.missing ?? false,
}, async () => {
  const read = (name: string): Uint8Array => Uint8Array.from(readFileSync(join(examples.path, name)));
  const [alice, ca] = [read('alice.der'), read('ca.der')];
  const { leaf } = await validatePath([alice, ca], [ca], { at, usage: 'digitalSignature' });
  assert.equal((await leaf.publicKey()).curve, 'P-256');
  assert.deepEqual((await parseCertificate(ca)).keyUsage?.toSorted(), ['crlSign', 'keyCertSign']);
  const late = { at: new Date('2054-01-01T00:00:00Z') };
  await assert.rejects(
    validatePath([alice], [ca], late),
    failsWith('VERIFICATION_FAILED', { check: 'x509.not-after' }),
  );
  await assert.rejects(
    validatePath([alice, ca], [], { at }),
    failsWith('VERIFICATION_FAILED', { check: 'x509.root' }),
  );
});

const P384 = keyPair('P-384');
const RSA = keyPair('rsa');
const ED = keyPair('ed25519');

for (const [scheme, keys] of [
  ['ecdsa-sha256', keyPair()],
  ['ecdsa-sha384', P384],
  ['ecdsa-sha512', keyPair('P-521')],
  ['ecdsa-sha256', P384],
  ['ecdsa-sha384', keyPair()],
  ['ed25519', ED],
  ['rsa-sha256', RSA],
  ['rsa-sha256-no-null', RSA],
  ['pss-sha256', RSA],
  ['pss-sha512', RSA],
] as const) {
  const kind = keys.publicKey.asymmetricKeyDetails?.namedCurve ?? keys.publicKey.asymmetricKeyType;
  test(`certificates signed with ${scheme} by a key of ${kind} validate, and OpenSSL agrees`, async () => {
    const root = authority({ subject: 'Root', keys, scheme: schemes[scheme] });
    const leaf = signer({ subject: 'Signer', issuer: root, scheme: schemes[scheme] });
    await validate(leaf, root);
    assert.ok(new X509Certificate(leaf.der).verify(root.publicKey));
  });
}

for (const scheme of ['ecdsa-sha1', 'rsa-sha1', 'pss-mixed', 'pss-short-salt', 'pss-defaults'] as const) {
  test(`a certificate signed with ${scheme} is UNSUPPORTED`, async () => {
    const keys = scheme.startsWith('ecdsa') ? keyPair() : RSA;
    const root = authority({ subject: 'Root', keys });
    const leaf = signer({ subject: 'Signer', issuer: root, scheme: schemes[scheme] });
    await assert.rejects(
      validate(leaf, root),
      failsWith('UNSUPPORTED', { field: 'x509.signatureAlgorithm' }),
    );
  });
}

test('an algorithm of another kind of key is a wrong signature', async () => {
  const root = authority({ subject: 'Root' });
  const leaf = signer({
    subject: 'Signer',
    issuer: { ...root, ...ED },
    scheme: schemes.ed25519,
    anonymous: true,
  });
  await assert.rejects(validate(leaf, root), failsWith('VERIFICATION_FAILED', { check: 'x509.anchor-key' }));
});

test('an RSA key below 2048 bits signs no certificate', async () => {
  const keys = keyPair('rsa-1024');
  const root = authority({ subject: 'Root', keys, scheme: schemes['rsa-sha256'] });
  const leaf = signer({ subject: 'Signer', issuer: root, scheme: schemes['rsa-sha256'] });
  await assert.rejects(validate(leaf, root), failsWith('VERIFICATION_FAILED', { check: 'x509.signature' }));
});
