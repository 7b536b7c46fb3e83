import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createKeys } from '../../../src/core/keys.ts';
import type { AuditLog, AuditRecord } from '../../../src/core/policy/audit.ts';
import type { Policy } from '../../../src/core/policy/policy.ts';
import { Failure, isFailure } from '../../../src/errors.ts';
import { failsWith } from '../../support/failures.ts';
import { atOnce, stateOf, stopTime } from '../../support/stopped-time.ts';
import { type Behaviour, gate, scripted } from './scripted.ts';

const MESSAGE = new TextEncoder().encode('pay 5 to Ann');
const UNRECORDED = failsWith('UNAVAILABLE', { field: 'audit' });

/** Keeps records, and lets a test decide what else appending does. */
function collected(also: (record: AuditRecord) => unknown = () => {}) {
  const records: AuditRecord[] = [];
  const audit: AuditLog = {
    async append(record) {
      records.push(record as AuditRecord);
      await also(record as AuditRecord);
    },
  };
  return { records, audit };
}

async function signerWith(audit: AuditLog, policy: Policy = {}, behave: Behaviour = () => {}) {
  const keys = createKeys([scripted(behave)], { audit, ...policy });
  return (await keys.create('memory:a', { algorithm: 'Ed25519' })).use('Ed25519');
}

test('a signature leaves only after its record is durable', async () => {
  const durable = gate();
  const { audit, records } = collected(({ operation }) =>
    operation === 'sign' ? durable.opened : undefined,
  );
  const signer = await signerWith(audit);
  let left = false;
  const signing = signer.sign(MESSAGE).then((signature) => {
    left = true;
    return signature;
  });
  for (let i = 0; i < 20; i++) await turn();
  assert.equal(records.at(-1)?.operation, 'sign');
  assert.equal(left, false);
  durable.open();
  assert.equal((await signing).length, 64);
});

test('what cannot be recorded is withheld, whether it is a result or a failure', async () => {
  const { audit } = collected(({ operation }) => {
    if (operation !== 'create') throw new Error('the disk is full');
  });
  const planted = new Failure('DENIED', 'planted');
  const signer = await signerWith(audit, {}, (operation, _, count) => {
    if (operation === 'sign' && count === 2) throw planted;
  });
  await assert.rejects(signer.sign(MESSAGE), UNRECORDED);
  await assert.rejects(signer.sign(MESSAGE), UNRECORDED);
});

test('a log that hangs withholds the result no longer than a call may take', async (t) => {
  const time = stopTime(t);
  const asked = gate();
  const { audit } = collected(({ operation }) => {
    if (operation !== 'sign') return undefined;
    asked.open();
    return new Promise(() => {});
  });
  const signer = await signerWith(audit, { deadlineMs: 50 });
  const signing = signer.sign(MESSAGE);
  // The signature is made by another thread, which the turns of this one do not wait for.
  await asked.opened;
  time.pass(49);
  assert.equal(await stateOf(signing), 'pending');
  time.pass(1);
  await assert.rejects(atOnce(signing), UNRECORDED);
});

test('a log that throws instead of rejecting withholds too', async () => {
  let broken = false;
  const audit: AuditLog = {
    append() {
      if (broken) throw new Error('planted');
      return Promise.resolve();
    },
  };
  const signer = await signerWith(audit);
  broken = true;
  await assert.rejects(signer.sign(MESSAGE), UNRECORDED);
});

test('a withheld signature is in no failure: neither in its text nor in its causes', async () => {
  let signature = '';
  const { audit } = collected(({ operation }) => {
    if (operation === 'sign') throw new Error('the disk is full');
  });
  const provider = scripted(() => {});
  const keys = createKeys([provider], { audit });
  const key = await keys.create('memory:a', { algorithm: 'Ed25519' });
  const bare = createKeys([provider]);
  signature = Buffer.from(await (await bare.open('memory:a')).use('Ed25519').sign(MESSAGE)).toString('hex');
  await assert.rejects(key.use('Ed25519').sign(MESSAGE), (error) => {
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
      assert.ok(!JSON.stringify({ ...cause, text: String(cause) }).includes(signature));
    }
    return isFailure(error, 'UNAVAILABLE');
  });
});

