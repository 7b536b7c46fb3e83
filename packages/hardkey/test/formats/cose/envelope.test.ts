import assert from 'node:assert/strict';
import { KeyObject } from 'node:crypto';
import { test } from 'node:test';
import { queryObjects } from 'node:v8';
import { type Algorithm, createKeys, type KeyWrapper } from 'hardkey';
import { createEnvelope, openEncrypt, readEnvelopeKey } from 'hardkey/formats/cose';
import { memory } from 'hardkey/providers/memory';
import { utf8 } from '../../../src/encoding/bytes.ts';
import { failsWith } from '../../support/failures.ts';

const AAD = utf8('record 7');
const PLAINTEXT = utf8('what nobody else reads');
const REUSE = { ageMs: 1000, messages: 3, bytes: 100 };

/** A wrapper that counts, and fails when it is told to. */
async function counted(algorithm: Algorithm = 'A256KW') {
  const keys = createKeys([memory()]);
  const key = await keys.create('memory:k', { algorithm });
  const inner = key.use(algorithm) as KeyWrapper;
  const seen = { wraps: 0, unwraps: 0, failing: false, contentKeys: [] as Uint8Array[] };
  const wrapper: KeyWrapper = {
    ...inner,
    async wrap(contentKey, options) {
      seen.wraps += 1;
      seen.contentKeys.push(contentKey);
      if (seen.failing) throw new Error('outage');
      return inner.wrap(contentKey, options);
    },
    async unwrap(wrapped, options) {
      seen.unwraps += 1;
      const contentKey = await inner.unwrap(wrapped, options);
      seen.contentKeys.push(contentKey);
      return contentKey;
    },
  };
  return { seen, wrapper, id: key.id };
}

for (const algorithm of ['A256KW', 'RSA-OAEP-256'] as const) {
  test(`an envelope under ${algorithm} carries all that its key needs to open it`, async () => {
    const { wrapper, id } = await counted(algorithm);
    const sealed = await createEnvelope(wrapper).encrypt(PLAINTEXT, AAD);
    assert.deepEqual(readEnvelopeKey(sealed), { algorithm, keyId: id });
    assert.deepEqual(await createEnvelope(wrapper).decrypt(sealed, AAD), PLAINTEXT);
    // It is a COSE_Encrypt like any other.
    assert.deepEqual(await openEncrypt(sealed, wrapper, { externalAad: AAD }), PLAINTEXT);
  });
}

test('each message has a data key of its own, unless it is said otherwise', async () => {
  const { wrapper, seen } = await counted();
  const envelope = createEnvelope(wrapper);
  for (let at = 0; at < 3; at++) await envelope.encrypt(PLAINTEXT, AAD);
  assert.equal(seen.wraps, 3);
});

test('a data key is replaced at the message after its last one', async () => {
  const { wrapper, seen } = await counted();
  const envelope = createEnvelope(wrapper, { reuse: REUSE });
  const wraps: number[] = [];
  for (let at = 0; at < 4; at++) {
    await envelope.encrypt(new Uint8Array(1), AAD);
    wraps.push(seen.wraps);
  }
  assert.deepEqual(wraps, [1, 1, 1, 2]);
});

test('a data key encrypts as many bytes as it may, and not one more', async () => {
  const { wrapper, seen } = await counted();
  const exact = createEnvelope(wrapper, { reuse: REUSE });
  await exact.encrypt(new Uint8Array(60), AAD);
  await exact.encrypt(new Uint8Array(40), AAD);
  assert.equal(seen.wraps, 1);
  await exact.encrypt(new Uint8Array(1), AAD);
  assert.equal(seen.wraps, 2);
  await exact.encrypt(new Uint8Array(100), AAD);
  assert.equal(seen.wraps, 3);
});

test('a message longer than the limit has a data key that no other message has', async () => {
  const { wrapper, seen } = await counted();
  const envelope = createEnvelope(wrapper, { reuse: REUSE });
  await envelope.encrypt(new Uint8Array(101), AAD);
  await envelope.encrypt(new Uint8Array(0), AAD);
  assert.equal(seen.wraps, 2);
});

