/**
 * Our labels on keys: whose they are, and what Cloud KMS has no state for. Labels are of a key as a whole.
 *
 * @module
 */
import type { CallOptions } from '../../core/operations.ts';
import type { FailureDetails } from '../../errors.ts';
import type { CryptoKey } from './calls.ts';
import type { Service } from './client.ts';
import { anotherKey } from './failures.ts';

/** A key that has it was made here. */
export const MADE_HERE = 'hardkey';

/** The version that rotation here made current. Those before it open what they made, and make nothing more. */
const CURRENT = 'hardkey-current';

/** Versions that are compromised, as `1_3`: they open what was made for them, and make nothing more. */
const COMPROMISED = 'hardkey-compromised';

/** What the labels of a key say. */
export interface Marks {
  readonly isMadeHere: boolean;
  /** The oldest version that makes anything. */
  readonly current: bigint;
  readonly compromised: ReadonlySet<string>;
}

/** Reads the labels of a key; nothing of one that may not be described. */
export function marksOf(key: CryptoKey | undefined): Marks {
  const labels = key?.labels ?? {};
  const current = labels[CURRENT] ?? '';
  return {
    isMadeHere: labels[MADE_HERE] !== undefined,
    current: /^\d{1,19}$/.test(current) ? BigInt(current) : 0n,
    compromised: new Set((labels[COMPROMISED] ?? '').split('_').filter(Boolean)),
  };
}

/** What is to be said of a key from now on. */
export interface Change {
  readonly current?: string;
  readonly compromised?: ReadonlySet<string>;
}

/** Changes our labels of a key, and leaves all others as they were. */
export async function markKey(
  { service, details }: { readonly service: Service; readonly details: FailureDetails },
  keyName: string,
  { current, compromised }: Change,
  options: CallOptions,
): Promise<void> {
  const { name, labels: before } = await service.call('getCryptoKey', { name: keyName }, options, details);
  if (name !== keyName) throw anotherKey(name, details);
  const labels: Record<string, string> = { ...before };
  if (current !== undefined) labels[CURRENT] = current;
  if (compromised !== undefined) {
    delete labels[COMPROMISED];
    if (compromised.size > 0) labels[COMPROMISED] = [...compromised].join('_');
  }
  const request = { cryptoKey: { name: keyName, labels }, updateMask: { paths: ['labels'] } };
  await service.call('updateCryptoKey', request, options, details);
}
