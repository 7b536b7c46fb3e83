/**
 * What a Transit key does, as calls to the server.
 *
 * @module
 */
import { digest, wrapTo } from '#crypto';
import { type AlgorithmFacts, algorithm, hashLength } from '../../core/algorithms.ts';
import { decryptionFailed } from '../../core/decryption-failed.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { Performer } from '../../core/performer.ts';
import { isText } from '../../core/trust/strict-json.ts';
import { decodeBase64, encodeBase64 } from '../../encoding/base64.ts';
import { concat, utf8 } from '../../encoding/bytes.ts';
import { Failure, type FailureDetails } from '../../errors.ts';
import { hashName } from './algorithms.ts';
import { malformedAnswer } from './failures.ts';
import { type HeldKey, readVersioned, versionPrefix } from './held-key.ts';
import { checkLength, signed } from './signing.ts';

const TAG_LENGTH = 16;
/** No type of keys. A server asked to encrypt with a key that it does not have makes one, of this type. */
const NO_TYPE = 'none';
/** What Transit's own encryption writes, which says the version that opens it. */
const OPAQUE = /^vault:v[1-9][0-9]{0,9}:[A-Za-z0-9+/]+={0,2}$/;

/** How Transit keys perform. */
export const performer: Performer<HeldKey> = {
  // Hashed here: less is sent, the message stays, and no server hashes with what it likes best.
  sign: async (key, facts, message, options) =>
    signed(key, facts, facts.hash === undefined ? message : await digest(facts.hash, message), options),
  signsDigests: ({ hash }) => hash !== undefined,
  signDigest: (key, facts, given, options) => signed(key, facts, given, options),
  encrypt: () => {
    throw new Failure('UNSUPPORTED', 'the server draws the nonces itself', { field: 'nonce' });
  },
  async seal(key, facts, plaintext, aad, options) {
    const { bytes } = await encrypted(key, facts, plaintext, aad, options);
    const { nonceLength } = key.row;
    return { nonce: bytes.slice(0, nonceLength), ciphertext: bytes.slice(nonceLength) };
  },
  decrypt: (key, facts, { nonce, ciphertext }, aad, options) => {
    const text = versionPrefix(key.version) + encodeBase64(concat(nonce, ciphertext));
    return opened(key, facts, text, aad, options);
  },
  async wrap(key, facts, contentKey, options) {
    // Whoever has the public key wraps, and we have it.
    if (facts.keyType === 'RSA' && key.publicKey !== undefined) return wrapTo(key.publicKey, contentKey);
    return utf8((await encrypted(key, facts, contentKey, new Uint8Array(), options)).text);
  },
  async unwrap(key, facts, wrapped, options) {
    if (facts.keyType !== 'RSA') {
      const text = Buffer.from(wrapped).toString('latin1');
      if (!OPAQUE.test(text)) throw decryptionFailed(facts.name);
      return opened(key, facts, text, new Uint8Array(), options);
    }
    // RFC 8017 §7.1.2 step 1.
    if (wrapped.length !== Math.ceil((key.publicKey?.bits ?? 0) / 8)) throw decryptionFailed(facts.name);
    return opened(key, facts, versionPrefix(key.version) + encodeBase64(wrapped), new Uint8Array(), options);
  },
  async generateKey(key, length, options) {
    const details = key.about(algorithm('service'), 'generateKey');
    const asking = { details, doing: 'encrypting' } as const;
    const body = { bits: length * 8, key_version: key.version };
    const { plaintext, ciphertext } = await key.ask('datakey/plaintext', body, options, asking);
    const { text } = readCiphertext(key, ciphertext, length, details);
    if (!isText(plaintext)) throw malformedAnswer('plaintext', details);
    return { contentKey: decodeBase64(plaintext, 'vault.plaintext'), wrapped: utf8(text) };
  },
  async mac(key, facts, message, options) {
    const details = key.about(facts, 'mac');
    checkLength(message.length, details);
    const body = { input: encodeBase64(message), algorithm: hashOf(facts), key_version: key.version };
    const { hmac } = await key.ask('hmac', body, options, { details });
    const code = decodeBase64(readVersioned(hmac, key.version, 'hmac', details), 'vault.hmac');
    if (code.length === hashLength(facts.hash ?? 'SHA-256')) return code;
    throw malformedAnswer('hmac', details);
  },
  async verifyMac(key, facts, message, code, options) {
    const details = key.about(facts, 'verifyMac');
    checkLength(message.length, details);
    if (code.length !== hashLength(facts.hash ?? 'SHA-256')) return false;
    const hmac = versionPrefix(key.version) + encodeBase64(code);
    const body = { input: encodeBase64(message), hash_algorithm: hashOf(facts), hmac };
    const { valid } = await key.ask('verify', body, options, { details });
    if (typeof valid === 'boolean') return valid;
    throw malformedAnswer('valid', details);
  },
  agree: () => {
    throw new Failure('UNSUPPORTED', 'the server agrees on no keys');
  },
};

