/**
 * Calls to an engine, each with a token that the server takes.
 *
 * @module
 */
import { closed } from '../../core/calls-under-way.ts';
import { checkLimits } from '../../core/limits.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { JsonObject } from '../../core/trust/strict-json.ts';
import { isFailure } from '../../errors.ts';
import type { Settings } from './config.ts';
import { httpServer } from './http.ts';
import { logInBy, renew } from './login.ts';
import { session } from './session.ts';
import { type Asking, caller, type Request } from './wire.ts';

/** A server, for those who are let in. */
export interface Client {
  /** The `data` of the answer, or a failure. */
  call(request: Request, options: CallOptions, asking: Asking): Promise<JsonObject>;
  /** Throws when the client was closed, or the call is over before it began. */
  ready(options: CallOptions): void;
  close(): void;
}

/** A client of one server. It connects when it is first asked for something. */
export function vaultClient(settings: Settings): Client {
  const http = httpServer(settings);
  const call = caller(http, settings.namespace);
  const held = session(logInBy(settings, call), (grant) => renew(grant, call));
  let isClosed = false;

  function ready(options: CallOptions): void {
    const details = { provider: settings.scheme };
    if (isClosed) throw closed(details);
    checkLimits(options, details);
  }

  return {
    ready,
    async call(request, options, asking) {
      ready(options);
      const token = await held.token(options, asking.details);
      try {
        return await call({ ...request, token }, options, asking);
      } catch (error) {
        if (!isFailure(error, 'DENIED') || error.details.field !== 'vault.token') throw error;
        held.forget(token);
      }
      // Nothing was done for the old one, so this is no repetition.
      return call({ ...request, token: await held.token(options, asking.details) }, options, asking);
    },
    close() {
      isClosed = true;
      held.close();
      http.close();
    },
  };
}
