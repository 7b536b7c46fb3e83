/**
 * Encryption whose ciphertexts others can open: `RawEncrypt` and `RawDecrypt`.
 *
 * @module
 */
import {
  type CipherGCM,
  createCipheriv,
  createDecipheriv,
  type DecipherGCM,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import type { AlgorithmFacts } from './algorithms.ts';
import { atMost } from './limits.ts';
import { bytesOf, checksum, type Int64Value, isVouchedFor } from './messages.ts';
import { refuse } from './rules.ts';
import { factsOf, type Store, usable, versionOf } from './store.ts';

/** `RawEncryptRequest` and `RawDecryptRequest`. */
export interface RawRequest {
  readonly name?: string;
  readonly plaintext?: Uint8Array;
  readonly plaintextCrc32c?: Int64Value;
  readonly ciphertext?: Uint8Array;
  readonly ciphertextCrc32c?: Int64Value;
  readonly additionalAuthenticatedData?: Uint8Array;
  readonly additionalAuthenticatedDataCrc32c?: Int64Value;
  readonly initializationVector?: Uint8Array;
  readonly initializationVectorCrc32c?: Int64Value;
  readonly tagLength?: number;
}

type RawFacts = Extract<AlgorithmFacts, { kind: 'raw' }>;

const TAG = 16;
const BLOCK = 16;
const VECTOR = { gcm: 12, cbc: 16, ctr: 16 } as const;

/** What using a mode that authenticates nothing takes beside, without `cloudkms.`. */
export const RAW_PERMISSIONS = {
  cbc: 'cryptoKeyVersions.manageRawAesCbcKeys',
  ctr: 'cryptoKeyVersions.manageRawAesCtrKeys',
} as const;

/** The permission that a version takes beside that of the method. */
export async function rawPermission(store: Store, { name }: RawRequest): Promise<string | undefined> {
  const facts = factsOf((await versionOf(store, name)).version.algorithm);
  return facts.kind === 'raw' && facts.mode !== 'gcm' ? RAW_PERMISSIONS[facts.mode] : undefined;
}

/** `RawEncrypt`. */
export async function rawEncrypt(store: Store, request: RawRequest): Promise<object> {
  const found = await versionOf(store, request.name);
  const { facts, material } = usable(found, 'RAW_ENCRYPT_DECRYPT');
  const plaintext = bytesOf(request.plaintext);
  const { aad, given, vouched } = commonOf(request);
  const plaintextVouched = isVouchedFor('plaintext', plaintext, request.plaintextCrc32c);
  atMost(found.key, plaintext, aad);
  const vector = vectorFor(facts as RawFacts, given);
  checkBlocks(facts as RawFacts, plaintext);
  const ciphertext = seal(facts as RawFacts, material, vector, aad, plaintext);
  return {
    name: found.version.name,
    ciphertext,
    ciphertextCrc32c: checksum(ciphertext),
    initializationVector: vector,
    initializationVectorCrc32c: checksum(vector),
    tagLength: (facts as RawFacts).mode === 'gcm' ? TAG : 0,
    verifiedPlaintextCrc32c: plaintextVouched,
    ...vouched,
    protectionLevel: found.key.protection,
  };
}

/** `RawDecrypt`. */
export async function rawDecrypt(store: Store, request: RawRequest): Promise<object> {
  const found = await versionOf(store, request.name);
  const { facts, material } = usable(found, 'RAW_ENCRYPT_DECRYPT');
  const ciphertext = bytesOf(request.ciphertext);
  const { aad, given, vouched } = commonOf(request);
  const ciphertextVouched = isVouchedFor('ciphertext', ciphertext, request.ciphertextCrc32c);
  if (request.tagLength && request.tagLength !== TAG)
    throw refuse('not in this emulator', `a tag of other than ${TAG} bytes is not emulated`);
  const plaintext = open(facts as RawFacts, material, given, aad, ciphertext);
  return {
    plaintext,
    plaintextCrc32c: checksum(plaintext),
    verifiedCiphertextCrc32c: ciphertextVouched,
    ...vouched,
    protectionLevel: found.key.protection,
  };
}

function commonOf(request: RawRequest) {
  const aad = bytesOf(request.additionalAuthenticatedData);
  const given = bytesOf(request.initializationVector);
  const aadSum = request.additionalAuthenticatedDataCrc32c;
  const vouched = {
    verifiedAdditionalAuthenticatedDataCrc32c: isVouchedFor('additional_authenticated_data', aad, aadSum),
    verifiedInitializationVectorCrc32c: isVouchedFor(
      'initialization_vector',
      given,
      request.initializationVectorCrc32c,
    ),
  };
  return { aad, given, vouched };
}

function vectorFor({ mode }: RawFacts, given: Uint8Array): Uint8Array {
  if (given.length === 0) return randomBytes(VECTOR[mode]);
  if (mode === 'gcm')
    throw refuse('vector given for AES-GCM', 'An initialization vector cannot be given for AES-GCM.');
  return checkedVector(mode, given);
}

function checkedVector(mode: keyof typeof VECTOR, given: Uint8Array): Uint8Array {
  if (given.length === VECTOR[mode]) return given;
  throw refuse('vector of another length', `The initialization vector has ${VECTOR[mode]} bytes.`);
}

/** Nobody pads here but the caller. */
function checkBlocks({ mode }: RawFacts, { length }: Uint8Array): void {
  if (mode === 'cbc' && length % BLOCK !== 0)
    throw refuse('plaintext of no whole blocks', `AES-CBC takes multiples of ${BLOCK} bytes: pad before.`);
}

function seal(
  facts: RawFacts,
  key: KeyObject,
  vector: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  const cipher = createCipheriv(cipherOf(facts), key, vector).setAutoPadding(false);
  bindAad(facts, aad, (bytes) => (cipher as CipherGCM).setAAD(bytes));
  const sealed = [cipher.update(plaintext), cipher.final()];
  return Buffer.concat(facts.mode === 'gcm' ? [...sealed, (cipher as CipherGCM).getAuthTag()] : sealed);
}

function open(
  facts: RawFacts,
  key: KeyObject,
  given: Uint8Array,
  aad: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array {
  const vector = checkedVector(facts.mode, given);
  const decipher = createDecipheriv(cipherOf(facts), key, vector).setAutoPadding(false);
  bindAad(facts, aad, (bytes) => (decipher as DecipherGCM).setAAD(bytes));
  // node:crypto takes shorter tags as well.
  if (facts.mode === 'gcm' && ciphertext.length < TAG) throw undecipherable();
  const body = facts.mode === 'gcm' ? ciphertext.subarray(0, -TAG) : ciphertext;
  try {
    if (facts.mode === 'gcm') (decipher as DecipherGCM).setAuthTag(ciphertext.subarray(-TAG));
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch {
    // A tag that does not fit, half a block: the service says one thing.
    throw undecipherable();
  }
}

function undecipherable(): Error {
  return refuse('ciphertext that does not open', 'Decryption failed: the ciphertext is invalid.');
}

function bindAad({ mode }: RawFacts, aad: Uint8Array, set: (aad: Uint8Array) => void): void {
  if (mode === 'gcm') set(aad);
  else if (aad.length > 0)
    throw refuse('AAD for a mode without', 'Additional authenticated data is for AES-GCM alone.');
}

function cipherOf({ bits, mode }: RawFacts): string {
  return `aes-${bits}-${mode}`;
}
