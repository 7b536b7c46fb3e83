import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Step } from '../../../src/providers/file/steps.ts';
import { materialise, type PowerCuts, powerCuts, type Remains } from './lost-pages.ts';
import {
  AFTER,
  type Contents,
  contentsOf,
  isSame,
  isWhole,
  OPERATIONS,
  type Operation,
  perform,
  providerOf,
} from './operations.ts';
import { MEMORY, openKeys, scratch } from './support.ts';

async function cutsOf(t: TestContext, operation: Operation, leaveOut?: Step): Promise<PowerCuts> {
  const store = scratch(t, MEMORY);
  if (operation === 'found') mkdirSync(store, { mode: 0o700 });
  else await openKeys(store).create('file:old', { algorithm: 'Ed25519' });
  return powerCuts(store, () => perform(providerOf({ store }), operation), leaveOut);
}

/** What the provider finds in a folder after the cut, or the failure it has with it. */
async function foundIn(t: TestContext, remains: Remains): Promise<Contents | undefined> {
  const store = scratch(t, MEMORY);
  materialise(remains, store);
  try {
    const found = await contentsOf({ store });
    await openKeys(store).create('file:next', { algorithm: 'Ed25519' });
    return found;
  } catch {
    // Whatever it says: the store was lost.
    return undefined;
  } finally {
    rmSync(join(store, '..'), { recursive: true });
  }
}

/** How many of the states lose something: an acknowledged write, or what was there before. */
async function losses(t: TestContext, operation: Operation, cuts: PowerCuts): Promise<number> {
  let lost = 0;
  for (const remains of cuts.during) {
    const found = await foundIn(t, remains);
    if (found === undefined || !isWhole(found, operation)) lost++;
  }
  for (const remains of cuts.after) {
    const found = await foundIn(t, remains);
    if (found === undefined || !isSame(found, AFTER[operation])) lost++;
  }
  return lost;
}

for (const operation of OPERATIONS) {
  test(`whatever a power cut leaves of unsynced pages and names, ${operation} is done or not done`, async (t) => {
    const cuts = await cutsOf(t, operation);
    assert.ok(cuts.during.length >= 8, String(cuts.during.length));
    t.diagnostic(`${cuts.during.length} states before the acknowledgement, ${cuts.after.length} after it`);
    assert.equal(await losses(t, operation, cuts), 0);
  });

  test(`without an fsync ${operation} can lose the store`, async (t) => {
    for (const step of ['fsync-file', 'fsync-folder'] as const) {
      const lost = await losses(t, operation, await cutsOf(t, operation, step));
      t.diagnostic(`${lost} states are lost without ${step}`);
      assert.ok(lost > 0, step);
    }
  });
}
