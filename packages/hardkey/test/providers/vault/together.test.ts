// Signatures that are asked for together: each gets its own answer, once, whatever happens to the others.
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { createKeys, type Signer, verify } from 'hardkey';
import { utf8 } from '../../../src/encoding/bytes.ts';
import { failsWith } from '../../support/failures.ts';
import { missingBao, noBao, startBao } from '../../support/openbao.ts';
import { watched } from './support.ts';

const missing = missingBao();
const skip = missing ?? false;
const bao = missing === undefined ? await startBao({ after }) : noBao;
await bao.admin('POST', 'transit/keys/many', { type: 'ed25519' });
await bao.admin('POST', 'transit/keys/curve', { type: 'ecdsa-p256' });

const message = (at: number) => utf8(`message ${at}`);

/** A signer that repeats nothing, and what goes past it. */
async function many(t: TestContext, name = 'many') {
  // Nothing here ends because an answer takes long.
  const { provider, proxy } = await watched(t, bao, { timeoutMs: 600_000 });
  const policy = { retry: { attempts: 0 }, concurrency: 20_000, deadlineMs: 600_000 };
  const keys = createKeys([provider], policy);
  const algorithm = name === 'curve' ? 'ES256' : 'Ed25519';
  const signer: Signer = (await keys.open(`hashivault://${name}`)).use(algorithm);
  const all = (count: number) =>
    Promise.allSettled(Array.from({ length: count }, (_, at) => signer.sign(message(at))));
  return { provider, proxy, signer, all };
}

const codes = (settled: readonly PromiseSettledResult<unknown>[]) =>
  new Set(settled.map((one) => (one.status === 'rejected' ? one.reason.code : 'signed')));

test('ten thousand at once are each signed, in some forty requests', { skip }, async (t) => {
  const { proxy, signer, all } = await many(t);
  const settled = await all(10_000);
  for (const [at, one] of settled.entries()) {
    assert.ok(one.status === 'fulfilled');
    if (at % 97 === 0) await verify(signer.publicKey, 'Ed25519', message(at), one.value);
  }
  const requests = proxy.seen.filter(({ path }) => path.endsWith('/sign/many'));
  assert.ok(requests.length >= 40 && requests.length <= 60, String(requests.length));
});

/** What comes of a batch whose answer is another than it should be: of all of it. */
const ANSWERS = [
  ['shorter', (list: unknown[]) => list.slice(1), 'MALFORMED'],
  ['longer', (list: unknown[]) => [...list, list[0]], 'MALFORMED'],
  ['no list', () => ({}), 'MALFORMED'],
  ['of nothing', (list: unknown[]) => list.map(() => null), 'MALFORMED'],
  ['of empty signatures', (list: unknown[]) => list.map(() => ({ signature: '' })), 'MALFORMED'],
  ['in another order', (list: unknown[]) => list.toReversed(), 'SIGNER_MISMATCH'],
  ['of one for all', (list: unknown[]) => list.map(() => list[1]), 'SIGNER_MISMATCH'],
] as const;

for (const name of ['many', 'curve']) {
  test(`an answer that is shorter, longer or in another order is refused: ${name}`, { skip }, async (t) => {
    const { proxy, signer, all } = await many(t, name);
    for (const [what, change, code] of ANSWERS) {
      const fault = {
        path: /sign/,
        change(body: string) {
          const answer = JSON.parse(body);
          answer.data.batch_results = change(answer.data.batch_results);
          return JSON.stringify(answer);
        },
      };
      proxy.fail(fault, fault, fault, fault);
      const settled = await all(40);
      const found = codes(settled);
      if (what !== 'of one for all') assert.deepEqual(found, new Set([code]), what);
      for (const [at, one] of settled.entries()) {
        if (one.status === 'fulfilled')
          await verify(signer.publicKey, signer.algorithm, message(at), one.value);
      }
      assert.ok(found.has(code), what);
    }
    assert.deepEqual(codes(await all(40)), new Set(['signed']));
  });
}

test('a batch that the server signs empty for, since it knows no batches, is refused', {
  skip,
}, async (t) => {
  const { proxy, all } = await many(t);
  const empty = await bao.admin('POST', 'transit/sign/many', { input: '' });
  const fault = { path: /sign/, body: JSON.stringify({ data: empty.data }) };
  proxy.fail(fault, fault, fault, fault);
  assert.deepEqual(codes(await all(8)), new Set(['MALFORMED']));
});

test('closing ends those that wait and those that are under way, and nothing is sent after it', {
  skip,
}, async (t) => {
  const { provider, proxy, signer, all } = await many(t);
  await all(40);
  await proxy.stall.begin();
  const before = proxy.seen.length;
  const underWay = all(4);
  while (proxy.seen.length < before + 4) await new Promise(setImmediate);
  const waiting = all(600);
  await new Promise(setImmediate);
  await provider.close();
  for (const one of [...(await underWay), ...(await waiting)]) {
    assert.ok(one.status === 'rejected' && failsWith('UNAVAILABLE', { field: 'closed' })(one.reason));
  }
  await assert.rejects(signer.sign(message(0)), failsWith('UNAVAILABLE', { field: 'closed' }));
  assert.equal(proxy.seen.length, before + 4);
  await proxy.stall.end();
});

test('signatures that nobody waits for any more leave their place to others', { skip }, async (t) => {
  const { proxy, signer } = await many(t);
  await proxy.stall.begin();
  const gone = new AbortController();
  const before = proxy.seen.length;
  const given = Promise.allSettled(
    Array.from({ length: 40 }, (_, at) => signer.sign(message(at), { signal: gone.signal })),
  );
  while (proxy.seen.length < before + 4) await new Promise(setImmediate);
  gone.abort(new Error('enough'));
  for (const one of await given) assert.equal(one.status === 'rejected' && one.reason.message, 'enough');
  const next = signer.sign(message(1));
  // They have ended, or it would not be asked for before the time of an answer is over.
  while (proxy.seen.length < before + 5) await new Promise(setImmediate);
  await proxy.stall.end();
  await next.catch(() => undefined);
});

test('one who gives up ends neither the others nor their request', { skip }, async (t) => {
  const { proxy, signer } = await many(t);
  const gone = new AbortController();
  const deadline = performance.now() + 60_000;
  proxy.fail({
    path: /sign/,
    change(body) {
      gone.abort(new Error('enough'));
      return body;
    },
  });
  const settled = await Promise.allSettled(
    Array.from({ length: 40 }, (_, at) =>
      signer.sign(message(at), at % 10 === 0 ? { signal: gone.signal } : { deadline }),
    ),
  );
  for (const [at, one] of settled.entries()) {
    if (at % 10 !== 0) assert.equal(one.status, 'fulfilled', String(at));
  }
  assert.ok(settled.some((one) => one.status === 'rejected' && one.reason.message === 'enough'));
});
