/**
 * Takes in a public key in any of its forms, once.
 *
 * @module
 */
import { checkKey, decompressPoint, digest } from '#crypto';
import { encodeBase64url } from '../encoding/base64.ts';
import { ownBytes, utf8 } from '../encoding/bytes.ts';
import { decodeHex, encodeHex } from '../encoding/hex.ts';
import { decodePem, encodePem, isPem } from '../encoding/pem.ts';
import { Failure } from '../errors.ts';
import { decodeCoseKey, encodeCoseKey } from './cose-key.ts';
import { isEd25519Point } from './crypto/ed25519.ts';
import { decodeJwk, encodeJwk, thumbprintText } from './jwk.ts';
import type { PublicKey } from './public-key.ts';
import { decodeRsaKey, modulusBits } from './rsa-key.ts';
import { checkParts, decodeSpki, encodeSpki, type KeyParts } from './spki.ts';

/** A public key as text (PEM, JWK, `ed25519:<hex>`, `p256:<hex>`), bytes (SPKI, COSE_Key) or JWK. */
export type PublicKeySource = string | Uint8Array | Readonly<Record<string, unknown>>;

/**
 * Imports a public key. Throws `MALFORMED` for a broken one, `UNSUPPORTED` for a kind that is not
 * known, and refuses Ed25519 keys of small order or in another encoding than RFC 8032's.
 */
export async function importPublicKey(source: PublicKeySource): Promise<PublicKey> {
  return publicKeyOf(readSource(source));
}

/** Makes a public key of its parts; EC points may be compressed. */
export async function publicKeyOf(given: KeyParts): Promise<PublicKey> {
  // A copy: the caller's buffer may hold something else by the time a signature is verified.
  const parts = await uncompressed(checkParts({ ...given, raw: ownBytes(given.raw) }));
  if (parts.curve === 'Ed25519' && !isEd25519Point(parts.raw)) {
    throw new Failure('MALFORMED', 'the key has small order or is not canonical', { field: 'publicKey' });
  }
  const spki = encodeSpki(parts);
  const jwk = encodeJwk(parts);
  const thumbprint = await digest('SHA-256', utf8(thumbprintText(jwk)));
  const key: PublicKey = {
    ...(parts.keyType === 'RSA' ? { bits: modulusBits(decodeRsaKey(parts.raw).modulus) } : {}),
    ...(parts.curve === undefined ? {} : { curve: parts.curve }),
    ...(parts.parameterSet === undefined ? {} : { parameterSet: parts.parameterSet }),
    keyType: parts.keyType,
    spki,
    fingerprint: `sha256:${encodeHex(await digest('SHA-256', spki))}`,
    thumbprint: encodeBase64url(thumbprint),
    id: encodeHex(thumbprint.subarray(0, 8)),
    toPem: () => encodePem('PUBLIC KEY', spki),
    toJwk: () => jwk,
    toCoseKey: () => encodeCoseKey(parts),
    toRaw: () => parts.raw,
  };
  await checkKey(key);
  return Object.freeze(key);
}

function readSource(source: PublicKeySource): KeyParts {
  if (source instanceof Uint8Array) return source[0] === 0x30 ? decodeSpki(source) : decodeCoseKey(source);
  if (typeof source === 'object' && source !== null) return decodeJwk(source);
  if (typeof source !== 'string') {
    throw new Failure('ARGUMENT_INVALID', 'neither text, bytes nor a JWK', { field: 'publicKey' });
  }
  if (isPem(source)) return readPem(source);
  const short = /^(ed25519|p256):([0-9a-fA-F]+)$/.exec(source.trim());
  if (short !== null) return readShort(short[1] ?? '', short[2] ?? '');
  return decodeJwk(parseJson(source));
}

function readPem(text: string): KeyParts {
  const [block, second] = decodePem(text, 'publicKey').filter(
    ({ label }) => label === 'PUBLIC KEY' || label === 'RSA PUBLIC KEY',
  );
  if (block === undefined || second !== undefined) {
    throw new Failure('MALFORMED', 'the PEM does not hold exactly one public key', { field: 'publicKey' });
  }
  if (block.label === 'RSA PUBLIC KEY') return { keyType: 'RSA', raw: block.bytes };
  return decodeSpki(block.bytes);
}

function readShort(kind: string, hex: string): KeyParts {
  const raw = decodeHex(hex, 'publicKey');
  if (kind === 'ed25519') return { keyType: 'OKP', curve: 'Ed25519', raw };
  return { keyType: 'EC', curve: 'P-256', raw };
}

function parseJson(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // The failure below says more than the parser, which quotes what it was given.
  }
  throw new Failure('MALFORMED', 'neither PEM nor JWK nor a short form', { field: 'publicKey' });
}

async function uncompressed(parts: KeyParts): Promise<KeyParts> {
  const { curve, raw } = parts;
  if (parts.keyType !== 'EC' || curve === undefined || raw[0] === 4) return parts;
  return { ...parts, raw: await decompressPoint(curve, raw) };
}
