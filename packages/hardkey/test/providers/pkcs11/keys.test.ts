// Which token and which key a reference means, what the token says of keys, and where PINs come from.
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import {
  type Algorithm,
  type Key,
  type KeyInfo,
  type KeyProvider,
  parseKeyRef,
  Secret,
  type Signer,
  verify,
} from 'hardkey';
import { type Pkcs11Config, pkcs11 } from 'hardkey/providers/pkcs11';
import { secretBytes, secretCredential, secretDescriptor, secretFile } from 'hardkey/secrets';
import { failsWith } from '../../support/failures.ts';
import {
  application,
  forwarder,
  initToken,
  missingForTokens,
  nssToken,
  PIN,
  softToken,
  type TestToken,
  until,
} from './support.ts';

const soft = missingForTokens('softhsm2') ?? false;
const faulty = missingForTokens('softhsm2', 'cc') ?? false;
const nss = missingForTokens('nss') ?? false;
const MESSAGE = new TextEncoder().encode('a message');

async function create(provider: KeyProvider, ref: string, algorithm: Algorithm): Promise<Key> {
  const key = await provider.create?.(parseKeyRef(ref), {
    algorithm,
    ...(/^[RP]S/.test(algorithm) && { bits: 2048 }),
  });
  assert.ok(key);
  return key;
}

async function list(provider: KeyProvider): Promise<readonly KeyInfo[]> {
  const found: KeyInfo[] = [];
  for await (const info of provider.list?.() ?? []) found.push(info);
  return found;
}

test('the tokens of a module are told apart from those that are configured', { skip: soft }, async (t) => {
  const { folder, config, label } = softToken(t);
  const conf = join(folder, 'softhsm2.conf');
  initToken(conf, 'another');
  const { path, env } = config.modules?.['m'] ?? { path: '' };
  const provider = pkcs11({ ...config, anyModule: true, ...(env && { env }) });
  t.after(() => provider.close());
  const tokens = await provider.tokens(path);
  const found = tokens.map((one) => [one.label, one.isConfigured] as const);
  assert.deepEqual(
    new Map(found),
    new Map([
      [label, true],
      ['another', false],
    ]),
  );
  // The slot for one more token holds none that is ready.
  assert.equal(tokens.length, 2);
  // A reference of it is one to its keys.
  const ref = tokens.find((one) => !one.isConfigured)?.ref ?? '';
  const more = pkcs11({ tokens: [ref], anyModule: true, ...(env && { env }) });
  t.after(() => more.close());
  assert.deepEqual(await list(more), []);
  await assert.rejects(
    provider.tokens('/no/such/module.so'),
    failsWith('UNAVAILABLE', { path: '/no/such/module.so' }),
  );
});

test('a new key has both names in its reference, and cannot be read out', { skip: soft }, async (t) => {
  const token = softToken(t);
  const provider = token.provider();
  const key = await create(provider, token.ref('issuer'), 'ES256');
  assert.match(
    String(key.ref),
    /^pkcs11:token=hardkey%20test;object=issuer;id=(%[0-9A-F]{2}){16}\?module-name=m$/,
  );
  const { serial, ...facts } = key.custody.facts;
  assert.equal(key.custody.level, 'attributed');
  assert.match(String(serial), /^[0-9a-f]{16}$/);
  assert.deepEqual(facts, {
    sensitive: true,
    alwaysSensitive: true,
    extractable: false,
    neverExtractable: true,
    local: true,
    token: 'hardkey test',
    manufacturer: 'SoftHSM project',
    model: 'SoftHSM v2',
  });
});

test('an id that was asked for is the id', { skip: soft }, async (t) => {
  const token = softToken(t);
  const ref = token.ref('issuer').replace('?', ';id=%00%FFa?');
  const key = await create(token.provider(), ref, 'ES256');
  assert.equal(String(key.ref), String(parseKeyRef(ref)));
});

test('a key is found by its label, by its id, or by both, and not by half of them', {
  skip: soft,
}, async (t) => {
  const token = softToken(t);
  const provider = token.provider();
  const { id, ref } = await create(provider, token.ref('issuer'), 'ES256');
  const byId = String(ref).replace(';object=issuer', '');
  for (const text of [token.ref('issuer'), byId, String(ref)]) {
    assert.equal((await provider.open(parseKeyRef(text))).id, id);
  }
  const wrong = String(ref).replace('object=issuer', 'object=other');
  await assert.rejects(provider.open(parseKeyRef(wrong)), failsWith('KEY_NOT_FOUND'));
});

