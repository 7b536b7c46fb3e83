import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { inOrder } from '../../src/core/in-order.ts';
import { collected } from '../support/collected.ts';

const ROOM = { atOnce: 3, held: 5 };

/** Numbers, and how many were taken. */
function counted(end: number) {
  const seen = { taken: 0, closed: 0 };
  async function* numbers(): AsyncGenerator<number> {
    try {
      for (let n = 0; n < end; n++) {
        seen.taken += 1;
        yield n;
      }
    } finally {
      seen.closed += 1;
    }
  }
  return { seen, numbers: numbers() };
}

/** Lets everything run that can. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await turn();
}

test('results come in the order of the things, whatever is done first', async () => {
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const done: number[] = [];
  const results = inOrder([0, 1, 2, 3, 4], { atOnce: 5, held: 5 }, async (n) => {
    await gates[n]?.promise;
    done.push(n);
    return n;
  });
  const all = collected(results);
  for (const n of [4, 2, 3, 0, 1]) {
    gates[n]?.resolve();
    await settle();
  }
  assert.deepEqual(await all, [0, 1, 2, 3, 4]);
  assert.deepEqual(done, [4, 2, 3, 0, 1]);
});

test('no more run than may, and no more are held', async () => {
  const { seen, numbers } = counted(100);
  let running = 0;
  let most = 0;
  const results = inOrder(numbers, ROOM, async (n) => {
    most = Math.max(most, ++running);
    await turn();
    running -= 1;
    return n;
  });
  assert.deepEqual(await results.next(), { done: false, value: 0 });
  await settle();
  // Nobody takes the rest: one was yielded and five are held.
  assert.equal(seen.taken, 6);
  assert.equal((await collected(results)).length, 99);
  assert.equal(most, 3);
});

test('a slow source does not hold back what is done', async () => {
  const late = Promise.withResolvers<void>();
  async function* source() {
    yield 'early';
    await late.promise;
    yield 'late';
  }
  const results = inOrder(source(), ROOM, async (text) => text);
  assert.equal((await results.next()).value, 'early');
  late.resolve();
  assert.equal((await results.next()).value, 'late');
  assert.equal((await results.next()).done, true);
});

test('what work throws is thrown in its place, the rest is aborted and the source closed', async () => {
  const { seen, numbers } = counted(100);
  const aborted: number[] = [];
  const results = inOrder(numbers, ROOM, async (n, _, signal) => {
    if (n === 1) throw new Error('one');
    if (n > 1) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      aborted.push(n);
    }
    return n;
  });
  assert.equal((await results.next()).value, 0);
  await settle();
  await assert.rejects(results.next(), /^Error: one$/);
  assert.deepEqual(aborted, [2, 3, 4]);
  assert.equal(seen.closed, 1);
  assert.equal((await results.next()).done, true);
});

test('what the source throws comes after the results of what it gave', async () => {
  async function* source() {
    yield 1;
    yield 2;
    throw new Error('torn');
  }
  const results = inOrder(source(), ROOM, async (n) => n);
  assert.equal((await results.next()).value, 1);
  assert.equal((await results.next()).value, 2);
  await assert.rejects(results.next(), /^Error: torn$/);
});

test('a consumer that stops aborts what runs, waits for it and closes the source', async () => {
  const { seen, numbers } = counted(100);
  let running = 0;
  const results = inOrder(numbers, ROOM, async (n, _, signal) => {
    running += 1;
    if (n > 0) await new Promise((resolve) => signal.addEventListener('abort', resolve));
    running -= 1;
    return n;
  });
  for await (const n of results) {
    assert.equal(n, 0);
    await settle();
    assert.equal(running, 3);
    break;
  }
  assert.deepEqual([running, seen.taken, seen.closed], [0, 4, 1]);
});

test('a consumer that stops is not held up by a source that never answers', async () => {
  async function* source() {
    yield 1;
    await new Promise(() => undefined);
  }
  for await (const n of inOrder(source(), ROOM, async (one) => one)) {
    assert.equal(n, 1);
    await settle();
    break;
  }
});
