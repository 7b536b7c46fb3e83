import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKeys } from '../../../src/core/keys.ts';
import type { CallOptions } from '../../../src/core/operations.ts';
import { withBreaker } from '../../../src/core/policy/breaker.ts';
import { Failure, failureCodes, isFailure } from '../../../src/errors.ts';
import { failsWith } from '../../support/failures.ts';
import { atOnce, stopTime } from '../../support/stopped-time.ts';
import { gate, scripted } from './scripted.ts';

const CONFIG = { openMs: 1000, maxOpenMs: 60_000, patienceMs: 1000 };

/** A breaker whose clock the test moves, and calls whose ends the test chooses. */
function subject(random = 1) {
  let now = 0;
  const around = withBreaker(CONFIG, { now: () => now, random: () => random });
  let reached = 0;
  async function call(
    end: unknown = undefined,
    name = 'memory:a',
    options: CallOptions = {},
  ): Promise<string> {
    const about = { operation: 'sign', scheme: 'memory', subject: name } as const;
    try {
      await around(about, options, async () => {
        reached += 1;
        if (typeof end === 'function') await end();
        else if (end !== undefined) throw end;
      });
      return 'OK';
    } catch (error) {
      if (isFailure(error) && error.details.field === 'breaker') return `open ${error.details.retryAfterMs}`;
      return isFailure(error) ? error.code : String(error);
    }
  }
  return {
    call,
    reached: () => reached,
    pass: (ms: number) => {
      now += ms;
    },
    async open(): Promise<void> {
      for (let i = 0; i < 3; i++) await call(OUTAGE);
    },
  };
}

const OUTAGE = new Failure('UNAVAILABLE', 'planted');

test('three outages in a row open it: calls fail at once and say when to come back', async () => {
  const { call, reached } = subject();
  assert.deepEqual(
    [await call(OUTAGE), await call(OUTAGE), await call(OUTAGE), await call(), await call()],
    ['UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE', 'open 1000', 'open 1000'],
  );
  assert.equal(reached(), 3);
});

test('what fails 32 calls at once is one outage: the next call is served', async () => {
  const { call, pass } = subject();
  for (let crash = 0; crash < 2; crash++) {
    const { promise, reject } = Promise.withResolvers<void>();
    const calls = Array.from({ length: 32 }, () => call(() => promise));
    pass(1);
    reject(OUTAGE);
    assert.deepEqual(new Set(await Promise.all(calls)), new Set(['UNAVAILABLE']));
  }
  assert.equal(await call(OUTAGE), 'UNAVAILABLE');
  assert.match(await call(), /^open/, 'the third in a row');
});

test('two outages and a good call in turn do not open it before half of the calls are outages', async () => {
  const { call } = subject();
  for (let i = 0; i < 5; i++) await call();
  // 5 good ones, then: F F S repeated. Half is reached with the 5th failure of 12.
  const ends: string[] = [];
  for (let i = 0; i < 12; i++) ends.push(await call(i % 3 === 2 ? undefined : OUTAGE));
  const opened = ends.findIndex((end) => end.startsWith('open'));
  const failures = ends.slice(0, opened).filter((end) => end === 'UNAVAILABLE').length;
  const total = 5 + opened;
  assert.ok(opened > 0 && failures / total >= 0.5, `${failures} of ${total}`);
  assert.ok((failures - 1) / (total - 1) < 0.5, 'it opened at the first call that made it half');
});

test('fewer than five calls are too few for a share', async () => {
  const { call } = subject();
  const ends = [await call(OUTAGE), await call(), await call(OUTAGE), await call()];
  assert.deepEqual(ends, ['UNAVAILABLE', 'OK', 'UNAVAILABLE', 'OK']);
  assert.equal(await call(OUTAGE), 'UNAVAILABLE');
  assert.match(await call(), /^open/);
});

test('only the last 20 calls count', async () => {
  const { call } = subject();
  for (let i = 0; i < 1000; i++) await call();
  const ends: string[] = [];
  for (let i = 0; i < 19; i++) ends.push(await call(i % 2 === 0 ? OUTAGE : undefined));
  assert.equal(ends.filter((end) => end === 'UNAVAILABLE').length, 10);
  assert.match(await call(), /^open/);
});

