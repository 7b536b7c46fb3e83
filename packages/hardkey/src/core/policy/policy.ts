/**
 * The policies of `createKeys`, in their one order: audit, metrics, deadline, limit, retry, breaker,
 * and verification next to the key.
 *
 * @module
 */
import { type Around, compose } from './call.ts';

/** What surrounds every call. */
export interface Policy {
  /** Off only here, by name, and reported in `custody.facts`: signatures leave without being verified. */
  readonly releaseUnverified?: boolean;
}

/** The decorators a policy asks for, composed. */
export function policyLayers(policy: Policy): {
  readonly around: Around;
  readonly releaseUnverified: boolean;
} {
  return { around: compose([]), releaseUnverified: policy.releaseUnverified ?? false };
}
