import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTrust, type SignedBytes, verifyTrusted } from '../../../src/core/trust/trust.ts';
import { certificateHash } from '../../../src/core/x509/x5t.ts';
import {
  authority,
  certificate,
  pemOf,
  signer,
  type TestCertificate,
  usage,
} from '../../support/certificates.ts';
import { signedBy, testSigner } from '../../support/documents.ts';
import { failsWith } from '../../support/failures.ts';
import { KEY_CHECKS, names, refused } from './support.ts';

const alice = await testSigner();

const root = authority({ subject: 'Root' });
const intermediate = authority({ subject: 'Intermediate', issuer: root });
const leaf = signer({ subject: 'Signer', issuer: intermediate });
const x5chain = [leaf.der, intermediate.der];

function signedByCertificate(
  { privateKey }: TestCertificate,
  change: Partial<SignedBytes> = {},
): SignedBytes {
  return signedBy({ algorithm: 'ES256', privateKey }, change);
}

test('a chain to a pinned root is trusted, with the path’s checks in the report', async () => {
  const trust = await createTrust(root.der);
  const { key, checks } = await verifyTrusted(trust, signedByCertificate(leaf, { x5chain, keyId: 'any' }));
  assert.deepEqual(key.certificate, leaf.der);
  const found = names(checks);
  assert.ok(found.includes('x509.root'));
  assert.deepEqual(found.slice(-7), [...KEY_CHECKS, 'signature']);
});

test('a chain to a root of its own is refused by x509.root', async () => {
  const trust = await createTrust(authority({ subject: 'Another' }).der);
  const given = signedByCertificate(leaf, { x5chain: [...x5chain, root.der] });
  await assert.rejects(verifyTrusted(trust, given), refused('x509.root'));
});

test('without any root, a chain proves nothing', async () => {
  const trust = await createTrust(alice.publicKey, {});
  const given = signedByCertificate(leaf, { x5chain: [...x5chain, root.der] });
  await assert.rejects(verifyTrusted(trust, given), refused('key.algorithm'));
  await assert.rejects(verifyTrusted(await createTrust([]), given), refused('key.known'));
});

test('a document signed by another key than its chain’s leaf is refused by signature', async () => {
  const trust = await createTrust(root.der);
  await assert.rejects(
    verifyTrusted(trust, signedByCertificate(intermediate, { x5chain })),
    refused('signature'),
  );
});

test('a certificate that somebody signed for themselves verifies what its key signed, while it is valid', async () => {
  const self = certificate({ subject: 'Self', ca: true, notAfter: '2026-01-01T00:00:00Z' });
  const trust = await createTrust(pemOf(self));
  const at = new Date('2025-06-01T00:00:00Z');
  const { key } = await verifyTrusted(trust, signedByCertificate(self, { at }));
  assert.deepEqual(key.certificate, self.der);
  await assert.rejects(verifyTrusted(trust, signedByCertificate(self)), refused('key.not-after'));
  await assert.rejects(verifyTrusted(trust, signedByCertificate(leaf, { at })), refused('signature'));
});

test('an authority of the trust is no signer', async () => {
  const trust = await createTrust(root.der);
  await assert.rejects(verifyTrusted(trust, signedByCertificate(root)), refused('key.known'));
  await assert.rejects(
    verifyTrusted(trust, signedByCertificate(root, { x5chain: [root.der] })),
    refused('x509.key-usage'),
  );
});

test('a leaf that may only encrypt is refused by x509.key-usage', async () => {
  const wrong = signer({ subject: 'Signer', issuer: root, keyUsage: usage.keyEncipherment });
  const given = signedByCertificate(wrong, { x5chain: [wrong.der] });
  await assert.rejects(verifyTrusted(await createTrust(root.der), given), refused('x509.key-usage'));
});

test('an expired leaf is refused, unless the caller vouches for an earlier time', async () => {
  const old = signer({ subject: 'Signer', issuer: root, notAfter: '2026-01-01T00:00:00Z' });
  const given = signedByCertificate(old, { x5chain: [old.der] });
  const trust = await createTrust(root.der);
  await assert.rejects(verifyTrusted(trust, given), refused('x509.not-after'));
  await verifyTrusted(trust, { ...given, signedAt: new Date('2025-01-01') });
});

