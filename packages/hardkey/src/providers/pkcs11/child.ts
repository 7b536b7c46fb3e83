/**
 * The process behind a worker: started without a shell's help, and ended with everything it started.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { extname, join } from 'node:path';
import { killGroup, signalGroup } from '../../process-group.ts';

/** What to start. */
export interface ChildSettings {
  /** The library, by its absolute path. */
  readonly module: string;
  readonly parameters?: string;
  readonly env: Readonly<Record<string, string>>;
  /** How many threads it may have, and so sockets. */
  readonly sessions: number;
}

/** A process that was started. */
export interface Child {
  /** Starts the next thread and gives its socket, undefined when there is none left. */
  startThread(): Socket | undefined;
  /** Resolves with what became of it. Never rejects. */
  readonly ended: Promise<string>;
  /** Lets it end by itself: its threads close their sessions. */
  close(): void;
  kill(): void;
  /** Whether this process stays alive for it. */
  hold(on: boolean): void;
}

const FIRST_SOCKET = 3;
const PROCESS = join(import.meta.dirname, 'worker', `process${extname(import.meta.filename)}`);

/**
 * Without a core file: it would hold the PIN. Node.js cannot set the limit, and a shell that only does
 * that and then becomes the program is everywhere.
 */
const WITHOUT_CORE: readonly string[] = ['/bin/sh', '-c', 'ulimit -c 0 && exec "$@"', 'hardkey-pkcs11'];

/** Starts a process in a group of its own, with exactly its environment. */
export function startChild({ module, parameters, env, sessions }: ChildSettings): Child {
  const program = [process.execPath, PROCESS];
  const [command = '', ...args] = process.platform === 'win32' ? program : [...WITHOUT_CORE, ...program];
  const child = spawn(command, args, {
    cwd: '/',
    env,
    // What a module prints is nobody's business, and a full pipe would stop it.
    stdio: ['pipe', 'ignore', 'ignore', ...Array.from({ length: sessions }, () => 'pipe' as const)],
    detached: true,
    windowsHide: true,
  });
  const sockets = child.stdio.slice(FIRST_SOCKET).filter((one) => one instanceof Socket);
  const ended = ending(child);
  // Whoever ends without reading its input breaks the pipe: what that means, its end says.
  for (const stream of [child.stdin, ...sockets]) stream?.on('error', () => {});
  child.stdin?.write(`${JSON.stringify({ module, parameters })}\n`);
  let started = 0;
  let held = false;
  hold(child, held);

  return {
    startThread() {
      const socket = sockets[started];
      if (socket === undefined) return undefined;
      started += 1;
      child.stdin?.write('\n');
      return socket;
    },
    ended,
    close() {
      for (const socket of sockets) socket.end();
      child.stdin?.end();
    },
    kill: () => killGroup(child),
    hold(on) {
      if (on === held) return;
      held = on;
      hold(child, on);
    },
  };
}

function ending(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', () => {
      // Also told of a kill that failed, when there is something to wait for.
      if (child.pid === undefined) resolve('the worker of the module cannot be started');
    });
    child.once('exit', (status, signal) => {
      signalGroup(child);
      resolve(`the worker of the module ended (${signal ?? `status ${status}`})`);
    });
  });
}

function hold(child: ChildProcess, on: boolean): void {
  const change = on ? 'ref' : 'unref';
  child[change]();
  for (const stream of child.stdio) if (stream instanceof Socket) stream[change]();
}
