/**
 * A question at the terminal whose answer is not shown. Whatever ends or stops it, the terminal echoes
 * again afterwards.
 *
 * @module
 */
import { openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { Secret } from '../core/secret.ts';
import { Failure } from '../errors.ts';
import { eraseAll, type Taken, takeKeys } from './typing.ts';

/** Asks at the terminal of the process, whatever its standard streams are. */
export async function askTerminal(question: string): Promise<Secret> {
  const terminal = openTerminal();
  const input = new ReadStream(terminal);
  const typed: number[] = [];
  const ask = (): void => {
    // Before the question: whoever answers at once must not be echoed.
    input.setRawMode(true);
    writeSync(terminal, question);
  };
  const restore = (): void => {
    eraseAll(typed);
    input.setRawMode(false);
    writeSync(terminal, '\n');
  };
  const forget = onSignals({ ask, restore, regain: () => void input.setRawMode(false).setRawMode(true) });
  try {
    ask();
    await answer(input, typed);
    return new Secret(Uint8Array.from(typed));
  } finally {
    forget();
    restore();
    input.destroy();
  }
}

/** Reads until the answer is there. */
async function answer(input: ReadStream, typed: number[]): Promise<void> {
  const chunks = input.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  try {
    for await (const chunk of chunks) if (act(takeKeys(chunk, typed))) return;
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure('UNAVAILABLE', 'the terminal is gone', { field: 'secret' }, cause);
  }
  // Half of a passphrase is none.
  throw new Failure('DENIED', 'the question was not answered', { field: 'secret' });
}

/** Whether that was the end. */
function act(taken: Taken): boolean {
  if (taken === 'suspend') {
    // To everybody in front of the terminal, as the terminal itself does it where keys have their meaning.
    process.kill(0, 'SIGTSTP');
  }
  return taken === 'end';
}

/** What becomes of a question when the process is told to end or to stop. */
interface Asked {
  readonly ask: () => void;
  readonly restore: () => void;
  /** Somebody else may have set the terminal while the process stood still. */
  readonly regain: () => void;
}

const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** Listens until the returned function is called. */
function onSignals({ ask, restore, regain }: Asked): () => void {
  const end = (signal: NodeJS.Signals): void => {
    forget();
    restore();
    // Whoever else listens decides; otherwise the process ends as it would have.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  const stop = (): void => {
    process.off('SIGTSTP', stop);
    restore();
    process.kill(process.pid, 'SIGTSTP');
    // Here the process stands still, unless there is no shell that would let it go on.
    process.on('SIGTSTP', stop);
    ask();
  };
  const forget = (): void => {
    for (const signal of ENDING) process.off(signal, end);
    process.off('SIGTSTP', stop).off('SIGCONT', regain);
  };
  for (const signal of ENDING) process.on(signal, end);
  process.on('SIGTSTP', stop).on('SIGCONT', regain);
  return forget;
}

function openTerminal(): number {
  try {
    return openSync('/dev/tty', 'r+');
  } catch (cause) {
    throw new Failure('UNAVAILABLE', 'there is no terminal to ask at', { field: 'secret' }, cause);
  }
}
