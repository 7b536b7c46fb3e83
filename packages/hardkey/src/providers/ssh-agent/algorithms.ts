/**
 * Our rows and what an agent is told for them.
 *
 * @module
 */
import { type Algorithm, algorithm } from '../../core/algorithms.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { sshAlgorithms } from '../../core/ssh/algorithms.ts';
import { keyFits } from '../../core/verify.ts';
import { signFlags } from '../../protocols/ssh-agent/messages.ts';

const FLAGS: Readonly<Partial<Record<Algorithm, number>>> = {
  RS256: signFlags.rsaSha256,
  RS512: signFlags.rsaSha512,
};

/** What an agent signs with a key, most preferred first. None for RSA keys that are too small. */
export function algorithmsOf(key: PublicKey): readonly Algorithm[] {
  return sshAlgorithms.filter((name) => keyFits(key, algorithm(name)));
}

/** The flags of a request that is to be signed so. */
export function flagsOf(name: Algorithm): number {
  return FLAGS[name] ?? signFlags.none;
}
