/**
 * One writer at a time, across processes. Readers take no lock: they only ever see whole records.
 *
 * @module
 */
import { closeSync, constants, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { CallOptions } from '../../core/operations.ts';
import { Failure } from '../../errors.ts';
import { codeOf, unavailable } from './disk.ts';

const PATIENCE_MS = 10_000;
const POLL_MS = 15;

/** Runs `act` as the only writer of a store. `UNAVAILABLE`, field `store.lock`, when others do not let go. */
export async function locked<T>(folder: string, options: CallOptions, act: () => Promise<T> | T): Promise<T> {
  const path = join(folder, '.lock');
  const own = holder(process.pid);
  await acquire(path, own, options);
  try {
    return await act();
  } finally {
    rmSync(path, { force: true });
  }
}

async function acquire(path: string, own: string, { signal, deadline }: CallOptions): Promise<void> {
  const until = Math.min(deadline ?? Number.POSITIVE_INFINITY, performance.now() + PATIENCE_MS);
  while (!take(path, own)) {
    signal?.throwIfAborted();
    if (performance.now() > until) {
      throw new Failure('UNAVAILABLE', 'another process holds the store', { field: 'store.lock', path });
    }
    if (!removeStale(path)) await wait(POLL_MS);
  }
}

function take(path: string, own: string): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false;
    throw unavailable(path, cause);
  }
  try {
    writeSync(descriptor, own);
  } finally {
    closeSync(descriptor);
  }
  return true;
}

/** Removes a lock whose holder has ended. Taken aside first, so that only one of several removes it. */
function removeStale(path: string): boolean {
  const found = read(path);
  if (found === undefined || !isStale(found)) return false;
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return true;
    throw unavailable(path, cause);
  }
  // Between looking and taking, another process may have removed it and locked: that one is given back.
  if (read(aside) === found) rmSync(aside, { force: true });
  else renameSync(aside, path);
  return true;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw unavailable(path, cause);
  }
}

/** Whether the process a lock names has ended. A lock that is still being written is not stale. */
function isStale(found: string): boolean {
  const [pid = ''] = found.split(' ');
  return found.endsWith('\n') && holder(Number(pid)) !== found;
}

/** A process, told apart from a later one with its number by when it started, where the system says. */
function holder(pid: number): string {
  try {
    process.kill(pid, 0);
  } catch (cause) {
    if (codeOf(cause) === 'ESRCH') return '';
  }
  return `${pid} ${startOf(pid)}\n`;
}

/** Field 22 of proc_pid_stat(5), after the name in parentheses. */
function startOf(pid: number): string {
  const stat = read(`/proc/${pid}/stat`) ?? '';
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
