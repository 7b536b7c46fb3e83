import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Algorithm } from '../../src/core/algorithms.ts';
import type { Key, KeyInfo, KeyProvider } from '../../src/core/key.ts';
import { parseKeyRef } from '../../src/core/key-ref.ts';
import { createKeys } from '../../src/core/keys.ts';
import { Secret } from '../../src/core/secret.ts';
import { memory } from '../../src/providers/memory/index.ts';
import { failsWith } from '../support/failures.ts';
import { specOf } from './policy/swapped.ts';

const MESSAGE = new Uint8Array(3);

async function all(infos: AsyncIterable<KeyInfo>): Promise<readonly KeyInfo[]> {
  const found: KeyInfo[] = [];
  for await (const info of infos) found.push(info);
  return found;
}

/** A provider of another scheme, over memory keys. */
function elsewhere(scheme: string, also: Partial<KeyProvider> = {}): KeyProvider {
  const real = memory() as Required<KeyProvider>;
  const named = (key: Key): Key => ({ ...key, ref: parseKeyRef(`${scheme}:${key.ref.body}`) });
  return {
    contract: 1,
    schemes: [scheme],
    open: async (ref, options) => named(await real.open(ref, options)),
    create: async (ref, spec, options) => named(await real.create(ref, spec, options)),
    async *list(options) {
      for await (const info of real.list(options))
        yield { ...info, ref: parseKeyRef(`${scheme}:${info.ref.body}`) };
    },
    close: () => real.close(),
    ...also,
  };
}

test('a reference opens in the provider of its scheme', async () => {
  const keys = createKeys([memory(), elsewhere('shelf')]);
  await keys.create('memory:a', { algorithm: 'Ed25519' });
  const created = await keys.create('shelf:a', { algorithm: 'ES256' });
  const opened = await keys.open('shelf:a');
  assert.equal(String(opened.ref), 'shelf:a');
  assert.equal(opened.publicKey?.fingerprint, created.publicKey?.fingerprint);
  assert.deepEqual(await keys.open(parseKeyRef('memory:a')).then(({ algorithms }) => algorithms), [
    'Ed25519',
  ]);
});

test('what is no list of providers, no reference and no Secret is ARGUMENT_INVALID', async () => {
  const invalid = (field: string) => failsWith('ARGUMENT_INVALID', { field });
  const loose = createKeys as (providers: unknown) => ReturnType<typeof createKeys>;
  for (const providers of [undefined, null, memory(), 'memory']) {
    assert.throws(() => loose(providers), invalid('providers'));
  }
  const keys = createKeys([memory()]);
  for (const ref of [7, {}, []]) assert.throws(() => parseKeyRef(ref as never), invalid('ref'));
  const material = new Secret(new Uint8Array(32));
  for (const [field, given] of [
    ['material', undefined],
    ['material', {}],
    ['material', { material: new Uint8Array(32) }],
    ['material', { material: 'k' }],
    ['passphrase', { material, passphrase: 'k' }],
  ] as const) {
    const bytes = given && { algorithm: 'A256GCM', ...given };
    await assert.rejects(keys.import('memory:a', bytes as never), invalid(field));
  }
});

test('a scheme without a provider is UNSUPPORTED', async () => {
  const keys = createKeys([memory()]);
  await assert.rejects(keys.open('shelf:a'), failsWith('UNSUPPORTED', { provider: 'shelf' }));
});

test('a reference that does not parse is ARGUMENT_INVALID', async () => {
  const keys = createKeys([memory()]);
  await assert.rejects(keys.open('no scheme'), failsWith('ARGUMENT_INVALID', { field: 'ref' }));
});

test('two providers of one scheme are ARGUMENT_INVALID when they are combined', () => {
  const combine = (): unknown => createKeys([memory(), elsewhere('shelf'), memory()]);
  assert.throws(combine, failsWith('ARGUMENT_INVALID', { field: 'providers', provider: 'memory' }));
  const twice = elsewhere('shelf', { schemes: ['shelf', 'shelf'] });
  assert.throws(() => createKeys([twice]), failsWith('ARGUMENT_INVALID', { provider: 'shelf' }));
});

