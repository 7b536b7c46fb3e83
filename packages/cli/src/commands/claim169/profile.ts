/**
 * The version of the Claim 169 specification.
 *
 * @module
 */
import { Failure } from 'hardkey';
import type { Given } from '../../given.ts';

/** What `--profile` says. Throws `UNSUPPORTED` for a version that is not implemented. */
export function profileOf(given: Given): '1.2.1' {
  const profile = given.text('profile') ?? '1.2.1';
  if (profile === '1.2.1') return profile;
  throw new Failure('UNSUPPORTED', 'no such profile', { field: 'profile' });
}