test('refusals and every other code count neither way', async () => {
  const { call } = subject();
  const others = failureCodes
    .filter((code) => code !== 'UNAVAILABLE')
    .map((code) => new Failure(code, 'planted'));
  await call(OUTAGE);
  await call(OUTAGE);
  for (const other of [
    ...others,
    new TypeError('a defect'),
    new Failure('UNAVAILABLE', '', { field: 'closed' }),
  ]) {
    await call(other);
  }
  assert.equal(await call(), 'OK');
  await call(OUTAGE);
  for (const other of others) await call(other);
  await call(OUTAGE);
  assert.match(await call(), /^open/, '4 of 5 calls that count were outages');
});

test('after its time one call at a time is let through, and two good ones close it', async () => {
  const { call, pass, open, reached } = subject();
  await open();
  pass(999);
  assert.equal(await call(), 'open 1');
  pass(1);
  const { promise, resolve } = Promise.withResolvers<void>();
  const trying = call(() => promise);
  assert.equal(await call(), 'open 1');
  resolve();
  assert.equal(await trying, 'OK');
  assert.equal(await call(), 'OK');
  const both = await Promise.all([call(), call()]);
  assert.deepEqual(both, ['OK', 'OK'], 'closed: calls run side by side');
  assert.equal(reached(), 3 + 4);
});

test('a failed try opens it for twice as long, up to a minute', async () => {
  const { call, pass, open } = subject();
  await open();
  const waits: string[] = [];
  for (let i = 0; i < 8; i++) {
    waits.push(await call());
    pass(60_000);
    assert.equal(await call(OUTAGE), 'UNAVAILABLE');
  }
  const expected = [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000];
  assert.deepEqual(
    waits,
    expected.map((ms) => `open ${ms}`),
  );
});

test('chance shortens the time by up to a half', async () => {
  const { call, open } = subject(0);
  await open();
  assert.equal(await call(), 'open 500');
});

test('a try that is refused neither closes nor opens it: the next call tries again', async () => {
  const { call, pass, open } = subject();
  await open();
  pass(1000);
  assert.equal(await call(new Failure('DENIED', 'planted')), 'DENIED');
  assert.equal(await call(), 'OK');
  assert.equal(await call(), 'OK');
});

test('a good end of a call from before it opened does not close it', async () => {
  const { call, pass, open } = subject();
  const early = [gate(), gate()];
  const calls = early.map(({ opened }) => call(() => opened));
  await open();
  for (const { open: end } of early) end();
  assert.deepEqual(await Promise.all(calls), ['OK', 'OK']);
  assert.equal(await call(), 'open 1000');
  pass(1000);
  assert.equal(await call(OUTAGE), 'UNAVAILABLE');
  assert.equal(await call(), 'open 2000');
});

test('each reference has its own', async () => {
  const { call, open } = subject();
  await open();
  assert.match(await call(), /^open/);
  assert.equal(await call(undefined, 'memory:b'), 'OK');
});

test('what the caller aborts says nothing of the backend', async () => {
  const { call } = subject();
  for (let i = 0; i < 10; i++) await call(OUTAGE, 'memory:a', { signal: AbortSignal.abort(OUTAGE) });
  assert.equal(await call(), 'OK');
});

test('a deadline counts only when the backend had time enough', async () => {
  const { call, pass } = subject();
  const late = new Failure('UNAVAILABLE', 'planted', { field: 'deadline' });
  const after = (ms: number) => async () => {
    pass(ms);
    throw late;
  };
  for (let i = 0; i < 10; i++) await call(after(999));
  assert.equal(await call(), 'OK');
  for (let i = 0; i < 3; i++) await call(after(1000));
  assert.match(await call(), /^open/);
});

test('a backend that hangs is found by createKeys, which then fails at once', async (t) => {
  const time = stopTime(t);
  let calls = 0;
  const provider = scripted((operation) => {
    if (operation !== 'sign') return undefined;
    calls += 1;
    time.pass(60);
    return new Promise(() => {});
  });
  const keys = createKeys([provider], { deadlineMs: 60 });
  const signer = (await keys.create('memory:a', { algorithm: 'Ed25519' })).use('Ed25519');
  // Creating was a good call: the third outage in a row opens, whatever the share.
  for (let i = 0; i < 3; i++) {
    const hanging = signer.sign(new Uint8Array());
    await assert.rejects(atOnce(hanging), failsWith('UNAVAILABLE', { field: 'deadline' }));
  }
  await assert.rejects(
    atOnce(signer.sign(new Uint8Array())),
    failsWith('UNAVAILABLE', { field: 'breaker', ref: 'memory:a' }),
  );
  assert.equal(calls, 3);
});
