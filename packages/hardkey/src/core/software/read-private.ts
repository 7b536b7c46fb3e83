/**
 * Reads the private keys people have: PKCS #8, SEC 1, PKCS #1 and JWK.
 *
 * @module
 */
import type { JsonWebKey, KeyObject, PrivateKeyInput } from 'node:crypto';
import { equalBytes, fromUtf8 } from '../../encoding/bytes.ts';
import { DerReader, derTag } from '../../encoding/der.ts';
import { decodePem, isEncryptedPem, isPem, type PemBlock } from '../../encoding/pem.ts';
import { Failure, isFailure } from '../../errors.ts';
import { runtime } from '../crypto/node.ts';
import { type JsonObject, parseJsonObject } from '../trust/strict-json.ts';
import { withoutPublicHalf } from './one-asymmetric-key.ts';
import { checkRounds, isEncryptedDer } from './rounds.ts';

// As in ../crypto/node.ts.
const { createPrivateKey, createPublicKey } = process.getBuiltinModule('node:crypto');

const PRIVATE = /PRIVATE KEY$/;
const PKCS8 = 'PRIVATE KEY';
const ENCRYPTED_PKCS8 = 'ENCRYPTED PRIVATE KEY';

/** The runtime's key of the material. Failures are those of `RuntimeSoftware.importPrivate`. */
export function readPrivate(material: Uint8Array, passphrase?: Uint8Array): KeyObject {
  if (isEncryptedDer(material)) return readEncrypted(material, passphrase);
  if (material[0] === 0x30) return readPkcs8(material);
  const text = fromUtf8(material, 'privateKey');
  if (!isPem(text)) return readJwk(text);
  if (!isEncryptedPem(text)) return readPem(text);
  // The older form of OpenSSL has header lines in the block, and a derivation that costs nothing.
  if (!text.includes(`BEGIN ${ENCRYPTED_PKCS8}`)) return open({ key: text, format: 'pem' }, passphrase);
  return readEncrypted(onlyBlock(text).bytes, passphrase);
}

function readPem(text: string): KeyObject {
  const block = onlyBlock(text);
  return block.label === PKCS8
    ? readPkcs8(block.bytes)
    : read(() => createPrivateKey(block.text), block.bytes);
}

function readPkcs8(bytes: Uint8Array): KeyObject {
  const { pkcs8, publicBits } = withoutPublicHalf(bytes);
  const key = read(() => createPrivateKey(der(pkcs8)), pkcs8);
  if (publicBits !== undefined) checkPublicBits(publicBits, key);
  return key;
}

/** OpenSSL reads on where the public half begins, or refuses the key. */
function checkPublicBits(given: Uint8Array, key: KeyObject): void {
  const spki = new DerReader(createPublicKey(key).export({ format: 'der', type: 'spki' })).enter();
  spki.read(derTag.sequence);
  if (!equalBytes(spki.bits(), given)) throw strangers();
}

function readEncrypted(pkcs8: Uint8Array, passphrase: Uint8Array | undefined): KeyObject {
  checkRounds(pkcs8);
  return open(der(pkcs8), passphrase);
}

function open(input: object, passphrase: Uint8Array | undefined): KeyObject {
  if (passphrase === undefined) {
    throw new Failure('ARGUMENT_INVALID', 'the key is encrypted and needs a passphrase', {
      field: 'passphrase',
    });
  }
  const copy = Buffer.from(passphrase);
  try {
    return createPrivateKey({ ...input, passphrase: copy } as PrivateKeyInput);
  } catch {
    // OpenSSL cannot tell a wrong passphrase from a damaged key, and its text may quote either.
    throw new Failure('DENIED', 'the passphrase does not open the key', { field: 'passphrase' });
  } finally {
    copy.fill(0);
  }
}

function readJwk(text: string): KeyObject {
  const jwk = parseJson(text);
  if (typeof jwk['d'] !== 'string' && typeof jwk['priv'] !== 'string') {
    throw new Failure('MALFORMED', 'the JWK has no private member', { field: 'privateKey' });
  }
  const key = read(() => createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' }));
  checkPublicMembers(jwk, key);
  return key;
}

/** OpenSSL derives the public half of some kinds and ignores the one it was given. */
function checkPublicMembers(given: Readonly<Record<string, unknown>>, key: KeyObject): void {
  const derived = createPublicKey(key).export({ format: 'jwk' }) as Readonly<Record<string, unknown>>;
  if (!PUBLIC_MEMBERS.every((name) => given[name] === derived[name])) throw strangers();
}

const PUBLIC_MEMBERS = ['x', 'y', 'n', 'e', 'pub'] as const;

function parseJson(text: string): JsonObject {
  try {
    return parseJsonObject(text, 'privateKey');
  } catch (error) {
    // Where it is wrong is known of JSON only.
    if (!isFailure(error, 'MALFORMED') || error.details.offset !== undefined) throw error;
    throw new Failure('MALFORMED', 'neither PEM nor DER nor JWK', { field: 'privateKey' });
  }
}

/** The private key of a PEM text, and the text from it on: `openssl ecparam` writes the curve before it. */
function onlyBlock(text: string): PemBlock & { readonly text: string } {
  const [found, ...others] = decodePem(text, 'privateKey').filter(({ label }) => PRIVATE.test(label));
  if (found === undefined || others.length > 0) {
    throw new Failure('MALFORMED', 'the PEM does not hold exactly one private key', { field: 'privateKey' });
  }
  const start = text.search(/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/);
  return { ...found, text: text.slice(start) };
}

function strangers(): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', 'the private half does not belong to the public one', {
    field: 'privateKey',
  });
}

function der(bytes: Uint8Array): { key: Buffer; format: 'der'; type: 'pkcs8' } {
  return { key: Buffer.from(bytes), format: 'der', type: 'pkcs8' };
}

function read(make: () => KeyObject, material?: Uint8Array): KeyObject {
  try {
    return make();
  } catch {
    if (material !== undefined && isMlDsa(material)) {
      throw new Failure('UNSUPPORTED', `${runtime} has no ML-DSA`, { field: 'privateKey' });
    }
    throw new Failure('MALFORMED', 'not a private key of a known kind', { field: 'privateKey' });
  }
}

// The object identifiers of ML-DSA-44, -65 and -87 share all but their last byte (RFC 9881 §2).
const ML_DSA = '608648016503040311'.slice(0, 16);

function isMlDsa(material: Uint8Array): boolean {
  return material[0] === 0x30 && Buffer.from(material.subarray(0, 32)).toString('hex').includes(ML_DSA);
}