test('a provider for another contract is ARGUMENT_INVALID when it is combined', () => {
  for (const contract of [2, 0, '1', undefined]) {
    const provider = { ...memory(), contract } as unknown as KeyProvider;
    assert.throws(() => createKeys([provider]), failsWith('ARGUMENT_INVALID', { field: 'providers' }));
  }
});

test('a method that the provider does not have is UNSUPPORTED', async () => {
  const { open, close } = memory();
  const keys = createKeys([{ contract: 1, schemes: ['memory'], open, close }]);
  const calls: Readonly<Record<string, () => Promise<unknown>>> = {
    create: () => keys.create('memory:a', { algorithm: 'Ed25519' }),
    import: () => keys.import('memory:a', { material: new Secret(MESSAGE) }),
    rotate: () => keys.rotate('memory:a'),
    setState: () => keys.setState('memory:a', 'suspended'),
    destroy: () => keys.destroy('memory:a'),
  };
  for (const [operation, call] of Object.entries(calls)) {
    await assert.rejects(call, failsWith('UNSUPPORTED', { operation, provider: 'memory' }));
  }
  assert.deepEqual(await all(keys.list()), []);
});

test('list goes through every provider that lists', async () => {
  const { open, close } = memory();
  const silent: KeyProvider = { contract: 1, schemes: ['silent'], open, close };
  const keys = createKeys([memory(), silent, elsewhere('shelf')]);
  await keys.create('shelf:b', { algorithm: 'A256GCM' });
  await keys.create('memory:a', { algorithm: 'Ed25519' });
  await keys.create('memory:b', { algorithm: 'Ed25519' });
  const refs = (await all(keys.list())).map(({ ref }) => String(ref));
  assert.deepEqual(refs, ['memory:a', 'memory:b', 'shelf:b']);
  for (const ref of refs) assert.equal(String((await keys.open(ref)).ref), ref);
});

test('closing closes every provider, may be repeated, and afterwards every call is UNAVAILABLE', async () => {
  const closed: string[] = [];
  const closing = (scheme: string): KeyProvider =>
    elsewhere(scheme, { close: async () => void closed.push(scheme) });
  const keys = createKeys([closing('one'), closing('two')]);
  const key = await keys.create('one:a', { algorithm: 'Ed25519' });
  const signer = key.use('Ed25519');
  await keys.close();
  await keys.close();
  assert.deepEqual([...new Set(closed)], ['one', 'two']);
  const gone = failsWith('UNAVAILABLE', { field: 'closed' });
  await assert.rejects(keys.open('one:a'), gone);
  await assert.rejects(keys.create('one:b', { algorithm: 'Ed25519' }), gone);
  await assert.rejects(keys.check('one:a'), gone);
  await assert.rejects(all(keys.list()), gone);
  // The providers of this test stay open: it is createKeys that ends the keys it handed out.
  await assert.rejects(signer.sign(MESSAGE), gone);
  await assert.rejects(key.use('Ed25519').sign(MESSAGE), gone);
});

test('a provider that cannot close does not keep the others from closing', async () => {
  let closed = false;
  const planted = new Error('planted');
  const failing = elsewhere('one', { close: () => Promise.reject(planted) });
  const other = elsewhere('two', {
    close: async () => {
      closed = true;
    },
  });
  await assert.rejects(createKeys([failing, other]).close(), (error) => {
    assert.ok(error instanceof AggregateError);
    assert.deepEqual(error.errors, [planted]);
    return true;
  });
  assert.equal(closed, true);
});

