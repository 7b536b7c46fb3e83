/**
 * Software keys that stand in for hardware: made because somebody allowed it, and marked for good.
 *
 * @module
 */
import type { Custody, KeyInfo } from './key.ts';

/** The fact of custody, and the header parameter of JWS and COSE, that names the backend that was asked for. */
export const STAND_IN = 'softwareInsteadOf';

/** What custody says of a key that stands in for one of a backend. */
export function standInFacts(backend: string | undefined): Custody['facts'] {
  return backend === undefined ? {} : { [STAND_IN]: backend };
}

/** The backend that a key stands in for; undefined for every other key. */
export function standsInFor(key: Pick<KeyInfo, 'custody'> | undefined): string | undefined {
  const backend = key?.custody.facts[STAND_IN];
  return typeof backend === 'string' ? backend : undefined;
}