test('a name that fits several keys is refused, and one that adds the id is not', {
  skip: soft,
}, async (t) => {
  const token = softToken(t);
  const provider = token.provider();
  const [one, two] = ['01', '02'].map((id) => token.ref('twin').replace('?', `;id=%${id}?`));
  await create(provider, one ?? '', 'ES256');
  await create(provider, two ?? '', 'ES256');
  await assert.rejects(
    provider.open(parseKeyRef(token.ref('twin'))),
    failsWith('ARGUMENT_INVALID', { field: 'pkcs11.object' }),
  );
  assert.equal((await provider.open(parseKeyRef(two ?? ''))).label, 'twin');
  await assert.rejects(
    async () => provider.destroy?.(parseKeyRef(token.ref('twin'))),
    failsWith('ARGUMENT_INVALID'),
  );
});

test('a private and a secret key of one name are told apart by their type', { skip: soft }, async (t) => {
  const token = softToken(t);
  const provider = token.provider();
  await create(provider, token.ref('both').replace('?', ';id=%01?'), 'ES256');
  await create(provider, token.ref('both').replace('?', ';id=%02?'), 'A256GCM');
  for (const [type, algorithm] of [
    ['private', 'ES256'],
    ['secret-key', 'A256GCM'],
  ] as const) {
    const key = await provider.open(parseKeyRef(token.ref('both').replace('?', `;type=${type}?`)));
    assert.deepEqual(key.algorithms, [algorithm]);
  }
});

test('a token is found by its label or serial number, also when others come before it', {
  skip: soft,
}, async (t) => {
  const token = softToken(t);
  const provider = token.provider();
  const { custody } = await create(provider, token.ref('issuer'), 'ES256');
  const serial = String(custody.facts['serial']);
  const conf = join(token.folder, 'softhsm2.conf');
  for (const label of ['another', 'hardkey test']) initToken(conf, label);
  const later = token.provider();
  await assert.rejects(
    later.open(parseKeyRef(token.ref('issuer'))),
    failsWith('ARGUMENT_INVALID', { field: 'pkcs11.token' }),
  );
  const key = await later.open(parseKeyRef(`pkcs11:serial=${serial};object=issuer?module-name=m`));
  assert.equal(String(key.ref).startsWith(`pkcs11:serial=${serial};object=issuer;id=`), true);
  assert.match(String(key.ref), /^pkcs11:serial=/);
});

test('what names no key, no module or a slot is ARGUMENT_INVALID', { skip: soft }, async (t) => {
  const token = softToken(t);
  const provider = token.provider();
  for (const [ref, field] of [
    ['pkcs11:token=t?module-name=m', 'pkcs11.object'],
    ['pkcs11:token=t;object=a;slot-id=0?module-name=m', 'pkcs11.slot-id'],
    ['pkcs11:token=t;object=a;type=cert?module-name=m', 'pkcs11.type'],
    ['pkcs11:token=t;object=a', 'pkcs11.module-path'],
    ['pkcs11:token=t;object=a?module-name=n', 'pkcs11.module-name'],
    ['pkcs11:token=t;object=a?module-path=/lib/other.so', 'pkcs11.module-path'],
  ] as const) {
    await assert.rejects(provider.open(parseKeyRef(ref)), failsWith('ARGUMENT_INVALID', { field }));
  }
});

test('a reference to a token of the configuration needs no module', { skip: soft }, async (t) => {
  const token = softToken(t);
  const provider = token.provider();
  await create(provider, token.ref('issuer'), 'ES256');
  const key = await provider.open(parseKeyRef('pkcs11:token=hardkey%20test;object=issuer'));
  assert.match(String(key.ref), /\?module-name=m$/);
});

test('a configuration that cannot work is ARGUMENT_INVALID', () => {
  for (const [config, field] of [
    [{ pins: 1 }, 'pkcs11.pins'],
    [{ modules: { m: { path: 'libsofthsm2.so' } } }, 'pkcs11.modules.m.path'],
    [{ modules: { m: { path: '/a.so', pin: '1' } } }, 'pkcs11.modules.m.pin'],
    [{ maxSessions: 0 }, 'pkcs11.maxSessions'],
    [{ tokens: ['pkcs11:object=a'] }, 'pkcs11.tokens.0'],
    [{ tokens: ['file:a'] }, 'pkcs11.tokens.0'],
    [{ tokens: 'pkcs11:token=a' }, 'pkcs11.tokens'],
    [{ tokens: [5] }, 'pkcs11.tokens'],
    [{ modules: 'm' }, 'pkcs11.modules'],
    [{ pin: '1234' }, 'pkcs11.pin'],
    [{ env: { 'A=B': '' } }, 'pkcs11.env'],
  ] as const) {
    assert.throws(() => pkcs11(config as unknown as Pkcs11Config), failsWith('ARGUMENT_INVALID', { field }));
  }
});

