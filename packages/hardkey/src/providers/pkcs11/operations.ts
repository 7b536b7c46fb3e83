/**
 * What a key of a token does, as calls to it.
 *
 * @module
 */
import { timingSafeEqual } from 'node:crypto';
import { digest, wrapTo } from '#crypto';
import { type AlgorithmFacts, hashLength } from '../../core/algorithms.ts';
import { digestInfo } from '../../core/crypto/digest-info.ts';
import { decryptionFailed } from '../../core/decryption-failed.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { Performer } from '../../core/performer.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { concat } from '../../encoding/bytes.ts';
import { der, derTag } from '../../encoding/der.ts';
import { encodeHex } from '../../encoding/hex.ts';
import { Failure } from '../../errors.ts';
import { CKM, mechanism, mechanismFor, rowOf } from './algorithms.ts';
import { isWrongInput } from './failures.ts';
import type { HeldKey, Use } from './held-key.ts';

const TAG_LENGTH = 16;
/** What AES-KW works in, and what it adds (RFC 3394 §2.2.1). */
const WRAP_BLOCK = 8;

/** How keys of tokens perform. */
export const performer: Performer<HeldKey> = {
  async sign(key, facts, message, options) {
    const { type, hashed } = signing(key, facts);
    if (!hashed || facts.hash === undefined) return signed(key, facts, type, message, options);
    return signed(key, facts, type, prepared(facts, await digest(facts.hash, message)), options);
  },
  signsDigests: (facts, key) => facts.hash !== undefined && signing(key, facts).hashed,
  signDigest: (key, facts, given, options) =>
    signed(key, facts, signing(key, facts).type, prepared(facts, given), options),
  async encrypt(key, _facts, nonce, plaintext, aad, options) {
    const use = gcm('encrypt', nonce, aad, plaintext.length + TAG_LENGTH);
    return made(key, use, concat(aad, plaintext), options);
  },
  async decrypt(key, facts, { nonce, ciphertext }, aad, options) {
    const use = gcm('decrypt', nonce, aad, ciphertext.length);
    return opened(key, facts, use, concat(aad, ciphertext), options);
  },
  async wrap(key, facts, contentKey, options) {
    // Whoever has the public key wraps, and we have it.
    if (facts.keyType === 'RSA') return wrapTo(publicKeyOf(key), contentKey);
    // RFC 5649 §3: of the last block, all that is not there is padding.
    const length = (Math.ceil(contentKey.length / WRAP_BLOCK) + 1) * WRAP_BLOCK;
    const use: Use = { op: 'wrap', mechanism: { type: wholeOf(facts) }, length };
    const wrapped = await made(key, use, contentKey, options);
    if (wrapped.length === length) return wrapped;
    throw new Failure('MALFORMED', 'the token gave something that is no wrapped key', {
      algorithm: facts.name,
    });
  },
  async unwrap(key, facts, wrapped, options) {
    const rsa = facts.keyType === 'RSA';
    // RFC 8017 §7.1.2 step 1. NSS opens nothing at all to nothing.
    if (rsa && wrapped.length !== modulusLength(key)) throw decryptionFailed(facts.name);
    const use: Use = {
      op: rsa ? 'decrypt' : 'unwrap',
      mechanism: mechanism(wholeOf(facts), facts),
      length: wrapped.length,
    };
    return opened(key, facts, use, wrapped, options);
  },
  mac: (key, facts, message, options) => code(key, facts, message, options),
  async verifyMac(key, facts, message, given, options) {
    const right = await code(key, facts, message, options);
    return right.length === given.length && timingSafeEqual(right, given);
  },
  agree: (key, peer, options) => agree(key, peer, options),
};

/** The mechanism that signs, and whether it wants the hash. */
function signing(key: HeldKey, facts: AlgorithmFacts): { readonly type: number; readonly hashed: boolean } {
  const row = rowOf(facts.name);
  const type = row && mechanismFor(row, key.mechanisms);
  if (row === undefined || type === undefined) {
    throw new Failure('UNSUPPORTED', 'the token has no mechanism for this', { algorithm: facts.name });
  }
  return { type, hashed: type === row.digest };
}