test('a data key is as old as it may be one moment before, and replaced at it', async () => {
  const { wrapper, seen } = await counted();
  let now = 5000;
  const envelope = createEnvelope(wrapper, { reuse: { ...REUSE, messages: 100 }, now: () => now });
  await envelope.encrypt(new Uint8Array(1), AAD);
  now = 5999;
  await envelope.encrypt(new Uint8Array(1), AAD);
  assert.equal(seen.wraps, 1);
  now = 6000;
  await envelope.encrypt(new Uint8Array(1), AAD);
  assert.equal(seen.wraps, 2);
});

test('messages at the same time keep to the limit of a data key', async () => {
  const { wrapper, seen } = await counted();
  const envelope = createEnvelope(wrapper, { reuse: REUSE });
  const sealed = await Promise.all(Array.from({ length: 7 }, () => envelope.encrypt(new Uint8Array(1), AAD)));
  assert.equal(seen.wraps, 3);
  for (const one of sealed) assert.deepEqual(await envelope.decrypt(one, AAD), new Uint8Array(1));
  assert.equal(seen.unwraps, 3, 'a data key that was unwrapped opens all that it encrypted');
});

test('an unwrapped data key is kept no longer than it may be', async () => {
  const { wrapper, seen } = await counted();
  let now = 0;
  const envelope = createEnvelope(wrapper, { reuse: REUSE, now: () => now });
  const sealed = await envelope.encrypt(PLAINTEXT, AAD);
  await envelope.decrypt(sealed, AAD);
  now = 999;
  await envelope.decrypt(sealed, AAD);
  assert.equal(seen.unwraps, 1);
  now = 1000;
  await envelope.decrypt(sealed, AAD);
  assert.equal(seen.unwraps, 2);
  envelope.clear();
  await envelope.decrypt(sealed, AAD);
  assert.equal(seen.unwraps, 3);
});

/** A wrapper whose unwrapping ends when the test says so. */
async function held() {
  const { wrapper: inner, seen } = await counted();
  const ends: ((error?: Error) => void)[] = [];
  const wrapper: KeyWrapper = {
    ...inner,
    unwrap: (wrapped, options) =>
      new Promise((resolve, reject) => {
        ends.push((error) => (error === undefined ? resolve(inner.unwrap(wrapped, options)) : reject(error)));
      }),
  };
  const envelope = createEnvelope(wrapper, { reuse: REUSE });
  return { envelope, ends, seen, sealed: await envelope.encrypt(PLAINTEXT, AAD) };
}

test('decrypting at the same time unwraps once, and no caller ends it for the others', async () => {
  const { envelope, ends, sealed } = await held();
  const controller = new AbortController();
  const first = envelope.decrypt(sealed, AAD, { signal: controller.signal });
  const hurried = envelope.decrypt(sealed, AAD, { deadline: performance.now() + 10 });
  const others = [1, 2, 3].map(() => envelope.decrypt(sealed, AAD));
  const reason = new Error('stop');
  controller.abort(reason);
  await assert.rejects(first, reason);
  await assert.rejects(envelope.decrypt(sealed, AAD, { signal: controller.signal }), reason);
  await assert.rejects(hurried, failsWith('UNAVAILABLE', { field: 'deadline' }));
  for (const end of ends) end();
  assert.deepEqual(await Promise.all(others), [PLAINTEXT, PLAINTEXT, PLAINTEXT]);
  await envelope.decrypt(sealed, AAD);
  assert.equal(ends.length, 1);
});

test('an unwrapping that failed fails all who waited for it, and is not kept', async () => {
  const { envelope, ends, sealed } = await held();
  const waiting = [1, 2].map(() => assert.rejects(envelope.decrypt(sealed, AAD), /outage/));
  ends[0]?.(new Error('outage'));
  await Promise.all(waiting);
  const again = envelope.decrypt(sealed, AAD);
  ends[1]?.();
  assert.deepEqual(await again, PLAINTEXT);
  assert.equal(ends.length, 2);
});

