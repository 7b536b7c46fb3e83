import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKeys } from '../../../src/core/keys.ts';
import type { CallOptions } from '../../../src/core/operations.ts';
import { failsWith } from '../../support/failures.ts';
import { atOnce, stateOf, stopTime } from '../../support/stopped-time.ts';
import { gate, scripted } from './scripted.ts';

const MESSAGE = new Uint8Array(3);
const PAST = failsWith('UNAVAILABLE', { field: 'deadline', operation: 'sign', ref: 'memory:a' });

async function signerWith(sign: (options: CallOptions) => unknown, deadlineMs: number) {
  const provider = scripted((operation, options) => (operation === 'sign' ? sign(options) : undefined));
  const keys = createKeys([provider], { deadlineMs, retry: { attempts: 0 }, breaker: false });
  return (await keys.create('memory:a', { algorithm: 'Ed25519' })).use('Ed25519');
}

test('a provider that ignores its signal does not keep the caller beyond the deadline', async (t) => {
  const time = stopTime(t);
  const stuck = gate();
  const signer = await signerWith(() => stuck.opened, 40);
  const signing = signer.sign(MESSAGE);
  assert.equal(await stateOf(signing), 'pending');
  time.pass(39);
  assert.equal(await stateOf(signing), 'pending');
  time.pass(1);
  await assert.rejects(atOnce(signing), PAST);
  stuck.open();
});

test('what comes after the deadline is discarded, result or failure, and nothing is left unhandled', async (t) => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  t.after(() => process.off('unhandledRejection', note));
  const time = stopTime(t);
  const late = gate();
  let answered = 0;
  const results = [() => {}, () => Promise.reject(new Error('late'))];
  for (const result of results) {
    const answer = late.opened.then(() => {
      answered += 1;
      return result();
    });
    const signer = await signerWith(() => answer, 10);
    const signing = signer.sign(MESSAGE);
    assert.equal(await stateOf(signing), 'pending');
    time.pass(10);
    await assert.rejects(atOnce(signing), PAST);
  }
  late.open();
  // Node names what is unhandled between two turns.
  await stateOf(late.opened);
  assert.deepEqual([answered, unhandled], [2, []]);
});

test('the provider gets the absolute deadline, and a signal that ends with it', async (t) => {
  const time = stopTime(t);
  let seen: CallOptions = {};
  const signer = await signerWith((options) => {
    seen = options;
    return new Promise(() => {});
  }, 30);
  const signing = signer.sign(MESSAGE);
  assert.equal(await stateOf(signing), 'pending');
  assert.equal(seen.deadline, performance.now() + 30);
  assert.equal(seen.signal?.aborted, false);
  time.pass(30);
  await assert.rejects(atOnce(signing), PAST);
  assert.equal(seen.signal?.aborted, true);
  PAST(seen.signal?.reason);
});

test('an earlier deadline of the caller is kept, a later one is not', async (t) => {
  stopTime(t);
  const seen: number[] = [];
  const signer = await signerWith(({ deadline = 0 }) => void seen.push(deadline - performance.now()), 5000);
  await signer.sign(MESSAGE, { deadline: performance.now() + 1000 });
  await signer.sign(MESSAGE, { deadline: performance.now() + 60_000 });
  await signer.sign(MESSAGE, { deadline: Number.POSITIVE_INFINITY });
  assert.deepEqual(seen, [1000, 5000, 5000]);
});

test('a deadline that has passed already ends the call before the provider sees it', async () => {
  let calls = 0;
  const signer = await signerWith(() => ++calls, 5000);
  await assert.rejects(signer.sign(MESSAGE, { deadline: performance.now() - 1 }), PAST);
  assert.equal(calls, 0);
});

test('the reason of an abort passes through untouched, before and during the call', async () => {
  let calls = 0;
  const signer = await signerWith(() => {
    calls += 1;
    return new Promise(() => {});
  }, 5000);
  const reasons = [new Error('mine'), 'text', { code: 'UNAVAILABLE' }, null];
  for (const reason of reasons) {
    const before = AbortSignal.abort(reason);
    await assert.rejects(signer.sign(MESSAGE, { signal: before }), (error) => error === reason);
    assert.equal(calls, 0);
  }
  for (const reason of reasons) {
    const during = new AbortController();
    const signing = signer.sign(MESSAGE, { signal: during.signal });
    setImmediate(() => during.abort(reason));
    await assert.rejects(atOnce(signing), (error) => error === reason);
  }
  assert.equal(calls, reasons.length);
});

test('a call that has ended leaves no listener on the signal of the caller', async () => {
  const { signal } = new AbortController();
  const kept = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (type: string, listener: never) => {
    kept.add(listener);
    add(type, listener);
  };
  signal.removeEventListener = (type: string, listener: never) => {
    kept.delete(listener);
    remove(type, listener);
  };
  const signer = await signerWith(() => {}, 5000);
  const signing = signer.sign(MESSAGE, { signal });
  await Promise.resolve();
  assert.ok(kept.size > 0, 'the signal is listened to');
  await signing;
  assert.equal(kept.size, 0);
});

test('one deadline covers every operation, opening and listing included', async (t) => {
  const time = stopTime(t);
  const provider = scripted(() => new Promise(() => {}));
  const keys = createKeys([provider], { deadlineMs: 10, breaker: false });
  const calls: Readonly<Record<string, Promise<unknown>>> = {
    open: keys.open('memory:a'),
    create: keys.create('memory:a', { algorithm: 'Ed25519' }),
    rotate: keys.rotate('memory:a'),
    destroy: keys.destroy('memory:a'),
    setState: keys.setState('memory:a', 'suspended'),
    check: keys.check('memory:a'),
    list: keys.list()[Symbol.asyncIterator]().next(),
  };
  for (const call of Object.values(calls)) assert.equal(await stateOf(call), 'pending');
  time.pass(10);
  for (const [operation, call] of Object.entries(calls))
    await assert.rejects(atOnce(call), failsWith('UNAVAILABLE', { field: 'deadline', operation }));
});
