/**
 * One writer at a time, across processes: a lock file that names its process, and outlives it only
 * until somebody looks.
 *
 * @module
 */
import { linkSync, readFileSync, readlinkSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Whoever holds a lock, as exactly as the system lets a process be named. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Linux: when the process started, which machine run it is of, and where its number is valid. */
  readonly started?: string;
  readonly boot?: string;
  readonly namespace?: string;
}

const TRIES = 5;

/**
 * Takes the lock `lock`, and returns what releases it, or undefined while another process holds it, or
 * may: one in another container or on another host cannot be looked at, and if it is gone the lock file
 * is removed by hand. Throws what node:fs throws.
 */
export function tryLockFile(lock: string): (() => void) | undefined {
  const own = `${lock}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  const text = JSON.stringify(holder());
  for (let tries = 0; tries < TRIES; tries++) {
    if (create(lock, own, text)) return () => release(lock, text);
    const found = readIfThere(lock);
    if (found !== undefined && isGone(found)) remove(lock, own, found);
    else if (found !== undefined) return undefined;
  }
  return undefined;
}

/** The name and the content appear together: there is never an empty lock. */
function create(lock: string, own: string, text: string): boolean {
  writeFileSync(own, text, { flag: 'wx', mode: 0o600 });
  try {
    linkSync(own, lock);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    unlinkSync(own);
  }
}

/** Removes the lock that was looked at. If it became another's in the meantime, that one is put back. */
function remove(lock: string, own: string, looked: string): void {
  try {
    renameSync(lock, own);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  try {
    if (readFileSync(own, 'utf8') !== looked) linkSync(own, lock);
  } finally {
    unlinkSync(own);
  }
}

function release(lock: string, text: string): void {
  if (readIfThere(lock) === text) unlinkSync(lock);
}

function holder(): Holder {
  return {
    pid: process.pid,
    host: hostname(),
    ...named('started', startOf(process.pid)),
    ...named('boot', readIfThere('/proc/sys/kernel/random/boot_id')?.trim()),
    ...named('namespace', pidNamespace()),
  };
}

function named<K extends string>(name: K, value: string | undefined): Partial<Record<K, string>> {
  return value === undefined ? {} : ({ [name]: value } as Record<K, string>);
}

/** Whether the holder has certainly ended. */
function isGone(text: string): boolean {
  const then = parse(text);
  const now = holder();
  if (then === undefined || then.host !== now.host) return false;
  if (then.boot !== now.boot) return true;
  if (then.namespace !== now.namespace) return false;
  return !isRunning(then.pid) || then.started !== startOf(then.pid);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !hasCode(error, 'ESRCH');
  }
}

/** proc_pid_stat(5), field 22: clock ticks from boot to the start. The second field may hold spaces. */
function startOf(pid: number): string | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

function pidNamespace(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    // Not Linux, or hidden: then numbers of processes are taken to mean the same everywhere.
    return undefined;
  }
}

function parse(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    // Not a lock of ours, so nothing is known of its holder.
    return undefined;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ESRCH')) return undefined;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
