/**
 * The Python package `claim169`, which times itself: a process of its own, asked for so many calls at a
 * time, on the same documents and in turn with the others.
 *
 * @module
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { component } from '../scripts/components/index.ts';

/** A process with the package. */
export interface PythonPeer {
  /** Microseconds for one of `calls` calls of what `asked` says. */
  time(asked: object, calls: number): Promise<number>;
  close(): void;
}

/** Starts the package, if it is installed; says so if it is not. */
export function pythonPeer(): PythonPeer | undefined {
  const python = component('python-peers');
  if (python.missing !== undefined) {
    console.log(`without the Python package: ${python.missing}`);
    return undefined;
  }
  const script = join(import.meta.dirname, 'claim169_peer.py');
  const child = spawn(python.path, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = linesOf(child);
  return {
    async time(asked, calls) {
      child.stdin.write(`${JSON.stringify({ ...asked, calls })}\n`);
      const { value, done } = await lines.next();
      if (done === true) throw new Error('the Python package ended');
      return (JSON.parse(value) as { us: number }).us;
    },
    close: () => child.stdin.end(),
  };
}

function linesOf({ stdout }: ChildProcessByStdio<Writable, Readable, null>): AsyncIterator<string> {
  return createInterface({ input: stdout })[Symbol.asyncIterator]();
}
