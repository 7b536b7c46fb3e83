import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createKeys, Failure, type Policy, type Signer } from 'hardkey';
import { decode, encodeAll, type IdentityRecord, type RecordSource } from 'hardkey/formats/claim169';
import { memory } from 'hardkey/providers/memory';
import { collected } from '../../support/collected.ts';
import { AT, issuerFor, META } from './support.ts';

function record(n: number): IdentityRecord {
  return [{ id: String(n), fullName: `Person ${n}` }, META];
}

async function* records(end: number): AsyncGenerator<IdentityRecord> {
  for (let n = 0; n < end; n++) yield record(n);
}

/** Fast, so that what is tested is not Brotli. */
const FAST = { compression: 'zlib' } as const;

test('credentials come in the order of their records, and verify', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const ids: (string | undefined)[] = [];
  for await (const { text, index } of encodeAll(records(40), { signer, ...FAST })) {
    assert.equal(index, ids.length);
    const { identity } = await decode(text, { trust, at: AT });
    ids.push(identity.id);
  }
  assert.deepEqual(
    ids,
    Array.from({ length: 40 }, (_, n) => String(n)),
  );
});

test('records may be a list, or be made when their turn comes', async (t) => {
  const { signer } = await issuerFor(t);
  const sources: readonly RecordSource[] = [record(0), () => record(1), async () => record(2)];
  assert.equal((await collected(encodeAll(sources, { signer, ...FAST }))).length, 3);
});

test('a record that fails ends the iteration after those before it, with its index in the field', async (t) => {
  const { signer } = await issuerFor(t);
  const sources: readonly RecordSource[] = [
    record(0),
    record(1),
    [{ fullName: 7 as unknown as string }, META],
    record(3),
  ];
  const seen: number[] = [];
  const all = async () => {
    for await (const { index } of encodeAll(sources, { signer, ...FAST })) seen.push(index);
  };
  await assert.rejects(all, { code: 'ARGUMENT_INVALID', details: { field: 'records.2.identity.fullName' } });
  assert.deepEqual(seen, [0, 1]);
});

test('a failure without a field gets that of its record, and keeps its code', async (t) => {
  const { signer } = await issuerFor(t);
  const down: Signer = {
    ...signer,
    sign: async () => Promise.reject(new Failure('UNAVAILABLE', 'the service is down', { provider: 'x' })),
  };
  await assert.rejects(collected(encodeAll(records(1), { signer: down, ...FAST })), {
    code: 'UNAVAILABLE',
    message: 'the service is down',
    details: { provider: 'x', field: 'records.0' },
  });
});

test('with failures: yield, a failure stands in its place and the others go on', async (t) => {
  const { signer } = await issuerFor(t);
  const sources: readonly RecordSource[] = [
    record(0),
    () => {
      throw new Failure('MALFORMED', 'not JSON', { field: 'identity' });
    },
    record(2),
  ];
  const results = await collected(encodeAll(sources, { signer, failures: 'yield', ...FAST }));
  assert.deepEqual(
    results.map((result) => ('failure' in result ? result.failure.toJSON() : result.index)),
    [0, { code: 'MALFORMED', message: 'not JSON', details: { field: 'identity' } }, 2],
  );
});

test('what makes a record may throw anything, and it is kept as the cause', async (t) => {
  const { signer } = await issuerFor(t);
  const cause = new SyntaxError('not JSON');
  const broken = () => {
    throw cause;
  };
  const [result] = await collected(encodeAll([broken], { signer, failures: 'yield' }));
  assert.ok(result !== undefined && 'failure' in result);
  assert.equal(result.failure.code, 'ARGUMENT_INVALID');
  assert.equal(result.failure.cause, cause);
});

test('a defect is thrown, also where failures are yielded', async (t) => {
  const { signer } = await issuerFor(t);
  const broken: Signer = { ...signer, sign: async () => Promise.reject(new TypeError('a defect')) };
  const all = collected(encodeAll(records(1), { signer: broken, failures: 'yield', ...FAST }));
  await assert.rejects(all, TypeError);
});

test('no more than concurrency are with the key', async (t) => {
  const { signer } = await issuerFor(t);
  let running = 0;
  let most = 0;
  const watched: Signer = {
    ...signer,
    async sign(...call) {
      most = Math.max(most, ++running);
      await turn();
      running -= 1;
      return signer.sign(...call);
    },
  };
  await collected(encodeAll(records(20), { signer: watched, concurrency: 4, ...FAST }));
  assert.equal(most, 4);
});

/** A signer whose key takes one call at a time and lets eight wait. */
async function narrow(policy: Policy = { concurrency: 1, queue: 8 }): Promise<Signer> {
  const keys = createKeys([memory()], policy);
  return (await keys.create('memory:narrow', { algorithm: 'Ed25519' })).use('Ed25519');
}

test('a key whose queue is shorter than the concurrency holds nothing up and refuses nobody', async () => {
  const signer = await narrow();
  const results = await collected(encodeAll(records(100), { signer, concurrency: 64, ...FAST }));
  assert.deepEqual(
    results.map(({ index }) => index),
    Array.from({ length: 100 }, (_, n) => n),
  );
});

test('a key that is full of the calls of others is OVERLOADED', async (t) => {
  const { signer } = await issuerFor(t);
  const full: Signer = {
    ...signer,
    sign: async () => Promise.reject(new Failure('OVERLOADED', 'too many calls wait for this key')),
  };
  for (const concurrency of [1, 8]) {
    const all = collected(encodeAll(records(20), { signer: full, concurrency, ...FAST }));
    await assert.rejects(all, { code: 'OVERLOADED', details: { field: 'records.0' } });
  }
});

test('a consumer that stops spends no more signatures, and closes the records', async (t) => {
  const { signer } = await issuerFor(t);
  let signed = 0;
  let closed = false;
  const counting: Signer = {
    ...signer,
    sign(...call) {
      signed += 1;
      return signer.sign(...call);
    },
  };
  async function* endless() {
    try {
      for (let n = 0; ; n++) yield record(n);
    } finally {
      closed = true;
    }
  }
  for await (const { index } of encodeAll(endless(), { signer: counting, concurrency: 2, ...FAST }))
    if (index === 3) break;
  const before = signed;
  for (let i = 0; i < 20; i++) await turn();
  assert.equal(closed, true);
  assert.equal(signed, before);
  // Four were taken and four may be held beside them.
  assert.ok(signed <= 8, String(signed));
});

test('a signal ends it with its reason', async (t) => {
  const { signer } = await issuerFor(t);
  const stop = new AbortController();
  const results = encodeAll(records(50), { signer, signal: stop.signal, failures: 'yield', ...FAST });
  const reason = new Error('enough');
  const all = async () => {
    for await (const { index } of results) if (index === 1) stop.abort(reason);
  };
  await assert.rejects(all, (error) => error === reason);
});

test('options that cannot be are ARGUMENT_INVALID at once', async (t) => {
  const { signer } = await issuerFor(t);
  const refused = (options: object, field: string) =>
    assert.throws(() => encodeAll([], { signer, ...options }), {
      code: 'ARGUMENT_INVALID',
      details: { field },
    });
  for (const concurrency of [0, 1.5, 1025, Number.NaN]) refused({ concurrency }, 'concurrency');
  refused({ failures: 'skip' } as object, 'failures');
});
