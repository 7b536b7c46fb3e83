// Which calls go together, and what comes of those that wait.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { CallOptions } from 'hardkey';
import { lanes } from '../../../src/providers/vault/lanes.ts';
import { failsWith } from '../../support/failures.ts';

const DETAILS = { ref: 'hashivault://k', operation: 'sign' };
const LIMITS = { lanes: 2, most: 4, mostCharacters: 10 };

/** Lanes to a server that answers when it is told to, each input by itself in capital letters. */
function slow() {
  const sent: { readonly inputs: readonly string[]; readonly options: CallOptions; answer(): void }[] = [];
  const ask = lanes(
    (inputs, options) =>
      new Promise((resolve) => {
        sent.push({ inputs, options, answer: () => resolve(inputs.map((one) => one.toUpperCase())) });
      }),
    DETAILS,
    LIMITS,
  );
  const inputs = () => sent.map((one) => one.inputs);
  return { sent, ask, inputs };
}

test('what is asked for in one turn is shared among the lanes, and the first come are the first served', async () => {
  const { sent, ask, inputs } = slow();
  const asked = [...'abcdefghijk'].map((one) => ask(one, {}));
  assert.equal(sent.length, 0);
  await setImmediate();
  assert.deepEqual(inputs(), [[...'abcd'], [...'efgh']]);
  sent[1]?.answer();
  while (sent.length < 3) await setImmediate();
  assert.deepEqual(inputs().at(-1), [...'ijk']);
  for (const one of sent) one.answer();
  assert.deepEqual(await Promise.all(asked), [...'ABCDEFGHIJK']);
});

test('no request is longer than it may be, unless by one input alone', async () => {
  const { sent, ask, inputs } = slow();
  const texts = ['x'.repeat(30), 'aaaaaa', 'bbbb', 'c'];
  const asked = texts.map((one) => ask(one, {}));
  for (let at = 0; at < texts.length - 1; at++) {
    while (sent.length <= at) await setImmediate();
    sent[at]?.answer();
  }
  assert.deepEqual(
    inputs().map((one) => one.join()),
    [texts[0], 'aaaaaa,bbbb', 'c'],
  );
  assert.equal((await Promise.all(asked)).length, 4);
});

test('who gave up, or came too late, before it was sent is not sent', async () => {
  const { sent, ask, inputs } = slow();
  const busy = [...'abcdefgh'].map((one) => ask(one, {}));
  await setImmediate();
  const gone = new AbortController();
  const over = AbortSignal.abort(new Error('over'));
  const waiting = [
    ask('i', { signal: gone.signal }),
    ask('j', { deadline: performance.now() + 1 }),
    ask('k', { signal: over }),
    ask('l', {}),
  ];
  gone.abort(new Error('enough'));
  const settled = await Promise.allSettled(waiting.slice(0, 3));
  const [early, late, before] = settled.map((one) => one.status === 'rejected' && one.reason);
  assert.deepEqual([early.message, before.message], ['enough', 'over']);
  failsWith('UNAVAILABLE', { ...DETAILS, field: 'deadline' })(late);
  for (const one of sent) one.answer();
  while (sent.length < 3) await setImmediate();
  assert.deepEqual(inputs().at(-1), ['l']);
  sent.at(-1)?.answer();
  assert.equal(await waiting[3], 'L');
  assert.equal((await Promise.all(busy)).join(''), 'ABCDEFGH');
});

test('a request ends with the last who waits for it, and its late answer is nobody’s', async () => {
  const { sent, ask } = slow();
  const [first, second] = [new AbortController(), new AbortController()];
  const asked = [...'abcd'].map((one, at) => ask(one, { signal: (at < 3 ? first : second).signal }));
  await setImmediate();
  const ended = () => sent.map(({ options }) => options.signal?.aborted);
  assert.deepEqual(ended(), [false, false]);
  first.abort(new Error('enough'));
  assert.deepEqual(ended(), [true, false]);
  second.abort(new Error('enough'));
  assert.deepEqual(ended(), [true, true]);
  for (const one of sent) one.answer();
  for (const one of asked) await assert.rejects(one, /enough/);
});

test('a request that fails, fails for those in it, and the lane is free again', async () => {
  let asked = 0;
  const ask = lanes(
    (inputs) => {
      asked += 1;
      if (asked === 1) throw new Error('broken');
      return asked === 2 ? Promise.reject(new Error('lost')) : Promise.resolve(inputs);
    },
    DETAILS,
    { ...LIMITS, lanes: 1 },
  );
  const settled = await Promise.allSettled([...'abcdefghi'].map((one) => ask(one, {})));
  const what = settled.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.message));
  assert.deepEqual(what, [...Array(4).fill('broken'), ...Array(4).fill('lost'), 'i']);
});

test('a deadline that is years away is not over at once', async () => {
  const { sent, ask } = slow();
  const asked = ask('a', { deadline: performance.now() + 2 ** 40 });
  while (sent.length < 1) await setImmediate();
  await new Promise((resolve) => setTimeout(resolve, 5));
  sent[0]?.answer();
  assert.equal(await asked, 'A');
});
