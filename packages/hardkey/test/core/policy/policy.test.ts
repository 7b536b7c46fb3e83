import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKeys } from '../../../src/core/keys.ts';
import { compose } from '../../../src/core/policy/call.ts';
import type { Policy } from '../../../src/core/policy/policy.ts';
import { Failure } from '../../../src/errors.ts';
import { failsWith } from '../../support/failures.ts';
import { atOnce, stopTime } from '../../support/stopped-time.ts';
import { scripted } from './scripted.ts';

test('unknown fields and values out of range are ARGUMENT_INVALID, and named', () => {
  const audit = { append: async () => {} };
  const wrong: readonly (readonly [string, unknown])[] = [
    ['policy.timeoutMs', { timeoutMs: 5 }],
    ['policy.deadlineMs', { deadlineMs: 0 }],
    ['policy.deadlineMs', { deadlineMs: 1.5 }],
    ['policy.deadlineMs', { deadlineMs: Number.POSITIVE_INFINITY }],
    ['policy.deadlineMs', { deadlineMs: '5' }],
    ['policy.concurrency', { concurrency: 0 }],
    ['policy.queue', { concurrency: 1, queue: 7 }],
    ['policy.queue', { queue: 8 }],
    ['policy.retry.attempts', { retry: { attempts: -1 } }],
    ['policy.retry.attempts', { retry: { attempts: 6 } }],
    ['policy.retry.baseMs', { retry: { baseMs: 0 } }],
    ['policy.retry.maxMs', { retry: { baseMs: 50, maxMs: 49 } }],
    ['policy.retry.times', { retry: { times: 1 } }],
    ['policy.breaker', { breaker: 'off' }],
    ['policy.selfTest', { selfTest: 'off' }],
    ['policy.releaseUnverified', { releaseUnverified: 'false' }],
    ['policy.auditDigests', { audit, auditDigests: 1 }],
    ['policy.auditDigests', { auditDigests: true }],
    ['policy.audit.append', { audit: {} }],
    ['policy.metrics.set', { metrics: { count() {}, observe() {} } }],
  ];
  for (const [field, policy] of wrong) {
    assert.throws(
      () => createKeys([], policy as Policy),
      failsWith('ARGUMENT_INVALID', { field }),
      JSON.stringify(policy),
    );
  }
});

test('unknown options of a call are ARGUMENT_INVALID before anything happens', async () => {
  let calls = 0;
  const keys = createKeys([scripted(() => ++calls)]);
  const wrong: readonly (readonly [string, object])[] = [
    ['options.timeout', { timeout: 5 }],
    ['options.deadline', { deadline: Number.NaN }],
    ['options.deadline', { deadline: '5' }],
    ['options.caller', { caller: 5 }],
    ['options.caller', { caller: 'x'.repeat(257) }],
  ];
  for (const [field, options] of wrong) {
    await assert.rejects(keys.open('memory:a', options), failsWith('ARGUMENT_INVALID', { field }));
  }
  const pinned = keys.create('memory:a', { algorithm: 'Ed25519' }, { fingerprint: 'sha256:00' } as object);
  await assert.rejects(pinned, failsWith('ARGUMENT_INVALID', { field: 'options.fingerprint' }));
  assert.equal(calls, 0);
  const signer = (await keys.create('memory:a', { algorithm: 'Ed25519' })).use('Ed25519');
  const signing = signer.sign(new Uint8Array(), { nonce: 1 } as object);
  await assert.rejects(signing, failsWith('ARGUMENT_INVALID', { field: 'options.nonce' }));
});

test('the first decorator is the outermost', async () => {
  const order: string[] = [];
  const named = (name: string) =>
    (async (_call, options, next) => {
      order.push(`${name} in`);
      const result = await next({ ...options, caller: `${options.caller ?? ''}${name}` });
      order.push(`${name} out`);
      return result;
    }) satisfies Parameters<typeof compose>[0][number];
  const around = compose([named('a'), named('b'), named('c')]);
  const call = { operation: 'sign', scheme: 'memory', subject: 'memory:a' } as const;
  assert.equal(await around(call, {}, async ({ caller }) => caller), 'abc');
  assert.deepEqual(order, ['a in', 'b in', 'c in', 'c out', 'b out', 'a out']);
});

test('audit lies outside metrics, and metrics outside the deadline', async (t) => {
  const time = stopTime(t);
  const seen: string[] = [];
  const stuck = new Promise<void>(() => {});
  const provider = scripted((operation) => {
    if (operation !== 'sign') return undefined;
    seen.push('provider');
    time.pass(100);
    return stuck;
  });
  const keys = createKeys([provider], {
    deadlineMs: 100,
    audit: {
      async append({ operation, outcome }) {
        if (operation === 'sign') seen.push(`audit ${outcome}`);
      },
    },
    metrics: {
      count: (_, { operation, outcome }) => {
        if (operation === 'sign') seen.push(`metrics ${outcome}`);
      },
      observe() {},
      set() {},
    },
  });
  const signer = (await keys.create('memory:a', { algorithm: 'Ed25519' })).use('Ed25519');
  const signing = signer.sign(new Uint8Array());
  await assert.rejects(atOnce(signing), failsWith('UNAVAILABLE', { field: 'deadline' }));
  assert.deepEqual(seen, ['provider', 'metrics UNAVAILABLE', 'audit UNAVAILABLE']);
});

test('retry lies outside the breaker: what opens it ends the repetitions', async () => {
  let calls = 0;
  const provider = scripted((operation) => {
    if (operation !== 'sign') return;
    calls += 1;
    throw new Failure('UNAVAILABLE', 'planted');
  });
  const keys = createKeys([provider], { retry: { attempts: 5, baseMs: 1, maxMs: 1 } });
  const signer = (await keys.create('memory:a', { algorithm: 'Ed25519' })).use('Ed25519');
  await assert.rejects(signer.sign(new Uint8Array()), failsWith('UNAVAILABLE', { field: 'breaker' }));
  assert.equal(calls, 3);
});
