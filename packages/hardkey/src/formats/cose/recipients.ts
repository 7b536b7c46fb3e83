/**
 * COSE recipients (RFC 9052 §5.1, RFC 9053 §6, RFC 8230 §3): how a content key reaches those who may
 * open.
 *
 * @module
 */
import { algorithm, algorithmsOfCose, type WrapAlgorithm } from '../../core/algorithms.ts';
import { callOptionsOf } from '../../core/call-options.ts';
import { wrapperFor } from '../../core/content-keys.ts';
import type { CallOptions, KeyAgreement, KeyWrapper, WrappingKey } from '../../core/operations.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { keyIdNames } from '../../core/trust/key-id.ts';
import { equalBytes, utf8 } from '../../encoding/bytes.ts';
import type { CborValue } from '../../encoding/cbor/index.ts';
import { Failure, invalid, isFailure } from '../../errors.ts';
import { agreedRecipient, openAgreed } from './agreed-recipient.ts';
import {
  coseIdentifier,
  decodeHeaders,
  type HeaderOptions,
  type Headers,
  header,
  headerLabel,
  keyIdOf,
  malformed,
} from './headers.ts';
import { optionsGiven } from './options.ts';
import { keyIdBytes } from './signer-headers.ts';

/**
 * Somebody a document is encrypted for: a wrapping key, or a public key. An RSA key is for `RSA-OAEP-256`, and one
 * of an agreement for `ECDH-ES+A128KW` unless its algorithm stands beside it.
 */
export type Recipient = WrappingKey | PublicKey | Pick<KeyAgreement, 'algorithm' | 'publicKey'>;

/** The side of a recipient that opens. */
export type RecipientKey = KeyWrapper | KeyAgreement;

/**
 * What stands as the algorithm of a `service` recipient: a key management service's own wrapping, whose
 * output is opaque and has no registered algorithm. The registry leaves everything below -65536 to
 * private use, so it means this to nobody else. The `kid` is the reference of the key.
 */
export const serviceAlgorithm = -65_700;

/** The algorithm of a recipient who has the content key itself (RFC 9053 §6.1.1). */
export const directAlgorithm = -6;

/** What both sides must ask for. */
export interface RecipientOptions {
  /** Also use a service's own wrapping, for which there is no registered algorithm. Default false. */
  readonly allowService?: boolean;
}

/** How the key of a reader is found among the recipients. */
export interface OpenRecipientOptions extends RecipientOptions {
  /** What documents call the key, where that is not its id. */
  readonly keyId?: string | Uint8Array;
}

/** Names of {@link OpenRecipientOptions}. */
export const openRecipientOptions: readonly string[] = ['allowService', 'keyId'];

/** The most recipients that are written or read. */
const maxRecipients = 64;

const NOTHING = new Uint8Array();
/** What an agreement with a public key uses unless asked otherwise. */
const DEFAULT_AGREEMENT = 'ECDH-ES+A128KW';

/** Writes the COSE_recipients that carry `contentKey`. Throws `UNSUPPORTED` for a service that was not allowed. */
export async function encodeRecipients(
  recipients: readonly Recipient[],
  contentKey: Uint8Array,
  options: CallOptions & RecipientOptions = {},
): Promise<readonly CborValue[]> {
  for (const one of recipients) if ('wrap' in one) checkService(one.algorithm, options);
  const call = callOptionsOf(options);
  return Promise.all(recipients.map((one) => encodeRecipient(one, contentKey, call)));
}

/** Whether there are recipients, and not too many. */
export function checkRecipients(recipients: readonly unknown[]): void {
  if (Array.isArray(recipients) && recipients.length > 0 && recipients.length <= maxRecipients) {
    for (const one of recipients) optionsGiven(one as object, 'recipients');
    return;
  }
  throw invalid(`from 1 to ${maxRecipients} recipients are needed`, 'recipients');
}

/** Whether a recipient that has the content key stands alone, and is for the algorithm an option asks for. */
export function checkDirectSender(count: number, own: string, option: string, asked: string = own): void {
  if (count > 1) throw invalid('a direct recipient is the only one', 'recipients');
  if (asked !== own) throw invalid('the key is for another algorithm', option);
}

/** One recipient, who has the content key: it is named and not carried. */
export function directRecipients({ key }: { readonly key: { readonly id: string } }): readonly CborValue[] {
  return [[NOTHING, parameters(directAlgorithm, key.id), NOTHING]];
}

/** A COSE_recipient as it was read. */
export interface DecodedRecipient {
  readonly headers: Headers;
  readonly ciphertext: Uint8Array;
}

/**
 * Reads the recipients that may be read. One with recipients of its own, or with a critical parameter
 * that is not understood, is somebody else's. Throws `MALFORMED`, field `cose`.
 */
export function decodeRecipients(value: CborValue, options: HeaderOptions): readonly DecodedRecipient[] {
  if (!Array.isArray(value) || value.length === 0) throw malformed('there are no recipients');
  if (value.length > maxRecipients) throw malformed('there are too many recipients');
  const found = value.flatMap((one: CborValue) => decodeRecipient(one, options) ?? []);
  // RFC 9052 §8.5.1: whoever has the content key itself is the only recipient.
  if (value.length > 1 && found.some(({ headers }) => algorithmIdOf(headers) === directAlgorithm)) {
    throw malformed('a direct recipient is not alone');
  }
  return found;
}

/**
 * The content key out of the first of `recipients` that `key` opens. Throws `DECRYPTION_FAILED` when
 * it opens none, whatever the reason; an outage or a refusal of the key passes through.
 */
