/**
 * Certificates that are the same in every run: a root, an authority under it, and a signer under that.
 *
 * @module
 */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { decodeHex } from '../../packages/hardkey/src/encoding/hex.ts';
import {
  authority,
  extension,
  schemes,
  signer,
  type TestCertificate,
  type TestKeys,
} from '../../packages/hardkey/test/support/certificates.ts';

const scheme = schemes.ed25519;

/** The authority that is trusted. */
export const root: TestCertificate = authority({ subject: 'root', keys: keysOf(21), serial: 1, scheme });
/** An authority that is not. */
export const issuing: TestCertificate = authority({
  subject: 'issuing',
  issuer: root,
  keys: keysOf(22),
  serial: 2,
  pathLength: 0,
  scheme,
});
/** A signer, with everything that a certificate may say. */
export const leaf: TestCertificate = signer({
  subject: 'signer',
  issuer: issuing,
  keys: keysOf(23),
  serial: 3,
  extKeyUsage: ['1.3.6.1.5.5.7.3.4', '2.16.840.1.113733.1.8.1'],
  notAfter: '2055-01-01T00:00:00Z',
  extensions: [extension('1.2.3.4', false, decodeHex('0500'))],
  scheme,
});

/** The Ed25519 key whose secret is one byte over and over (RFC 8410 §7). */
function keysOf(byte: number): TestKeys {
  const key = Buffer.concat([decodeHex('302e020100300506032b657004220420'), Buffer.alloc(32, byte)]);
  const privateKey = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  return { privateKey, publicKey: createPublicKey(privateKey) };
}
