/**
 * What is asked of an agent, and what it answers: the list of its keys, and signatures (RFC 9987).
 *
 * @module
 */
import { concat } from '../../encoding/bytes.ts';
import { SshReader, sshString, sshUint32 } from '../../encoding/ssh.ts';
import { Failure } from '../../errors.ts';

/** A key that an agent holds (§5.5). */
export interface AgentIdentity {
  /** The public key as SSH has it. */
  readonly keyBytes: Uint8Array;
  /** What a person called it, as text that may be anything. */
  readonly comment: string;
}

/** A request for a signature (§5.6). */
export interface SignRequest {
  readonly keyBytes: Uint8Array;
  /** What is signed; the agent hashes it as the algorithm says. */
  readonly data: Uint8Array;
  /** One of {@link signFlags}, for RSA keys; 0 for others. */
  readonly flags: number;
}

/** Which hash an RSA key signs with (§5.6.1). Without a flag it would be SHA-1. */
export const signFlags = { none: 0, rsaSha256: 2, rsaSha512: 4 } as const;

/** Numbers of the messages (§8.1). */
const number = {
  failure: 5,
  requestIdentities: 11,
  identitiesAnswer: 12,
  signRequest: 13,
  signResponse: 14,
} as const;

/** Asks for the list of keys. */
export function encodeRequestIdentities(): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(number.requestIdentities);
}

/** Asks for a signature. */
export function encodeSignRequest({ keyBytes, data, flags }: SignRequest): Uint8Array<ArrayBuffer> {
  return concat(Uint8Array.of(number.signRequest), sshString(keyBytes), sshString(data), sshUint32(flags));
}

/** How many bytes a request for a signature has beside what is signed. */
export function signRequestOverhead(keyBytes: Uint8Array): number {
  return encodeSignRequest({ keyBytes, data: new Uint8Array(), flags: 0 }).length;
}

/** Reads the answer to {@link encodeRequestIdentities}. Throws `DENIED` for a refusal, and `MALFORMED`. */
export function decodeIdentities(reply: Uint8Array): readonly AgentIdentity[] {
  const input = answer(reply, number.identitiesAnswer);
  const identities: AgentIdentity[] = [];
  // The count is not believed before its keys are there: it sizes nothing.
  for (let left = input.uint32(); left > 0; left--) {
    identities.push({ keyBytes: input.string().slice(), comment: lossy.decode(input.string()) });
  }
  input.end();
  return identities;
}

/** Reads the answer to {@link encodeSignRequest}: a signature as SSH has it. Throws as {@link decodeIdentities}. */
export function decodeSignResponse(reply: Uint8Array): Uint8Array {
  const input = answer(reply, number.signResponse);
  const signature = input.string();
  input.end();
  return signature;
}

/** Nothing says which encoding a comment has, and no key is worth less for it. */
const lossy = new TextDecoder();

function answer(reply: Uint8Array, expected: number): SshReader {
  const input = new SshReader(reply, 'ssh-agent.reply');
  const found = input.byte();
  if (found === expected) return input;
  // §5.1: the one answer to everything that an agent does not do.
  if (found === number.failure && input.left === 0) throw new Failure('DENIED', 'the agent refused');
  throw input.malformed('another answer than was asked for');
}
