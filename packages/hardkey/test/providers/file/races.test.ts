import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { isFailure } from 'hardkey';
import { tryLockFile } from '../../../src/lock-file.ts';
import { failsWith } from '../../support/failures.ts';
import { type Act, racer } from './race.ts';
import { listed, lockedKeys, MEMORY, openKeys, scratch } from './support.ts';

const PROCESSES = 6;

const race = await racer();

function each<T>(count: number, make: (index: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

test('of processes that create one key, exactly one does, and in a store that was not there', async (t) => {
  const store = scratch(t);
  const ended = await race(each(PROCESSES, () => ({ store, acts: [['create', 'file:a']] })));
  assert.equal(ended.length, PROCESSES);
  const [winner, ...others] = ended.filter(({ done }) => done);
  assert.equal(others.length, 0);
  for (const { result } of ended.filter(({ done }) => !done)) assert.equal(result, 'KEY_EXISTS');
  assert.equal((await openKeys(store).open('file:a')).publicKey?.fingerprint, winner?.result);
});

test('of processes that make a store with a passphrase at once, all have the same', async (t) => {
  const store = scratch(t);
  const secret = { store, passphrase: 'correct horse' };
  const ended = await race(each(3, (index) => ({ ...secret, acts: [['create', `file:a${index}`]] })));
  assert.deepEqual(
    ended.map(({ done }) => done),
    [true, true, true],
  );
  const keys = lockedKeys(store, secret.passphrase);
  for (const { ref, result } of ended) assert.equal((await keys.open(ref)).publicKey?.fingerprint, result);
});

test('what processes create and import at once is all there', async (t) => {
  const store = scratch(t, MEMORY);
  const acts = (index: number): readonly Act[] => [
    ['create', `file:a${index}`],
    ['import', `file:b${index}`],
    ['create', `file:c${index}`],
  ];
  const ended = await race(each(PROCESSES, (index) => ({ store, acts: acts(index) })));
  assert.equal(ended.filter(({ done }) => done).length, 3 * PROCESSES);
  const keys = openKeys(store);
  for (const { ref, result } of ended) {
    const key = await keys.open(ref);
    assert.equal(key.publicKey?.fingerprint ?? key.id, result);
  }
  assert.equal((await listed(keys)).length, 3 * PROCESSES);
});

test('no rotation is lost, and no change of a state', async (t) => {
  const store = scratch(t, MEMORY);
  const keys = openKeys(store);
  const first = await keys.create('file:a', { algorithm: 'Ed25519' });
  const rotations = await race(
    each(PROCESSES, () => ({ store, acts: each(3, () => ['rotate', 'file:a'] as const) })),
  );
  const made = [first.publicKey?.fingerprint, ...rotations.map(({ result }) => result)];
  const infos = await listed(keys);
  assert.deepEqual(infos.map(({ publicKey }) => publicKey?.fingerprint).sort(), made.sort());
  const versions = infos.map(({ ref }) => String(ref));
  assert.deepEqual(
    versions,
    each(made.length, (index) => `file:a?version=${made.length - index}`),
  );
  await race(
    each(PROCESSES, (index) => ({
      store,
      acts: versions
        .filter((_, at) => at % PROCESSES === index)
        .map((ref) => ['setState', ref, 'compromised'] as const),
    })),
  );
  assert.deepEqual(
    (await listed(keys)).map(({ state }) => state),
    versions.map(() => 'compromised'),
  );
});

test('of processes that destroy one key, exactly one does', async (t) => {
  const store = scratch(t, MEMORY);
  const keys = openKeys(store);
  await keys.create('file:a', { algorithm: 'Ed25519' });
  const ended = await race(each(PROCESSES, () => ({ store, acts: [['destroy', 'file:a']] })));
  assert.equal(ended.filter(({ done }) => done).length, 1);
  for (const { result } of ended.filter(({ done }) => !done)) assert.equal(result, 'KEY_NOT_FOUND');
  assert.deepEqual(readdirSync(store), ['index.json', 'store.json']);
});

test('whatever processes do, and die of, a reader sees whole keys, and nothing is left behind', async (t) => {
  const store = scratch(t, MEMORY);
  const keys = openKeys(store);
  await keys.create('file:shared', { algorithm: 'Ed25519' });
  const acts = (index: number): readonly Act[] => [
    ['create', `file:own${index}`],
    ['rotate', 'file:shared'],
    ['setState', `file:own${index}`, 'suspended'],
    ['destroy', 'file:shared'],
    ['create', 'file:shared'],
    ['rotate', `file:own${index}`],
    ['setState', 'file:shared', 'compromised'],
    ['setState', 'file:shared', 'active'],
  ];
  // Every second one dies on the way, each at another step.
  const tasks = each(2 * PROCESSES, (index) => ({
    store,
    acts: acts(index),
    ...(index % 2 === 0 ? {} : { dies: 9 * index }),
  }));
  let over = false;
  const reading = readUntil(() => over, store);
  const ended = await race(tasks);
  over = true;
  const reads = await reading;
  t.diagnostic(`${ended.length} acts, ${reads} reads`);
  assert.ok(reads > 0);
  for (const { ref, done, result } of ended) {
    // Two who create the shared key, or one who changes it when it was destroyed.
    if (!done)
      assert.ok(ref === 'file:shared' && /^KEY_(EXISTS|NOT_FOUND)$/.test(result), `${ref} ${result}`);
  }
  const survivors = tasks.filter((_, index) => index % 2 === 0);
  assert.ok(ended.length >= survivors.length * acts(0).length);
  const infos = await listed(keys);
  for (const [index] of tasks.entries()) {
    const own = infos.filter(({ label }) => label === `own${index}`).map(({ state }) => state);
    if (index % 2 === 0) assert.deepEqual(own, ['active', 'suspended']);
  }
  for (const label of new Set(['shared', ...tasks.map((_, index) => `own${index}`)])) {
    await keys
      .destroy(`file:${label}`)
      .catch((error: unknown) => assert.ok(isFailure(error, 'KEY_NOT_FOUND')));
  }
  assert.deepEqual(readdirSync(store), ['index.json', 'store.json']);
});

/** Lists and opens, by a provider of its own each time and by one for all. */
async function readUntil(isOver: () => boolean, store: string): Promise<number> {
  const keys = openKeys(store);
  let reads = 0;
  while (!isOver()) {
    for (const reader of [keys, openKeys(store)]) {
      for (const { ref } of await listed(reader)) {
        await reader
          .open(ref)
          .catch((error: unknown) => assert.ok(isFailure(error, 'KEY_NOT_FOUND'), String(error)));
        reads++;
      }
    }
    await wait(1);
  }
  return reads;
}

test('a deadline and an abort end the waiting for another process, and nothing is written after them', async (t) => {
  const store = scratch(t);
  await using keys = openKeys(store);
  await keys.create('file:a', { algorithm: 'Ed25519' });
  const lock = join(store, '.lock');
  const release = tryLockFile(lock);
  assert.ok(release);
  const soon = { deadline: performance.now() + 200 };
  await assert.rejects(keys.create('file:b', { algorithm: 'Ed25519' }, soon), failsWith('UNAVAILABLE'));
  const abort = new AbortController();
  const aborted = keys.rotate('file:a', { signal: abort.signal });
  setTimeout(() => abort.abort(new Error('enough')), 50);
  await assert.rejects(aborted, /enough/);
  const before = readdirSync(store);
  release();
  // The lock is free now; whoever still waited for it would take it.
  await keys.setState('file:a', 'active');
  assert.equal(before.length, readdirSync(store).length + 1);
  assert.ok(!existsSync(join(store, 'b.1.pem')));
  assert.equal((await listed(keys)).length, 1);
});

test('a provider alone does not wait for ever, and says that it is the lock', async (t) => {
  const store = scratch(t);
  await openKeys(store).create('file:a', { algorithm: 'Ed25519' });
  const release = tryLockFile(join(store, '.lock'));
  assert.ok(release);
  t.after(release);
  const { providerOf } = await import('./operations.ts');
  const { parseKeyRef } = await import('../../../src/core/key-ref.ts');
  const late = { deadline: performance.now() };
  const destroying = providerOf({ store }).destroy?.(parseKeyRef('file:a'), late);
  await assert.rejects(destroying ?? Promise.resolve(), failsWith('UNAVAILABLE', { field: 'store.lock' }));
});
