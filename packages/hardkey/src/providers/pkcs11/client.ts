/**
 * Calls to one token: it is found, logged in to where it wants that, and found again when it was lost.
 *
 * @module
 */
import { checkLimits, waitWithin } from '../../core/limits.ts';
import type { CallOptions } from '../../core/operations.ts';
import { Failure, type FailureDetails, isFailure } from '../../errors.ts';
import { type Address, ambiguous, isToken } from './address.ts';
import { type Mechanisms, mechanismsOf } from './algorithms.ts';
import { remedyOf, unavailable } from './failures.ts';
import type { Reply, RequestBytes } from './jobs.ts';
import type { Logins } from './login.ts';
import { askWorker, done, readyTokens } from './tokens.ts';
import type { Request, TokenInfo } from './wire.ts';
import type { Worker } from './worker.ts';
import type { Workers } from './workers.ts';

/** A token, where it is now. */
export interface Located {
  readonly worker: Worker;
  readonly token: TokenInfo;
  readonly mechanisms: Mechanisms;
  /** Whether its private objects are seen. */
  readonly loggedIn: boolean;
}

/** What was answered, and by which process: handles are of a process. */
export interface Answered {
  readonly at: Located;
  readonly reply: Reply;
}

/** Calls to one token. */
export interface Client {
  /** Throws `UNAVAILABLE` when the token is not there, and `ARGUMENT_INVALID` when several fit. */
  locate(options: CallOptions, details: FailureDetails): Promise<Located>;
  /**
   * Asks. A session or login that was lost is replaced once, and a process that cannot go on is not
   * asked again. What the token says to it all is in the reply.
   */
  attempt(
    make: (at: Located) => Request | Promise<Request>,
    options: CallOptions,
    details: FailureDetails,
    bytes?: RequestBytes,
  ): Promise<Answered>;
  /** The same, and throws what the token's error means. */
  call: Client['attempt'];
  /** The handles of objects in this process lead nowhere: begin again with another. */
  begin(at: Located): void;
  /** Asks whether the session is still there, if there was nothing to do for that long. */
  keepAlive(idleMs: number): Promise<void>;
}

const ANY_TIME = 2 ** 31 - 1;

/** Everything that a token's address leads through. */
export interface Ways {
  readonly workers: Workers;
  readonly logins: Logins;
}

/** A client for the token of an address. */
export function clientOf(address: Address, { workers, logins }: Ways): Client {
  const about = { provider: 'pkcs11', path: address.module.path };
  let finding: { readonly worker: Worker; readonly located: Promise<Located> } | undefined;
  let found: Located | undefined;

  async function find(worker: Worker): Promise<Located> {
    const token = only(address, await readyTokens(worker, about), about);
    const loggedIn = await logins.login(worker, address, token);
    const { head } = await askWorker(worker, { op: 'mechanisms', slot: token.slot }, about);
    found = { worker, token, mechanisms: mechanismsOf(head.mechanisms ?? []), loggedIn };
    return found;
  }

  async function locate(options: CallOptions, details: FailureDetails): Promise<Located> {
    const began = performance.now();
    const worker = workers.get(address, details);
    if (found?.worker === worker) return found;
    if (finding?.worker !== worker) finding = { worker, located: find(worker) };
    const mine = finding;
    try {
      return await waitWithin(mine.located, options, ANY_TIME, details);
    } catch (error) {
      if (finding === mine && !isTheCallers(error, options)) finding = undefined;
      if (worker.startedAt >= began || !isLost(error)) throw withDetails(error, details);
      // Some modules see tokens that came or went only when they are loaded again.
      workers.replace(worker);
      return locate(options, details);
    }
  }

  function forget(at: Located): void {
    logins.forget(at.worker, at.token);
    if (found !== at) return;
    found = undefined;
    finding = undefined;
  }

  async function attempt(
    make: (at: Located) => Request | Promise<Request>,
    options: CallOptions,
    details: FailureDetails,
    bytes?: RequestBytes,
  ): Promise<Answered> {
    for (let first = true; ; ) {
      const at = found?.worker.takes ? found : await locate(options, details);
      const made = make(at);
      const request = made instanceof Promise ? await made : made;
      const reply = await at.worker.request(request, options, details, bytes);
      // Somebody else's call ended the process before it came to this one.
      if (reply === undefined) continue;
      const remedy = reply.head.error && remedyOf(reply.head.error);
      if (remedy === 'worker') workers.replace(at.worker);
      if (remedy === 'session') forget(at);
      if (remedy !== 'session' || !first) return { at, reply };
      first = false;
    }
  }

  return {
    async locate(options, details) {
      checkLimits(options, details);
      return locate(options, details);
    },
    attempt,
    async call(make, options, details, bytes) {
      const { at, reply } = await attempt(make, options, details, bytes);
      return { at, reply: done(reply, details) };
    },
    begin: ({ worker }) => workers.replace(worker),
    async keepAlive(idleMs) {
      const at = found;
      if (at === undefined || !at.worker.takes || performance.now() - at.worker.askedAt < idleMs) return;
      await attempt(({ token }) => ({ op: 'ping', slot: token.slot }), {}, about);
    },
  };
}

function only({ uri }: Address, tokens: readonly TokenInfo[], details: FailureDetails): TokenInfo {
  const [token, ...others] = tokens.filter((one) => isToken(uri, one));
  if (token === undefined) {
    throw unavailable('the token is not there: is it plugged in, and is this its name?', {
      ...details,
      field: 'pkcs11.token',
    });
  }
  if (others.length === 0) return token;
  throw ambiguous('pkcs11.token', 'several tokens fit: name one by its serial number', details);
}

/** Whether another process might find what this one did not. */
function isLost(error: unknown): boolean {
  return (
    isFailure(error, 'UNAVAILABLE') && error.details.field !== 'deadline' && error.details.field !== 'closed'
  );
}

/** Whether it is only this caller who does not wait. */
function isTheCallers(error: unknown, { signal, deadline }: CallOptions): boolean {
  if (signal?.aborted && error === signal.reason) return true;
  return deadline !== undefined && performance.now() >= deadline;
}

function withDetails(error: unknown, details: FailureDetails): unknown {
  if (!isFailure(error)) return error;
  return new Failure(error.code, error.message, { ...error.details, ...details }, error.cause);
}