test('a caller that aborted before the call reaches no provider, and gets its own reason', async () => {
  let calls = 0;
  const provider = elsewhere('shelf', {
    open: () => {
      calls += 1;
      throw new Error('never reached');
    },
  });
  const keys = createKeys([provider]);
  const reason = { mine: true };
  const options = { signal: AbortSignal.abort(reason) };
  await assert.rejects(keys.open('shelf:a', options), (error) => error === reason);
  await assert.rejects(keys.check('shelf:a', options), (error) => error === reason);
  await assert.rejects(all(keys.list(options)), (error) => error === reason);
  assert.equal(calls, 0);
});

test('a caller that aborts during the call gets its own reason', async () => {
  const keys = createKeys([elsewhere('shelf', { open: () => new Promise(() => {}) })]);
  const controller = new AbortController();
  const reason = new Error('mine');
  const opening = keys.open('shelf:a', { signal: controller.signal });
  setImmediate(() => controller.abort(reason));
  await assert.rejects(opening, (error) => error === reason);
});

test('the fingerprint of another key is SIGNER_MISMATCH, before anything is signed', async () => {
  const keys = createKeys([memory()]);
  const { publicKey } = await keys.create('memory:a', { algorithm: 'Ed25519' });
  const actual = publicKey?.fingerprint ?? '';
  const expected = `sha256:${'0'.repeat(64)}`;
  const mismatch = failsWith('SIGNER_MISMATCH', { ref: 'memory:a', expected, actual });
  await assert.rejects(keys.open('memory:a', { fingerprint: expected }), mismatch);
  await assert.rejects(keys.check('memory:a', { fingerprint: expected }), mismatch);
  assert.equal((await keys.open('memory:a', { fingerprint: actual })).publicKey?.fingerprint, actual);
  await keys.check('memory:a', { fingerprint: actual });
});

test('a pinned key without a public half is SIGNER_MISMATCH', async () => {
  const keys = createKeys([memory()]);
  await keys.create('memory:s', { algorithm: 'A256GCM' });
  const opening = keys.open('memory:s', { fingerprint: 'sha256:00' });
  await assert.rejects(opening, failsWith('SIGNER_MISMATCH', { ref: 'memory:s' }));
});

test('check: a key that is there, active and of the algorithm can be used; others say why not', async () => {
  const keys = createKeys([memory()]);
  await keys.create('memory:a', { algorithm: 'Ed25519' });
  await keys.check('memory:a');
  await keys.check('memory:a', { algorithm: 'Ed25519' });
  const wrong = keys.check('memory:a', { algorithm: 'ES256' });
  await assert.rejects(wrong, failsWith('UNSUPPORTED', { ref: 'memory:a', algorithm: 'ES256' }));
  await assert.rejects(keys.check('memory:none'), failsWith('KEY_NOT_FOUND'));
  await keys.setState('memory:a', 'suspended');
  await assert.rejects(keys.check('memory:a'), failsWith('DENIED', { ref: 'memory:a', field: 'state' }));
});

test("check asks the provider's own check before it opens the key", async () => {
  const asked: string[] = [];
  const provider = elsewhere('shelf', { check: async (ref) => void asked.push(String(ref)) });
  const keys = createKeys([provider]);
  await keys.create('shelf:a', { algorithm: 'Ed25519' });
  await keys.check('shelf:a');
  assert.deepEqual(asked, ['shelf:a']);
});

test('unknown options of open and check are ARGUMENT_INVALID', async () => {
  const keys = createKeys([memory()]);
  const unknown = { algorithms: ['Ed25519'] } as object;
  const refused = failsWith('ARGUMENT_INVALID', { field: 'options.algorithms' });
  await assert.rejects(keys.open('memory:a', unknown), refused);
  await assert.rejects(keys.check('memory:a', unknown), refused);
  await assert.rejects(all(keys.list(unknown)), refused);
});

