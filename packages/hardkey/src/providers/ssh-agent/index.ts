/**
 * Keys that an SSH agent holds: OpenSSH's, GnuPG's, a desktop's, or one for a smart card.
 *
 * @module
 */

import type { Key, KeyProvider } from '../../core/key.ts';
import type { KeyRef } from '../../core/key-ref.ts';
import { checkLimits } from '../../core/limits.ts';
import type { CallOptions } from '../../core/operations.ts';
import { invalid } from '../../core/policy/fields.ts';
import { type FailureDetails, isFailure } from '../../errors.ts';
import {
  type AgentIdentity,
  decodeIdentities,
  decodeSignResponse,
  encodeRequestIdentities,
  encodeSignRequest,
} from '../../protocols/ssh-agent/messages.ts';
import { findIdentity, readAddress, withFingerprint } from './address.ts';
import { flagsOf } from './algorithms.ts';
import { agentClient } from './client.ts';
import { readConfig, type SshAgentConfig } from './config.ts';
import { unavailable } from './failures.ts';
import { type AgentKeyInfo, type AskSignature, agentKey, agentKeyInfo } from './key.ts';

export type { SshAgentConfig } from './config.ts';

/**
 * Opens `ssh-agent:fingerprint=SHA256:…` and `ssh-agent:comment=C`, each with `?socket=/path` where it is
 * another agent than the configured one. Throws `ARGUMENT_INVALID` for a configuration that cannot work.
 *
 * An agent that is not there, hangs up or takes too long is `UNAVAILABLE`, a refusal `DENIED`; a key that
 * it no longer holds is `KEY_NOT_FOUND`. Messages are 256 KiB long at most, and digests are not signed:
 * no agent takes them. Keys of kinds that are not known here are not listed, and `UNSUPPORTED` when named.
 */
export function sshAgent(config: SshAgentConfig = {}): KeyProvider {
  const { socket: own, listed, timeoutMs } = readConfig(config);
  const client = agentClient(timeoutMs);
  let closed = false;

  function ready(options: CallOptions): void {
    const details = { provider: 'ssh-agent' };
    if (closed) throw unavailable('the provider was closed', details);
    checkLimits(options, details);
  }

  async function identitiesOf(
    socket: string | undefined,
    options: CallOptions,
    details: FailureDetails,
  ): Promise<readonly AgentIdentity[]> {
    const call = {
      socket: pathOf(socket ?? own),
      request: encodeRequestIdentities(),
      read: decodeIdentities,
    };
    return client.ask(call, options, details);
  }

  async function open(ref: KeyRef, options: CallOptions): Promise<Key> {
    const address = readAddress(ref);
    const { socket } = address;
    const identities = await identitiesOf(socket, options, { ref: String(ref), provider: 'ssh-agent' });
    const { keyBytes, ...identity } = await findIdentity(identities, address, ref);
    const info = await agentKeyInfo({ keyBytes, ...identity }, socket);

    const ask: AskSignature = async (name, message, callOptions) => {
      ready(callOptions);
      const details = { ref: String(info.ref), provider: 'ssh-agent', algorithm: name };
      const call = {
        socket: pathOf(socket ?? own),
        request: encodeSignRequest({ keyBytes, data: message, flags: flagsOf(name) }),
        read: decodeSignResponse,
      };
      try {
        return await client.ask(call, callOptions, details);
      } catch (error) {
        if (!isFailure(error, 'DENIED')) throw error;
        // One answer for two things: the agent holds the key no longer, or does not want to.
        const { fingerprint } = identity;
        await findIdentity(await identitiesOf(socket, callOptions, details), { fingerprint }, info.ref);
        throw error;
      }
    };
    return agentKey(info, keyBytes, ask);
  }

  return Object.freeze({
    contract: 1,
    schemes: ['ssh-agent'],
    async open(ref, options = {}) {
      ready(options);
      return open(ref, options);
    },
    async *list(options = {}) {
      ready(options);
      for (const socket of listed) {
        for (const identity of await identitiesOf(socket, options, { provider: 'ssh-agent' })) {
          const info = await knownKey(identity, socket);
          if (info !== undefined) yield info;
        }
      }
    },
    async close() {
      closed = true;
      client.close();
    },
  } satisfies KeyProvider);
}

function pathOf(socket: string | undefined): string {
  if (socket !== undefined) return socket;
  throw invalid(
    'ssh-agent.socket',
    'no agent is named: ?socket=/path in the reference, or the socket of the configuration ($SSH_AUTH_SOCK)',
  );
}

/** What is known of a key; undefined for one that nothing here can be done with. */
async function knownKey(
  identity: AgentIdentity,
  socket: string | undefined,
): Promise<AgentKeyInfo | undefined> {
  try {
    return await agentKeyInfo(await withFingerprint(identity), socket);
  } catch (error) {
    if (isFailure(error, 'UNSUPPORTED')) return undefined;
    throw error;
  }
}
