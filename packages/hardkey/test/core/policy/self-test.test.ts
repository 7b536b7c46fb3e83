// A key in a token that was left alone is tried with a signature of our own before it gets a caller's message.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Custody, Key, KeyProvider } from '../../../src/core/key.ts';
import { createKeys } from '../../../src/core/keys.ts';
import type { DigestSigner, Signer } from '../../../src/core/operations.ts';
import type { Policy } from '../../../src/core/policy/policy.ts';
import { verify } from '../../../src/core/verify.ts';
import { Failure } from '../../../src/errors.ts';
import { memory } from '../../../src/providers/memory/index.ts';
import { failsWith } from '../../support/failures.ts';
import { stopTime } from '../../support/stopped-time.ts';

const MESSAGE = new TextEncoder().encode('a message');
const CONTEXT = 'hardkey-selftest-v1\0';

interface Scene {
  readonly signer: Signer;
  readonly digests: DigestSigner;
  /** What the key was asked to sign, in this order. */
  readonly asked: Uint8Array[];
  /** Until told otherwise, the key answers with this. */
  fails(failure: Failure | undefined): void;
  pass(ms: number): void;
}

/** A key of a provider that says it is in such a place. */
async function scene(t: TestContext, place: Custody['place'], policy: Policy = {}): Promise<Scene> {
  const { pass } = stopTime(t);
  const asked: Uint8Array[] = [];
  let planted: Failure | undefined;
  const ask = <T>(message: Uint8Array, sign: () => Promise<T>): Promise<T> => {
    asked.push(message);
    return planted === undefined ? sign() : Promise.reject(planted);
  };
  const elsewhere = (key: Key): Key => ({
    ...key,
    custody: { place, level: 'claimed', facts: {} },
    use: (name) => {
      const bound = key.use(name);
      if (!('sign' in bound)) return bound;
      return { ...bound, sign: (message: Uint8Array) => ask(message, () => bound.sign(message)) };
    },
    useDigest: (name) => {
      const bound = key.useDigest(name);
      return { ...bound, signDigest: (given) => ask(given, () => bound.signDigest(given)) };
    },
  });
  const real = memory();
  const provider: KeyProvider = {
    contract: 1,
    schemes: ['memory'],
    open: async (ref) => elsewhere(await real.open(ref)),
    create: async (ref, spec) => elsewhere((await real.create?.(ref, spec)) as Key),
    close: () => real.close(),
  };
  const keys = createKeys([provider], { retry: { attempts: 0 }, ...policy });
  const key = await keys.create('memory:a', { algorithm: 'ES256' });
  return {
    signer: key.use('ES256'),
    digests: key.useDigest('ES256'),
    asked,
    fails: (failure) => {
      planted = failure;
    },
    pass,
  };
}

const OUTAGE = new Failure('UNAVAILABLE', 'planted');

/** Three outages, and the time until it may be tried. */
async function leftAlone({ signer, asked, fails, pass }: Scene): Promise<void> {
  fails(OUTAGE);
  for (let call = 0; call < 3; call++) await assert.rejects(signer.sign(MESSAGE), failsWith('UNAVAILABLE'));
  await assert.rejects(signer.sign(MESSAGE), failsWith('UNAVAILABLE', { field: 'breaker' }));
  pass(1000);
  fails(undefined);
  asked.length = 0;
}

function textOf(message: Uint8Array | undefined): string {
  return Buffer.from(message ?? []).toString('latin1');
}

test('a key of a token signs something of ours, then what the caller gave, and is trusted again', async (t) => {
  const its = await scene(t, 'token');
  await leftAlone(its);
  await verify(its.signer.publicKey, 'ES256', MESSAGE, await its.signer.sign(MESSAGE));
  await its.signer.sign(MESSAGE);
  const [first, ...others] = its.asked;
  assert.equal(textOf(first).slice(0, CONTEXT.length), CONTEXT);
  assert.equal(first?.length, CONTEXT.length + 32);
  assert.deepEqual(others.map(textOf), ['a message', 'a message']);
});

test('what is signed for it is new each time', async (t) => {
  const its = await scene(t, 'token');
  await leftAlone(its);
  await its.signer.sign(MESSAGE);
  const [before] = its.asked;
  await leftAlone(its);
  await its.signer.sign(MESSAGE);
  assert.notEqual(textOf(its.asked[0]), textOf(before));
});

test("as long as that fails, the caller's message is not sent, and it is left alone for longer", async (t) => {
  const its = await scene(t, 'token');
  await leftAlone(its);
  its.fails(OUTAGE);
  await assert.rejects(its.signer.sign(MESSAGE), failsWith('UNAVAILABLE'));
  await assert.rejects(its.signer.sign(MESSAGE), failsWith('UNAVAILABLE', { field: 'breaker' }));
  assert.deepEqual(
    its.asked.map((one) => textOf(one).slice(0, CONTEXT.length)),
    [CONTEXT],
  );
});

test('a key that works is never asked for it', async (t) => {
  const its = await scene(t, 'token');
  for (let call = 0; call < 5; call++) await its.signer.sign(MESSAGE);
  its.pass(600_000);
  await its.signer.sign(MESSAGE);
  assert.deepEqual(new Set(its.asked.map(textOf)), new Set(['a message']));
});

test('who signs digests has the digest of it signed', async (t) => {
  const its = await scene(t, 'token');
  await leftAlone(its);
  const digest = new Uint8Array(32).fill(7);
  assert.equal((await its.digests.signDigest(digest)).length, 64);
  assert.deepEqual(
    its.asked.map(({ length }) => length),
    [32, 32],
  );
  assert.notDeepEqual(its.asked[0], digest);
});

for (const [name, place, policy] of [
  ['it can be switched off', 'token', { selfTest: false }],
  ['what is no token is tried with the call itself', 'service', {}],
] as const) {
  test(name, async (t) => {
    const its = await scene(t, place, policy);
    await leftAlone(its);
    await its.signer.sign(MESSAGE);
    assert.deepEqual(its.asked.map(textOf), ['a message']);
  });
}
