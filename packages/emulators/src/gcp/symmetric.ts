/**
 * Encryption in the service's own form, by which a ciphertext finds the version that opens it.
 *
 * @module
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { atMost } from './limits.ts';
import { bytesOf, checksum, type Int64Value, isVouchedFor } from './messages.ts';
import { refuse } from './rules.ts';
import { encryptingVersionOf, keyOf, type Store, usable, type Version } from './store.ts';

/** `EncryptRequest`. */
export interface EncryptRequest {
  readonly name?: string;
  readonly plaintext?: Uint8Array;
  readonly additionalAuthenticatedData?: Uint8Array;
  readonly plaintextCrc32c?: Int64Value;
  readonly additionalAuthenticatedDataCrc32c?: Int64Value;
}

/** `DecryptRequest`. */
export interface DecryptRequest {
  readonly name?: string;
  readonly ciphertext?: Uint8Array;
  readonly additionalAuthenticatedData?: Uint8Array;
  readonly ciphertextCrc32c?: Int64Value;
  readonly additionalAuthenticatedDataCrc32c?: Int64Value;
}

// The emulator's own form: four bytes of the version's number, the nonce, the ciphertext, the tag.
const NUMBER = 4;
const NONCE = 12;
const TAG = 16;

/** `Encrypt`. */
export async function encrypt(store: Store, request: EncryptRequest): Promise<object> {
  const found = await encryptingVersionOf(store, request.name);
  const { material } = usable(found, 'ENCRYPT_DECRYPT');
  const plaintext = bytesOf(request.plaintext);
  const aad = bytesOf(request.additionalAuthenticatedData);
  const vouched = isVouchedFor('plaintext', plaintext, request.plaintextCrc32c);
  const aadVouched = isAadVouchedFor(aad, request);
  atMost(found.key, plaintext, aad);
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', material, nonce).setAAD(bound(found.version, aad));
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const ciphertext = Buffer.concat([numberOf(found.version), nonce, body, cipher.getAuthTag()]);
  return {
    name: found.version.name,
    ciphertext,
    ciphertextCrc32c: checksum(ciphertext),
    verifiedPlaintextCrc32c: vouched,
    verifiedAdditionalAuthenticatedDataCrc32c: aadVouched,
    protectionLevel: found.key.protection,
  };
}

/** `Decrypt`. */
export async function decrypt(store: Store, request: DecryptRequest): Promise<object> {
  const key = await keyOf(store, request.name);
  const ciphertext = bytesOf(request.ciphertext);
  const aad = bytesOf(request.additionalAuthenticatedData);
  if (key.purpose !== 'ENCRYPT_DECRYPT') await encryptingVersionOf(store, request.name);
  isVouchedFor('ciphertext', ciphertext, request.ciphertextCrc32c);
  isAadVouchedFor(aad, request);
  const version = key.versions.find((one) => numberOf(one).equals(ciphertext.subarray(0, NUMBER)));
  if (!version) throw undecipherable();
  const { material } = usable({ key, version }, 'ENCRYPT_DECRYPT');
  const plaintext = open(material, version, ciphertext, aad);
  return {
    plaintext,
    plaintextCrc32c: checksum(plaintext),
    usedPrimary: version.id === key.primary,
    protectionLevel: key.protection,
  };
}

function open(
  material: Parameters<typeof createDecipheriv>[1],
  version: Version,
  ciphertext: Uint8Array,
  aad: Uint8Array,
): Uint8Array {
  if (ciphertext.length < NUMBER + NONCE + TAG) throw undecipherable();
  const body = ciphertext.subarray(NUMBER + NONCE, -TAG);
  const options = { authTagLength: TAG };
  const nonce = ciphertext.subarray(NUMBER, NUMBER + NONCE);
  const decipher = createDecipheriv('aes-256-gcm', material, nonce, options);
  decipher.setAAD(bound(version, aad)).setAuthTag(ciphertext.subarray(-TAG));
  const start = decipher.update(body);
  try {
    return Buffer.concat([start, decipher.final()]);
  } catch {
    // The only thing that final has to say is that the tag does not fit.
    throw undecipherable();
  }
}

function isAadVouchedFor(aad: Uint8Array, request: EncryptRequest | DecryptRequest): boolean {
  return isVouchedFor('additional_authenticated_data', aad, request.additionalAuthenticatedDataCrc32c);
}

function bound(version: Version, aad: Uint8Array): Buffer {
  return Buffer.concat([numberOf(version), aad]);
}

function numberOf({ id }: Version): Buffer {
  const number = Buffer.alloc(NUMBER);
  number.writeUInt32BE(id);
  return number;
}

function undecipherable(): Error {
  return refuse('ciphertext that does not open', 'Decryption failed: the ciphertext is invalid.');
}
