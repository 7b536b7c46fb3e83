/**
 * What the user gives a command to work on: a file, standard input, or the argument itself.
 *
 * @module
 */
import { createReadStream, fstatSync } from 'node:fs';
import { Failure } from 'hardkey';
import { collect, fileFailure, isFile, LARGE, readBytes, readSmall, SMALL } from './files.ts';

/** The argument that stands for standard input. */
export const STDIN: string = '-';

/** The bytes of a file or of standard input, as they are. */
export async function readContent(argument: string, limit: number = LARGE): Promise<Uint8Array> {
  return argument === STDIN ? readStdin(limit) : readBytes(argument, limit);
}

/** The same of what is put into a document, with which it must still be possible to read. */
export async function readToWrap(argument: string): Promise<Uint8Array> {
  return readContent(argument, LARGE - 2 ** 20);
}

/** The same as they come, of what need not fit into memory. */
export async function* streamContent(argument: string): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* argument === STDIN ? process.stdin : createReadStream(argument);
  } catch (cause) {
    throw fileFailure(argument, cause);
  }
}

/** Ends the reading of {@link streamContent}, also while it waits for more: that would keep the process. */
export function closeContent(argument: string): void {
  if (argument === STDIN) process.stdin.destroy();
}

/** The same of what has no reason to be large. */
export async function readSmallContent(argument: string): Promise<Uint8Array> {
  return argument === STDIN ? readStdin(SMALL) : readSmall(argument);
}

/**
 * The bytes of a small file or of standard input, or those of the argument. Standard input loses one
 * line end at its end: it is what `echo` and `read` leave, and Base45 has no line ends.
 */
export async function readArgument(argument: string): Promise<Uint8Array> {
  if (argument === STDIN) return withoutLineEnd(await readStdin(SMALL));
  return isFile(argument) ? readSmall(argument) : new TextEncoder().encode(argument);
}

/** Bytes as text, without the byte order mark that some editors write. Throws `MALFORMED` when they are not UTF-8. */
export function textOf(bytes: Uint8Array, field: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Failure('MALFORMED', 'the text is not UTF-8', { field }, cause);
  }
}

/** Without one line feed at the end, or carriage return and line feed. */
export function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  if (bytes.at(-1) !== 0x0a) return bytes;
  return bytes.subarray(0, bytes.at(-2) === 0x0d ? -2 : -1);
}

async function readStdin(limit: number): Promise<Uint8Array> {
  // The runtime takes a folder for empty input.
  if (fstatSync(0).isDirectory()) {
    throw new Failure('ARGUMENT_INVALID', 'a folder, where a file was expected', { field: 'stdin' });
  }
  try {
    return await collect(process.stdin, limit, { field: 'stdin' });
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure('UNAVAILABLE', 'standard input cannot be read', { field: 'stdin' }, cause);
  }
}
