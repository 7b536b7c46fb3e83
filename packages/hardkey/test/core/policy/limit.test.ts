import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createKeys } from '../../../src/core/keys.ts';
import type { CallOptions } from '../../../src/core/operations.ts';
import { withLimit } from '../../../src/core/policy/limit.ts';
import { isFailure } from '../../../src/errors.ts';
import { failsWith } from '../../support/failures.ts';
import { atOnce, stateOf, stopTime } from '../../support/stopped-time.ts';
import { gate, scripted } from './scripted.ts';

/** Calls that run until they are told to end, and the order in which they began. */
function subject(concurrency: number, queue: number) {
  const seen: [string, number, number][] = [];
  const around = withLimit({ concurrency, queue }, (...counts) => void seen.push(counts));
  const began: string[] = [];
  const running: (() => void)[] = [];
  return {
    began,
    running,
    seen,
    call(name: string, options: CallOptions = {}, about = 'memory:a'): Promise<void> {
      const call = { operation: 'sign', scheme: 'memory', subject: about } as const;
      return around(call, options, () => {
        began.push(name);
        return new Promise((resolve) => running.push(resolve));
      });
    },
    /** Ends the oldest running call and lets the next begin. */
    async endOne(): Promise<void> {
      running.shift()?.();
      await turn();
    },
  };
}

test('no more calls of a key run at once than the limit says', async () => {
  const { call, began, running, endOne } = subject(2, 8);
  const calls = ['1', '2', '3', '4'].map((name) => call(name));
  await turn();
  assert.deepEqual(began, ['1', '2']);
  await endOne();
  assert.deepEqual(began, ['1', '2', '3']);
  assert.equal(running.length, 2);
  while (running.length > 0) await endOne();
  await Promise.all(calls);
  assert.deepEqual(began, ['1', '2', '3', '4']);
});

test('keys do not wait for each other', async () => {
  const { call, began, endOne } = subject(1, 8);
  const calls = [call('a'), call('b', {}, 'memory:b')];
  await turn();
  assert.deepEqual(began, ['a', 'b']);
  await endOne();
  await endOne();
  await Promise.all(calls);
});

test('a full queue refuses the newest call with the time to come back', async () => {
  const { call, endOne, running } = subject(1, 8);
  const calls = Array.from({ length: 9 }, (_, i) => call(String(i)));
  const refused = call('newest');
  await assert.rejects(refused, (error) => {
    failsWith('OVERLOADED')(error);
    const wait = isFailure(error) ? (error.details.retryAfterMs ?? 0) : 0;
    return wait > 0 && wait < 10_000;
  });
  while (running.length > 0) await endOne();
  await Promise.all(calls);
});

test('callers take turns, however many calls each has waiting', async () => {
  const { call, began, endOne, running } = subject(1, 100);
  const calls = [call('first')];
  for (let i = 0; i < 6; i++) calls.push(call(`a${i}`, { caller: 'a' }));
  for (let i = 0; i < 2; i++) calls.push(call(`b${i}`, { caller: 'b' }));
  calls.push(call('c0', { caller: 'c' }));
  while (running.length > 0) await endOne();
  await Promise.all(calls);
  assert.deepEqual(began, ['first', 'a0', 'b0', 'c0', 'a1', 'b1', 'a2', 'a3', 'a4', 'a5']);
});

test('a caller that fills the queue makes room for another, from its newest end', async () => {
  const { call, began, endOne, running } = subject(1, 8);
  const first = call('first');
  const greedy = Array.from({ length: 8 }, (_, i) => call(`a${i}`, { caller: 'a' }));
  const other = call('b0', { caller: 'b' });
  await assert.rejects(greedy.pop() ?? first, failsWith('OVERLOADED'));
  while (running.length > 0) await endOne();
  await Promise.all([first, other, ...greedy]);
  assert.deepEqual(began, ['first', 'a0', 'b0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6']);
});

test('an aborted call leaves the queue at once, with its reason, and makes room', async () => {
  const { call, began, endOne, running } = subject(1, 8);
  const reason = new Error('mine');
  const leaving = new AbortController();
  const calls = [call('first'), ...Array.from({ length: 7 }, (_, i) => call(String(i)))];
  const left = call('left', { signal: leaving.signal });
  leaving.abort(reason);
  await assert.rejects(left, (error) => error === reason);
  calls.push(call('last'));
  while (running.length > 0) await endOne();
  await Promise.all(calls);
  assert.deepEqual(began, ['first', '0', '1', '2', '3', '4', '5', '6', 'last']);
});

