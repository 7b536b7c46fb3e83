/**
 * The client that calls go through: made once, and again after it lost its way.
 *
 * @module
 */
import { closed } from '../../core/calls-under-way.ts';
import type { FailureDetails } from '../../errors.ts';
import type { KmsClient } from './client.ts';
import type { Settings } from './config.ts';
import { forgetLookups, makeClient, type OwnClient } from './sdk.ts';

/** A way to the service. */
export interface Connection {
  /** A client that is logged in. A login that failed is not kept. */
  client(projectId: string, details: FailureDetails): Promise<KmsClient>;
  /** Lets the next call make another client, where this one's connection or login is no good. */
  forget(client: KmsClient, what: 'connection' | 'login'): void;
  close(): void;
}

/** A connection as the configuration says: through the client that was given, or one that is made here. */
export function connectionOf(settings: Settings): Connection {
  return settings.client === undefined ? ownConnection(settings) : givenConnection(settings.client);
}

function givenConnection(client: KmsClient): Connection {
  return {
    async client() {
      // The SDK's own methods leave a login that fails to nobody, which ends the process.
      await client.initialize?.();
      return client;
    },
    forget: () => undefined,
    close: () => undefined,
  };
}

function ownConnection(settings: Settings): Connection {
  let current: Promise<OwnClient> | undefined;
  let auth: unknown;
  let isClosed = false;

  async function open(projectId: string, details: FailureDetails): Promise<OwnClient> {
    const client = await makeClient(settings, projectId, auth);
    await client.initialize().catch((error: unknown) => {
      forgetLookups();
      throw error;
    });
    if (isClosed) {
      end(client);
      throw closed(details);
    }
    ({ auth } = client);
    return client;
  }

  function end(client: OwnClient): void {
    client.close().catch(() => undefined);
  }

  return {
    client(projectId, details) {
      if (current !== undefined) return current;
      const mine = open(projectId, details);
      current = mine;
      mine.catch(() => {
        if (current === mine) current = undefined;
      });
      return mine;
    },
    forget(client, what) {
      if (what === 'login') auth = undefined;
      const mine = current;
      mine?.then(
        (opened) => {
          if (opened !== client || current !== mine) return;
          current = undefined;
          end(opened);
        },
        () => undefined,
      );
    },
    close() {
      isClosed = true;
      current?.then(end, () => undefined);
      current = undefined;
    },
  };
}
