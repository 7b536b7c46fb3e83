/**
 * Ending a process with everything it started.
 *
 * @module
 */
import type { ChildProcess } from 'node:child_process';

/** Kills the group of a process that was started `detached`, if the process is still there. */
export function killGroup(child: ChildProcess): void {
  // After its exit the number may belong to somebody else.
  if (child.exitCode === null && child.signalCode === null) signalGroup(child);
}

/**
 * Kills what a process left behind, at its exit. By group where there are groups: a program alone would
 * leave its children running.
 */
export function signalGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
  } catch {
    // Nobody is left, or some member runs as another user; then at least the program itself.
    child.kill('SIGKILL');
  }
}
