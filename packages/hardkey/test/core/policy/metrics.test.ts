import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKeys } from '../../../src/core/keys.ts';
import type { MetricLabels, Metrics } from '../../../src/core/policy/metrics.ts';
import { Failure } from '../../../src/errors.ts';
import { failsWith } from '../../support/failures.ts';
import { stopTime } from '../../support/stopped-time.ts';
import { gate, scripted } from './scripted.ts';

function collected() {
  const counted: [string, MetricLabels][] = [];
  const observed: [string, number, MetricLabels][] = [];
  const gauges = new Map<string, number[]>();
  const metrics: Metrics = {
    count: (...all) => void counted.push(all),
    observe: (...all) => void observed.push(all),
    set: (name, value, labels) => {
      assert.deepEqual(labels, { scheme: 'memory' });
      gauges.set(name, [...(gauges.get(name) ?? []), value]);
    },
  };
  return { counted, observed, gauges, metrics };
}

const MESSAGE = new Uint8Array(3);

test('every call is counted by how it ended and timed in seconds', async (t) => {
  const time = stopTime(t);
  const { counted, observed, metrics } = collected();
  const reason = new Error('mine');
  const ends: readonly (() => unknown)[] = [
    () => {},
    () => Promise.reject(new Failure('DENIED', 'planted')),
    () => Promise.reject(new TypeError('a defect')),
    () => new Promise(() => {}),
    () => time.pass(30),
  ];
  const keys = createKeys(
    [scripted((operation, _, count) => (operation === 'sign' ? ends[count - 1]?.() : undefined))],
    {
      metrics,
    },
  );
  const signer = (await keys.create('memory:a', { algorithm: 'Ed25519' })).use('Ed25519');
  await assert.rejects(keys.open('memory:none'), failsWith('KEY_NOT_FOUND'));
  await signer.sign(MESSAGE);
  await assert.rejects(signer.sign(MESSAGE), failsWith('DENIED'));
  await assert.rejects(signer.sign(MESSAGE), TypeError);
  const leaving = new AbortController();
  const left = signer.sign(MESSAGE, { signal: leaving.signal });
  setImmediate(() => leaving.abort(reason));
  await assert.rejects(left);
  await signer.sign(MESSAGE);

  assert.deepEqual(
    counted,
    [
      ['create', 'OK'],
      ['open', 'KEY_NOT_FOUND'],
      ['sign', 'OK'],
      ['sign', 'DENIED'],
      ['sign', 'ERROR'],
      ['sign', 'ABORTED'],
      ['sign', 'OK'],
    ].map(([operation, outcome]) => ['hardkey_calls_total', { operation, scheme: 'memory', outcome }]),
  );
  assert.equal(observed.length, counted.length);
  assert.ok(observed.every(([name]) => name === 'hardkey_call_seconds'));
  assert.deepEqual(
    observed.map(([, seconds]) => seconds),
    [0, 0, 0, 0, 0, 0, 0.03],
  );
  assert.deepEqual(observed.at(-1)?.[2], { operation: 'sign', scheme: 'memory' });
});

test('waiting and running calls show in gauges, which return to zero', async () => {
  const { gauges, metrics } = collected();
  const stuck = gate();
  const provider = scripted((operation) => (operation === 'sign' ? stuck.opened : undefined));
  const keys = createKeys([provider], { metrics, concurrency: 2 });
  const signer = (await keys.create('memory:a', { algorithm: 'Ed25519' })).use('Ed25519');
  const signing = Array.from({ length: 5 }, () => signer.sign(MESSAGE));
  await new Promise(setImmediate);
  assert.equal(gauges.get('hardkey_inflight')?.at(-1), 2);
  assert.equal(gauges.get('hardkey_queue_depth')?.at(-1), 3);
  stuck.open();
  await Promise.all(signing);
  assert.equal(gauges.get('hardkey_inflight')?.at(-1), 0);
  assert.equal(gauges.get('hardkey_queue_depth')?.at(-1), 0);
});

test('metrics limit nothing by themselves', async () => {
  const { gauges, metrics } = collected();
  const stuck = gate();
  const provider = scripted((operation) => (operation === 'sign' ? stuck.opened : undefined));
  const keys = createKeys([provider], { metrics });
  const signer = (await keys.create('memory:a', { algorithm: 'Ed25519' })).use('Ed25519');
  const signing = Array.from({ length: 500 }, () => signer.sign(MESSAGE));
  await new Promise(setImmediate);
  assert.equal(gauges.get('hardkey_inflight')?.at(-1), 500);
  stuck.open();
  await Promise.all(signing);
});

test('metrics that throw stop nothing', async () => {
  const fail = (): never => {
    throw new Error('planted');
  };
  const keys = createKeys([scripted(() => {})], { metrics: { count: fail, observe: fail, set: fail } });
  const signer = (await keys.create('memory:a', { algorithm: 'Ed25519' })).use('Ed25519');
  assert.equal((await signer.sign(MESSAGE)).length, 64);
});

test('no label names a key or a caller', async () => {
  const { counted, observed, metrics } = collected();
  const keys = createKeys([scripted(() => {})], { metrics });
  const key = await keys.create('memory:canary', { algorithm: 'Ed25519' }, { caller: 'canary' });
  await key.use('Ed25519').sign(MESSAGE, { caller: 'canary' });
  assert.equal(counted.length, 2);
  const text = JSON.stringify([counted, observed]);
  for (const name of ['canary', key.id, key.publicKey?.fingerprint ?? '']) assert.ok(!text.includes(name));
});
