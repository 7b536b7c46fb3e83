/**
 * One writer at a time, across processes. Readers take no lock: they only ever see whole records.
 *
 * @module
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { CallOptions } from '../../core/operations.ts';
import { Failure } from '../../errors.ts';
import { tryLockFile } from '../../lock-file.ts';
import { unavailable } from './access.ts';

const PATIENCE_MS = 10_000;
const POLL_MS = 15;

/**
 * Runs `act` with the lock `path` in hand. `UNAVAILABLE`, field `store.lock`, when others do not let go in
 * ten seconds or by the deadline; an abort of `signal` is passed on.
 */
export async function locked<T>(path: string, options: CallOptions, act: () => T): Promise<T> {
  const release = await acquire(path, options);
  try {
    return act();
  } finally {
    release();
  }
}

async function acquire(path: string, { signal, deadline }: CallOptions): Promise<() => void> {
  const until = Math.min(deadline ?? Number.POSITIVE_INFINITY, performance.now() + PATIENCE_MS);
  for (;;) {
    // Asked before each try: a call that its caller was told is over must not write after all.
    signal?.throwIfAborted();
    if (performance.now() > until) {
      throw new Failure('UNAVAILABLE', 'another process holds the store', { field: 'store.lock', path });
    }
    const release = take(path);
    if (release !== undefined) return release;
    await wait(POLL_MS);
  }
}

function take(path: string): (() => void) | undefined {
  try {
    return tryLockFile(path);
  } catch (cause) {
    throw unavailable(path, cause);
  }
}
