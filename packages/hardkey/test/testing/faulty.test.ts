import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKeys, type Key, type KeyProvider, parseKeyRef, verify } from 'hardkey';
import { type Fault, faulty, fixedKeys } from 'hardkey/testing';
import { failsWith } from '../support/failures.ts';
import { atOnce, stateOf, stopTime } from '../support/stopped-time.ts';

const REF = parseKeyRef('fixed:ES256');
const MESSAGE = new TextEncoder().encode('message');

async function signerOf(plan: readonly Fault[], provider: KeyProvider = fixedKeys()) {
  const made = faulty(provider, plan);
  return { provider: made, signer: (await made.open(REF)).use('ES256') };
}

test('without a fault everything is as before, and is counted', async () => {
  const { provider, signer } = await signerOf([]);
  await verify(signer.publicKey, 'ES256', MESSAGE, await signer.sign(MESSAGE));
  await signer.sign(MESSAGE);
  assert.deepEqual([provider.calls('open'), provider.calls('sign'), provider.calls('mac')], [1, 2, 0]);
});

test('a fault meets the calls that the plan says, and no others', async () => {
  const { provider, signer } = await signerOf([{ on: 'sign', after: 1, times: 2, fail: 'UNAVAILABLE' }]);
  await signer.sign(MESSAGE);
  for (let i = 0; i < 2; i++) {
    await assert.rejects(signer.sign(MESSAGE), failsWith('UNAVAILABLE', { operation: 'sign' }));
  }
  await signer.sign(MESSAGE);
  assert.equal(provider.calls('sign'), 4);
});

test('a call that fails does not reach the provider', async () => {
  const inner = faulty(fixedKeys(), []);
  const { signer } = await signerOf([{ on: 'sign', fail: 'DENIED' }], inner);
  await assert.rejects(signer.sign(MESSAGE), failsWith('DENIED'));
  assert.deepEqual([inner.calls('open'), inner.calls('sign')], [1, 0]);
});

test('the first fault of the plan counts, and the others still count the call', async () => {
  const { signer } = await signerOf([
    { on: 'sign', times: 1, fail: 'UNAVAILABLE' },
    { on: 'sign', times: 2, fail: 'OVERLOADED' },
  ]);
  await assert.rejects(signer.sign(MESSAGE), failsWith('UNAVAILABLE'));
  await assert.rejects(signer.sign(MESSAGE), failsWith('OVERLOADED'));
  await signer.sign(MESSAGE);
});

test("another key's signature is genuine, and SIGNER_MISMATCH through createKeys", async () => {
  const plan: readonly Fault[] = [{ on: 'sign', result: 'another-key' }];
  for (const name of ['ES256', 'Ed25519', 'RS256', 'PS256'] as const) {
    const provider = faulty(fixedKeys(), plan);
    const bare = (await provider.open(parseKeyRef(`fixed:${name}`))).use(name);
    const signature = await bare.sign(MESSAGE);
    const right = await (await fixedKeys().open(parseKeyRef(`fixed:${name}`))).use(name).sign(MESSAGE);
    assert.equal(signature.length, right.length);
    await assert.rejects(verify(bare.publicKey, name, MESSAGE, signature), failsWith('VERIFICATION_FAILED'));
    await using keys = createKeys([faulty(fixedKeys(), plan)]);
    const signer = (await keys.open(`fixed:${name}`)).use(name);
    await assert.rejects(signer.sign(MESSAGE), failsWith('SIGNER_MISMATCH'));
  }
});

test('results are cut or changed, ciphertexts as well', async () => {
  const cut = await signerOf([{ on: 'sign', result: 'truncated' }]);
  assert.equal((await cut.signer.sign(MESSAGE)).length, 63);
  const changed = await signerOf([{ on: 'sign', result: 'changed' }]);
  const signature = await changed.signer.sign(MESSAGE);
  assert.equal(signature.length, 64);
  await assert.rejects(verify(changed.signer.publicKey, 'ES256', MESSAGE, signature));

  const provider = faulty(fixedKeys(), [{ on: 'encrypt', result: 'changed' }]);
  const aead = (await provider.open(parseKeyRef('fixed:A256GCM'))).use('A256GCM');
  const sealed = await aead.encrypt(MESSAGE, MESSAGE);
  await assert.rejects(aead.decrypt(sealed, MESSAGE), failsWith('DECRYPTION_FAILED'));
});

test('a call that hangs ends with its signal, unless it hangs for ever', async () => {
  const reason = new Error('enough');
  for (const [hang, ends] of [
    ['until-aborted', true],
    ['forever', false],
  ] as const) {
    const { signer } = await signerOf([{ on: 'sign', hang }]);
    const controller = new AbortController();
    const call = signer.sign(MESSAGE, { signal: controller.signal });
    assert.equal(await stateOf(call), 'pending');
    controller.abort(reason);
    if (ends) await assert.rejects(atOnce(call), reason);
    else assert.equal(await stateOf(call), 'pending');
  }
});

