/**
 * Where secrets come from: files, descriptors, systemd credentials and the terminal. Never argv, never a reference,
 * never the environment.
 *
 * @module
 */
import { openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ReadStream } from 'node:tty';
import { Secret, type SecretSource } from './core/secret.ts';
import { Failure } from './errors.ts';

export { Secret, type SecretSource } from './core/secret.ts';

const LIMIT = 64 * 1024;

/** A secret in a file, without one final line end. Throws `UNAVAILABLE` when it cannot be read. */
export function secretFile(path: string): SecretSource {
  return async () => readSecret(path, path);
}

/** A secret on an open file descriptor, read to its end once; later calls give the same secret. */
export function secretDescriptor(descriptor: number): SecretSource {
  let known: Secret | undefined;
  return async () => {
    known ??= readSecret(descriptor, `descriptor ${descriptor}`);
    return known.use((bytes) => new Secret(bytes));
  };
}

/** A systemd credential: the file `name` in the service's credentials folder, which the caller passes. */
export function secretCredential(name: string, directory: string): SecretSource {
  if (!/^[\w.-]{1,255}$/.test(name) || name.startsWith('.')) {
    throw new Failure('ARGUMENT_INVALID', 'not the name of a credential', { field: 'credential' });
  }
  return secretFile(join(directory, name));
}

/**
 * A secret typed at the terminal, without echo, once; later calls give the same secret. Throws
 * `UNAVAILABLE` where there is no terminal and `DENIED` when the person gives up.
 */
export function secretPrompt(question: string): SecretSource {
  let known: Promise<Secret> | undefined;
  return async () => {
    known ??= askTerminal(question);
    try {
      return (await known).use((bytes) => new Secret(bytes));
    } catch (error) {
      known = undefined;
      throw error;
    }
  };
}

/** A secret the program already holds. */
export function secretBytes(bytes: Uint8Array): SecretSource {
  const held = new Secret(bytes);
  return async () => held.use((copy) => new Secret(copy));
}

function readSecret(source: string | number, path: string): Secret {
  const bytes = readAll(source, path);
  try {
    if (bytes.length > LIMIT) throw new Failure('MALFORMED', 'too long for a secret', { path });
    const secret = new Secret(withoutLineEnd(bytes));
    if (secret.length === 0) throw new Failure('MALFORMED', 'the secret is empty', { path });
    return secret;
  } finally {
    bytes.fill(0);
  }
}

function readAll(source: string | number, path: string): Uint8Array {
  try {
    return readFileSync(source);
  } catch (cause) {
    throw new Failure('UNAVAILABLE', 'the secret cannot be read', { path }, cause);
  }
}

function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  const end = bytes.at(-1) === 0x0a ? bytes.length - 1 : bytes.length;
  return bytes.subarray(0, bytes[end - 1] === 0x0d && end < bytes.length ? end - 1 : end);
}

const [END_OF_TEXT, END_OF_TRANSMISSION, BACKSPACE, DELETE] = [0x03, 0x04, 0x08, 0x7f];

async function askTerminal(question: string): Promise<Secret> {
  const terminal = openTerminal();
  const input = new ReadStream(terminal);
  const typed: number[] = [];
  // Before the question: whoever answers at once must not be echoed.
  input.setRawMode(true);
  writeSync(terminal, question);
  try {
    const chunks = input.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
    for await (const chunk of chunks) if (!takeKeys(chunk, typed)) break;
    if (typed.length === 0) throw new Failure('DENIED', 'nothing was typed', { field: 'secret' });
    return new Secret(Uint8Array.from(typed));
  } finally {
    typed.fill(0);
    input.setRawMode(false);
    writeSync(terminal, '\n');
    input.destroy();
  }
}

/** Takes what was typed; false when that was the end. */
function takeKeys(keys: Uint8Array, typed: number[]): boolean {
  for (const key of keys) {
    if (key === 0x0d || key === 0x0a || key === END_OF_TRANSMISSION) return false;
    if (key === END_OF_TEXT)
      throw new Failure('DENIED', 'the question was not answered', { field: 'secret' });
    if (key === BACKSPACE || key === DELETE) typed.pop();
    else typed.push(key);
  }
  return true;
}

function openTerminal(): number {
  try {
    return openSync('/dev/tty', 'r+');
  } catch (cause) {
    throw new Failure('UNAVAILABLE', 'there is no terminal to ask at', { field: 'secret' }, cause);
  }
}
