import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKeys } from '../../../src/core/keys.ts';
import type { CallOptions } from '../../../src/core/operations.ts';
import { failsWith } from '../../support/failures.ts';
import { gate, scripted } from './scripted.ts';

const MESSAGE = new Uint8Array(3);
const PAST = failsWith('UNAVAILABLE', { field: 'deadline', operation: 'sign', ref: 'memory:a' });

async function signerWith(sign: (options: CallOptions) => unknown, deadlineMs: number) {
  const provider = scripted((operation, options) => (operation === 'sign' ? sign(options) : undefined));
  const keys = createKeys([provider], { deadlineMs, retry: { attempts: 0 }, breaker: false });
  return (await keys.create('memory:a', { algorithm: 'Ed25519' })).use('Ed25519');
}

async function elapsedMs(work: Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work;
  return performance.now() - began;
}

test('a provider that ignores its signal does not keep the caller beyond the deadline', async () => {
  const stuck = gate();
  const signer = await signerWith(() => stuck.opened, 40);
  const took = await elapsedMs(assert.rejects(signer.sign(MESSAGE), PAST));
  assert.ok(took >= 39 && took < 400, `took ${took} ms`);
  stuck.open();
});

test('what comes after the deadline is discarded, result or failure, and nothing is left unhandled', async (t) => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  t.after(() => process.off('unhandledRejection', note));
  const late = gate();
  const results = [() => {}, () => Promise.reject(new Error('late'))];
  for (const result of results) {
    const signer = await signerWith(() => late.opened.then(result), 10);
    await assert.rejects(signer.sign(MESSAGE), PAST);
  }
  late.open();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(unhandled, []);
});

test('the provider gets the absolute deadline, and a signal that ends with it', async () => {
  let seen: CallOptions = {};
  const signer = await signerWith((options) => {
    seen = options;
    return new Promise(() => {});
  }, 30);
  const before = performance.now();
  await assert.rejects(signer.sign(MESSAGE), PAST);
  assert.ok(seen.deadline !== undefined && seen.deadline >= before + 30 && seen.deadline < before + 60);
  assert.equal(seen.signal?.aborted, true);
  PAST(seen.signal?.reason);
});

test('an earlier deadline of the caller is kept, a later one is not', async () => {
  const seen: number[] = [];
  const signer = await signerWith(({ deadline = 0 }) => void seen.push(deadline - performance.now()), 5000);
  await signer.sign(MESSAGE, { deadline: performance.now() + 1000 });
  await signer.sign(MESSAGE, { deadline: performance.now() + 60_000 });
  await signer.sign(MESSAGE, { deadline: Number.POSITIVE_INFINITY });
  const [early = 0, ...late] = seen;
  assert.ok(early > 500 && early <= 1000);
  assert.ok(late.every((left) => left > 4500 && left <= 5000));
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
    await assert.rejects(signing, (error) => error === reason);
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

test('one deadline covers every operation, opening and listing included', async () => {
  const provider = scripted(() => new Promise(() => {}));
  const keys = createKeys([provider], { deadlineMs: 10, breaker: false });
  const past = (operation: string) => failsWith('UNAVAILABLE', { field: 'deadline', operation });
  await assert.rejects(keys.open('memory:a'), past('open'));
  await assert.rejects(keys.create('memory:a', { algorithm: 'Ed25519' }), past('create'));
  await assert.rejects(keys.rotate('memory:a'), past('rotate'));
  await assert.rejects(keys.destroy('memory:a'), past('destroy'));
  await assert.rejects(keys.setState('memory:a', 'suspended'), past('setState'));
  await assert.rejects(keys.check('memory:a'), past('check'));
  await assert.rejects(keys.list()[Symbol.asyncIterator]().next(), past('list'));
});
