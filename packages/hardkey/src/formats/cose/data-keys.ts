/**
 * Data keys: made, wrapped once, and used for as many messages as they may.
 *
 * @module
 */
import { type AeadAlgorithm, algorithm } from '../../core/algorithms.ts';
import { aeadOf, createContentKey, usingContentKey } from '../../core/content-keys.ts';
import { waitWithin } from '../../core/limits.ts';
import type { Aead, CallOptions, GeneratedKey, KeyWrapper } from '../../core/operations.ts';
import { checkFields, wholeNumber } from '../../core/policy/fields.ts';
import type { CborValue } from '../../encoding/cbor/index.ts';
import { Failure } from '../../errors.ts';
import { encodeRecipients } from './recipients.ts';

/** When a data key is replaced by another: at whichever limit it reaches first. */
export interface DataKeyLimits {
  /** Milliseconds since it was made. At most a day. */
  readonly ageMs: number;
  /** Messages that it encrypts, at most 2^32: random nonces collide too easily beyond that. */
  readonly messages: number;
  /** Bytes of all messages together. A message that is longer has a data key of its own. */
  readonly bytes: number;
}

/** A data key in use: what encrypts, and the recipients that carry it. Its bytes are erased. */
export interface DataKey {
  readonly aead: Aead;
  readonly recipients: readonly CborValue[];
}

interface Kept {
  readonly made: Promise<DataKey>;
  readonly since: number;
  messages: number;
  bytes: number;
}

const DAY_MS = 86_400_000;
const MOST_MESSAGES = 2 ** 32;

/** A data key for each message. */
const ONCE: DataKeyLimits = { ageMs: 0, messages: 1, bytes: 0 };

/** Checks limits. Throws `ARGUMENT_INVALID` with the field. */
export function readLimits(limits: DataKeyLimits | undefined): DataKeyLimits {
  if (limits === undefined) return ONCE;
  checkFields(limits, ['ageMs', 'messages', 'bytes'], 'reuse');
  return {
    ageMs: wholeNumber(limits.ageMs, 1, DAY_MS, 'reuse.ageMs'),
    messages: wholeNumber(limits.messages, 1, MOST_MESSAGES, 'reuse.messages'),
    bytes: wholeNumber(limits.bytes, 1, Number.MAX_SAFE_INTEGER, 'reuse.bytes'),
  };
}

/** Gives a data key for a message of a length. */
export interface DataKeys {
  take(length: number, options: CallOptions): Promise<DataKey>;
  /** The next message has a new one. */
  clear(): void;
}

/** Who draws data keys: this process, or the service whose key wraps them. */
export type DataKeySource = 'here' | 'service';

/** Data keys wrapped by `wrapper`. Throws `UNSUPPORTED` where it is to draw them and draws none. */
export function dataKeys(
  wrapper: KeyWrapper,
  source: DataKeySource,
  name: AeadAlgorithm,
  limits: DataKeyLimits,
  now: () => number,
): DataKeys {
  const draw = source === 'service' ? drawnBy(wrapper, name) : undefined;
  let kept: Kept | undefined;

  async function make(options: CallOptions): Promise<DataKey> {
    const drawn = await draw?.(options);
    const own = drawn === undefined ? wrapper : { ...wrapper, wrap: async () => drawn.wrapped };
    return usingContentKey(drawn?.contentKey ?? createContentKey(name), async (bytes) => ({
      aead: await aeadOf(bytes, name),
      recipients: await encodeRecipients([own], bytes, { ...options, allowService: true }),
    }));
  }

  function fits({ since, messages, bytes }: Kept, length: number): boolean {
    const young = now() - since < limits.ageMs;
    return young && messages < limits.messages && bytes + length <= limits.bytes;
  }

  /** It counts from before it is wrapped, and its messages from before they are encrypted. */
  function begin(options: CallOptions): Kept {
    const own: Kept = { made: make(options), since: now(), messages: 0, bytes: 0 };
    // Whoever asked for it is told. The next one tries again.
    own.made.catch(() => {
      if (kept === own) kept = undefined;
    });
    return own;
  }

  return {
    async take(length, options) {
      if (limits === ONCE) return make(options);
      // What all wait for is not ended by the one who began it, and each waits as long as he may.
      if (kept === undefined || !fits(kept, length)) kept = begin(withoutLimits(options));
      kept.messages += 1;
      kept.bytes += length;
      return waitWithin(kept.made, options, Number.POSITIVE_INFINITY, { operation: 'wrap' });
    },
    clear() {
      kept = undefined;
    },
  };
}

function drawnBy(
  { generateKey, algorithm: wrapping }: KeyWrapper,
  name: AeadAlgorithm,
): (options: CallOptions) => Promise<GeneratedKey> {
  if (generateKey === undefined) {
    throw new Failure('UNSUPPORTED', 'the key draws no data keys', {
      algorithm: wrapping,
      field: 'dataKeys',
    });
  }
  return (options) => generateKey((algorithm(name).keyBits ?? 0) / 8, options);
}

/** For what several wait for: none of them ends it. */
export function withoutLimits({
  signal: _signal,
  deadline: _deadline,
  ...options
}: CallOptions): CallOptions {
  return options;
}
