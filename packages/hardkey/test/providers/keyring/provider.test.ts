import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { createKeys, type Key, type Keys, type Policy } from 'hardkey';
import { type KeyringConfig, type KeyringLibrary, keyring, secretKeyring } from 'hardkey/providers/keyring';
import { collected } from '../../support/collected.ts';
import { failsWith } from '../../support/failures.ts';
import { password } from '../../support/gnome-keyring.ts';
import { session, skip } from './support.ts';

const once: Policy = { retry: { attempts: 0 }, breaker: false };
const MESSAGE = new TextEncoder().encode('message');

function keysFor(t: TestContext, config: KeyringConfig = {}, policy: Policy = once): Keys {
  const keys = createKeys([keyring(config)], policy);
  t.after(() => keys.close());
  return keys;
}

let accounts = 0;
const newRef = (service = 'hardkey'): string => `keyring:service=${service};account=key-${++accounts}`;
const accountOf = (ref: string): string => ref.slice(ref.lastIndexOf('=') + 1);

/** What secret-tool finds in an entry. */
const lookup = (service: string, account: string): string =>
  session?.secretTool(['lookup', 'service', service, 'username', account]) ?? '';

/** Puts an entry there as another program would. */
function store(account: string, secret: string): void {
  session?.secretTool(['store', '--label', 'foreign', 'service', 'hardkey', 'username', account], secret);
}

test('custody says software key, protected by the OS', { skip }, async (t) => {
  const { custody, label, createdAt } = await keysFor(t).create(newRef(), { algorithm: 'ES256' });
  assert.deepEqual(custody, {
    place: 'os',
    level: 'claimed',
    facts: { store: 'secret-service', protection: 'software key, protected by the OS', extractable: true },
  });
  assert.equal(label, `key-${accounts}`);
  assert.ok(Math.abs((createdAt ?? 0) - Date.now() / 1000) < 3600);
});

test('the entry is PKCS #8 that other programs read', { skip }, async (t) => {
  const ref = newRef();
  const { publicKey } = await keysFor(t).create(ref, { algorithm: 'ES256' });
  const text = lookup('hardkey', accountOf(ref));
  assert.match(text, /^algorithms: ES256\ncreated: \d+\n-----BEGIN PRIVATE KEY-----\n/);
  const pem = text.slice(text.indexOf('-----BEGIN'));
  const found = createPublicKey(createPrivateKey(pem)).export({ type: 'spki', format: 'pem' });
  assert.equal(found, publicKey?.toPem());
});

test('what is listed is public', { skip }, async (t) => {
  const ref = newRef('listed');
  const keys = keysFor(t, { services: ['listed'] });
  const { publicKey, id } = await keys.create(ref, { algorithm: 'Ed25519' });
  const record = lookup('listed (public keys)', accountOf(ref));
  const spki = Buffer.from(publicKey?.spki ?? []).toString('base64');
  const { createdAt, ...rest } = JSON.parse(record);
  assert.deepEqual(rest, { hardkey: 1, algorithms: ['Ed25519'], id, spki });
  assert.deepEqual(
    (await collected(keys.list())).map((info) => String(info.ref)),
    [ref],
  );
  await keys.destroy(ref);
  assert.deepEqual(await collected(keys.list()), []);
  assert.throws(() => lookup('listed', accountOf(ref)));
  assert.throws(() => lookup('listed (public keys)', accountOf(ref)));
});

test('a key that another program put there is opened, for all that it can do', { skip }, async (t) => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  store('foreign', String(privateKey.export({ type: 'pkcs8', format: 'pem' })));
  const key = await keysFor(t).open('keyring:service=hardkey;account=foreign');
  assert.deepEqual(key.algorithms.slice(0, 1), ['ES256']);
  assert.ok(key.algorithms.includes('ECDH-ES+A128KW'));
  await key.use('ES256').sign(MESSAGE);
});

const ENCRYPTED = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const;

test('an entry that is no key is MALFORMED, and is neither replaced nor removed', { skip }, async (t) => {
  const keys = keysFor(t);
  for (const [at, secret] of [
    'a password',
    '{"kty":"oct","k":"AAAA"}',
    `{"kty":"oct","alg":"A256GCM","kid":"0123456789abcdef","k":"${'A'.repeat(22)}"}`,
    String(generateKeyPairSync('ed25519').privateKey.export(ENCRYPTED)),
    'algorithms: RS256\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----',
    `algorithms: ES384\n${generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' })}`,
  ].entries()) {
    const account = `no-key-${at}`;
    store(account, secret);
    const ref = `keyring:service=hardkey;account=${account}`;
    await assert.rejects(keys.open(ref), failsWith('MALFORMED', { field: 'keyring.entry' }), secret);
    await assert.rejects(keys.destroy(ref), failsWith('MALFORMED'), secret);
    await assert.rejects(keys.create(ref, { algorithm: 'ES256' }), failsWith('KEY_EXISTS'), secret);
    assert.equal(lookup('hardkey', account), secret);
  }
});

test('a symmetric key keeps its id and its algorithm', { skip }, async (t) => {
  const ref = newRef();
  const keys = keysFor(t);
  const made = await keys.create(ref, { algorithm: 'A256GCM' });
  const opened = await keys.open(ref);
  assert.deepEqual([opened.id, opened.algorithms], [made.id, ['A256GCM']]);
  const sealed = await made.use('A256GCM').encrypt(MESSAGE, MESSAGE);
  assert.deepEqual(await opened.use('A256GCM').decrypt(sealed, MESSAGE), MESSAGE);
});