test('a record says who did what with which key, and how it ended', async (t) => {
  const time = stopTime(t);
  const { audit, records } = collected();
  const keys = createKeys([scripted(() => time.pass(2.5))], { audit });
  const key = await keys.create('memory:a', { algorithm: 'Ed25519', label: 'a' }, { caller: 'clerk 1' });
  await key.use('Ed25519').sign(MESSAGE, { caller: 'clerk 2' });
  await assert.rejects(keys.open('memory:none'));
  for await (const _ of keys.list());
  await keys.destroy('memory:a');
  const about = { scheme: 'memory', ref: 'memory:a', keyId: key.id, fingerprint: key.publicKey?.fingerprint };
  const facts = records.map(({ time, durationMs, ...rest }) => {
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.equal(durationMs, 2.5);
    return rest;
  });
  assert.deepEqual(facts, [
    { operation: 'create', ...about, outcome: 'OK', caller: 'clerk 1' },
    { operation: 'sign', ...about, algorithm: 'Ed25519', outcome: 'OK', caller: 'clerk 2' },
    { operation: 'open', scheme: 'memory', ref: 'memory:none', outcome: 'KEY_NOT_FOUND' },
    { operation: 'list', scheme: 'memory', outcome: 'OK' },
    { operation: 'destroy', scheme: 'memory', ref: 'memory:a', outcome: 'OK' },
  ]);
});

test('failures are recorded by their code, aborts and defects by a word', async (t) => {
  const time = stopTime(t);
  const { audit, records } = collected();
  const ends: readonly (() => unknown)[] = [
    () => Promise.reject(new Failure('DENIED', 'planted')),
    () => Promise.reject(new TypeError('a defect')),
    () => {
      leaving.abort();
      return new Promise(() => {});
    },
    () => {
      time.pass(10);
      return new Promise(() => {});
    },
  ];
  const leaving = new AbortController();
  const signer = await signerWith(audit, {}, (operation, _, count) =>
    operation === 'sign' ? ends[count - 1]?.() : undefined,
  );
  await assert.rejects(signer.sign(MESSAGE));
  await assert.rejects(signer.sign(MESSAGE));
  await assert.rejects(atOnce(signer.sign(MESSAGE, { signal: leaving.signal })));
  await assert.rejects(atOnce(signer.sign(MESSAGE, { deadline: performance.now() + 10 })));
  const outcomes = records.slice(1).map(({ outcome }) => outcome);
  assert.deepEqual(outcomes, ['DENIED', 'ERROR', 'ABORTED', 'UNAVAILABLE']);
});

test('repetitions are one call and one record', async () => {
  const { audit, records } = collected();
  const signer = await signerWith(
    audit,
    { retry: { attempts: 2, baseMs: 1, maxMs: 1 } },
    (operation, _, count) => {
      if (operation === 'sign' && count <= 2) throw new Failure('UNAVAILABLE', 'planted');
    },
  );
  await signer.sign(MESSAGE);
  assert.deepEqual(
    records.map(({ operation, outcome }) => [operation, outcome]),
    [
      ['create', 'OK'],
      ['sign', 'OK'],
    ],
  );
});

test('no record holds the message, its digest or the signature, unless digests are asked for', async () => {
  const plain = collected();
  const signature = Buffer.from(await (await signerWith(plain.audit)).sign(MESSAGE));
  const sha256 = createHash('sha256').update(MESSAGE).digest();
  const text = JSON.stringify(plain.records);
  for (const bytes of [Buffer.from(MESSAGE), sha256, signature]) {
    for (const form of ['hex', 'base64', 'base64url', 'latin1'] as const)
      assert.ok(!text.includes(bytes.toString(form)));
  }
  const asked = collected();
  await (await signerWith(asked.audit, { auditDigests: true })).sign(MESSAGE);
  assert.equal(asked.records.at(-1)?.digest, `sha256:${sha256.toString('hex')}`);
});

test('a digest that is signed is recorded as it is, with the name of its hash', async () => {
  const { audit, records } = collected();
  const keys = createKeys([scripted(() => {})], { audit, auditDigests: true });
  const key = await keys.create('memory:r', { algorithm: 'RS384', bits: 2048 });
  const digest = createHash('sha384').update(MESSAGE).digest();
  await key.useDigest('RS384').signDigest(new Uint8Array(digest));
  assert.equal(records.at(-1)?.digest, `sha384:${digest.toString('hex')}`);
  assert.equal(records.at(-1)?.operation, 'signDigest');
});

test('a call that was aborted before it began is not recorded: nothing happened', async () => {
  const { audit, records } = collected();
  const signer = await signerWith(audit);
  await assert.rejects(signer.sign(MESSAGE, { signal: AbortSignal.abort() }));
  assert.equal(records.length, 1);
});
