/**
 * An authority made for one run, and the certificates it issues for loopback.
 *
 * @module
 */
import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import forge from 'node-forge';

/** A certificate with its key, in PEM. */
export interface Certificate {
  readonly key: string;
  readonly chain: string;
}

/** An authority that nobody trusts unless told to. */
export interface Authority {
  /** Its own certificate in PEM, for clients to trust. */
  readonly certificate: string;
  /** A certificate for these names and addresses. */
  issue(hosts: readonly string[]): Promise<Certificate>;
}

const AUTHORITY = [{ name: 'commonName', value: 'hardkey-emulator authority' }];
const SERVER = [{ name: 'commonName', value: 'hardkey-emulator' }];
const DAY_MS = 86_400_000;

// RFC 5280 §4.2.1.6: dNSName and iPAddress.
const DNS = 2;
const ADDRESS = 7;

/** Makes an authority with a new key. */
export async function createAuthority(): Promise<Authority> {
  const key = await createKey();
  const own = blank(key.publicPem, AUTHORITY, [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  const sign = (certificate: forge.pki.Certificate) => {
    certificate.sign(forge.pki.privateKeyFromPem(key.privatePem), forge.md.sha256.create());
    return forge.pki.certificateToPem(certificate);
  };
  return {
    certificate: sign(own),
    issue: async (hosts) => {
      const { publicPem, privatePem } = await createKey();
      return { key: privatePem, chain: sign(serverCertificate(publicPem, hosts)) };
    },
  };
}

function serverCertificate(publicPem: string, hosts: readonly string[]): forge.pki.Certificate {
  const altNames = hosts.map((host) =>
    /^[\d.]+$/.test(host) ? { type: ADDRESS, ip: host } : { type: DNS, value: host },
  );
  return blank(publicPem, SERVER, [
    { name: 'basicConstraints', cA: false },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames },
  ]);
}

function blank(
  publicPem: string,
  subject: forge.pki.CertificateField[],
  extensions: object[],
): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicPem);
  // RFC 5280 §4.1.2.2: a positive number, which no two certificates share. Of two zero bytes at its front one would
  // stay, and OpenSSL reads no such number (X.690 §8.3.2).
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`;
  certificate.validity.notBefore = new Date(Date.now() - DAY_MS);
  certificate.validity.notAfter = new Date(Date.now() + 30 * DAY_MS);
  certificate.setSubject(subject);
  certificate.setIssuer(AUTHORITY);
  certificate.setExtensions(extensions);
  return certificate;
}

async function createKey(): Promise<{ readonly publicPem: string; readonly privatePem: string }> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return {
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privatePem: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
  };
}