test('a delay comes before the answer, and ends with the signal', async (t) => {
  const time = stopTime(t);
  const inner = faulty(fixedKeys(), []);
  const { signer } = await signerOf([{ on: 'sign', delayMs: 50 }], inner);
  const delayed = signer.sign(MESSAGE);
  time.pass(49);
  assert.deepEqual([await stateOf(delayed), inner.calls('sign')], ['pending', 0]);
  time.pass(1);
  await stateOf(delayed);
  assert.equal(inner.calls('sign'), 1);
  await delayed;
  const controller = new AbortController();
  const left = signer.sign(MESSAGE, { signal: controller.signal });
  assert.equal(await stateOf(left), 'pending');
  const reason = new Error('enough');
  controller.abort(reason);
  await assert.rejects(atOnce(left), reason);
  assert.equal(inner.calls('sign'), 1);
});

test('a policy of createKeys sees the faults: it repeats, and it gives up in time', async (t) => {
  const flaky = faulty(fixedKeys(), [{ on: 'sign', times: 1, fail: 'UNAVAILABLE' }]);
  await using repeated = createKeys([flaky]);
  await (await repeated.open(REF)).use('ES256').sign(MESSAGE);
  assert.equal(flaky.calls('sign'), 2);

  const time = stopTime(t);
  const deaf = faulty(fixedKeys(), [{ on: 'sign', hang: 'forever' }]);
  await using bounded = createKeys([deaf], { deadlineMs: 50, retry: { attempts: 0 } });
  const signer = (await bounded.open(REF)).use('ES256');
  const signing = signer.sign(MESSAGE);
  assert.equal(await stateOf(signing), 'pending');
  time.pass(50);
  await assert.rejects(atOnce(signing), failsWith('UNAVAILABLE', { field: 'deadline' }));
});

test('opening and listing fail as well', async () => {
  const provider = faulty(fixedKeys(), [
    { on: 'open', fail: 'DENIED' },
    { on: 'list', fail: 'UNAVAILABLE' },
  ]);
  await assert.rejects(provider.open(REF), failsWith('DENIED'));
  await assert.rejects(async () => {
    for await (const _ of provider.list?.() ?? []) assert.fail('nothing is listed');
  }, failsWith('UNAVAILABLE'));
});

test('what the provider does not offer is not offered, and a class is as good as an object', async () => {
  class Small implements KeyProvider {
    readonly contract = 1;
    readonly schemes = ['fixed'];
    readonly #keys = fixedKeys();
    open(): Promise<Key> {
      return this.#keys.open(REF);
    }
    close(): Promise<void> {
      return this.#keys.close();
    }
  }
  const provider = faulty(new Small(), [{ on: 'sign', times: 1, fail: 'DENIED' }]);
  assert.deepEqual([provider.contract, provider.schemes, provider.list], [1, ['fixed'], undefined]);
  const signer = (await provider.open(REF)).use('ES256');
  await assert.rejects(signer.sign(MESSAGE), failsWith('DENIED'));
  await signer.sign(MESSAGE);
  await provider.close();
  await assert.rejects(provider.open(REF), failsWith('UNAVAILABLE'));
});

test('a plan that makes no sense is ARGUMENT_INVALID', () => {
  for (const [fault, field] of [
    [{ on: 'sing', fail: 'DENIED' }, 'plan.0.on'],
    [{ fail: 'DENIED' }, 'plan.0.on'],
    [{ on: 'sign' }, 'plan.0'],
    [{ on: 'sign', fail: 'BROKEN' }, 'plan.0.fail'],
    [{ on: 'sign', fail: 'DENIED', hang: 'forever' }, 'plan.0'],
    [{ on: 'sign', hang: 'long' }, 'plan.0.hang'],
    [{ on: 'sign', result: 'nice' }, 'plan.0.result'],
    [{ on: 'mac', result: 'another-key' }, 'plan.0.result'],
    [{ on: 'open', result: 'truncated' }, 'plan.0.result'],
    [{ on: 'sign', fail: 'DENIED', after: -1 }, 'plan.0.after'],
    [{ on: 'sign', fail: 'DENIED', times: 0 }, 'plan.0.times'],
    [{ on: 'sign', delayMs: -1 }, 'plan.0.delayMs'],
    [{ on: 'sign', fail: 'DENIED', often: 1 }, 'plan.0.often'],
  ] as const) {
    assert.throws(
      () => faulty(fixedKeys(), [fault as unknown as Fault]),
      failsWith('ARGUMENT_INVALID', { field }),
      JSON.stringify(fault),
    );
  }
});