// Everything a provider makes, with more than the interface has: a device handle, an operation that
// nobody guards, methods on prototypes, and operations that name the bare key.
function talkative(): { readonly provider: KeyProvider; readonly made: ReadonlySet<unknown> } {
  const made = new Set<unknown>();
  const real = memory() as Required<KeyProvider>;
  const collect = <T extends object>(value: T): T => {
    for (const [object, name, member] of members(value)) {
      const isValue = name === 'publicKey' || object === (value as Partial<KeyInfo>).publicKey;
      if (!isValue && (typeof member === 'function' || typeof member === 'object')) made.add(member);
    }
    made.add(value);
    return value;
  };
  const bare = (info: KeyInfo): KeyInfo => ({
    ...info,
    ref: { ...info.ref, toString: () => `${info.ref.scheme}:${info.ref.body}` },
    algorithms: [...info.algorithms],
    custody: { ...info.custody, facts: { ...info.custody.facts } },
  });
  const keyOf = (key: Key): Key => {
    const own: Key = Object.assign(bare(key), {
      use: (name: Algorithm) => {
        const bound = Object.assign(Object.create({ onPrototype: () => key }), key.use(name));
        return collect(Object.assign(bound, { key: own, handle: { session: 1 }, signRaw: () => MESSAGE }));
      },
      useDigest: (name: 'RS256') => collect({ ...key.useDigest(name), key: own, handle: {} }),
      attest: async () => MESSAGE,
      handle: { session: 1 },
      signRaw: () => MESSAGE,
      [Symbol('bare')]: () => key,
    }) as Key;
    return collect(own);
  };
  const provider = collect<KeyProvider>({
    contract: 1,
    schemes: ['memory'],
    open: async (ref) => keyOf(await real.open(ref)),
    create: async (ref, spec) => keyOf(await real.create(ref, spec)),
    async *list() {
      // A key is a KeyInfo too.
      for await (const { ref } of real.list()) yield keyOf(await real.open(ref));
    },
    close: () => real.close(),
  });
  return { provider, made };
}

type Member = readonly [object: unknown, name: PropertyKey, member: unknown];

/** Every member within `value`, as deep as it goes: strings and symbols, own and inherited. */
function members(value: unknown, seen = new Set<unknown>()): readonly Member[] {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return [];
  if (seen.has(value) || ArrayBuffer.isView(value)) return [];
  seen.add(value);
  const found: Member[] = [];
  for (let owner: object | null = value; owner !== null; owner = parentOf(owner)) {
    for (const name of Reflect.ownKeys(owner)) {
      // These lead from anything made by a program to what the language brings.
      if (name === 'constructor' || name === 'prototype') continue;
      const member: unknown = Reflect.get(owner, name, value);
      found.push([value, name, member], ...members(member, seen));
    }
  }
  return found;
}

function parentOf(owner: object): object | null {
  const parent: object | null = typeof owner === 'function' ? null : Reflect.getPrototypeOf(owner);
  return parent === Object.prototype || parent === Array.prototype ? null : parent;
}

test('nothing that leaves createKeys leads to a bare key: every object and function is our own', async () => {
  const kinds: readonly Algorithm[] = [
    'Ed25519',
    'ES256',
    'RS256',
    'A256GCM',
    'A256KW',
    'HS256',
    'ECDH-ES+A256KW',
  ];
  const { provider, made } = talkative();
  const keys = createKeys([provider]);
  const handed: unknown[] = [keys];
  for (const [i, name] of kinds.entries()) {
    const created = await keys.create(`memory:${i}`, specOf(name));
    const opened = await keys.open(`memory:${i}`);
    handed.push(created, opened, created.use(name), opened.use(name));
    if (name === 'RS256') handed.push(opened.useDigest(name));
  }
  handed.push(...(await all(keys.list())));

  const bare = members(handed).filter(([, , member]) => made.has(member));
  assert.deepEqual(
    bare.map(([, name]) => name),
    [],
  );
  assert.ok(made.size > 100, 'the provider made things to be found');
  const names = new Set(members(handed).map(([, name]) => name));
  for (const name of ['handle', 'signRaw', 'onPrototype']) assert.equal(names.has(name), false, name);
});

