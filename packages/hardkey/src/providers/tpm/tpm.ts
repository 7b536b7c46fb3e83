/**
 * A TPM that can be spoken to: its commands, its loaded objects, its sessions.
 *
 * @module
 */
import { Failure, type FailureDetails } from '../../errors.ts';
import type { Authorization } from '../../protocols/tpm/authorization.ts';
import { flushContext, startAuthSession } from '../../protocols/tpm/commands/sessions.ts';
import { permanent, type TpmHash } from '../../protocols/tpm/identifiers.ts';
import { responseCode } from '../../protocols/tpm/response-code.ts';
import {
  beginSession,
  sessionHash,
  sessionRequest,
  shareSecret,
  type TpmSession,
} from '../../protocols/tpm/session.ts';
import { storageTemplate } from '../../protocols/tpm/templates.ts';
import { type Patience, permanentHandle, type TpmClient } from './client.ts';
import { nodeCrypto } from './crypto.ts';
import { isRefusal } from './failures.ts';
import { type ChildSource, type LoadedObject, type PrimarySource, type Slots, slots } from './slots.ts';

/** The parent of new keys (template H-2 under the owner's hierarchy). */
export const ownerStorage: PrimarySource = {
  kind: 'primary',
  hierarchy: permanent.owner,
  template: storageTemplate,
};

/** The same under the hierarchy that is nobody's: it needs no authorization, and is another key after each reset. */
const nullStorage: PrimarySource = { ...ownerStorage, hierarchy: permanent.null };

/** A TPM that can be spoken to. */
export interface Tpm extends TpmClient, Pick<Slots, 'load'> {
  /** The session that proves authorizations and hides parameters. It lasts as long as the connection. */
  session(): Promise<TpmSession>;
  /** Whether a key is used in a session also where there is nothing to prove and nothing to hide. */
  isAlwaysInSession(): boolean;
  /** One more session, until it is flushed. */
  otherSession(kind: 'hmac' | 'policy' | 'trial', hash: TpmHash): Promise<TpmSession>;
  flush(handle: number): Promise<void>;
  /** Forgets what was loaded and begun: the TPM has. */
  forget(): void;
}

/** What a turn brings along: how long the TPM has, and how hierarchies and parents are authorized. */
export interface TurnSettings extends Patience {
  readonly authorizeParent: (tpm: Tpm, source: PrimarySource | ChildSource) => Promise<Authorization>;
  /** Whether the owner's hierarchy needs no authorization, as far as is known. */
  readonly ownerIsOpen: boolean;
  /** Whether keys are used in a session also where there is nothing to prove and nothing to hide. */
  readonly alwaysInSession: boolean;
}

/** Over a client of a new connection. */
export function tpmOver(client: TpmClient, settings: () => TurnSettings, details: FailureDetails): Tpm {
  const held = slots(client, (source) => settings().authorizeParent(tpm, source), details);
  let main: TpmSession | undefined;

  async function begin(kind: 'hmac' | 'policy' | 'trial', hash: TpmHash): Promise<TpmSession> {
    const { handle, name, publicArea } = await saltKey();
    const salt = publicArea && shareSecret(nodeCrypto, publicArea, 'SECRET');
    if (salt === undefined) throw new Failure('UNSUPPORTED', 'no key to share a secret with', details);
    const request = sessionRequest(nodeCrypto, kind, hash, salt);
    const { handle: session, response } = await client.execute(startAuthSession, request, {
      handles: [{ handle, name }, permanentHandle(permanent.null)],
    });
    return beginSession(nodeCrypto, request, salt, session, response.nonceTPM);
  }

  /** The key that a session's secret is encrypted to: the owner's storage key, or one that is nobody's. */
  async function saltKey(): Promise<LoadedObject> {
    if (settings().ownerIsOpen) {
      try {
        return await held.load(ownerStorage);
      } catch (error) {
        if (!isRefusal(error, responseCode.BAD_AUTH, responseCode.AUTH_FAIL)) throw error;
      }
    }
    return held.load(nullStorage);
  }

  const tpm: Tpm = {
    async execute(command, request, subject) {
      try {
        return await client.execute(command, request, subject);
      } catch (error) {
        if (!isRefusal(error, responseCode.OBJECT_MEMORY)) throw error;
        // A command that makes an object, or uses one that stays in the TPM, takes a slot meanwhile.
        await held.clear(subject?.handles ?? []);
        return client.execute(command, request, subject);
      }
    },
    load: held.load,
    async session() {
      main ??= await begin('hmac', sessionHash);
      return main;
    },
    isAlwaysInSession: () => settings().alwaysInSession,
    otherSession: begin,
    async flush(flushHandle) {
      await client.execute(flushContext, { flushHandle });
    },
    forget() {
      held.forget();
      main = undefined;
    },
  };
  return tpm;
}
