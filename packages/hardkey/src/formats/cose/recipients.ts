/**
 * COSE recipients (RFC 9052 §5.1, RFC 9053 §6, RFC 8230 §3): how a content key reaches those who may
 * open.
 *
 * @module
 */
import { type AlgorithmFacts, algorithm } from '../../core/algorithms.ts';
import { agreeEphemeral, hkdfSha256, unwrapWithBytes, wrapWithBytes } from '../../core/content-keys.ts';
import { coseKeyOf } from '../../core/cose-key.ts';
import { publicKeyOf } from '../../core/import-public-key.ts';
import type { CallOptions, KeyAgreement, KeyWrapper, WrappingKey } from '../../core/operations.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { keyIdNames } from '../../core/trust/key-id.ts';
import { utf8 } from '../../encoding/bytes.ts';
import { CborEncoded, type CborValue, encodeCbor } from '../../encoding/cbor/index.ts';
import { Failure, isFailure } from '../../errors.ts';
import {
  coseIdentifier,
  decodeHeaders,
  encodeHeaders,
  type Headers,
  header,
  headerLabel,
  keyIdOf,
  malformed,
} from './headers.ts';

/**
 * Somebody a document is encrypted for: a wrapping key, or the public key of an agreement, which is
 * `ECDH-ES+A128KW` unless its algorithm stands beside it.
 */
export type Recipient = WrappingKey | PublicKey | Pick<KeyAgreement, 'algorithm' | 'publicKey'>;

/** The side of a recipient that opens. */
export type RecipientKey = KeyWrapper | KeyAgreement;

/** Ephemeral key of an agreement (RFC 9053 table 20). */
const EPHEMERAL_KEY = -1;
/** What an agreement with a public key uses unless asked otherwise. */
const DEFAULT_AGREEMENT = 'ECDH-ES+A128KW';

/** Writes a COSE_recipient that carries `contentKey`. */
export async function encodeRecipient(
  recipient: Recipient,
  contentKey: Uint8Array,
  options: CallOptions = {},
): Promise<CborValue> {
  if ('wrap' in recipient) return wrapped(recipient, contentKey, options);
  return 'keyType' in recipient
    ? agreed(recipient, contentKey, algorithm(DEFAULT_AGREEMENT))
    : agreed(recipient.publicKey, contentKey, algorithm(recipient.algorithm));
}

/**
 * The content key out of the first of `recipients` that `key` opens. Throws `DECRYPTION_FAILED` when
 * it opens none, whatever the reason; an outage or a refusal of the key passes through.
 */
export async function openRecipients(
  recipients: readonly CborValue[],
  key: RecipientKey,
  options: CallOptions = {},
): Promise<Uint8Array> {
  for (const { headers, ciphertext } of recipients.map(decodeRecipient)) {
    if (!isFor(headers, key)) continue;
    return 'unwrap' in key ? key.unwrap(ciphertext, options) : openAgreed(headers, ciphertext, key, options);
  }
  throw new Failure('DECRYPTION_FAILED', 'no recipient is this key', { algorithm: key.algorithm });
}

interface DecodedRecipient {
  readonly headers: Headers;
  readonly ciphertext: Uint8Array;
}

/** Reads one COSE_recipient. Recipients of recipients are not read. */
function decodeRecipient(value: CborValue): DecodedRecipient {
  if (!Array.isArray(value) || value.length !== 3) throw malformed('not a recipient');
  const [first, second, ciphertext] = value as readonly CborValue[];
  const headers = decodeHeaders(first, second);
  if (ciphertext instanceof Uint8Array) return { headers, ciphertext };
  throw malformed('a recipient carries no content key');
}

/** Whether a recipient is of the key's algorithm and, where it has a `kid`, of this key. */
function isFor(headers: Headers, { algorithm: name, key }: RecipientKey): boolean {
  const id = header(headers, headerLabel.algorithm);
  if (typeof id !== 'number' || !algorithm(name).coseAccepted.includes(id)) return false;
  const keyId = keyIdOf(headers);
  return keyId === undefined || keyIdNames(keyId).includes(key.id);
}

async function wrapped(
  recipient: WrappingKey,
  contentKey: Uint8Array,
  options: CallOptions,
): Promise<CborValue> {
  // RFC 8230 §3 and RFC 9053 §6.2: these algorithms take no protected parameters.
  const unprotected = new Map<CborValue, CborValue>([
    [headerLabel.algorithm, coseIdentifier(recipient.algorithm)],
    [headerLabel.keyId, utf8(recipient.key.id)],
  ]);
  return [new Uint8Array(), unprotected, await recipient.wrap(contentKey, options)];
}

async function agreed(peer: PublicKey, contentKey: Uint8Array, facts: AlgorithmFacts): Promise<CborValue> {
  const protectedBytes = encodeHeaders(
    new Map([[headerLabel.algorithm, coseIdentifier(facts.name)]]),
  ).protectedBytes;
  const { publicKey, secret } = await agreeEphemeral(peer);
  const wrappingKey = await wrappingKeyOf(secret, facts, protectedBytes);
  const unprotected = new Map<CborValue, CborValue>([
    [EPHEMERAL_KEY, new CborEncoded(publicKey.toCoseKey())],
    [headerLabel.keyId, utf8(peer.id)],
  ]);
  return [protectedBytes, unprotected, await wrapWithBytes(wrappingKey, contentKey)];
}

async function openAgreed(
  headers: Headers,
  ciphertext: Uint8Array,
  key: KeyAgreement,
  options: CallOptions,
): Promise<Uint8Array> {
  const secret = await agreedSecret(headers, key, options);
  const wrappingKey = await wrappingKeyOf(secret, algorithm(key.algorithm), headers.protectedBytes);
  return unwrapWithBytes(wrappingKey, ciphertext);
}

/** What the reader's key and the ephemeral one agree on. Throws `MALFORMED` for an ephemeral key that is none. */
async function agreedSecret(headers: Headers, key: KeyAgreement, options: CallOptions): Promise<Uint8Array> {
  try {
    const ephemeral = await publicKeyOf(coseKeyOf(header(headers, EPHEMERAL_KEY)));
    return await key.agree(ephemeral, options);
  } catch (cause) {
    // It stands in the document, so what is wrong with it is no fault of the caller's arguments.
    const isPeer = isFailure(cause, 'ARGUMENT_INVALID') && cause.details.field === 'peer';
    if (isPeer || isFailure(cause, 'MALFORMED')) throw malformed('the ephemeral key is none of this curve');
    throw cause;
  }
}

/** The key-wrapping key of an agreement: HKDF over the COSE_KDF_Context of RFC 9053 §5.2. */
async function wrappingKeyOf(
  secret: Uint8Array,
  { name }: AlgorithmFacts,
  protectedBytes: Uint8Array,
): Promise<Uint8Array> {
  const { cose = 0, keyBits = 0 } = algorithm(name.slice('ECDH-ES+'.length));
  const nobody = [null, null, null];
  const context = encodeCbor([cose, nobody, nobody, [keyBits, protectedBytes]]);
  return hkdfSha256(secret, new Uint8Array(), context, keyBits / 8);
}
