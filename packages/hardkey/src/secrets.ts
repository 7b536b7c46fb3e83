/**
 * Where secrets come from: files, descriptors, systemd credentials and the terminal. Never argv, never a reference,
 * never the environment.
 *
 * @module
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Secret, type SecretSource } from './core/secret.ts';
import { Failure } from './errors.ts';

export { Secret, type SecretSource } from './core/secret.ts';

const LIMIT = 64 * 1024;

/**
 * A secret in a file, without one final line end, read whenever it is asked for. A pipe gives what it has
 * once; later calls give the same secret. Throws `UNAVAILABLE` when it cannot be read.
 */
export function secretFile(path: string): SecretSource {
  const once = remembered(() => readSecret(path, path));
  return async () => (isPipe(path) ? once() : readSecret(path, path));
}

/** A secret on an open file descriptor, read to its end once; later calls give the same secret. */
export function secretDescriptor(descriptor: number): SecretSource {
  const once = remembered(() => readSecret(descriptor, `descriptor ${descriptor}`));
  return async () => once();
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
    known ??= asked(question);
    try {
      return (await known).use((bytes) => new Secret(bytes));
    } catch (error) {
      known = undefined;
      throw error;
    }
  };
}

/** Most programs have nobody to ask: what speaks to a terminal is loaded with the first question. */
async function asked(question: string): Promise<Secret> {
  const { askTerminal } = await import('./secrets/terminal.ts');
  return askTerminal(question);
}

/** A secret the program already holds. */
export function secretBytes(bytes: Uint8Array): SecretSource {
  const held = new Secret(bytes);
  return async () => held.use((copy) => new Secret(copy));
}

/** Reads once, and gives a copy each time. */
function remembered(read: () => Secret): () => Secret {
  let known: Secret | undefined;
  return () => {
    known ??= read();
    return known.use((bytes) => new Secret(bytes));
  };
}

function isPipe(path: string): boolean {
  try {
    return statSync(path).isFIFO();
  } catch {
    // Whatever it is, reading it says so.
    return false;
  }
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

/** No more than a secret may have: the source could be without end. */
function readAll(source: string | number, path: string): Uint8Array {
  let descriptor: number | undefined;
  const bytes = new Uint8Array(LIMIT + 1);
  try {
    descriptor = typeof source === 'number' ? source : openSync(source, 'r');
    let length = 0;
    for (let read = -1; read !== 0; length += read) {
      read = readSync(descriptor, bytes, length, bytes.length - length, null);
    }
    return bytes.subarray(0, length);
  } catch (cause) {
    bytes.fill(0);
    throw new Failure('UNAVAILABLE', 'the secret cannot be read', { path }, cause);
  } finally {
    if (descriptor !== undefined && descriptor !== source) closeSync(descriptor);
  }
}

function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  const end = bytes.at(-1) === 0x0a ? bytes.length - 1 : bytes.length;
  return bytes.subarray(0, bytes[end - 1] === 0x0d && end < bytes.length ? end - 1 : end);
}