test('a failing call gives its place to the next', async () => {
  const around = withLimit({ concurrency: 1, queue: 8 });
  const call = { operation: 'sign', scheme: 'memory', subject: 'memory:a' } as const;
  const results = await Promise.allSettled(
    Array.from({ length: 5 }, (_, i) =>
      around(call, {}, async () => {
        await turn();
        if (i % 2 === 0) throw new Error('planted');
      }),
    ),
  );
  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'fulfilled', 'rejected', 'fulfilled', 'rejected'],
  );
});

test('the watcher is told how many wait and run, and in the end there are none', async () => {
  const { call, seen, endOne, running } = subject(2, 8);
  const left = new AbortController();
  const calls = [call('1'), call('2', {}, 'memory:b'), call('3'), call('4')];
  const leaving = call('5', { signal: left.signal });
  await turn();
  assert.deepEqual(seen.at(-1), ['memory', 2, 3]);
  left.abort();
  await assert.rejects(leaving);
  while (running.length > 0) await endOne();
  await Promise.all(calls);
  assert.deepEqual(seen.at(-1), ['memory', 0, 0]);
  assert.ok(seen.every(([, waiting, inFlight]) => waiting >= 0 && inFlight >= 0));
});

test('createKeys: a call whose deadline passes in the queue never reaches the provider', async (t) => {
  const time = stopTime(t);
  const stuck = gate();
  let calls = 0;
  const provider = scripted((operation) => {
    if (operation !== 'sign') return undefined;
    calls += 1;
    return stuck.opened;
  });
  const keys = createKeys([provider], { concurrency: 1, deadlineMs: 5000 });
  const signer = (await keys.create('memory:a', { algorithm: 'Ed25519' })).use('Ed25519');
  const first = signer.sign(new Uint8Array());
  const waiting = signer.sign(new Uint8Array(), { deadline: performance.now() + 20 });
  assert.equal(await stateOf(waiting), 'pending');
  time.pass(20);
  await assert.rejects(atOnce(waiting), failsWith('UNAVAILABLE', { field: 'deadline' }));
  stuck.open();
  await first;
  await signer.sign(new Uint8Array());
  assert.equal(calls, 2);
});

test('createKeys: a call that hangs gives its place up at its deadline', async (t) => {
  const time = stopTime(t);
  let calls = 0;
  const provider = scripted((operation) => {
    if (operation === 'sign' && ++calls === 1) return new Promise(() => {});
    return undefined;
  });
  const keys = createKeys([provider], { concurrency: 1 });
  const signer = (await keys.create('memory:a', { algorithm: 'Ed25519' })).use('Ed25519');
  const hanging = signer.sign(new Uint8Array(), { deadline: performance.now() + 20 });
  const next = signer.sign(new Uint8Array());
  assert.deepEqual([await stateOf(next), calls], ['pending', 1]);
  time.pass(20);
  await assert.rejects(atOnce(hanging), failsWith('UNAVAILABLE', { field: 'deadline' }));
  assert.equal((await next).length, 64);
});

test('createKeys: the overload of our own queue is not repeated', async (t) => {
  stopTime(t);
  const stuck = gate();
  let calls = 0;
  const provider = scripted((operation) => {
    if (operation !== 'sign') return undefined;
    calls += 1;
    return stuck.opened;
  });
  const keys = createKeys([provider], {
    concurrency: 1,
    queue: 8,
    retry: { attempts: 5, baseMs: 1, maxMs: 1 },
  });
  const signer = (await keys.create('memory:a', { algorithm: 'Ed25519' })).use('Ed25519');
  const calm = Array.from({ length: 9 }, () => signer.sign(new Uint8Array()));
  // Time stands still: whoever waits before trying again waits for ever.
  const refused = signer.sign(new Uint8Array());
  await assert.rejects(atOnce(refused), failsWith('OVERLOADED', { ref: 'memory:a' }));
  stuck.open();
  await Promise.all(calm);
  assert.equal(calls, 9);
});
