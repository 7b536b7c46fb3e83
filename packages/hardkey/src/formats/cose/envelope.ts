/**
 * Envelope encryption of any data: a COSE_Encrypt (RFC 9052 §5.1) whose content key, the data key, is
 * wrapped by a key that stays where it is, be it a KMS, a token or a file.
 *
 * @module
 */
import type { AeadAlgorithm, WrapAlgorithm } from '../../core/algorithms.ts';
import { algorithm } from '../../core/algorithms.ts';
import { callOptions, callOptionsOf } from '../../core/call-options.ts';
import { aeadOf, usingContentKey } from '../../core/content-keys.ts';
import { checkLimits, waitWithin } from '../../core/limits.ts';
import type { Aead, CallOptions, KeyWrapper } from '../../core/operations.ts';
import { fromUtf8 } from '../../encoding/bytes.ts';
import { type CborValue, encodeCbor } from '../../encoding/cbor/index.ts';
import { encodeHex } from '../../encoding/hex.ts';
import { Failure, invalid, isFailure } from '../../errors.ts';
import { type DataKeyLimits, type DataKeySource, dataKeys, readLimits, withoutLimits } from './data-keys.ts';
import { ciphertextOf, contentAlgorithm, encryptContent, openContent } from './encrypt0.ts';
import { decodeHeaders, keyIdOf } from './headers.ts';
import { bytesGiven, checkNames } from './options.ts';
import {
  type DecodedRecipient,
  decodeRecipients,
  encodeRecipients,
  isFor,
  openRecipients,
  wrapAlgorithmOf,
} from './recipients.ts';
import { decodeCoseAs, encodeCose } from './structure.ts';

/** What an envelope says of the key that wrapped its data key. */
export interface EnvelopeKey {
  readonly algorithm: WrapAlgorithm;
  /** The id of the key; of a service's own wrapping its reference, with the version. */
  readonly keyId: string;
}

/** Options of {@link createEnvelope}. */
export interface EnvelopeOptions {
  /** What encrypts. Default A256GCM. */
  readonly contentAlgorithm?: AeadAlgorithm;
  /**
   * Who draws data keys: this process, by default, or with `service` the service whose key wraps them, where a
   * rule wants that (`GenerateDataKey` of AWS KMS, `datakey` of Transit). One call either way; `UNSUPPORTED`
   * for a key that draws none.
   */
  readonly dataKeys?: DataKeySource;
  /**
   * How far a data key is used for more than one message, and, once it was unwrapped, kept for the next
   * that it encrypted; what is decrypted at the same time waits for one unwrapping. Without it each message
   * has a data key of its own, and none is kept.
   */
  readonly reuse?: DataKeyLimits;
  /**
   * Opens the key of an envelope that another key wrapped, most often an earlier version. It decides
   * which keys it opens: what the envelope says of its key, anybody may have written.
   */
  readonly keyOf?: (key: EnvelopeKey) => KeyWrapper | Promise<KeyWrapper>;
  /** Milliseconds that only go forward, for the age of data keys. Default: `performance.now()`. */
  readonly now?: () => number;
}

