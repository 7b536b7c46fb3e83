/**
 * One writer at a time, across processes: a lock file that names its process, and outlives it only
 * until somebody looks.
 *
 * A lock whose process has ended is never taken away, which somebody who looked earlier would do to
 * whoever has it by then. It is followed: `LOCK.TOKEN`, named for the token of the lock it follows, can
 * be created once. Whoever lets go removes the lock first, and then what followed it.
 *
 * @module
 */
import {
  constants,
  linkSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** Whoever holds a lock, as exactly as the system lets a process be named. */
interface Holder {
  /** 16 hexadecimal digits that no other lock has. */
  readonly token: string;
  readonly pid: number;
  readonly host: string;
  /** Linux: when the process started, which machine run it is of, and where its number is valid. */
  readonly started?: string;
  readonly boot?: string;
  readonly namespace?: string;
}

/** More than this many processes do not end in a row, each while it holds the lock. */
const LONGEST_CHAIN = 100;
/** How old a file without a holder is that a process left when it was killed between two calls, in milliseconds. */
const LEFT_BEHIND_MS = 60_000;

/**
 * Takes the lock `lock`, and returns what releases it, or undefined while another process holds it, or
 * may: one in another container or on another host cannot be looked at, and if it is gone the lock file
 * is removed by hand. Throws what node:fs throws.
 */
export function tryLockFile(lock: string): (() => void) | undefined {
  const token = newToken();
  const text = JSON.stringify(holder(token));
  const own = `${lock}.${token}.new`;
  try {
    // A name appears together with its content, or not at all: there is never an empty lock.
    writeFileSync(own, text, { flag: 'wx', mode: 0o600 });
    const chain = take(lock, own);
    if (chain !== undefined) tidy(lock, [own, ...chain]);
    return chain && (() => release(chain, chain.length === 1 ? text : undefined));
  } finally {
    removeIfThere(own);
  }
}

/** The files that hold the lock, the last of them ours; undefined when somebody else has it. */
function take(lock: string, own: string): readonly string[] | undefined {
  const chain = [lock];
  if (create(lock, own)) return chain;
  const first = readIfThere(lock);
  for (let found = first; chain.length < LONGEST_CHAIN; ) {
    const ended = found === undefined ? undefined : endedHolder(found);
    if (ended === undefined) return undefined;
    const next = `${lock}.${ended.token}`;
    chain.push(next);
    if (create(next, own)) return stillFirst(lock, first, next) ? chain : undefined;
    found = readIfThere(next);
  }
  return undefined;
}

/** Whether what we follow is still the lock. If it was let go while we looked, we follow nothing. */
function stillFirst(lock: string, first: string | undefined, ours: string): boolean {
  if (readIfThere(lock) === first) return true;
  unlinkSync(ours);
  return false;
}

function create(name: string, own: string): boolean {
  try {
    linkSync(own, name);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Removes a chain from its first link on: without it nobody follows the others any more. */
function release(chain: readonly string[], text: string | undefined): void {
  const [lock = '', ...followers] = chain;
  // Somebody may have removed ours by hand, and another process taken its place.
  if (text === undefined || readIfThere(lock) === text) removeIfThere(lock);
  for (const follower of followers) removeIfThere(follower);
}

/** Removes what processes left that were killed while they took or gave up the lock, which is ours now. */
function tidy(lock: string, own: readonly string[]): void {
  const folder = dirname(lock);
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (!own.includes(path) && isPartOf(lock, name) && isLeftBehind(path)) removeIfThere(path);
  }
}

function isPartOf(lock: string, name: string): boolean {
  const start = `${basename(lock)}.`;
  return name.startsWith(start) && /^[0-9a-f]{16}(\.new)?$/.test(name.slice(start.length));
}

function isLeftBehind(path: string): boolean {
  const text = readIfThere(path);
  if (text === undefined) return false;
  if (parse(text) !== undefined) return endedHolder(text) !== undefined;
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && Date.now() - stats.mtimeMs > LEFT_BEHIND_MS;
}

function newToken(): string {
  return crypto.randomUUID().replaceAll('-', '').slice(0, 16);
}

function holder(token: string): Holder {
  return {
    token,
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

/** The holder that a text names, when it has certainly ended. */
function endedHolder(text: string): Holder | undefined {
  const then = parse(text);
  return then !== undefined && isGone(then) ? then : undefined;
}

function isGone(then: Holder): boolean {
  const now = holder(then.token);
  if (then.host !== now.host) return false;
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
    const holder = JSON.parse(text) as Holder;
    return /^[0-9a-f]{16}$/.test(holder.token) ? holder : undefined;
  } catch {
    // Not a lock of ours, so nothing is known of its holder.
    return undefined;
  }
}

// Absent on Windows. A pipe in the place of a lock must not be waited for, nor a link be followed.
const PLAINLY = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, { encoding: 'utf8', flag: PLAINLY });
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ESRCH')) return undefined;
    throw error;
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