test('one of two that make a key of the same name at once is KEY_EXISTS', { skip }, async (t) => {
  const ref = newRef();
  const keys = keysFor(t);
  const both = [1, 2].map(() => keys.create(ref, { algorithm: 'ES256' }));
  const results = await Promise.allSettled(both);
  const made = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const refused = results.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  assert.deepEqual([made.length, refused.length], [1, 1]);
  failsWith('KEY_EXISTS')(refused[0]);
  assert.equal((await keys.open(ref)).id, made[0]?.id);
});

test('another store than the one there is is UNSUPPORTED: never the kernel, which forgets', {
  skip,
}, async (t) => {
  const keys = keysFor(t);
  const ref = newRef();
  await keys.create(`${ref}?store=secret-service`, { algorithm: 'ES256' });
  assert.equal(String((await keys.open(`${ref}?store=secret-service`)).ref), ref);
  for (const name of ['keyutils', 'keychain']) {
    await assert.rejects(
      keys.open(`${ref}?store=${name}`),
      failsWith('UNSUPPORTED', { field: 'keyring.store' }),
    );
  }
});

test('a locked keyring is DENIED to everything, and serves again once it is unlocked', {
  skip,
}, async (t) => {
  const ref = newRef();
  const keys = keysFor(t);
  await keys.create(ref, { algorithm: 'ES256' });
  // As after a login without a password: the daemon is there, and nobody can be asked.
  await session?.start();
  t.after(() => session?.start(password));
  await assert.rejects(keys.open(ref), failsWith('DENIED', { ref }));
  await assert.rejects(keys.create(newRef(), { algorithm: 'ES256' }), failsWith('DENIED'));
  await assert.rejects(keys.destroy(ref), failsWith('DENIED', { ref }));
  await assert.rejects(collected(keys.list()), failsWith('DENIED'));
  await session?.start(password);
  await keys.open(ref);
});

test('a keyring that answers nothing is UNAVAILABLE at the deadline, and nobody else waits for it', {
  skip,
}, async (t) => {
  const ref = newRef();
  const keys = keysFor(t, {}, { ...once, deadlineMs: 300 });
  const key: Key = await keysFor(t).create(ref, { algorithm: 'ES256' });
  session?.signal('SIGSTOP');
  try {
    const late = failsWith('UNAVAILABLE', { field: 'deadline' });
    await Promise.all([1, 2, 3].map(() => assert.rejects(keys.open(ref), late)));
    // What is open needs the keyring no longer.
    await key.use('ES256').sign(MESSAGE);
    await assert.rejects(keys.create(newRef(), { algorithm: 'ES256' }), late);
  } finally {
    session?.signal('SIGCONT');
  }
  const patient = keysFor(t);
  await patient.open(ref);
  await assert.rejects(
    patient.open(`keyring:service=hardkey;account=key-${accounts}`),
    failsWith('KEY_NOT_FOUND'),
  );
});

test('anything that has the slice of the library serves', async (t) => {
  const entries = new Map<string, Uint8Array>();
  const library: KeyringLibrary = {
    AsyncEntry: class {
      readonly #name: string;
      constructor(service: string, account: string) {
        this.#name = `${service}/${account}`;
      }
      async getSecret(): Promise<number[] | null> {
        const found = entries.get(this.#name);
        return found === undefined ? null : [...found];
      }
      async setSecret(secret: Uint8Array): Promise<void> {
        entries.set(this.#name, Uint8Array.from(secret));
      }
      async deleteCredential(): Promise<boolean> {
        return entries.delete(this.#name);
      }
    },
    findCredentialsAsync: async () => [],
  };
  const keys = keysFor(t, { library });
  const made = await keys.create(newRef(), { algorithm: 'Ed25519' });
  assert.equal((await keys.open(made.ref)).id, made.id);
  assert.equal(entries.size, 2);
});

test('a configuration that cannot work is ARGUMENT_INVALID', () => {
  const wrong = failsWith('ARGUMENT_INVALID', { field: 'keyring.services' });
  for (const services of ['hardkey', [1], [''], ['a (public keys)']]) {
    assert.throws(() => keyring({ services } as never), wrong);
  }
  assert.throws(
    () => keyring({ store: 'keyutils' } as never),
    failsWith('ARGUMENT_INVALID', { field: 'keyring.store' }),
  );
});

test('a secret that another program keeps in the keyring is found, as it is by then', { skip }, async () => {
  const source = secretKeyring('keyring:service=hardkey;account=pin');
  await assert.rejects(source(), failsWith('UNAVAILABLE', { provider: 'keyring' }));
  for (const pin of ['7301', 'gändert']) {
    store('pin', pin);
    assert.equal(
      (await source()).use((bytes) => Buffer.from(bytes).toString('utf8')),
      pin,
    );
  }
  for (const [ref, field] of [
    ['file:pin', 'keyring'],
    ['keyring:account=pin', 'keyring.service'],
    ['keyring:service=hardkey', 'keyring.account'],
  ] as const) {
    assert.throws(() => secretKeyring(ref), failsWith('ARGUMENT_INVALID', { field }));
  }
});