/** RFC 8017 §9.2: PKCS #1 v1.5 signs the hash with the name of its algorithm. */
function prepared({ hash, keyType, pss }: AlgorithmFacts, given: Uint8Array): Uint8Array {
  return keyType === 'RSA' && pss === undefined && hash !== undefined ? digestInfo(hash, given) : given;
}

async function signed(
  key: HeldKey,
  facts: AlgorithmFacts,
  type: number,
  data: Uint8Array,
  options: CallOptions,
): Promise<Uint8Array> {
  const length = facts.signatureLength ?? modulusLength(key);
  const signature = await made(key, { op: 'sign', mechanism: mechanism(type, facts), length }, data, options);
  if (signature.length === length) return signature;
  throw new Failure('MALFORMED', 'the token gave something that is no signature', { algorithm: facts.name });
}

function gcm(op: 'encrypt' | 'decrypt', nonce: Uint8Array, aad: Uint8Array, length: number): Use {
  const parameters = { nonce: encodeHex(nonce), aadLength: aad.length };
  return { op, mechanism: { type: CKM.AES_GCM, gcm: parameters }, length };
}

async function code(
  key: HeldKey,
  facts: AlgorithmFacts,
  message: Uint8Array,
  options: CallOptions,
): Promise<Uint8Array> {
  const length = hashLength(facts.hash ?? 'SHA-256');
  return made(key, { op: 'sign', mechanism: { type: wholeOf(facts) }, length }, message, options);
}

/** The mechanism of an algorithm that has one alone. */
function wholeOf({ name }: AlgorithmFacts): number {
  return rowOf(name)?.whole ?? 0;
}

/** What came of it, or what the token's error means. */
async function made(key: HeldKey, use: Use, data: Uint8Array, options: CallOptions): Promise<Uint8Array> {
  const { head, bytes } = await key.use(use, data, options);
  if (head.error !== undefined) throw key.failure(head.error);
  // Of the socket's buffer, which lives for as long as any part of it does.
  return Uint8Array.from(bytes);
}

/** The same, with one failure for whatever is wrong with what was given. */
async function opened(
  key: HeldKey,
  facts: AlgorithmFacts,
  use: Use,
  data: Uint8Array,
  options: CallOptions,
): Promise<Uint8Array> {
  const { head, bytes } = await key.use(use, data, options);
  if (head.error === undefined) return Uint8Array.from(bytes);
  throw isWrongInput(head.error) ? decryptionFailed(facts.name) : key.failure(head.error);
}

async function agree(key: HeldKey, peer: PublicKey, options: CallOptions): Promise<Uint8Array> {
  const { curve, keyType } = publicKeyOf(key);
  const raw = peer.toRaw();
  const attempt = async (point: Uint8Array): ReturnType<HeldKey['use']> => {
    const ecdh = { point: encodeHex(point) };
    const use: Use = {
      op: 'derive',
      mechanism: { type: CKM.ECDH1_DERIVE, ecdh },
      length: secretLength(curve),
    };
    return key.use(use, new Uint8Array(), options);
  };
  // PKCS #11 2.40 §2.3.9 has the point bare; some tokens want it in an OCTET STRING.
  let reply = await attempt(raw);
  if (reply.head.error !== undefined && isWrongInput(reply.head.error)) {
    reply = await attempt(der(derTag.octetString, raw));
  }
  if (reply.head.error !== undefined) throw key.failure(reply.head.error);
  const secret = Uint8Array.from(reply.bytes);
  if (keyType === 'EC' || secret.some((byte) => byte !== 0)) return secret;
  // RFC 7748 §6: the other key has small order.
  throw new Failure('ARGUMENT_INVALID', 'no secret can be agreed on with this key', { field: 'peer' });
}

/** SEC 1 §3.3.1: as long as a coordinate of the curve. RFC 7748 §6: as long as a key. */
function secretLength(curve: string | undefined): number {
  return { 'P-256': 32, 'P-384': 48, 'P-521': 66, X25519: 32, X448: 56 }[curve ?? ''] ?? 0;
}

function modulusLength(key: HeldKey): number {
  return Math.ceil((publicKeyOf(key).bits ?? 0) / 8);
}

function publicKeyOf({ publicKey }: HeldKey): PublicKey {
  if (publicKey !== undefined) return publicKey;
  throw new Failure('UNSUPPORTED', 'the token shows no public key');
}