test('a module that is not there, or is none, is UNAVAILABLE', { skip: soft }, async (t) => {
  for (const path of ['/no/such/module.so', join(import.meta.dirname, 'keys.test.ts')]) {
    const provider = pkcs11();
    t.after(() => provider.close());
    const ref = parseKeyRef(`pkcs11:token=t;object=a?module-path=${path}`);
    await assert.rejects(provider.open(ref), failsWith('UNAVAILABLE', { path }));
  }
});

test('PINs come from a callback, a file, a descriptor, a credential and a reference', {
  skip: soft,
}, async (t) => {
  const token = softToken(t);
  await create(token.provider(), token.ref('issuer'), 'ES256');
  const seen: unknown[] = [];
  const pins: readonly NonNullable<Pkcs11Config['pin']>[] = [
    secretBytes(Buffer.from(PIN)),
    secretFile(token.pinFile),
    secretDescriptor(openSync(token.pinFile, 'r')),
    secretCredential('pin', dirname(token.pinFile)),
    async (asked) => {
      seen.push(asked);
      return new Secret(Buffer.from(PIN));
    },
  ];
  for (const pin of pins) await token.provider({ pin }).open(parseKeyRef(token.ref('issuer')));
  assert.deepEqual(Object.keys(Object(seen[0])), ['label', 'serial']);
  const { pin: _pin, ...without } = token.config;
  const provider = pkcs11(without);
  t.after(() => provider.close());
  const key = await provider.open(parseKeyRef(`${token.ref('issuer')}&pin-source=file:${token.pinFile}`));
  await key.use('ES256').sign(MESSAGE);
});

test('a PIN in a keyring is read by what the configuration has for it, and by nothing else', {
  skip: soft,
}, async (t) => {
  const token = softToken(t);
  await create(token.provider(), token.ref('issuer'), 'ES256');
  const ref = parseKeyRef(`${token.ref('issuer')}&pin-source=keyring:service=PIN;account=prod`);
  await assert.rejects(
    token.provider().open(ref),
    failsWith('ARGUMENT_INVALID', { field: 'pkcs11.keyring' }),
  );
  const asked: string[] = [];
  const keyring = (entry: string) => {
    asked.push(entry);
    return secretFile(token.pinFile);
  };
  await (await token.provider({ keyring }).open(ref)).use('ES256').sign(MESSAGE);
  assert.deepEqual(asked, ['keyring:service=PIN;account=prod']);
  assert.throws(
    () => pkcs11({ keyring: 'keyring:' } as never),
    failsWith('ARGUMENT_INVALID', { field: 'pkcs11.keyring' }),
  );
});

test('a PIN that is no text is MALFORMED, and not tried', { skip: soft }, async (t) => {
  const token = softToken(t);
  const provider = token.provider({ pin: async () => new Secret(Uint8Array.of(0xff, 0xfe)) });
  await assert.rejects(provider.open(parseKeyRef(token.ref('a'))), failsWith('MALFORMED'));
});

test('without a PIN the public key is seen, and signing is DENIED', { skip: soft }, async (t) => {
  const token = softToken(t);
  const { publicKey } = await create(token.provider(), token.ref('issuer'), 'ES256');
  const { pin: _pin, ...without } = token.config;
  const provider = pkcs11(without);
  t.after(() => provider.close());
  const key = await provider.open(parseKeyRef(token.ref('issuer')));
  assert.equal(key.publicKey?.fingerprint, publicKey?.fingerprint);
  assert.equal(key.custody.level, 'claimed');
  await assert.rejects(key.use('ES256').sign(MESSAGE), failsWith('DENIED', { field: 'pkcs11.pin-source' }));
  assert.equal((await list(provider))[0]?.id, key.id);
});

test('an RSA key is for the algorithm that it was made for, and the token sees to it', {
  skip: soft,
}, async (t) => {
  const token = softToken(t);
  const provider = token.provider();
  for (const algorithm of ['RS384', 'PS256'] as const) {
    assert.deepEqual((await create(provider, token.ref(algorithm), algorithm)).algorithms, [algorithm]);
  }
});

