/**
 * A running program with everything it started, so that all of it can be ended at once.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { killGroup, signalGroup } from '../../process-group.ts';
import type { Settings } from './config.ts';

/** How a program ended. */
export interface Ending {
  readonly status: number | null;
  /** Set when it never started. */
  readonly error?: Error;
}

/** A program that was started. */
export interface Program {
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  /** Resolves once it ended and its output was read, whatever it left behind. Never rejects. */
  readonly ended: Promise<Ending>;
  /** Kills the program and its children, at once. */
  kill(): void;
  /** Whether this process stays alive for the program. */
  hold(on: boolean): void;
}

/** What is read of a program's stderr. */
const STDERR_LIMIT = 16 * 1024;

/** How long the pipes of a program that ended may stay open in other hands. */
const PIPES_MS = 250;

/** Starts a program in a process group of its own, with exactly its environment and without a shell. */
export function startProgram({ command, cwd, env, onStderr }: Settings): Program {
  const [path, ...args] = command;
  const stderr = onStderr === undefined ? 'ignore' : 'pipe';
  let child: ChildProcess;
  try {
    child = spawn(path, args, {
      cwd,
      env,
      stdio: ['pipe', 'pipe', stderr],
      // A group, whose number is the child's, and a session: no terminal reaches the program.
      detached: true,
      shell: false,
      windowsHide: true,
    });
  } catch (error) {
    return neverStarted(error instanceof Error ? error : new Error('spawn'));
  }
  // Whoever ends without reading its input breaks the pipe: what that means, its exit status says.
  child.stdin?.on('error', () => {});
  child.stdout?.on('error', () => {});
  if (onStderr !== undefined && child.stderr) forward(child.stderr, onStderr);
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    ended: ending(child),
    kill: () => killGroup(child),
    hold: (on) => hold(child, on),
  };
}

function neverStarted(error: Error): Program {
  const ended = Promise.resolve({ status: null, error });
  return { stdin: null, stdout: null, ended, kill: () => {}, hold: () => {} };
}

function ending(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      // Also told of a kill that failed, when there is something to wait for.
      if (child.pid === undefined) resolve({ status: null, error });
    });
    child.once('exit', (status) => {
      // Children that the program left behind would keep its pipes open, and its key in use.
      signalGroup(child);
      const cut = setTimeout(() => {
        // Whoever took another group to survive does not keep us waiting.
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, PIPES_MS);
      child.once('close', () => {
        clearTimeout(cut);
        resolve({ status });
      });
    });
  });
}

function forward(stderr: Readable, to: (bytes: Uint8Array) => void): void {
  let left = STDERR_LIMIT;
  stderr.on('error', () => {});
  stderr.on('data', (chunk: Uint8Array) => {
    // What is beyond is read and dropped: a full pipe would stop the program.
    if (left > 0) to(Uint8Array.from(chunk.subarray(0, left)));
    left -= chunk.length;
  });
}

function hold(child: ChildProcess, on: boolean): void {
  const change = on ? 'ref' : 'unref';
  child[change]();
  for (const stream of child.stdio) if (stream instanceof Socket) stream[change]();
}