async function encrypted(
  key: HeldKey,
  facts: AlgorithmFacts,
  plaintext: Uint8Array,
  aad: Uint8Array,
  options: CallOptions,
): Promise<Ciphertext> {
  const details = key.about(facts, 'encrypt');
  checkLength(plaintext.length + aad.length, details);
  const body = {
    plaintext: encodeBase64(plaintext),
    key_version: key.version,
    type: NO_TYPE,
    ...associated(aad),
  };
  const { ciphertext } = await key.ask('encrypt', body, options, { details, doing: 'encrypting' });
  return readCiphertext(key, ciphertext, plaintext.length, details);
}

/** What the server encrypted, as it writes it and what it is. */
interface Ciphertext {
  readonly text: string;
  /** The nonce, what was encrypted, and the tag. */
  readonly bytes: Uint8Array;
}

/** A ciphertext of the version that was opened, of as many bytes as it must have: nothing else ever opens. */
function readCiphertext(key: HeldKey, value: unknown, length: number, details: FailureDetails): Ciphertext {
  const encoded = readVersioned(value, key.version, 'ciphertext', details);
  const bytes = decodeBase64(encoded, 'vault.ciphertext');
  const { nonceLength = 0 } = key.row;
  if (bytes.length !== nonceLength + length + TAG_LENGTH) throw malformedAnswer('ciphertext', details);
  return { text: String(value), bytes };
}

/** What was encrypted, or `DECRYPTION_FAILED`, whatever is wrong with what was given. */
async function opened(
  key: HeldKey,
  facts: AlgorithmFacts,
  ciphertext: string,
  aad: Uint8Array,
  options: CallOptions,
): Promise<Uint8Array> {
  const details = key.about(facts, 'decrypt');
  checkLength((ciphertext.length / 4) * 3 + aad.length, details);
  const asking = { details, doing: 'opening' } as const;
  const { plaintext } = await key.ask('decrypt', { ciphertext, ...associated(aad) }, options, asking);
  const length = openedLength(key, ciphertext);
  // Nothing at all is left out of the answer by some versions.
  if ((plaintext === undefined || plaintext === null) && length === 0) return new Uint8Array();
  if (!isText(plaintext)) throw malformedAnswer('plaintext', details);
  const bytes = decodeBase64(plaintext, 'vault.plaintext');
  if (length === undefined || length === bytes.length) return bytes;
  throw malformedAnswer('plaintext', details);
}

/** Bytes of what is in a ciphertext, where that can be told from outside. */
function openedLength({ row: { nonceLength } }: HeldKey, ciphertext: string): number | undefined {
  if (nonceLength === undefined) return undefined;
  const encoded = ciphertext.slice(ciphertext.lastIndexOf(':') + 1);
  return Buffer.byteLength(encoded, 'base64') - nonceLength - TAG_LENGTH;
}

function associated(aad: Uint8Array): { readonly associated_data?: string } {
  return aad.length === 0 ? {} : { associated_data: encodeBase64(aad) };
}

function hashOf({ hash = 'SHA-256' }: AlgorithmFacts): string {
  return hashName(hash);
}
