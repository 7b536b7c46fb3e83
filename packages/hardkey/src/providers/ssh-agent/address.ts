/**
 * `ssh-agent:fingerprint=SHA256:…[?socket=/path]` or `ssh-agent:comment=C`: which agent, and which of its
 * keys.
 *
 * @module
 */
import type { KeyRef } from '../../core/key-ref.ts';
import { parseSshAgentRef, type SshAgentRef } from '../../core/refs/ssh-agent.ts';
import { sshFingerprint } from '../../core/ssh/public-key.ts';
import { Failure } from '../../errors.ts';
import type { AgentIdentity } from '../../protocols/ssh-agent/messages.ts';

/** What a reference names. Throws `ARGUMENT_INVALID` where it names no key. */
export function readAddress(ref: KeyRef): SshAgentRef {
  const address = parseSshAgentRef(ref.body);
  if (address.fingerprint !== undefined || address.comment !== undefined) return address;
  throw new Failure('ARGUMENT_INVALID', 'a key is named by its fingerprint or its comment', {
    field: 'ssh-agent.fingerprint',
  });
}

/** A key of an agent with its fingerprint. */
export interface FoundIdentity extends AgentIdentity {
  readonly fingerprint: string;
}

/** The key that is named. Throws `KEY_NOT_FOUND`, and `ARGUMENT_INVALID` when a comment fits several. */
export async function findIdentity(
  identities: readonly AgentIdentity[],
  { fingerprint, comment }: SshAgentRef,
  ref: KeyRef,
): Promise<FoundIdentity> {
  const fitting = (await Promise.all(identities.map(withFingerprint))).filter(
    (one) => (fingerprint ?? one.fingerprint) === one.fingerprint && (comment ?? one.comment) === one.comment,
  );
  const [found, ...others] = fitting;
  if (found === undefined) {
    throw new Failure('KEY_NOT_FOUND', 'the agent holds no such key; one that is locked shows none', {
      ref: String(ref),
    });
  }
  if (others.length === 0) return found;
  throw new Failure('ARGUMENT_INVALID', 'several keys have this comment: give the fingerprint', {
    ref: String(ref),
    field: 'ssh-agent.comment',
  });
}

/** Names a key of an agent for good. */
export async function withFingerprint(identity: AgentIdentity): Promise<FoundIdentity> {
  return { ...identity, fingerprint: await sshFingerprint(identity.keyBytes) };
}
