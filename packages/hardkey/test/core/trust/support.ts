// What the tests of verification against a trust expect, and how they say it.
import assert from 'node:assert/strict';
import type { Check } from '../../../src/core/trust/trust.ts';
import { failsWith } from '../../support/failures.ts';

/** The checks of a key that passes, before its signature. */
export const KEY_CHECKS = [
  'key.known',
  'key.algorithm',
  'key.active',
  'key.not-before',
  'key.not-after',
  'key.revoked',
];

/** The failure of one check. */
export function refused(check: string, keyId?: string): (error: unknown) => true {
  return failsWith('VERIFICATION_FAILED', { check, ...(keyId !== undefined && { keyId }) });
}

/** The names of checks, all of which must have passed. */
export function names(checks: readonly Check[]): readonly string[] {
  assert.ok(checks.every(({ passed }) => passed));
  return checks.map(({ name }) => name);
}
