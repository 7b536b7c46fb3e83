/**
 * The token of a provider: got once for all calls, renewed before it ends, got again after.
 *
 * @module
 */
import { longestTimerMs, waitWithin } from '../../core/limits.ts';
import type { CallOptions } from '../../core/operations.ts';
import { Failure, type FailureDetails, isFailure } from '../../errors.ts';
import type { Grant, LogIn } from './login.ts';

/** Gives the token to those who ask the server. */
export interface Session {
  /** The token. A login that failed, or did not end while this call waited, is not kept: the next call tries again. */
  token(options: CallOptions, details: FailureDetails): Promise<string>;
  /** The server does not take this token any more. */
  forget(token: string): void;
  close(): void;
}

/** A lease is renewed when this much of it is over, and is not used when only a tenth is left. */
const RENEWED_AT = 2 / 3;
const ENDS_AT = 0.9;

/** Holds the token that `logIn` gets. */
export function session(logIn: LogIn, renew: (grant: Grant) => Promise<Grant>): Session {
  let current: Promise<Grant> | undefined;
  /** What came of it. */
  let granted: Grant | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isClosed = false;

  /** A login is everybody's: none of those who wait for it ends it. */
  function begin(): Promise<Grant> {
    const own = logIn().then(
      (grant) => {
        // One that somebody did not wait for is as good, where none has come since.
        if (granted === undefined && !isClosed) {
          current = own;
          watch(grant);
        }
        return grant;
      },
      (error: unknown) => {
        if (current === own) current = undefined;
        throw error;
      },
    );
    return own;
  }

  function drop(): void {
    clearTimeout(timer);
    current = undefined;
    granted = undefined;
  }

  function watch(grant: Grant): void {
    const { lifetimeMs, renewable } = grant;
    granted = grant;
    if (lifetimeMs === Number.POSITIVE_INFINITY) return;
    const own = current;
    const at = (part: number, act: () => void): void => {
      clearTimeout(timer);
      timer = setTimeout(
        () => {
          if (current === own) act();
        },
        Math.min(part * lifetimeMs, longestTimerMs),
      );
      timer.unref();
    };
    if (!renewable) return at(ENDS_AT, drop);
    at(RENEWED_AT, () => {
      at(ENDS_AT - RENEWED_AT, drop);
      renew(grant).then(
        (renewed) => {
          if (current !== own) return;
          current = Promise.resolve(renewed);
          watch(renewed);
        },
        // The lease goes on to its end, and the next call logs in again.
        () => undefined,
      );
    });
  }

  return {
    async token(options, details) {
      current ??= begin();
      const joined = current;
      try {
        return (await waitWithin(joined, options, Number.POSITIVE_INFINITY, details)).token;
      } catch (error) {
        // It may never end.
        if (current === joined && granted === undefined) current = undefined;
        if (!isFailure(error)) throw error;
        // The login is everybody's, and does not know which key this call is for.
        throw new Failure(error.code, error.message, { ...details, ...error.details }, error.cause);
      }
    },
    forget(token) {
      // One that is still being got is another.
      if (granted?.token === token) drop();
    },
    close() {
      isClosed = true;
      drop();
    },
  };
}