/** Encrypts under a key that wraps. Like an `Aead`, with one result that carries everything. */
export interface Envelope {
  /** The envelope. `aad` goes into it and not along with it: who decrypts gives the same. */
  encrypt(plaintext: Uint8Array, aad: Uint8Array, options?: CallOptions): Promise<Uint8Array<ArrayBuffer>>;
  /** The plaintext. Throws `MALFORMED`, field `cose`, and `DECRYPTION_FAILED`, whatever else was wrong. */
  decrypt(envelope: Uint8Array, aad: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
  /**
   * The same envelope for the key that wraps now. The content stays as it is and is not decrypted. One that
   * this key wrapped already is returned as it is.
   */
  rewrap(envelope: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
  /** Forgets every data key. */
  clear(): void;
}

const KNOWN = ['contentAlgorithm', 'dataKeys', 'reuse', 'keyOf', 'now'];
/** Data keys that were unwrapped and are kept. */
const MOST_KEPT = 256;
const SERVICE = { allowService: true };

const UNWRAP = { operation: 'unwrap' };

/** A data key that was unwrapped, or is about to be. */
interface Opened<A> {
  readonly aead: A;
  readonly since: number;
}

/** Encrypts under data keys that `wrapper` wraps. Throws `ARGUMENT_INVALID` for options that cannot work. */
export function createEnvelope(wrapper: KeyWrapper, options: EnvelopeOptions = {}): Envelope {
  checkNames(options, KNOWN);
  const { contentAlgorithm: name = 'A256GCM', keyOf, now = () => performance.now() } = options;
  const { dataKeys: source = 'here' } = options;
  if (algorithm(name).operation !== 'aead')
    throw invalid('not an algorithm that encrypts', 'contentAlgorithm');
  if (source !== 'here' && source !== 'service') throw invalid('here or service', 'dataKeys');
  const limits = readLimits(options.reuse);
  const own = dataKeys(wrapper, source, name, limits, now);
  const opened = new Map<string, Opened<Aead>>();
  const opening = new Map<string, Opened<Promise<Aead>>>();

  /** The wrapper of a recipient: our own, or the one that the caller opens for it. */
  async function unwrapped<T>(
    recipients: readonly DecodedRecipient[],
    call: CallOptions,
    use: (contentKey: Uint8Array) => Promise<T>,
  ): Promise<T> {
    const mine = recipients.some(({ headers }) => isFor(headers, wrapper, {}));
    const key = mine || keyOf === undefined ? wrapper : await keyOf(envelopeKey(recipients));
    return usingContentKey(await openRecipients(recipients, key, { ...call, ...SERVICE }), use);
  }

  async function aeadFor(
    { recipients, carried }: Pick<Read, 'recipients' | 'carried'>,
    used: AeadAlgorithm,
    call: CallOptions,
  ): Promise<Aead> {
    const make = (how: CallOptions) => unwrapped(recipients, how, (contentKey) => aeadOf(contentKey, used));
    if (options.reuse === undefined) return make(call);
    checkLimits(call, UNWRAP);
    // All that is said of the key: nobody waits for what others changed in an envelope of the same key.
    const id = [used, encodeHex(encodeCbor(carried))].join();
    const kept = opened.get(id);
    if (kept !== undefined && isYoung(kept)) return kept.aead;
    const begun = opening.get(id);
    const aead = begun !== undefined && isYoung(begun) ? begun.aead : begin(id, make(withoutLimits(call)));
    return waitWithin(aead, call, Number.POSITIVE_INFINITY, UNWRAP);
  }

  function isYoung({ since }: Opened<unknown>): boolean {
    return now() - since < limits.ageMs;
  }

  /** Shares what is being unwrapped, and keeps what comes of it unless it was forgotten meanwhile. */
  function begin(id: string, aead: Promise<Aead>): Promise<Aead> {
    const own = { aead, since: now() };
    opening.set(id, own);
    const end = (): boolean => opening.get(id) === own && opening.delete(id);
    aead.then((made) => {
      if (end()) keep(id, { aead: made, since: own.since });
    }, end);
    return aead;
  }

  function keep(id: string, one: Opened<Aead>): void {
    for (const [other, made] of opened) if (!isYoung(made)) opened.delete(other);
    opened.set(id, one);
    const [oldest] = opened.keys();
    if (opened.size > MOST_KEPT && oldest !== undefined) opened.delete(oldest);
  }

  return Object.freeze({
    async encrypt(plaintext, aad, options = {}) {
      const call = callGiven(options);
      const content = bytesGiven(plaintext, 'plaintext');
      const { aead, recipients } = await own.take(content.length, call);
      const elements = await encryptContent('Encrypt', content, aead, { ...call, externalAad: aad });
      return encodeCose('encrypt', [...elements, recipients], true);
    },
    async decrypt(envelope, aad, options = {}) {
      const call = callGiven(options);
      const { headers, ciphertext, ...to } = readEnvelope(envelope);
      const aead = await aeadFor(to, contentAlgorithm(headers) as AeadAlgorithm, call);
      return openContent('Encrypt', headers, ciphertext, aead, { ...call, externalAad: aad });
    },
    async rewrap(envelope, options = {}) {
      const call = callGiven(options);
      const { elements, recipients } = readEnvelope(envelope);
      if (recipients.length > 1) {
        throw new Failure('UNSUPPORTED', 'what is for several is encrypted for them anew', { field: 'cose' });
      }
      const isOurs = recipients.some(
        ({ headers }) => keyIdOf(headers) !== undefined && isFor(headers, wrapper, {}),
      );
      if (isOurs) return envelope;
      const again = await unwrapped(recipients, call, (contentKey) =>
        encodeRecipients([wrapper], contentKey, { ...call, ...SERVICE }),
      );
      return encodeCose('encrypt', [...elements, again], true);
    },
    clear() {
      own.clear();
      opened.clear();
      opening.clear();
    },
  } satisfies Envelope);
}

function callGiven(options: CallOptions): CallOptions {
  checkNames(options, callOptions);
  return callOptionsOf(options);
}

/** What an envelope says of its key, to look the key up. Throws `MALFORMED`, field `cose`. */
export function readEnvelopeKey(envelope: Uint8Array): EnvelopeKey {
  return envelopeKey(readEnvelope(envelope).recipients);
}

/** An envelope as it was read. */
interface Read {
  readonly headers: ReturnType<typeof decodeHeaders>;
  readonly ciphertext: Uint8Array;
  readonly recipients: readonly DecodedRecipient[];
  /** The recipients as they came. */
  readonly carried: CborValue;
  /** All but the recipients. */
  readonly elements: readonly CborValue[];
}

function readEnvelope(bytes: Uint8Array): Read {
  const [first = null, second = null, attached = null, list = null] = decodeCoseAs(bytes, 'encrypt', {});
  return {
    headers: decodeHeaders(first, second, { within: bytes }),
    ciphertext: ciphertextOf(attached, {}),
    recipients: decodeRecipients(list, {}),
    carried: list,
    elements: [first, second, attached],
  };
}

function envelopeKey(recipients: readonly DecodedRecipient[]): EnvelopeKey {
  for (const { headers } of recipients) {
    const name = wrapAlgorithmOf(headers);
    const keyId = keyIdOf(headers);
    if (name !== undefined && keyId !== undefined) return { algorithm: name, keyId: textOf(keyId) };
  }
  throw new Failure('DECRYPTION_FAILED', 'the envelope does not say which key wrapped it');
}

function textOf(keyId: Uint8Array): string {
  try {
    return fromUtf8(keyId);
  } catch (error) {
    if (!isFailure(error, 'MALFORMED')) throw error;
    return encodeHex(keyId);
  }
}
