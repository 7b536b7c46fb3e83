/**
 * What the user gives a command to work on: a file, standard input, or the argument itself.
 *
 * @module
 */
import { Failure } from 'hardkey';
import { isFile, readBytes, readSmall } from './files.ts';

/** The argument that stands for standard input. */
const STDIN = '-';

/** The most text that is read from standard input, in bytes. */
const SMALL = 16 * 1024 * 1024;

/** The bytes of a file or of standard input, as they are. */
export async function readContent(argument: string): Promise<Uint8Array> {
  return argument === STDIN ? readStdin() : readBytes(argument);
}

/**
 * The bytes of a small file or of standard input, or those of the argument. Standard input loses one
 * line end at its end: it is what `echo` and `read` leave, and Base45 has no line ends.
 */
export async function readArgument(argument: string): Promise<Uint8Array> {
  if (argument === STDIN) return withoutLineEnd(await readStdin(SMALL));
  return isFile(argument) ? readSmall(argument) : new TextEncoder().encode(argument);
}

/** Bytes as text. Throws `MALFORMED` when they are not UTF-8. */
export function textOf(bytes: Uint8Array, field: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new Failure('MALFORMED', 'the text is not UTF-8', { field }, cause);
  }
}

/** Without one line feed at the end, or carriage return and line feed. */
export function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  if (bytes.at(-1) !== 0x0a) return bytes;
  return bytes.subarray(0, bytes.at(-2) === 0x0d ? -2 : -1);
}

async function readStdin(limit = Number.POSITIVE_INFINITY): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of process.stdin as AsyncIterable<Uint8Array>) {
      length += part.length;
      if (length > limit) throw new Failure('MALFORMED', 'standard input is too long', { field: 'stdin' });
      parts.push(part);
    }
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure('UNAVAILABLE', 'standard input cannot be read', { field: 'stdin' }, cause);
  }
  return join(parts, length);
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
