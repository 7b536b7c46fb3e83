import assert from 'node:assert/strict';
import { test } from 'node:test';
import { algorithms, isSignatureAlgorithm, type SignatureAlgorithm } from '../../../src/core/algorithms.ts';
import type { Key } from '../../../src/core/key.ts';
import { createKeys, type Keys } from '../../../src/core/keys.ts';
import type { Policy } from '../../../src/core/policy/policy.ts';
import { Secret } from '../../../src/core/secret.ts';
import { verify } from '../../../src/core/verify.ts';
import { memory } from '../../../src/providers/memory/index.ts';
import { exportPrivateKey } from '../../../src/unsafe/index.ts';
import { failsWith } from '../../support/failures.ts';
import { HONEST, OTHER_OPERATION, OTHER_SIGNER, type Swap, specOf, swapped } from './swapped.ts';

const MESSAGE = new TextEncoder().encode('one message');
const DIGEST = new Uint8Array(32).fill(7);
const MISMATCH = failsWith('SIGNER_MISMATCH');

/** Every way a key of `ref` comes out of `Keys`. */
const PATHS: Readonly<Record<string, (keys: Keys, name: SignatureAlgorithm) => Promise<Key>>> = {
  create: (keys, algorithm) => keys.create('memory:a', specOf(algorithm)),
  async open(keys, algorithm) {
    await keys.create('memory:a', specOf(algorithm));
    return keys.open('memory:a');
  },
  async 'open of what list gave'(keys, algorithm) {
    await keys.create('memory:a', specOf(algorithm));
    const refs = [];
    for await (const { ref } of keys.list()) refs.push(ref);
    return keys.open(refs[0] ?? '');
  },
  async import(keys, algorithm) {
    const given = createKeys([memory()]);
    const pair = await given.create('memory:given', specOf(algorithm));
    const material = new Secret((await exportPrivateKey(pair)).use((bytes) => bytes));
    return keys.import('memory:a', { material, algorithm });
  },
  async rotate(keys, algorithm) {
    await keys.create('memory:a', specOf(algorithm));
    return keys.rotate('memory:a');
  },
};

for (const [path, get] of Object.entries(PATHS)) {
  test(`${path}: an honest provider's signatures verify`, async () => {
    const key = await get(createKeys([swapped(HONEST)]), 'ES256');
    const signer = key.use('ES256');
    await verify(signer.publicKey, 'ES256', MESSAGE, await signer.sign(MESSAGE));
  });

  for (const name of ['Ed25519', 'ES256'] as const) {
    test(`${path}: another key's ${name} signature is SIGNER_MISMATCH`, async () => {
      const key = await get(createKeys([swapped(OTHER_SIGNER)]), name);
      const expected = key.publicKey?.fingerprint ?? '';
      await assert.rejects(
        key.use(name).sign(MESSAGE),
        failsWith('SIGNER_MISMATCH', { ref: 'memory:a', algorithm: name, expected }),
      );
    });
  }

  test(`${path}: another RSA key's signature over a message or a digest is SIGNER_MISMATCH`, async () => {
    const key = await get(createKeys([swapped(OTHER_SIGNER)]), 'RS256');
    await assert.rejects(key.use('RS256').sign(MESSAGE), MISMATCH);
    await assert.rejects(key.useDigest('RS256').signDigest(DIGEST), MISMATCH);
  });

  test(`${path}: an operation that says it is of another key is SIGNER_MISMATCH when it is bound`, async () => {
    const key = await get(createKeys([swapped(OTHER_OPERATION)]), 'ES256');
    assert.throws(() => key.use('ES256'), MISMATCH);
  });
}

test('an operation on digests that says it is of another key is SIGNER_MISMATCH when it is bound', async () => {
  const key = await createKeys([swapped(OTHER_OPERATION)]).create('memory:a', specOf('RS256'));
  assert.throws(() => key.useDigest('RS256'), MISMATCH);
});

/** Each algorithm that signs and that this runtime has. */
const SIGNING = algorithms.map(({ name }) => name).filter(isSignatureAlgorithm);