test('what is cleared while it is unwrapped is not kept', async () => {
  const { envelope, ends, sealed } = await held();
  const first = envelope.decrypt(sealed, AAD);
  envelope.clear();
  ends[0]?.();
  assert.deepEqual(await first, PLAINTEXT);
  const again = envelope.decrypt(sealed, AAD);
  ends[1]?.();
  assert.deepEqual(await again, PLAINTEXT);
});

test('an envelope that was changed does not fail the one it was made of', async () => {
  const { envelope, ends, sealed, seen } = await held();
  const id = utf8(readEnvelopeKey(sealed).keyId);
  const at = Buffer.from(sealed).indexOf(id);
  const changed = Uint8Array.from(sealed);
  changed[at] = 0x7a;
  const wrong = assert.rejects(envelope.decrypt(changed, AAD), failsWith('DECRYPTION_FAILED'));
  const right = envelope.decrypt(sealed, AAD);
  await wrong;
  for (const end of ends) end();
  assert.deepEqual(await right, PLAINTEXT);
  assert.equal(seen.unwraps, 1);
});

test('data keys that are too old are not left in memory', async () => {
  const { wrapper } = await counted();
  let now = 0;
  const sealing = createEnvelope(wrapper);
  const sealed = await Promise.all(Array.from({ length: 40 }, () => sealing.encrypt(PLAINTEXT, AAD)));
  const envelope = createEnvelope(wrapper, { reuse: REUSE, now: () => now });
  for (const one of sealed.slice(1)) await envelope.decrypt(one, AAD);
  const left = (): number => queryObjects(KeyObject, { format: 'count' });
  const young = left();
  now = 1000;
  await envelope.decrypt(sealed[0] ?? assert.fail(), AAD);
  assert.ok(young - left() >= 38, `${young}, and ${left()} later`);
  await envelope.decrypt(sealed[0] ?? assert.fail(), AAD);
});

test('a data key that could not be wrapped is not kept', async () => {
  const { wrapper, seen } = await counted();
  const envelope = createEnvelope(wrapper, { reuse: REUSE });
  seen.failing = true;
  await assert.rejects(envelope.encrypt(PLAINTEXT, AAD), /outage/);
  seen.failing = false;
  assert.deepEqual(await envelope.decrypt(await envelope.encrypt(PLAINTEXT, AAD), AAD), PLAINTEXT);
});

test('the bytes of data keys are erased', async () => {
  const { wrapper, seen } = await counted();
  const envelope = createEnvelope(wrapper, { reuse: REUSE });
  await envelope.decrypt(await envelope.encrypt(PLAINTEXT, AAD), AAD);
  assert.equal(seen.contentKeys.length, 2);
  for (const bytes of seen.contentKeys) assert.ok(bytes.every((byte) => byte === 0));
});

test('one who gives up does not end the wrapping that others wait for', async () => {
  const { wrapper } = await counted();
  const envelope = createEnvelope(wrapper, { reuse: REUSE });
  const controller = new AbortController();
  const first = envelope.encrypt(PLAINTEXT, AAD, { signal: controller.signal });
  const second = envelope.encrypt(PLAINTEXT, AAD);
  const reason = new Error('stop');
  controller.abort(reason);
  await assert.rejects(first, (error) => error === reason);
  assert.deepEqual(await envelope.decrypt(await second, AAD), PLAINTEXT);
});