export async function openRecipients(
  recipients: readonly DecodedRecipient[],
  key: RecipientKey,
  options: CallOptions & OpenRecipientOptions = {},
): Promise<Uint8Array> {
  checkService(key.algorithm, options);
  const call = callOptionsOf(options);
  let first: Failure | undefined;
  for (const { headers, ciphertext } of recipients.filter((one) => isFor(one.headers, key, options))) {
    try {
      if (!('unwrap' in key)) return await openAgreed(headers, ciphertext, key, call);
      checkUnprotected(headers);
      return await key.unwrap(ciphertext, call);
    } catch (failure) {
      // A recipient without a name may be anybody: the next one may be this reader.
      if (!isFailure(failure, 'DECRYPTION_FAILED') && !isFailure(failure, 'MALFORMED')) throw failure;
      first ??= failure;
    }
  }
  throw first ?? noRecipient(key.algorithm);
}

/** Throws `DECRYPTION_FAILED` unless the one recipient is whoever has `key` itself. */
export function checkDirect(
  [recipient]: readonly DecodedRecipient[],
  key: { readonly algorithm: string; readonly key: { readonly id: string } },
  { keyId }: OpenRecipientOptions,
): void {
  const isDirect = recipient !== undefined && algorithmIdOf(recipient.headers) === directAlgorithm;
  if (!isDirect || !isNamed(recipient.headers, key.key.id, keyId)) throw noRecipient(key.algorithm);
  checkUnprotected(recipient.headers);
  if (recipient.ciphertext.length > 0) throw malformed('a direct recipient carries something');
}

async function encodeRecipient(
  recipient: Recipient,
  contentKey: Uint8Array,
  call: CallOptions,
): Promise<CborValue> {
  // Nothing is agreed on with an RSA key: it wraps.
  if ('keyType' in recipient && recipient.keyType === 'RSA') {
    return encodeRecipient(wrapperFor(recipient), contentKey, call);
  }
  if ('wrap' in recipient) {
    const { key, algorithm: name } = recipient;
    const named = name === 'service' ? parameters(serviceAlgorithm, String(key.ref)) : undefined;
    // RFC 8230 §3 and RFC 9053 §6.2: these algorithms take no protected parameters.
    return [
      NOTHING,
      named ?? parameters(coseIdentifier(name), key.id),
      await recipient.wrap(contentKey, call),
    ];
  }
  return 'keyType' in recipient
    ? agreedRecipient(recipient, contentKey, algorithm(DEFAULT_AGREEMENT))
    : agreedRecipient(recipient.publicKey, contentKey, algorithm(recipient.algorithm));
}

function parameters(id: number, keyId: string): ReadonlyMap<CborValue, CborValue> {
  return new Map<CborValue, CborValue>([
    [headerLabel.algorithm, id],
    [headerLabel.keyId, utf8(keyId)],
  ]);
}

function decodeRecipient(value: CborValue, options: HeaderOptions): DecodedRecipient | undefined {
  const length = Array.isArray(value) ? value.length : 0;
  if (length !== 3 && length !== 4) throw malformed('not a recipient');
  const [first, second, ciphertext] = value as readonly CborValue[];
  const headers = headersOf(first, second, options);
  if (headers === undefined || length === 4) return undefined;
  if (!(ciphertext instanceof Uint8Array)) throw malformed('a recipient carries no content key');
  return { headers, ciphertext };
}

function headersOf(
  first: CborValue | undefined,
  second: CborValue | undefined,
  options: HeaderOptions,
): Headers | undefined {
  try {
    return decodeHeaders(first, second, options);
  } catch (failure) {
    if (isFailure(failure, 'UNSUPPORTED')) return undefined;
    throw failure;
  }
}

/** What wrapped the content key of a recipient; undefined for one of another kind. */
export function wrapAlgorithmOf(headers: Headers): WrapAlgorithm | undefined {
  const id = algorithmIdOf(headers);
  if (id === serviceAlgorithm) return 'service';
  const [found] = typeof id === 'number' ? algorithmsOfCose(id, 'wrap') : [];
  return found?.name as WrapAlgorithm | undefined;
}

/** Whether a recipient is of the key's algorithm and, where it has a `kid`, of this key. */
export function isFor(
  headers: Headers,
  { algorithm: name, key }: RecipientKey,
  { keyId }: OpenRecipientOptions,
): boolean {
  const id = algorithmIdOf(headers);
  const known = name === 'service' ? [serviceAlgorithm] : algorithm(name).coseAccepted;
  if (typeof id !== 'number' || !known.includes(id)) return false;
  return isNamed(headers, name === 'service' ? String(key.ref) : key.id, keyId);
}

function isNamed(headers: Headers, own: string, given: string | Uint8Array | undefined): boolean {
  const found = keyIdOf(headers);
  if (found === undefined) return true;
  const expected = keyIdBytes(given);
  return expected === undefined ? keyIdNames(found).includes(own) : equalBytes(found, expected);
}

/** RFC 9053 §6.1.1 and §6.2.1, RFC 8230 §3: what nothing would protect is not called protected. */
function checkUnprotected({ protected: covered }: Headers): void {
  if (covered.size > 0) throw malformed('this kind of recipient has no protected parameters');
}

function algorithmIdOf(headers: Headers): CborValue | undefined {
  return header(headers, headerLabel.algorithm);
}

function checkService(name: string, { allowService = false }: RecipientOptions): void {
  if (name !== 'service' || allowService) return;
  throw new Failure('UNSUPPORTED', 'the wrapping of a service has no registered algorithm', {
    algorithm: name,
    field: 'allowService',
  });
}

function noRecipient(name: string): Failure<'DECRYPTION_FAILED'> {
  return new Failure('DECRYPTION_FAILED', 'no recipient is this key', { algorithm: name });
}
