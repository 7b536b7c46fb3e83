/**
 * A provider that fails when it is told to, around one that works.
 *
 * @module
 */

import type { SignatureAlgorithm } from '../core/algorithms.ts';
import type { Key, KeyProvider } from '../core/key.ts';
import type { CallOptions, Sealed } from '../core/operations.ts';
import type { Operation } from '../core/policy/call.ts';
import { generateSoftwareKey } from '../core/software/import.ts';
import { softwareKey } from '../core/software/key.ts';
import { Failure } from '../errors.ts';
import { type Fault, type Planned, readPlan } from './faults.ts';
import { type Intercepted, interceptKey, interceptProvider } from './intercept.ts';

/** A provider with a plan, which counts what it is asked. */
export interface FaultyProvider extends KeyProvider {
  /** How many calls of an operation reached it, those that a fault met included. */
  calls(operation: Operation): number;
}

/**
 * Does what `provider` does, but for the faults of the plan. Where several meet a call, the first of
 * the plan counts. Throws `ARGUMENT_INVALID` for a plan that makes no sense.
 */
export function faulty(provider: KeyProvider, plan: readonly Fault[]): FaultyProvider {
  const faults = readPlan(plan);
  const counts = new Map<Operation, number>();

  async function around(call: Intercepted): Promise<unknown> {
    counts.set(call.operation, (counts.get(call.operation) ?? 0) + 1);
    // Every fault counts the call, also one that another fault comes before.
    const meeting = faults.filter(({ on }) => on === call.operation).filter((fault) => fault.meets());
    const [fault] = meeting;
    return fault === undefined ? call.next() : suffer(fault, call);
  }

  return Object.freeze({
    ...interceptProvider(provider, around, (key) => interceptKey(key, around)),
    calls: (operation: Operation) => counts.get(operation) ?? 0,
  });
}

async function suffer({ delayMs, fail, hang, result }: Planned, call: Intercepted): Promise<unknown> {
  const { operation, options } = call;
  if (delayMs !== undefined) await pause(delayMs, options);
  if (fail !== undefined) throw new Failure(fail, 'a fault of the plan', { operation });
  if (hang !== undefined) return pause(undefined, hang === 'forever' ? {} : options);
  if (result === 'another-key') return signedByAnother(call);
  const made = await call.next();
  return result === undefined ? made : spoiled(made, result);
}

/** Waits for a time, or for ever; an abort ends it. */
function pause(ms: number | undefined, { signal }: CallOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

/** Keys of nobody, one for each algorithm: made when first needed, for RSA takes its time. */
const others = new Map<SignatureAlgorithm, Promise<Key>>();

async function signedByAnother({ algorithm, key, args, options }: Intercepted): Promise<unknown> {
  const [message] = args;
  if (key === undefined || algorithm === undefined || !(message instanceof Uint8Array)) return undefined;
  const name = algorithm as SignatureAlgorithm;
  const other = others.get(name) ?? anotherKey(key, name);
  others.set(name, other);
  return (await other).use(name).sign(message, options);
}

async function anotherKey(like: Key, name: SignatureAlgorithm): Promise<Key> {
  const bits = like.publicKey?.bits;
  const pair = await generateSoftwareKey({ algorithm: name, ...(bits === undefined ? {} : { bits }) });
  const { publicKey } = pair;
  return softwareKey({ ...like, ...(publicKey === undefined ? {} : { publicKey }) }, pair.key, () => {});
}

function spoiled(made: unknown, how: 'truncated' | 'changed'): unknown {
  if (made instanceof Uint8Array) return how === 'truncated' ? made.slice(0, -1) : changed(made);
  const sealed = made as Sealed;
  return { ...sealed, ciphertext: spoiled(sealed.ciphertext, how) };
}

function changed(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const middle = copy.length >> 1;
  copy[middle] = (copy[middle] ?? 0) ^ 1;
  return copy;
}