for (const name of SIGNING) {
  test(`${name}: another key's signature, a changed one and none at all are SIGNER_MISMATCH`, async () => {
    const damage: readonly ((signature: Uint8Array) => Uint8Array)[] = [
      (signature) => signature.with(3, (signature[3] ?? 0) ^ 1),
      (signature) => signature.subarray(0, -1),
      (signature) => Uint8Array.from([...signature, 0]),
      () => new Uint8Array(),
    ];
    const changing = (change: (signature: Uint8Array) => Uint8Array): Swap => ({
      key: (own) => ({
        ...own,
        use: (asked) => {
          const bound = own.use(asked);
          if (!('sign' in bound)) return bound;
          return { ...bound, sign: async (message: Uint8Array) => change(await bound.sign(message)) };
        },
      }),
    });
    let swap: Swap = HONEST;
    const keys = createKeys([swapped({ key: (own, other) => swap.key(own, other) })]);
    await keys.create('memory:a', specOf(name));
    for (swap of [OTHER_SIGNER, ...damage.map(changing)]) {
      const key = await keys.open('memory:a');
      await assert.rejects(key.use(name).sign(MESSAGE), MISMATCH);
    }
  });
}

test('a signature by the right key over another message is SIGNER_MISMATCH', async () => {
  const elsewhere: Swap = {
    key: (own) => ({
      ...own,
      use: (name) => {
        const bound = own.use(name);
        return 'sign' in bound ? { ...bound, sign: () => bound.sign(DIGEST) } : bound;
      },
    }),
  };
  const key = await createKeys([swapped(elsewhere)]).create('memory:a', { algorithm: 'Ed25519' });
  await assert.rejects(key.use('Ed25519').sign(MESSAGE), MISMATCH);
});

test('a mismatch is neither repeated nor held against the backend', async () => {
  let calls = 0;
  const counting: Swap = {
    key: (own, other) => ({
      ...own,
      use: (name) => {
        const bound = other.use(name);
        if (!('sign' in bound)) return bound;
        const sign = (message: Uint8Array): Promise<Uint8Array> => {
          calls += 1;
          return bound.sign(message);
        };
        return { ...own.use(name), sign };
      },
    }),
  };
  const keys = createKeys([swapped(counting)], { retry: { attempts: 3 } });
  const signer = (await keys.create('memory:a', { algorithm: 'Ed25519' })).use('Ed25519');
  for (let i = 1; i <= 6; i++) {
    await assert.rejects(signer.sign(MESSAGE), MISMATCH);
    assert.equal(calls, i);
  }
});

test('a mismatch is recorded', async () => {
  const outcomes: unknown[] = [];
  const audit = {
    append: async (record: Readonly<Record<string, unknown>>) => void outcomes.push(record['outcome']),
  };
  const keys = createKeys([swapped(OTHER_SIGNER)], { audit });
  const signer = (await keys.create('memory:a', { algorithm: 'Ed25519' })).use('Ed25519');
  await assert.rejects(signer.sign(MESSAGE), MISMATCH);
  assert.deepEqual(outcomes, ['OK', 'SIGNER_MISMATCH']);
});

test('releaseUnverified lets them out, and every key says so', async () => {
  const policy: Policy = { releaseUnverified: true };
  for (const [path, get] of Object.entries(PATHS)) {
    const key = await get(createKeys([swapped(OTHER_SIGNER)], policy), 'Ed25519');
    const signer = key.use('Ed25519');
    assert.equal((await signer.sign(MESSAGE)).length, 64, path);
    assert.equal(key.custody.facts['releaseUnverified'], true, path);
    assert.equal(signer.key.custody.facts['releaseUnverified'], true, path);
  }
  const keys = createKeys([swapped(HONEST)], policy);
  await keys.create('memory:a', { algorithm: 'ES256' });
  for await (const info of keys.list()) assert.equal(info.custody.facts['releaseUnverified'], true);
});

test('without releaseUnverified no key says it', async () => {
  const keys = createKeys([swapped(HONEST)]);
  const key = await keys.create('memory:a', { algorithm: 'ES256' });
  assert.equal('releaseUnverified' in key.custody.facts, false);
});

test('a digest that this runtime cannot check is not signed: UNSUPPORTED when bound, unless released', async () => {
  const digesting: Swap = {
    key: (own) => ({
      ...own,
      useDigest: (name) => ({
        ...own.use(name),
        signDigest: async () => new Uint8Array(64),
        algorithm: name,
      }),
    }),
  };
  const bound = async (policy: Policy, name: SignatureAlgorithm) =>
    (await createKeys([swapped(digesting)], policy).create('memory:a', specOf(name))).useDigest(name);
  await assert.rejects(bound({}, 'PS256'), failsWith('UNSUPPORTED', { algorithm: 'PS256' }));
  const signer = await bound({ releaseUnverified: true }, 'PS256');
  assert.equal((await signer.signDigest(DIGEST)).length, 64);
  // What can be checked is checked.
  const forged = (await bound({}, 'ES256')).signDigest(DIGEST);
  await assert.rejects(forged, failsWith('SIGNER_MISMATCH', { algorithm: 'ES256' }));
});