test('what the token cannot do makes no key', { skip: soft }, async (t) => {
  const token = softToken(t);
  const provider = token.provider();
  // SoftHSM2 has CKM_AES_KEY_WRAP_PAD, which is not AES-KWP: it wraps the padding, too.
  for (const algorithm of ['RSA-OAEP-256', 'ML-DSA-44', 'ChaCha20-Poly1305', 'A256KWP'] as const) {
    await assert.rejects(
      provider.create?.(parseKeyRef(token.ref('none')), { algorithm }) ?? Promise.resolve(),
      failsWith('UNSUPPORTED', { algorithm }),
    );
  }
  assert.deepEqual(await list(provider), []);
});

const PRIVATE: Readonly<Partial<Record<Algorithm, () => string>>> = {
  ES256: () => pemOf('ec', { namedCurve: 'P-256' }),
  ES384: () => pemOf('ec', { namedCurve: 'P-384' }),
  RS256: () => pemOf('rsa', { modulusLength: 2048 }),
  Ed25519: () => pemOf('ed25519', {}),
  Ed448: () => pemOf('ed448', {}),
};

function pemOf(type: string, options: object): string {
  const make = generateKeyPairSync as unknown as (type: string, options: object) => { privateKey: string };
  return make(type, {
    ...options,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey;
}

/** Imports a key of each of these kinds; each signs, and says that it was elsewhere before. */
async function imports(token: TestToken, names: readonly Algorithm[]): Promise<void> {
  const provider = token.provider();
  for (const algorithm of names) {
    const material = new Secret(Buffer.from(PRIVATE[algorithm]?.() ?? ''));
    const key = await provider.import?.(parseKeyRef(token.ref(`in-${algorithm}`)), { material, algorithm });
    assert.ok(key?.publicKey, algorithm);
    const signer = key.use(algorithm) as Signer;
    await verify(key.publicKey, signer.algorithm, MESSAGE, await signer.sign(MESSAGE));
    const { sensitive, extractable, neverExtractable, local } = key.custody.facts;
    assert.deepEqual(
      [sensitive, extractable, neverExtractable, local],
      [true, false, false, false],
      algorithm,
    );
  }
}

test('private keys from elsewhere sign on SoftHSM2', { skip: soft }, (t) =>
  imports(softToken(t), ['ES256', 'ES384', 'RS256', 'Ed25519', 'Ed448']),
);

test('private keys from elsewhere sign on NSS', { skip: nss }, (t) =>
  imports(nssToken(t), ['ES256', 'RS256']),
);

test('a key that is imported without an algorithm does what its kind does', { skip: soft }, async (t) => {
  const token = softToken(t);
  const material = new Secret(Buffer.from(PRIVATE.ES256?.() ?? ''));
  const key = await token.provider().import?.(parseKeyRef(token.ref('any')), { material });
  assert.deepEqual(key?.algorithms.slice(0, 2), ['ES256', 'ECDH-ES+A128KW']);
});

test('an application and one that it starts use one token at the same time', { skip: soft }, async (t) => {
  const token = softToken(t);
  const signer = (await create(token.provider(), token.ref('issuer'), 'ES256')).use('ES256');
  const ended = [1, 2].map(() => once(application(t, token, 50), 'exit'));
  for (let signed = 0; signed < 50; signed++) {
    const message = randomBytes(20);
    await verify(signer.publicKey, 'ES256', message, await signer.sign(message));
  }
  assert.deepEqual(await Promise.all(ended), [
    [0, null],
    [0, null],
  ]);
});

test('of two that make a key of one name, at most one has it', { skip: soft }, async (t) => {
  const token = softToken(t);
  const made = await Promise.allSettled(
    [token.provider(), token.provider()].map((provider) => create(provider, token.ref('race'), 'ES256')),
  );
  for (const one of made) if (one.status === 'rejected') failsWith('KEY_EXISTS')(one.reason);
  const keys = await list(token.provider());
  assert.ok(keys.length <= 1 && keys.length === made.filter(({ status }) => status === 'fulfilled').length);
});

test('keys of the token are listed, whoever made them', { skip: soft }, async (t) => {
  const token = softToken(t);
  const provider = token.provider();
  for (const name of ['ES256', 'A256GCM'] as const) await create(provider, token.ref(name), name);
  const found = await list(provider);
  assert.deepEqual(found.map(({ label }) => label).sort(), ['A256GCM', 'ES256']);
  assert.deepEqual(await list(pkcs11()), []);
});

test('a session that has nothing to do is asked whether it is there', { skip: faulty }, async (t) => {
  const module = forwarder(t);
  const token = softToken(t, { through: module });
  await create(token.provider({ keepAliveMs: 20 }), token.ref('issuer'), 'ES256');
  await until(() => module.calls('C_GetSessionInfo') > 2);
});
