/**
 * The tokens that a module has.
 *
 * @module
 */
import { formatPkcs11Uri } from '../../core/refs/pkcs11.ts';
import type { FailureDetails } from '../../errors.ts';
import { isToken } from './address.ts';
import type { Settings } from './config.ts';
import { tokenFailure, unavailable } from './failures.ts';
import type { Reply } from './jobs.ts';
import type { Request, TokenInfo } from './wire.ts';
import type { Worker } from './worker.ts';

/** A token that is there. */
export interface FoundToken {
  /** A reference to it, as the configuration names tokens. */
  readonly ref: string;
  readonly label: string;
  readonly serial: string;
  readonly manufacturer: string;
  readonly model: string;
  /** Whether the configuration names it. */
  readonly isConfigured: boolean;
}

/** How long one step of finding a token may take, in milliseconds. Whoever waits has a limit of his own. */
const STEP_MS = 20_000;
const TOKEN_INITIALIZED = 0x400;

/** One question on the way to a token. Throws what its error means. */
export async function askWorker(worker: Worker, request: Request, details: FailureDetails): Promise<Reply> {
  const reply = await worker.request(request, { deadline: performance.now() + STEP_MS }, details);
  if (reply === undefined) throw worker.ended ?? unavailable('the worker of the module ended', details);
  return done(reply, details);
}

/** The tokens of the module that can be used: a slot may hold one that nobody has initialised. */
export async function readyTokens(worker: Worker, details: FailureDetails): Promise<readonly TokenInfo[]> {
  const { head } = await askWorker(worker, { op: 'tokens' }, details);
  return (head.tokens ?? []).filter(({ flags }) => (flags & TOKEN_INITIALIZED) !== 0);
}

/** The reply, if it is not an error. */
export function done(reply: Reply, details: FailureDetails): Reply {
  if (reply.head.error !== undefined) throw tokenFailure(reply.head.error, details);
  return reply;
}

/** A token of the module at this path, as it is told to others. */
export function foundToken({ tokens }: Settings, modulePath: string, token: TokenInfo): FoundToken {
  const { label, serial, manufacturer, model } = token;
  const isConfigured = tokens.some((uri) => isToken(uri, token));
  const name = label === '' ? { serial } : { token: label };
  const ref = `pkcs11:${formatPkcs11Uri({ ...name, modulePath })}`;
  return { ref, label, serial, manufacturer, model, isConfigured };
}
