/**
 * The dialect of a credential.
 *
 * @module
 */
import { Failure } from 'hardkey';
import { type Profile, profiles } from 'hardkey/formats/claim169';
import type { Given } from '../../given.ts';

/** What `--profile` says. Throws `UNSUPPORTED` for one that is not known. */
export function profileOf(given: Given): Profile {
  const name = given.text('profile') ?? '1.2.1';
  const profile = profiles.find((one) => one === name);
  if (profile !== undefined) return profile;
  throw new Failure('UNSUPPORTED', 'no such profile', { field: 'profile' });
}
