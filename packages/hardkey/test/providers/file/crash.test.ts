import assert from 'node:assert/strict';
import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createKeys, isFailure } from 'hardkey';
import type { Step } from '../../../src/providers/file/steps.ts';
import { crasher, eachAtOnce } from './crash.ts';
import { AFTER, contentsOf, isWhole, OPERATIONS, type Operation, PATIENT, providerOf } from './operations.ts';
import { MEMORY, quickStore, scratch } from './support.ts';

const ROUNDS = Number(process.env['HARDKEY_CRASH_ROUNDS'] ?? 1);
const WIDTH = 4;
const STEPS: readonly Step[] = ['write', 'fsync-file', 'publish', 'remove', 'fsync-folder'];

const crash = await crasher();

/** A store with one key. */
async function templateOf(t: TestContext, passphrase: string | undefined): Promise<string> {
  const store = scratch(t, MEMORY);
  if (passphrase !== undefined) await quickStore(store, passphrase);
  const config = passphrase === undefined ? { store } : { store, passphrase };
  await createKeys([providerOf(config)], PATIENT).create('file:old', { algorithm: 'Ed25519' });
  return store;
}

async function inCopy(template: string, operation: Operation, run: (store: string) => Promise<void>) {
  const folder = mkdtempSync(join(MEMORY, 'hardkey-crash-'));
  try {
    const store = join(folder, 'keys');
    if (operation !== 'found') {
      cpSync(template, store, { recursive: true });
      chmodSync(store, 0o700);
    }
    await run(store);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The store goes on, and keeps nothing of what did not end: neither files nor a lock. */
async function checkLeavings(store: string, passphrase: string | undefined): Promise<void> {
  const config = passphrase === undefined ? { store } : { store, passphrase };
  const keys = createKeys([providerOf(config)], PATIENT);
  await keys.create('file:next', { algorithm: 'Ed25519' });
  for (const label of ['old', 'new', 'next']) {
    await keys.destroy(`file:${label}`).catch((error: unknown) => {
      assert.ok(isFailure(error, 'KEY_NOT_FOUND'), String(error));
    });
  }
  assert.deepEqual(readdirSync(store), ['index.json', 'store.json']);
}

interface Setting {
  readonly passphrase?: string;
  readonly operations: readonly Operation[];
  /** How often each step of each operation is met. */
  readonly rounds: number;
}

const SETTINGS: Readonly<Record<string, Setting>> = {
  'without a passphrase': { operations: OPERATIONS, rounds: ROUNDS },
  // Every step of this name is met as often, over all operations: each time keys are derived. To make a
  // store takes half a second, and differs in what is written alone.
  'with a passphrase': {
    passphrase: 'correct horse',
    operations: OPERATIONS.filter((one) => one !== 'found'),
    rounds: Math.ceil(ROUNDS / 4),
  },
};

for (const [name, { operations, rounds, ...secret }] of Object.entries(SETTINGS)) {
  test(`whenever the process dies, a store ${name} holds all of an operation or none of it`, async (t) => {
    const template = await templateOf(t, secret.passphrase);
    const counts = new Map<string, number>();
    const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1);
    const jobs = Array.from({ length: rounds }, (_, round) =>
      operations.map((operation) => ({ operation, isFirst: round === 0 })),
    ).flat();
    await eachAtOnce(jobs, WIDTH, async ({ operation, isFirst }) => {
      for (let at = 0, said = ''; said !== 'acknowledged'; at++) {
        await inCopy(template, operation, async (store) => {
          said = await crash({ store, operation, at, ...secret });
          count(`${operation} ${said}`);
          count(said);
          const found = existsSync(store) ? await contentsOf({ store, ...secret }) : {};
          if (said === 'acknowledged') return assert.deepEqual(found, AFTER[operation]);
          assert.ok(isWhole(found, operation), `${operation} ${at} ${said}: ${JSON.stringify(found)}`);
          // What is left does not depend on the round.
          if (isFirst) await checkLeavings(store, secret.passphrase);
        });
      }
    });
    for (const [what, times] of [...counts].sort()) t.diagnostic(`${what}: ${times}`);
    for (const times of counts.values()) assert.ok(times >= rounds);
    for (const step of STEPS) assert.ok((counts.get(`killed ${step}`) ?? 0) >= ROUNDS, step);
    assert.equal(counts.get('acknowledged'), rounds * operations.length);
  });
}
