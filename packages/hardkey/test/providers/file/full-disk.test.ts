import assert from 'node:assert/strict';
import { chmodSync, cpSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import type { FailureCode } from 'hardkey';
import { observeSteps } from '../../../src/providers/file/steps.ts';
import { failsWith } from '../../support/failures.ts';
import {
  AFTER,
  contentsOf,
  isSame,
  isWhole,
  OPERATIONS,
  type Operation,
  perform,
  providerOf,
} from './operations.ts';
import { MEMORY, openKeys, scratch } from './support.ts';

const FAILURES = { ENOSPC: 'UNAVAILABLE', EIO: 'UNAVAILABLE', EROFS: 'DENIED' } as const;

test('a disk that refuses any step is a coded failure, and the store holds all of an operation or none', async (t) => {
  const template = scratch(t, MEMORY);
  await openKeys(template).create('file:old', { algorithm: 'Ed25519' });
  for (const operation of OPERATIONS) {
    for (const [code, failure] of Object.entries(FAILURES)) {
      for (let at = 0, ended = false; !ended; at++) {
        const store = scratch(t, MEMORY);
        if (operation !== 'found') cpSync(template, store, { recursive: true });
        if (operation !== 'found') chmodSync(store, 0o700);
        ended = await refusing(store, operation, at, code, failure);
        const found = await contentsOf({ store });
        assert.ok(isWhole(found, operation), `${operation} ${at} ${code}`);
        if (ended) assert.ok(isSame(found, AFTER[operation]));
        await openKeys(store).create('file:next', { algorithm: 'Ed25519' });
        rmSync(store, { recursive: true });
      }
    }
  }
});

/** Does an operation on a disk that refuses a step; true when there was no such step. */
async function refusing(
  store: string,
  operation: Operation,
  at: number,
  code: string,
  failure: FailureCode,
): Promise<boolean> {
  let taken = 0;
  observeSteps(() => {
    if (taken++ === at) throw Object.assign(new Error('refused'), { code });
    return true;
  });
  try {
    await perform(providerOf({ store }), operation);
  } catch (error) {
    assert.ok(failsWith(failure)(error));
  } finally {
    observeSteps(() => true);
  }
  return taken <= at;
}
