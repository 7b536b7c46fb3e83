/**
 * Many identities to signed QR texts.
 *
 * @module
 */
import { inOrder, type Source } from '../../core/in-order.ts';
import { checkOptions } from '../../core/option-table.ts';
import { Failure, invalid, isFailure } from '../../errors.ts';
import { optionsGiven } from '../cose/options.ts';
import { type Encoded, type EncodeOptions, encode } from './encode.ts';
import type { Identity } from './fields.ts';
import type { Meta } from './meta.ts';
import type { PrivateValues } from './private-fields.ts';
import { encodeTable } from './unsigned.ts';

/** What becomes one credential. */
export type IdentityRecord<V extends PrivateValues = PrivateValues> = readonly [
  identity: Identity<V>,
  meta: Meta,
];

/**
 * A record, or what makes it when its turn comes: it reads a photo, or parses a line. What that throws is
 * the failure of the record, `ARGUMENT_INVALID` where it is no `Failure`.
 */
export type RecordSource<V extends PrivateValues = PrivateValues> =
  | IdentityRecord<V>
  | (() => IdentityRecord<V> | Promise<IdentityRecord<V>>);

/** Options of encoding many. */
export interface EncodeAllOptions<V extends PrivateValues = PrivateValues> extends EncodeOptions<V> {
  /** Records that are worked on at the same time, 1 to 1024. Default 16. */
  readonly concurrency?: number;
  /** What becomes of a record that fails: it ends the whole, or stands among the results. Default `throw`. */
  readonly failures?: 'throw' | 'yield';
}

/** The credential of a record. */
export interface EncodedRecord extends Encoded {
  /** Which record, from 0. */
  readonly index: number;
}

/** A record that has none. */
export interface FailedRecord {
  /** Which record, from 0. */
  readonly index: number;
  readonly failure: Failure;
}

const USUAL = 16;
const MOST = 1024;

/**
 * Encodes and signs records, and yields the credentials in the order of the records. `concurrency`
 * records are worked on at once, and no more than twice as many are held, however long the input is
 * and however slowly the results are taken.
 *
 * A record that fails ends the iteration in its place: after the credentials of those before it, with
 * its failure, whose `field` begins with `records.` and its index from 0. With `failures: 'yield'` the
 * failure is yielded in its place, and the others go on.
 *
 * A key that is full (`OVERLOADED`, as the `concurrency` and `queue` of a policy have it) is not a
 * failure while other records of this call are with it: the record waits until one of them is done.
 * When the consumer stops, or `signal` aborts, what is under way is aborted and `records` is closed.
 * Throws `ARGUMENT_INVALID` at once for options that cannot be.
 */
export function encodeAll<V extends PrivateValues>(
  records: Source<RecordSource<V>>,
  options: EncodeAllOptions<V> & { readonly failures: 'yield' },
): AsyncIterable<EncodedRecord | FailedRecord>;
export function encodeAll<V extends PrivateValues>(
  records: Source<RecordSource<V>>,
  options: EncodeAllOptions<V> & { readonly failures?: 'throw' },
): AsyncIterable<EncodedRecord>;
export function encodeAll<V extends PrivateValues>(
  records: Source<RecordSource<V>>,
  options: EncodeAllOptions<V>,
): AsyncIterable<EncodedRecord | FailedRecord> {
  const { concurrency = USUAL, failures = 'throw', ...encoding } = optionsGiven(options);
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > MOST)
    throw invalid('a whole number from 1 to 1024', 'concurrency');
  if (!['throw', 'yield'].includes(failures)) throw invalid('throw or yield', 'failures');
  checkOptions(encoding, encodeTable);
  if (!isIterable(records)) throw invalid('a list or a stream of records is needed', 'records');
  const patiently = takingTurns();
  const room = { atOnce: concurrency, held: 2 * concurrency };
  return inOrder(records, room, async (source, index, stopped) => {
    const signal = encoding.signal === undefined ? stopped : AbortSignal.any([stopped, encoding.signal]);
    try {
      signal.throwIfAborted();
      const [identity, meta] = recordGiven(typeof source === 'function' ? await make(source) : source);
      const encoded = await patiently(async () => {
        signal.throwIfAborted();
        return encode(identity, meta, { ...encoding, signal });
      });
      return { index, ...encoded };
    } catch (error) {
      if (signal.aborted || !isFailure(error)) throw error;
      if (failures === 'yield') return { index, failure: error };
      throw ofRecord(error, index);
    }
  });
}

function isIterable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Symbol.asyncIterator in value || Symbol.iterator in value;
}

function recordGiven<V extends PrivateValues>(record: IdentityRecord<V>): IdentityRecord<V> {
  if (Array.isArray(record)) return record;
  throw invalid('a record is an identity and its claims', 'record');
}

/** What the caller's function throws is the failure of its record, whatever it is. */
async function make<R>(source: () => R | Promise<R>): Promise<R> {
  try {
    return await source();
  } catch (cause) {
    if (isFailure(cause)) throw cause;
    throw new Failure('ARGUMENT_INVALID', 'the record cannot be made', {}, cause);
  }
}

/** Runs calls; one that is `OVERLOADED` is repeated when another of them has ended. */
function takingTurns(): <T>(call: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  let ended = 0;

  async function attempt<T>(call: () => Promise<T>): Promise<{ readonly result: T } | Failure> {
    running += 1;
    try {
      return { result: await call() };
    } catch (error) {
      if (isFailure(error, 'OVERLOADED')) return error;
      throw error;
    } finally {
      running -= 1;
    }
  }

  return async (call) => {
    try {
      for (;;) {
        const before = ended;
        const tried = await attempt(call);
        if ('result' in tried) return tried.result;
        if (ended !== before) continue;
        // Alone, nobody would wake it: then others fill the key.
        if (running === 0) throw tried;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    } finally {
      ended += 1;
      waiting.shift()?.();
    }
  };
}

function ofRecord({ code, message, details, cause }: Failure, index: number): Failure {
  const field = details.field === undefined ? `records.${index}` : `records.${index}.${details.field}`;
  return new Failure(code, message, { ...details, field }, cause);
}
