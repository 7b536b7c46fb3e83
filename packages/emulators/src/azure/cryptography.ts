/**
 * Using keys: signatures over digests, and RSA encryption.
 *
 * @module
 */
import { constants, createPublicKey, type KeyObject, privateDecrypt, publicEncrypt } from 'node:crypto';
import { type EcdsaCurve, signEcdsa, verifyEcdsa } from '../signing/ecdsa.ts';
import { openRsaPkcs1, type RsaHash, type RsaPadding, signRsa, verifyRsa } from '../signing/rsa.ts';
import { bytesOf, type Fields, textOf } from './fields.ts';
import { CURVES, curveOf } from './keys.ts';
import { AzureRefusal } from './rules.ts';
import { type KeyVersion, secondsOf, type Vault } from './store.ts';

/** The operations that a key may allow. */
export type Operation = 'sign' | 'verify' | 'encrypt' | 'decrypt' | 'wrapKey' | 'unwrapKey';

type SignatureFacts = { readonly hash: RsaHash; readonly bytes: number } & (
  | { readonly curve: string }
  | { readonly padding: RsaPadding }
);

const SIGNATURES: Readonly<Record<string, SignatureFacts>> = {
  ES256: { curve: 'P-256', hash: 'sha256', bytes: 32 },
  ES256K: { curve: 'P-256K', hash: 'sha256', bytes: 32 },
  ES384: { curve: 'P-384', hash: 'sha384', bytes: 48 },
  ES512: { curve: 'P-521', hash: 'sha512', bytes: 64 },
  RS256: { padding: 'pkcs1', hash: 'sha256', bytes: 32 },
  RS384: { padding: 'pkcs1', hash: 'sha384', bytes: 48 },
  RS512: { padding: 'pkcs1', hash: 'sha512', bytes: 64 },
  PS256: { padding: 'pss', hash: 'sha256', bytes: 32 },
  PS384: { padding: 'pss', hash: 'sha384', bytes: 48 },
  PS512: { padding: 'pss', hash: 'sha512', bytes: 64 },
};

const ENCRYPTIONS: Readonly<Record<string, { readonly padding: number; readonly oaepHash?: string }>> = {
  RSA1_5: { padding: constants.RSA_PKCS1_PADDING },
  'RSA-OAEP': { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
  'RSA-OAEP-256': { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
};

// What a key outside its time may not do. The rest it may, so that what was made before stays readable.
const IN_TIME: readonly Operation[] = ['encrypt', 'sign', 'wrapKey'];

/** Refuses an operation that the key does not allow now. */
export function allow(vault: Vault, { attributes, operations }: KeyVersion, operation: Operation): void {
  const now = secondsOf(vault);
  const { enabled, nbf, exp } = attributes;
  if (!enabled) throw refusal('key disabled', operation, 'a disabled key');
  if (IN_TIME.includes(operation) && exp !== undefined && exp <= now)
    throw refusal('key expired', operation, 'an expired key');
  if (IN_TIME.includes(operation) && nbf !== undefined && nbf > now)
    throw refusal('key not yet valid', operation, 'a key that is not yet valid');
  if (!operations.includes(operation))
    throw new AzureRefusal(
      'operation not among key_ops',
      `Operation ${operation} is not permitted on this key.`,
    );
}

/** Sign: the signature over the digest in `value`. ECDSA is r‖s. */
export function sign({ material }: KeyVersion, fields: Fields): Buffer {
  const { facts, digest } = signatureOf(material, fields, 'value');
  const signature =
    'curve' in facts
      ? signEcdsa(material, nodeCurve(facts.curve), digest, 'compact')
      : signRsa(material, facts.padding, facts.hash, digest);
  return Buffer.from(signature);
}

/** Verify: whether `value` is a signature over `digest`. */
export function isSignature({ material }: KeyVersion, fields: Fields): boolean {
  const { facts, digest } = signatureOf(material, fields, 'digest');
  const signature = bytesOf(fields, 'value');
  return 'curve' in facts
    ? verifyEcdsa(material, nodeCurve(facts.curve), digest, signature)
    : verifyRsa(material, facts.padding, facts.hash, digest, signature);
}

/** Encrypt, and Wrap Key. */
export function encrypt({ material }: KeyVersion, fields: Fields): Buffer {
  const how = encryptionOf(material, fields);
  const value = bytesOf(fields, 'value');
  try {
    return publicEncrypt({ key: createPublicKey(material), ...how }, value);
  } catch {
    // The key and the padding are right, so that only the length is left.
    throw new AzureRefusal(
      'plaintext too long',
      `${value.length} bytes are too many for the key and algorithm.`,
    );
  }
}

/** Decrypt, and Unwrap Key. */
export function decrypt({ material }: KeyVersion, fields: Fields): Buffer {
  const how = encryptionOf(material, fields);
  const value = bytesOf(fields, 'value');
  try {
    if (how.padding === constants.RSA_PKCS1_PADDING) return openRsaPkcs1(material, value);
    return privateDecrypt({ key: material, ...how }, value);
  } catch {
    // Whatever the libraries have against it, the service says one thing.
    throw new AzureRefusal('ciphertext that does not open', 'The parameter is incorrect.');
  }
}

function signatureOf(key: KeyObject, fields: Fields, field: string) {
  const name = textOf(fields, 'alg') ?? '';
  const facts = Object.hasOwn(SIGNATURES, name) ? SIGNATURES[name] : undefined;
  if (!facts) throw noAlgorithm(name);
  const fits = 'curve' in facts ? curveOf(key) === facts.curve : key.asymmetricKeyType === 'rsa';
  if (!fits) throw otherKey(name);
  const digest = bytesOf(fields, field);
  if (digest.length === facts.bytes) return { facts, digest };
  throw new AzureRefusal(
    'digest of another length',
    `Invalid length of '${field}': ${digest.length} bytes. ${name} requires ${facts.bytes} bytes, encoded with base64url.`,
  );
}

function encryptionOf(key: KeyObject, fields: Fields) {
  const name = textOf(fields, 'alg') ?? '';
  const how = Object.hasOwn(ENCRYPTIONS, name) ? ENCRYPTIONS[name] : undefined;
  if (!how) throw noAlgorithm(name);
  if (key.asymmetricKeyType !== 'rsa') throw otherKey(name);
  return how;
}

function nodeCurve(curve: string): EcdsaCurve {
  return CURVES.get(curve) as EcdsaCurve;
}

function noAlgorithm(name: string): AzureRefusal {
  return new AzureRefusal('algorithm that is none', `The algorithm '${name}' is not one of this operation.`);
}

function otherKey(name: string): AzureRefusal {
  return new AzureRefusal('algorithm of another key', `Key and signing algorithm are incompatible: ${name}.`);
}

function refusal(
  rule: 'key disabled' | 'key expired' | 'key not yet valid',
  operation: string,
  what: string,
) {
  return new AzureRefusal(rule, `Operation ${operation} is not allowed on ${what}.`);
}
