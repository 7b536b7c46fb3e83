/**
 * Calling a callback: bounded by the caller's signal and deadline, and its errors named.
 *
 * @module
 */
import type { Soon } from '../../../core/crypto/types.ts';
import { checkLimits, longestTimerMs } from '../../../core/limits.ts';
import type { CallOptions } from '../../../core/operations.ts';
import { Failure, type FailureCode } from '../../../errors.ts';
import { type CallbackOperation, callbackFailure } from './causes.ts';

/** What is asked of a callback. */
export interface Question {
  readonly operation: CallbackOperation;
  readonly algorithm: string;
  /** What an error means that does not say what it is. */
  readonly unknown: FailureCode;
  readonly ask: () => Soon<unknown>;
}

/** The callback's answer, whose type is still to be checked: callbacks are often written without types. */
export async function answerTo(question: Question, options: CallOptions = {}): Promise<unknown> {
  const { signal, deadline } = options;
  // An answer that is there at once is still one after the deadline.
  checkLimits(options, { operation: question.operation });
  if (signal === undefined && deadline === undefined) return asked(question);
  const { ended, release } = ending(question.operation, options);
  try {
    return await Promise.race([ended, asked(question)]);
  } finally {
    release();
  }
}

/** Throws `ARGUMENT_INVALID` for what is no function, such as the promise of one. */
export function checkCallback(callback: unknown, field: string): void {
  if (typeof callback === 'function') return;
  throw new Failure('ARGUMENT_INVALID', 'a function is needed', { field });
}

async function asked({ operation, algorithm, unknown, ask }: Question): Promise<unknown> {
  try {
    return await ask();
  } catch (thrown) {
    throw callbackFailure(thrown, operation, algorithm, unknown);
  }
}

/** A promise that is rejected when the call must end. The answer that comes later is discarded. */
function ending(
  operation: CallbackOperation,
  { signal, deadline = Number.POSITIVE_INFINITY }: CallOptions,
): { readonly ended: Promise<never>; readonly release: () => void } {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal?.reason);
  const expire = (): void =>
    reject(new Failure('UNAVAILABLE', 'the deadline passed', { operation, field: 'deadline' }));
  const left = deadline - performance.now();
  // A deadline after the longest timer is as good as none.
  const timer = left < longestTimerMs ? setTimeout(expire, Math.max(0, left)) : undefined;
  signal?.addEventListener('abort', abort);
  const release = (): void => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  };
  return { ended: promise, release };
}