test('the allow-list and the purpose of a trust hold for keys of a path', async () => {
  const purpose = '1.3.6.1.5.5.7.3.36';
  const marked = signer({ subject: 'Signer', issuer: root, extKeyUsage: [purpose] });
  const given = (one: TestCertificate): SignedBytes =>
    signedByCertificate(one, { x5chain: [one.der, ...x5chain.slice(1)] });
  await assert.rejects(
    verifyTrusted(await createTrust(root.der, { algorithms: ['Ed25519'] }), given(leaf)),
    refused('key.algorithm'),
  );
  const narrow = await createTrust(root.der, { extKeyUsage: purpose });
  await verifyTrusted(narrow, given(marked));
  await assert.rejects(verifyTrusted(narrow, given(leaf)), refused('x509.ext-key-usage'));
});

test('a key that the trust revokes is refused in a certificate, too, of the signer or of an authority', async () => {
  for (const holder of [leaf, intermediate, root]) {
    const jwk = { ...holder.publicKey.export({ format: 'jwk' }), kid: 'lost', revoked: {} };
    const trust = await createTrust([root.der, jwk]);
    await assert.rejects(
      verifyTrusted(trust, signedByCertificate(leaf, { x5chain })),
      refused('key.revoked'),
    );
  }
});

test('a pinned certificate of a signer is a key, within its own validity', async () => {
  const trust = await createTrust(leaf.der);
  await verifyTrusted(trust, signedByCertificate(leaf));
  await verifyTrusted(trust, signedByCertificate(leaf, { x5chain }));
  const late = signedByCertificate(leaf, { at: new Date('2034-01-02') });
  await assert.rejects(verifyTrusted(trust, late), refused('key.not-after'));
});

test('x5t finds a pinned certificate, and excludes the others', async () => {
  const second = signer({ subject: 'Second', issuer: root });
  const trust = await createTrust([leaf.der, second.der]);
  for (const id of [-16, -43, -44]) {
    const x5t = await certificateHash(leaf.der, id);
    const { key } = await verifyTrusted(trust, signedByCertificate(leaf, { x5t }));
    assert.deepEqual(key.certificate, leaf.der);
    await assert.rejects(verifyTrusted(trust, signedByCertificate(second, { x5t })), refused('signature'));
  }
  const unknown = { algorithm: -16, hash: new Uint8Array(32) };
  await assert.rejects(
    verifyTrusted(trust, signedByCertificate(leaf, { x5t: unknown })),
    refused('key.known'),
  );
  const [first] = trust.keys;
  const contradiction = { keyId: first?.publicKey.id ?? '', x5t: await certificateHash(second.der) };
  await assert.rejects(
    verifyTrusted(trust, signedByCertificate(leaf, contradiction)),
    refused('signature', trust.keys[1]?.publicKey.id),
  );
  const strange = { algorithm: -15, hash: new Uint8Array(8) };
  await assert.rejects(
    verifyTrusted(trust, signedByCertificate(leaf, { x5t: strange })),
    failsWith('UNSUPPORTED', { field: 'x5t' }),
  );
});

test('x5t must be the hash of the chain’s leaf', async () => {
  const trust = await createTrust(root.der);
  const good = signedByCertificate(leaf, { x5chain, x5t: await certificateHash(leaf.der) });
  await verifyTrusted(trust, good);
  const bad = { ...good, x5t: await certificateHash(intermediate.der) };
  await assert.rejects(verifyTrusted(trust, bad), refused('x509.x5t'));
});

test('a broken chain is MALFORMED, whatever else would verify', async () => {
  const trust = await createTrust([root.der, alice.publicKey]);
  const given = signedBy(alice, { x5chain: [leaf.der.subarray(1)] });
  await assert.rejects(verifyTrusted(trust, given), failsWith('MALFORMED', { field: 'x509.0' }));
});

test('a chain that leads nowhere leaves the keys of the trust to be tried', async () => {
  const trust = await createTrust([root.der, alice.publicKey]);
  const stranger = authority({ subject: 'Stranger' });
  await verifyTrusted(trust, signedBy(alice, { x5chain: [stranger.der] }));
});
