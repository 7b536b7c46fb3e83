import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { createKeys } from '../../../src/core/keys.ts';
import type { CallOptions } from '../../../src/core/operations.ts';
import type { Operation } from '../../../src/core/policy/call.ts';
import { withRetry } from '../../../src/core/policy/retry.ts';
import { Failure, type FailureCode, type FailureDetails, failureCodes } from '../../../src/errors.ts';
import { failsWith } from '../../support/failures.ts';
import { scripted } from './scripted.ts';

const LONGEST = () => 1 - Number.EPSILON;

/** Runs a call that fails with each failure in turn and then succeeds; returns how often it ran and the pauses between. */
async function attempts(
  failures: readonly unknown[],
  { operation = 'sign', options = {}, extra = 3, random = () => 0 }: Partial<Trial> = {},
): Promise<{ readonly ran: number; readonly pauses: readonly unknown[]; readonly error: unknown }> {
  let ran = 0;
  const timers = mock.method(globalThis, 'setTimeout');
  const around = withRetry({ attempts: extra, baseMs: 20, maxMs: 50 }, random);
  const call = { operation, scheme: 'memory', subject: 'memory:a' };
  const error = await around(call, options, async () => {
    const failure = failures[ran++];
    if (failure !== undefined) throw failure;
  }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const pauses = timers.mock.calls.map(({ arguments: [, ms] }) => ms);
  timers.mock.restore();
  return { ran, error, pauses };
}

interface Trial {
  readonly operation: Operation;
  readonly options: CallOptions;
  readonly extra: number;
  readonly random: () => number;
}

const failure = (code: FailureCode, details: FailureDetails = {}): Failure =>
  new Failure(code, 'planted', details);
const outage = failure('UNAVAILABLE');

test('an outage and the throttling of a provider are repeated', async () => {
  assert.deepEqual((await attempts([outage])).ran, 2);
  assert.deepEqual((await attempts([failure('OVERLOADED'), outage, outage])).ran, 4);
});

test('after the last attempt the failure is thrown as it is', async () => {
  const last = failure('UNAVAILABLE');
  const { ran, error } = await attempts([outage, outage, last], { extra: 2 });
  assert.equal(ran, 3);
  assert.equal(error, last);
});

test('no other failure is repeated', async () => {
  const codes = failureCodes.filter((code) => code !== 'UNAVAILABLE' && code !== 'OVERLOADED');
  for (const code of codes) assert.equal((await attempts([failure(code)])).ran, 1, code);
  assert.equal((await attempts([new TypeError('a defect')])).ran, 1);
});

test('what our own policies or a closed provider refuse is not repeated', async () => {
  for (const field of ['deadline', 'breaker', 'audit', 'closed']) {
    assert.equal((await attempts([failure('UNAVAILABLE', { field })])).ran, 1, field);
  }
});

test('only operations that may run twice are repeated', async () => {
  const again: readonly Operation[] = [
    'open',
    'list',
    'check',
    'sign',
    'signDigest',
    'encrypt',
    'decrypt',
    'wrap',
    'unwrap',
    'mac',
    'verifyMac',
    'agree',
    'attest',
  ];
  for (const operation of again) assert.equal((await attempts([outage], { operation })).ran, 2, operation);
  const once: readonly Operation[] = ['create', 'import', 'rotate', 'setState', 'destroy'];
  for (const operation of once) assert.equal((await attempts([outage], { operation })).ran, 1, operation);
});

test('pauses double up to the longest, and chance shortens them', async () => {
  const longest = await attempts([outage, outage, outage], { random: LONGEST });
  assert.deepEqual(
    longest.pauses,
    [20, 40, 50].map((ms) => ms * LONGEST()),
  );
  const shortest = await attempts([outage, outage, outage]);
  assert.deepEqual(shortest.pauses, [0, 0, 0]);
});

test('a throttling provider is given the time it asks for', async () => {
  const { pauses, ran } = await attempts([failure('OVERLOADED', { retryAfterMs: 80 })]);
  assert.equal(ran, 2);
  assert.deepEqual(pauses, [80]);
});

test('a pause that would end after the deadline is not begun', async () => {
  const throttled = failure('OVERLOADED', { retryAfterMs: 5000 });
  const { ran, error, pauses } = await attempts([throttled], {
    options: { deadline: performance.now() + 1000 },
  });
  assert.equal(ran, 1);
  assert.equal(error, throttled);
  assert.deepEqual(pauses, []);
});

test('an abort ends the pause with its reason', async () => {
  const reason = new Error('mine');
  const controller = new AbortController();
  // The pause begins in this turn, and would end in five seconds.
  setImmediate(() => controller.abort(reason));
  const { error, ran } = await attempts([failure('OVERLOADED', { retryAfterMs: 5000 })], {
    options: { signal: controller.signal },
  });
  assert.equal(error, reason);
  assert.equal(ran, 1);
});

test('a call that was aborted is not repeated, even when the reason looks like an outage', async () => {
  assert.equal((await attempts([outage], { options: { signal: AbortSignal.abort(outage) } })).ran, 1);
});

test('by default createKeys repeats once, and creating never', async () => {
  const seen: string[] = [];
  let broken = true;
  const provider = scripted((operation) => {
    seen.push(operation);
    if (broken) throw failure('UNAVAILABLE');
  });
  const keys = createKeys([provider], { breaker: false });
  await assert.rejects(keys.create('memory:a', { algorithm: 'Ed25519' }), failsWith('UNAVAILABLE'));
  await assert.rejects(keys.open('memory:a'), failsWith('UNAVAILABLE'));
  assert.deepEqual(seen.splice(0), ['create', 'open', 'open']);
  broken = false;
  const signer = (await keys.create('memory:a', { algorithm: 'Ed25519' })).use('Ed25519');
  broken = true;
  await assert.rejects(signer.sign(new Uint8Array()), failsWith('UNAVAILABLE'));
  assert.deepEqual(seen, ['create', 'sign', 'sign']);
});
