/**
 * The passphrase of a store: asked for when it is needed, and told from a wrong one without deriving.
 *
 * @module
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { randomBytes } from '#crypto';
import type { Secret, SecretSource } from '../../core/secret.ts';
import { Failure, invalid, isFailure } from '../../errors.ts';

/** OpenSSL takes no more: what is encrypted under a longer one would never open again. */
const LONGEST = 1024;

/** Asks for a passphrase and lends its bytes to `use`. Throws as {@link withSecret} does. */
export async function withPassphrase<T>(
  source: SecretSource,
  use: (passphrase: Uint8Array<ArrayBuffer>) => Promise<T>,
): Promise<T> {
  return withSecret(source, (secret) => secret.use(use));
}

/**
 * Asks for a passphrase, lends it to `use` and erases it. Throws `ARGUMENT_INVALID` for one that is empty
 * or longer than 1024 bytes, and `UNAVAILABLE` when the source fails with anything but a failure of ours.
 */
export async function withSecret<T>(source: SecretSource, use: (secret: Secret) => Promise<T>): Promise<T> {
  const secret = await ask(source);
  try {
    if (secret.length > 0 && secret.length <= LONGEST) return await use(secret);
    throw invalid(`a passphrase is 1 to ${LONGEST} bytes long`, 'passphrase');
  } finally {
    secret[Symbol.dispose]();
  }
}

/** Remembers what a passphrase was, and nothing that it could be found from without this process. */
export function passphraseCheck(passphrase: Uint8Array): (other: Uint8Array) => void {
  const salt = randomBytes(32);
  const code = (bytes: Uint8Array): Uint8Array => createHmac('sha256', salt).update(bytes).digest();
  const right = code(passphrase);
  return (other) => {
    if (!timingSafeEqual(code(other), right)) throw wrongPassphrase();
  };
}

/** The failure for a passphrase that is another. */
export function wrongPassphrase(): Failure<'DENIED'> {
  return new Failure('DENIED', 'the passphrase does not open the store', { field: 'passphrase' });
}

async function ask(source: SecretSource): Promise<Secret> {
  try {
    const secret: unknown = await source();
    if (isSecret(secret)) return secret;
  } catch (cause) {
    if (isFailure(cause)) throw cause;
    throw new Failure('UNAVAILABLE', 'the passphrase cannot be had', { field: 'passphrase' }, cause);
  }
  throw invalid('the source of the passphrase does not give a Secret', 'passphrase');
}

/** Not by its class: two copies of the package may be loaded. */
function isSecret(value: unknown): value is Secret {
  return typeof value === 'object' && value !== null && 'use' in value && Symbol.dispose in value;
}
