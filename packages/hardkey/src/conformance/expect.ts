/**
 * What cases say when something else is found than the contract asks for.
 *
 * @module
 */
import { type Failure, type FailureCode, isFailure } from '../errors.ts';
import type { NotApplicable } from './subject.ts';

/** Throws unless `holds`. */
export function expect(holds: boolean, claim: string): asserts holds {
  if (!holds) throw new Error(claim);
}

/** Runs `act`, which must fail with the code, by throwing or by rejecting, and gives the failure. */
export async function expectFailure<C extends FailureCode>(
  code: C,
  what: string,
  act: () => unknown,
): Promise<Failure<C>> {
  const caught = await rejection(what, act);
  if (isFailure(caught, code)) return caught;
  throw new Error(`${what}: expected ${code}, found ${describe(caught)}`, { cause: caught });
}

/** Runs `act`, which must fail somehow, and gives what it failed with. */
export async function rejection(what: string, act: () => unknown): Promise<unknown> {
  try {
    await act();
  } catch (error) {
    return error;
  }
  throw new Error(`${what}: expected a failure, and it succeeded`);
}

/** Names what was caught, for people. */
export function describe(caught: unknown): string {
  if (isFailure(caught)) return `${caught.code} (${caught.message})`;
  return caught instanceof Error ? `${caught.name} (${caught.message})` : typeof caught;
}

/** The answer of a case that finds nothing to examine. */
export function notApplicable(reason: string): NotApplicable {
  return { skipped: reason };
}

/** Whether two byte strings are equal. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** Resolves with what `promise` does, or throws when that takes longer than `ms`. */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing after ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