test('the search for bare keys finds one that is handed out', async () => {
  const { provider, made } = talkative();
  const ref = parseKeyRef('memory:a');
  const key = await provider.create?.(ref, { algorithm: 'Ed25519' });
  const leaked = { deep: [{ [Symbol('hidden')]: key?.use('Ed25519') }] };
  assert.ok(members(leaked).some(([, , member]) => made.has(member)));
});

test('what is handed out is frozen, so that nobody changes whose key it is', async () => {
  const keys = createKeys([memory()]);
  const key = await keys.create('memory:a', { algorithm: 'Ed25519' });
  for (const value of [keys, key, key.custody, key.custody.facts, key.algorithms, key.use('Ed25519')]) {
    assert.equal(Object.isFrozen(value), true);
  }
});

test('every kind of operation works through the policies', async () => {
  const keys = createKeys([memory()]);
  const make = async <A extends Algorithm>(algorithm: A) =>
    (await keys.create(`memory:${algorithm.replace('+', '.')}`, { algorithm })).use(algorithm);
  const aead = await make('A256GCM');
  const nonce = new Uint8Array(12).fill(9);
  const sealed = await aead.encrypt(MESSAGE, new Uint8Array(), { nonce, caller: 'me' });
  assert.deepEqual(sealed.nonce, nonce);
  assert.deepEqual(await aead.decrypt(sealed, new Uint8Array(), { caller: 'me' }), MESSAGE);
  const wrapper = await make('A256KW');
  const content = new Uint8Array(32).fill(1);
  assert.deepEqual(await wrapper.unwrap(await wrapper.wrap(content)), content);
  const mac = await make('HS256');
  await mac.verifyMac(MESSAGE, await mac.mac(MESSAGE));
  const agreement = await make('ECDH-ES+A256KW');
  const other = (await keys.create('memory:other', { algorithm: 'ECDH-ES+A256KW' })).use('ECDH-ES+A256KW');
  assert.deepEqual(await agreement.agree(other.publicKey), await other.agree(agreement.publicKey));
});

test('what is no bytes is ARGUMENT_INVALID, whatever is to be done with it', async () => {
  const keys = createKeys([memory()]);
  const open = async (algorithm: Algorithm): Promise<Key> => {
    await keys.create(`memory:${algorithm}`, { algorithm });
    return keys.open(`memory:${algorithm}`);
  };
  const text = 'text' as never;
  const signing = await open('ES256');
  const aead = (await open('A256GCM')).use('A256GCM');
  const mac = (await open('HS256')).use('HS256');
  const wrapper = (await open('A256KW')).use('A256KW');
  const sealed = await aead.encrypt(MESSAGE, MESSAGE);
  const calls: readonly (readonly [field: string, call: () => Promise<unknown>])[] = [
    ['message', () => signing.use('ES256').sign(text)],
    ['digest', () => signing.useDigest('ES256').signDigest(text)],
    ['plaintext', () => aead.encrypt(text, MESSAGE)],
    ['aad', () => aead.encrypt(MESSAGE, undefined as never)],
    ['nonce', () => aead.decrypt(undefined as never, MESSAGE)],
    ['ciphertext', () => aead.decrypt({ ...sealed, ciphertext: text }, MESSAGE)],
    ['aad', () => aead.decrypt(sealed, text)],
    ['contentKey', () => wrapper.wrap(text)],
    ['wrapped', () => wrapper.unwrap(text)],
    ['message', () => mac.mac(text)],
    ['message', () => mac.verifyMac(text, MESSAGE)],
    ['code', () => mac.verifyMac(MESSAGE, text)],
  ];
  for (const [field, call] of calls) await assert.rejects(call, failsWith('ARGUMENT_INVALID', { field }));
});
