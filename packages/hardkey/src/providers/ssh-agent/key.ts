/**
 * A key of an agent, as the interface shows it.
 *
 * @module
 */
import {
  type Algorithm,
  type Algorithms,
  algorithm,
  type SignatureAlgorithm,
} from '../../core/algorithms.ts';
import { publicKeyOf } from '../../core/import-public-key.ts';
import type { Key, KeyInfo } from '../../core/key.ts';
import { keyRef } from '../../core/key-ref.ts';
import type { CallOptions, Signer } from '../../core/operations.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { formatSshAgentRef } from '../../core/refs/ssh-agent.ts';
import { decodeSshKey } from '../../core/ssh/public-key.ts';
import { decodeSshSignature } from '../../core/ssh/signature.ts';
import { Failure } from '../../errors.ts';
import { MESSAGE_LIMIT } from '../../protocols/ssh-agent/frames.ts';
import { signRequestOverhead } from '../../protocols/ssh-agent/messages.ts';
import type { FoundIdentity } from './address.ts';
import { algorithmsOf } from './algorithms.ts';

/** What is known of a key of an agent. */
export type AgentKeyInfo = KeyInfo & { readonly publicKey: PublicKey };

/** Asks the agent for a signature as SSH has it. */
export type AskSignature = (
  name: SignatureAlgorithm,
  message: Uint8Array,
  options: CallOptions,
) => Promise<Uint8Array>;

/** What is known of a key. Throws `UNSUPPORTED` when nothing here can be done with it. */
export async function agentKeyInfo(
  identity: FoundIdentity,
  socket: string | undefined,
): Promise<AgentKeyInfo> {
  const { keyBytes, comment, fingerprint } = identity;
  const publicKey = await publicKeyOf(decodeSshKey(keyBytes, 'ssh-agent.key'));
  const algorithms = algorithmsOf(publicKey);
  if (algorithms.length === 0) {
    throw new Failure('UNSUPPORTED', 'RSA keys have at least 2048 bits', { field: 'ssh-agent.key' });
  }
  return Object.freeze({
    ref: keyRef('ssh-agent', formatSshAgentRef({ fingerprint, ...(socket === undefined ? {} : { socket }) })),
    id: publicKey.id,
    ...(comment === '' ? {} : { label: comment }),
    algorithms: Object.freeze(algorithms),
    state: 'active',
    // An agent may have the key in its memory, on a card or on another machine, and does not say.
    custody: Object.freeze({ place: 'program', level: 'claimed', facts: Object.freeze({ agent: true }) }),
    publicKey,
  });
}

/** A key that signs messages through its agent. */
export function agentKey(info: AgentKeyInfo, keyBytes: Uint8Array, ask: AskSignature): Key {
  const longest = MESSAGE_LIMIT - signRequestOverhead(keyBytes);

  function allowed<A extends Algorithm>(name: A): A {
    if (info.algorithms.includes(name)) return name;
    throw new Failure('UNSUPPORTED', 'not with this key', { algorithm: name, ref: String(info.ref) });
  }

  return Object.freeze({
    ...info,
    use<A extends Algorithm>(name: A): Algorithms[A] {
      const bound = allowed(name) as SignatureAlgorithm;
      const signer: Signer = Object.freeze({
        algorithm: bound,
        key: info,
        publicKey: info.publicKey,
        async sign(message: Uint8Array, options: CallOptions = {}) {
          if (message.length > longest) throw tooLong(info);
          return readSignature(await ask(bound, message, options), bound, info);
        },
      });
      return signer as Algorithms[Algorithm] as Algorithms[A];
    },
    useDigest(name: SignatureAlgorithm): never {
      throw new Failure('UNSUPPORTED', 'an agent signs messages only', {
        algorithm: allowed(name),
        ref: String(info.ref),
      });
    },
  });
}

/** The signature, of the algorithm that was asked for and no other. */
function readSignature(
  bytes: Uint8Array,
  name: SignatureAlgorithm,
  { publicKey, ref }: AgentKeyInfo,
): Uint8Array {
  const found = decodeSshSignature(bytes, 'ssh-agent.signature');
  if (found.algorithm !== name) {
    throw new Failure('UNSUPPORTED', 'the agent signs with another algorithm than it is asked for', {
      algorithm: name,
      ref: String(ref),
    });
  }
  const { signature } = found;
  const length = algorithm(name).signatureLength ?? Math.ceil((publicKey.bits ?? 0) / 8);
  if (signature.length === length) return signature;
  // RFC 8017 §8.2.1 has a fixed width, and agents that take it for a number leave leading zeros out.
  if (publicKey.keyType === 'RSA' && signature.length < length) return padded(signature, length);
  throw new Failure('MALFORMED', 'a signature of another length than its algorithm has', {
    field: 'ssh-agent.signature',
    ref: String(ref),
  });
}

function padded(number: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  out.set(number, length - number.length);
  return out;
}

function tooLong({ ref }: AgentKeyInfo): Failure<'ARGUMENT_INVALID'> {
  return new Failure('ARGUMENT_INVALID', 'the message is longer than an agent takes', {
    field: 'message',
    ref: String(ref),
  });
}