test('one who cannot wait as long does not end the wrapping that others wait for', async () => {
  const { wrapper: inner } = await counted();
  const wrapper: KeyWrapper = {
    ...inner,
    async wrap(contentKey, { signal, deadline = Number.POSITIVE_INFINITY } = {}) {
      const given = Uint8Array.from(contentKey);
      await new Promise((resolve) => setTimeout(resolve, 40));
      return inner.wrap(given, { deadline, ...(signal === undefined ? {} : { signal }) });
    },
  };
  const envelope = createEnvelope(wrapper, { reuse: REUSE });
  const hurried = envelope.encrypt(PLAINTEXT, AAD, { deadline: performance.now() + 10 });
  const patient = envelope.encrypt(PLAINTEXT, AAD);
  await assert.rejects(hurried, failsWith('UNAVAILABLE', { field: 'deadline' }));
  assert.deepEqual(await envelope.decrypt(await patient, AAD), PLAINTEXT);
});

test('every changed bit, other associated data and another key are refused', async () => {
  const { wrapper, id } = await counted();
  const envelope = createEnvelope(wrapper);
  const sealed = await envelope.encrypt(PLAINTEXT, AAD);
  await assert.rejects(envelope.decrypt(sealed, utf8('record 8')), failsWith('DECRYPTION_FAILED'));
  // RFC 9053 §6.2: the name of the wrapping key is not protected. Without its label it is no name.
  const label = Buffer.from(sealed).indexOf(id) - 2;
  assert.equal(sealed[label], 4);
  for (let at = 0; at < sealed.length; at++) {
    const changed = Uint8Array.from(sealed, (byte, index) => (index === at ? byte ^ 1 : byte));
    if (at === label) {
      assert.deepEqual(await envelope.decrypt(changed, AAD), PLAINTEXT);
      continue;
    }
    await assert.rejects(envelope.decrypt(changed, AAD), (error: { readonly code?: string }) =>
      ['DECRYPTION_FAILED', 'MALFORMED', 'UNSUPPORTED'].includes(error.code ?? ''),
    );
  }
  const other = createEnvelope((await counted()).wrapper);
  await assert.rejects(other.decrypt(sealed, AAD), failsWith('DECRYPTION_FAILED'));
});

test('after a rotation an envelope is wrapped again, and its content stays as it is', async () => {
  const [old, current] = [await counted(), await counted('RSA-OAEP-256')];
  const sealed = await createEnvelope(old.wrapper).encrypt(PLAINTEXT, AAD);
  const asked: unknown[] = [];
  const envelope = createEnvelope(current.wrapper, {
    keyOf: (key) => {
      asked.push(key);
      return old.wrapper;
    },
  });
  assert.deepEqual(await envelope.decrypt(sealed, AAD), PLAINTEXT);
  const again = await envelope.rewrap(sealed);
  assert.deepEqual(asked, [readEnvelopeKey(sealed), readEnvelopeKey(sealed)]);
  assert.deepEqual(readEnvelopeKey(again), { algorithm: 'RSA-OAEP-256', keyId: current.id });
  assert.deepEqual(await createEnvelope(current.wrapper).decrypt(again, AAD), PLAINTEXT);
  assert.deepEqual(again.subarray(0, 40), sealed.subarray(0, 40));
  assert.equal(await envelope.rewrap(again), again);
});

test('limits that cannot be kept are refused', async () => {
  const { wrapper } = await counted();
  for (const [field, reuse] of [
    ['reuse.messages', { ...REUSE, messages: 2 ** 32 + 1 }],
    ['reuse.ageMs', { ...REUSE, ageMs: 0 }],
    ['reuse.bytes', { ...REUSE, bytes: 0.5 }],
    ['reuse.age', Object.assign({ age: 1 }, REUSE)],
  ] as const) {
    assert.throws(() => createEnvelope(wrapper, { reuse }), failsWith('ARGUMENT_INVALID', { field }));
  }
  const source = { dataKeys: 'elsewhere' } as object;
  assert.throws(() => createEnvelope(wrapper, source), failsWith('ARGUMENT_INVALID', { field: 'dataKeys' }));
  const unknown = { cache: REUSE } as object;
  assert.throws(() => createEnvelope(wrapper, unknown), failsWith('ARGUMENT_INVALID', { field: 'cache' }));
});
