/**
 * Logging in: once for each process and token, with a PIN that is asked for when it is needed, and
 * never again with one that was refused.
 *
 * @module
 */
import { isUtf8 } from 'node:buffer';
import type { SecretSource } from '../../core/secret.ts';
import { Failure, type FailureDetails, isFailure } from '../../errors.ts';
import { secretFile } from '../../secrets.ts';
import type { Address } from './address.ts';
import type { Settings } from './config.ts';
import { remedyOf, tokenFailure, unavailable } from './failures.ts';
import type { TokenInfo } from './wire.ts';
import type { Worker } from './worker.ts';

/** The logins of a provider. */
export interface Logins {
  /**
   * Logs in where the token wants it. Resolves with whether its private objects are seen: without a
   * PIN they are not, which is no failure. Throws `DENIED` for a wrong PIN, now and from then on.
   */
  login(worker: Worker, address: Address, token: TokenInfo): Promise<boolean>;
  /** The process has lost its login. */
  forget(worker: Worker, token: TokenInfo): void;
}

/** CKF_… of tokens. */
const LOGIN_REQUIRED = 0x4;
const PROTECTED_PATH = 0x100;
const PIN_LOCKED = 0x40000;

/** How long a token may take to check a PIN, in milliseconds. */
const LOGIN_MS = 20_000;

/** Nobody has logged in yet. */
export function loginsOf(settings: Settings): Logins {
  const done = new WeakMap<Worker, Map<string, Promise<void>>>();
  const refused = new Map<string, Failure>();

  async function enter(
    worker: Worker,
    { module }: Address,
    token: TokenInfo,
    key: string,
    source: SecretSource | undefined,
  ): Promise<void> {
    const details = { provider: 'pkcs11', path: module.path, field: 'pkcs11.pin-source' };
    const latched = refused.get(key);
    if (latched !== undefined) throw again(latched);
    if ((token.flags & PIN_LOCKED) !== 0)
      throw new Failure(
        'DENIED',
        'the PIN of the token is locked: its security officer can set another',
        details,
      );
    const reply = await send(worker, token, source, details);
    if (reply === undefined) throw worker.ended ?? unavailable('the worker of the module ended', details);
    const { error } = reply.head;
    if (error === undefined) return;
    const failure = tokenFailure(error, details);
    if (remedyOf(error) === 'pin') refused.set(key, failure);
    throw failure;
  }

  return {
    async login(worker, address, token) {
      if ((token.flags & LOGIN_REQUIRED) === 0) return true;
      const source = sourceOf(address, token, settings);
      if (source === undefined && (token.flags & PROTECTED_PATH) === 0) return false;
      const slots = done.get(worker) ?? new Map<string, Promise<void>>();
      done.set(worker, slots);
      const key = JSON.stringify([address.workerKey, token.serial, token.label]);
      const entering = slots.get(token.slot) ?? enter(worker, address, token, key, source);
      slots.set(token.slot, entering);
      try {
        await entering;
        return true;
      } catch (error) {
        if (slots.get(token.slot) === entering) slots.delete(token.slot);
        throw error;
      }
    },
    forget(worker, token) {
      done.get(worker)?.delete(token.slot);
    },
  };
}

/** Where the PIN is. Nothing where it is typed at the reader, or where nobody knows it. */
function sourceOf(
  { pinSource }: Address,
  { label, serial }: TokenInfo,
  { pin, keyring }: Pick<Settings, 'pin' | 'keyring'>,
): SecretSource | undefined {
  if (pinSource?.startsWith('keyring:')) return (keyring ?? noKeyring)(pinSource);
  if (pinSource !== undefined) return secretFile(pinSource);
  return pin && (() => pin({ label, serial }));
}

function noKeyring(): never {
  throw new Failure(
    'ARGUMENT_INVALID',
    'the PIN is in a keyring, and the provider was given none: pkcs11({ keyring: secretKeyring })',
    { provider: 'pkcs11', field: 'pkcs11.keyring' },
  );
}

async function send(
  worker: Worker,
  { slot }: TokenInfo,
  source: SecretSource | undefined,
  details: FailureDetails,
): ReturnType<Worker['request']> {
  const request = { op: 'login', slot } as const;
  // Somebody types it at the reader: the worker's own limit ends that.
  if (source === undefined) return worker.request(request, {}, details);
  const secret = await source();
  try {
    return await secret.use((data) => {
      // It would arrive as another one, and be counted.
      if (!isUtf8(data)) throw new Failure('MALFORMED', 'the PIN is not UTF-8', details);
      const options = { deadline: performance.now() + LOGIN_MS };
      return worker.request(request, options, details, { data, secret: true });
    });
  } catch (error) {
    // The limit is this one, and nobody's deadline. The PIN may have been counted: it is not sent again.
    if (isFailure(error, 'UNAVAILABLE') && error.details.field === 'deadline') {
      throw unavailable('the token did not answer to the PIN in 20 seconds', error.details);
    }
    throw error;
  } finally {
    secret[Symbol.dispose]();
  }
}

/** The same failure, for whoever tries after it. */
function again({ code, message, details }: Failure): Failure {
  return new Failure(code, `${message}; it is not tried again`, details);
}
