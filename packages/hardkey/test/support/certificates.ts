// Certificates made for tests, right and wrong ones: a writer of RFC 5280 §4.1 that checks nothing.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import type { Key } from 'hardkey';
import { exportPrivateKey } from 'hardkey/unsafe';
import { concat, utf8 } from '../../src/encoding/bytes.ts';
import { der, derBits, derOid, derTag, derUnsigned } from '../../src/encoding/der.ts';

/** The kinds of keys that tests sign certificates with. */
export type KeyKind = 'P-256' | 'P-384' | 'P-521' | 'ed25519' | 'rsa' | 'rsa-1024';

/** A key pair. */
export interface TestKeys {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** How a certificate is signed: the AlgorithmIdentifier, and how node:crypto makes the signature. */
export interface SignatureScheme {
  readonly identifier: Uint8Array;
  readonly hash: string | null;
  readonly pss?: true;
}

/** What a certificate says. Everything has a default that makes a good certificate of a signer. */
export interface CertificateSpec {
  readonly subject: string;
  /** Who signs it. Default: itself. */
  readonly issuer?: TestCertificate;
  /** What it gives as its issuer's name. Default: the issuer's. */
  readonly issuerName?: string;
  readonly keys?: TestKeys;
  /** Default: any. */
  readonly serial?: number;
  readonly notBefore?: string;
  readonly notAfter?: string;
  /** Absent: no basicConstraints. */
  readonly ca?: boolean;
  readonly pathLength?: number;
  /** Bits of the first byte, and how many of its last ones are unused. Absent: no keyUsage. */
  readonly keyUsage?: readonly [bits: number, unused: number];
  readonly extKeyUsage?: readonly string[];
  /** No key identifiers. */
  readonly anonymous?: true;
  /** More extensions, DER. */
  readonly extensions?: readonly Uint8Array[];
  readonly scheme?: SignatureScheme;
  /** Written after the signed part, instead of the scheme's. */
  readonly outerIdentifier?: Uint8Array;
  readonly version?: 1 | 2 | 3;
}

/** A certificate, and what is needed to issue others with it. */
export interface TestCertificate extends TestKeys {
  readonly der: Uint8Array;
  readonly name: Uint8Array;
}

/** keyUsage bits (RFC 5280 §4.2.1.3). */
export const usage = {
  digitalSignature: [0x80, 7],
  nonRepudiation: [0x40, 6],
  keyEncipherment: [0x20, 5],
  certSign: [0x06, 1],
  crlSign: [0x02, 1],
} as const;

const identifier = (oid: string, ...parameters: Uint8Array[]): Uint8Array =>
  der(derTag.sequence, derOid(oid), ...parameters);
const NULL = der(derTag.null);
const sha = (bits: 256 | 384 | 512): Uint8Array =>
  identifier(`2.16.840.1.101.3.4.2.${bits === 256 ? 1 : bits === 384 ? 2 : 3}`, NULL);

/** Every signature scheme that is read, and some that are not. */
export const schemes = {
  'ecdsa-sha1': { identifier: identifier('1.2.840.10045.4.1'), hash: 'sha1' },
  'ecdsa-sha256': { identifier: identifier('1.2.840.10045.4.3.2'), hash: 'sha256' },
  'ecdsa-sha384': { identifier: identifier('1.2.840.10045.4.3.3'), hash: 'sha384' },
  'ecdsa-sha512': { identifier: identifier('1.2.840.10045.4.3.4'), hash: 'sha512' },
  ed25519: { identifier: identifier('1.3.101.112'), hash: null },
  'rsa-sha256': { identifier: identifier('1.2.840.113549.1.1.11', NULL), hash: 'sha256' },
  'rsa-sha256-no-null': { identifier: identifier('1.2.840.113549.1.1.11'), hash: 'sha256' },
  'rsa-sha1': { identifier: identifier('1.2.840.113549.1.1.5', NULL), hash: 'sha1' },
  'pss-sha256': { identifier: pss(256, 256, 32), hash: 'sha256', pss: true },
  'pss-sha512': { identifier: pss(512, 512, 64), hash: 'sha512', pss: true },
  'pss-mixed': { identifier: pss(256, 512, 32), hash: 'sha256', pss: true },
  'pss-short-salt': { identifier: pss(256, 256, 20), hash: 'sha256', pss: true },
  'pss-defaults': {
    identifier: identifier('1.2.840.113549.1.1.10', der(derTag.sequence)),
    hash: 'sha256',
    pss: true,
  },
} as const satisfies Readonly<Record<string, SignatureScheme>>;

function pss(hash: 256 | 384 | 512, mask: 256 | 384 | 512, salt: number): Uint8Array {
  const mgf1 = identifier('1.2.840.113549.1.1.8', sha(mask));
  const parameters = [der(0xa0, sha(hash)), der(0xa1, mgf1), der(0xa2, derUnsigned(Uint8Array.of(salt)))];
  return identifier('1.2.840.113549.1.1.10', der(derTag.sequence, ...parameters));
}

/** A fresh key pair. */
export function keyPair(kind: KeyKind = 'P-256'): TestKeys {
  if (kind === 'ed25519') return generateKeyPairSync('ed25519');
  if (kind === 'rsa') return generateKeyPairSync('rsa', { modulusLength: 2048 });
  if (kind === 'rsa-1024') return generateKeyPairSync('rsa', { modulusLength: 1024 });
  return generateKeyPairSync('ec', { namedCurve: kind });
}

/** Makes a certificate. */
export function certificate(spec: CertificateSpec): TestCertificate {
  const keys = spec.keys ?? keyPair();
  const signer = spec.issuer ?? keys;
  const scheme = spec.scheme ?? schemes['ecdsa-sha256'];
  const name = nameOf(spec.subject);
  const issuerName = spec.issuerName === undefined ? (spec.issuer?.name ?? name) : nameOf(spec.issuerName);
  const extensions = extensionsOf(spec, keys, signer);
  const version = (spec.version ?? 3) - 1;
  const tbs = der(
    derTag.sequence,
    version === 0 ? new Uint8Array() : der(0xa0, derUnsigned(Uint8Array.of(version))),
    derUnsigned(Uint8Array.of(spec.serial ?? 1 + Math.floor(Math.random() * 120))),
    scheme.identifier,
    issuerName,
    der(
      derTag.sequence,
      time(spec.notBefore ?? '2024-01-01T00:00:00Z'),
      time(spec.notAfter ?? '2034-01-01T00:00:00Z'),
    ),
    name,
    spki(keys),
    extensions.length === 0 ? new Uint8Array() : der(0xa3, der(derTag.sequence, ...extensions)),
  );
  const outer = spec.outerIdentifier ?? scheme.identifier;
  return { ...keys, name, der: der(derTag.sequence, tbs, outer, derBits(signed(tbs, signer, scheme))) };
}

/** A good authority. */
export function authority(spec: CertificateSpec): TestCertificate {
  return certificate({ ca: true, keyUsage: usage.certSign, ...spec });
}

/** A good certificate of a signer. */
export function signer(spec: CertificateSpec): TestCertificate {
  return certificate({ ca: false, keyUsage: usage.digitalSignature, ...spec });
}

/** The pair behind a key of ours, to be put into certificates. */
export async function pairOf(key: Key): Promise<TestKeys> {
  const secret = await exportPrivateKey(key);
  const privateKey = secret.use((pkcs8) =>
    createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' }),
  );
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

/** A common name. */
export function nameOf(text: string): Uint8Array {
  const attribute = der(derTag.sequence, derOid('2.5.4.3'), der(0x0c, utf8(text)));
  return der(derTag.sequence, der(0x31, attribute));
}

/** One extension. */
export function extension(oid: string, critical: boolean, value: Uint8Array): Uint8Array {
  const flag = critical ? der(0x01, Uint8Array.of(0xff)) : new Uint8Array();
  return der(derTag.sequence, derOid(oid), flag, der(derTag.octetString, value));
}

/** PEM of a certificate. */
export function pemOf({ der: bytes }: Pick<TestCertificate, 'der'>): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function extensionsOf(spec: CertificateSpec, keys: TestKeys, signer: TestKeys): readonly Uint8Array[] {
  const all: Uint8Array[] = [];
  if (spec.ca !== undefined) all.push(extension('2.5.29.19', true, basicConstraints(spec)));
  if (spec.keyUsage !== undefined) {
    const [bits, unused] = spec.keyUsage;
    all.push(extension('2.5.29.15', true, der(derTag.bitString, Uint8Array.of(unused, bits))));
  }
  if (spec.extKeyUsage !== undefined) {
    all.push(extension('2.5.29.37', false, der(derTag.sequence, ...spec.extKeyUsage.map(derOid))));
  }
  if (!spec.anonymous) {
    all.push(extension('2.5.29.14', false, der(derTag.octetString, keyId(keys))));
    all.push(extension('2.5.29.35', false, der(derTag.sequence, der(0x80, keyId(signer)))));
  }
  return [...all, ...(spec.extensions ?? [])];
}

function basicConstraints({ ca, pathLength }: CertificateSpec): Uint8Array {
  const flag = ca ? der(0x01, Uint8Array.of(0xff)) : new Uint8Array();
  const limit = pathLength === undefined ? new Uint8Array() : derUnsigned(Uint8Array.of(pathLength));
  return der(derTag.sequence, flag, limit);
}

function keyId(keys: TestKeys): Uint8Array {
  return Uint8Array.from(createHash('sha1').update(spki(keys)).digest());
}

function spki({ publicKey }: TestKeys): Uint8Array {
  return Uint8Array.from(publicKey.export({ type: 'spki', format: 'der' }));
}

/** RFC 5280 §4.1.2.5: two digits of the year up to 2049. */
function time(iso: string): Uint8Array {
  const digits = iso.replace(/[-:T]/g, '');
  return iso < '2050' ? der(0x17, utf8(digits.slice(2))) : der(0x18, utf8(digits));
}

function signed(
  tbs: Uint8Array,
  { privateKey }: TestKeys,
  { hash, pss: isPss }: SignatureScheme,
): Uint8Array {
  const key = isPss ? { key: privateKey, padding: 6, saltLength: -1 } : privateKey;
  return Uint8Array.from(sign(hash, tbs, key));
}

/** The same bytes with one bit changed. */
export function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = concat(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

/** A certificate for localhost that nobody trusts but those who are given its authority. */
export function localCertificate(): { readonly key: string; readonly cert: string; readonly trust: string } {
  const issuer = authority({ subject: 'authority of the test' });
  const name = der(derTag.sequence, der(0x82, utf8('localhost')));
  const made = signer({ subject: 'localhost', issuer, extensions: [extension('2.5.29.17', false, name)] });
  const key = made.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { key, cert: pemOf(made), trust: pemOf(issuer) };
}
