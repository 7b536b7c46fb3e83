/**
 * Keys as a terminal in raw mode gives them, and what they mean for an answer that is one line.
 *
 * @module
 */
import { Failure } from '../errors.ts';

/** What the last keys came to. */
export type Taken = 'more' | 'end' | 'suspend';

const INTERRUPT = 0x03;
const END_OF_TRANSMISSION = 0x04;
const BACKSPACE = 0x08;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const KILL_LINE = 0x15;
const SUSPEND = 0x1a;
const QUIT = 0x1c;
const DELETE = 0x7f;

/** The longest answer, in bytes. */
const LONGEST = 4096;

/**
 * Adds keys to what was typed before. Throws `DENIED` when the person gives up or typed nothing, and
 * `MALFORMED` for more than a line has. What follows the end of the line is not looked at.
 */
export function takeKeys(keys: Uint8Array, typed: number[]): Taken {
  for (const key of keys) {
    if (key === INTERRUPT || key === QUIT) throw denied('the question was not answered');
    if (key === SUSPEND) return 'suspend';
    if (key === CARRIAGE_RETURN || key === LINE_FEED || key === END_OF_TRANSMISSION) {
      if (typed.length === 0) throw denied('nothing was typed');
      return 'end';
    }
    if (key === BACKSPACE || key === DELETE) eraseCharacter(typed);
    else if (key === KILL_LINE) eraseAll(typed);
    else if (typed.push(key) > LONGEST) {
      throw new Failure('MALFORMED', 'too long for a secret', { field: 'secret' });
    }
  }
  return 'more';
}

/** Forgets what was typed. */
export function eraseAll(typed: number[]): void {
  typed.fill(0);
  typed.length = 0;
}

/** The last character in UTF-8 (RFC 3629 §3): bytes that continue, and the one that they continue. */
function eraseCharacter(typed: number[]): void {
  let last = typed.pop();
  while (last !== undefined && (last & 0xc0) === 0x80) last = typed.pop();
}

function denied(message: string): Failure<'DENIED'> {
  return new Failure('DENIED', message, { field: 'secret' });
}
