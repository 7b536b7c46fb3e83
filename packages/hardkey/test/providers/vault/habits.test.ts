// What servers do when they are asked carelessly. None of it reaches whoever uses a key.
import assert from 'node:assert/strict';
import { constants, createPublicKey, verify as nodeVerify } from 'node:crypto';
import { after, test } from 'node:test';
import { type Aead, createKeys, parseKeyRef, type Signer, verify } from 'hardkey';
import { Secret } from 'hardkey/secrets';
import { utf8 } from '../../../src/encoding/bytes.ts';
import { collected } from '../../support/collected.ts';
import { failsWith } from '../../support/failures.ts';
import { missingBao, noBao, startBao } from '../../support/openbao.ts';
import { providerFor, secret, tokenWith, watched } from './support.ts';

const missing = missingBao();
const skip = missing ?? false;
const bao = missing === undefined ? await startBao({ after }) : noBao;
const ref = (name: string) => parseKeyRef(`hashivault://${name}`);
const MESSAGE = utf8('a message');

const make = (name: string, type: string, more = {}) =>
  bao.admin('POST', `transit/keys/${name}`, { type, ...more });

test('a server that signs the empty message instead is not believed', { skip }, async (t) => {
  await make('empty', 'ed25519');
  const { provider, proxy } = await watched(t, bao);
  const key = await createKeys([provider]).open(ref('empty'));
  // What the server does with a field that it does not know: it takes the message for empty.
  const answer = await bao.admin('POST', 'transit/sign/empty', { message: 'YQ==' });
  assert.equal(answer.status, 200);
  proxy.fail({ path: /sign/, body: JSON.stringify({ data: answer.data }) });
  await assert.rejects(key.use('Ed25519').sign(MESSAGE), failsWith('SIGNER_MISMATCH'));
});

test('the empty message is signed when it is meant, alone and among others', { skip }, async (t) => {
  await make('meant', 'ed25519');
  const signer = (await createKeys([providerFor(t, bao)]).open(ref('meant'))).use('Ed25519');
  const messages = Array.from({ length: 20 }, (_, at) => new Uint8Array(at % 2));
  const signatures = await Promise.all(messages.map((message) => signer.sign(message)));
  for (const [at, message] of messages.entries()) {
    await verify(signer.publicKey, 'Ed25519', message, signatures[at] ?? new Uint8Array());
  }
});

test('encrypting with a key that is gone makes no new one', { skip }, async (t) => {
  await make('gone', 'aes256-gcm96', {});
  await make('never', 'aes256-gcm96');
  const provider = providerFor(t, bao);
  const key = await provider.open(ref('gone'));
  await provider.destroy?.(ref('gone'));
  for (const encrypt of [
    () => key.use('A256GCM').encrypt(MESSAGE, MESSAGE),
    () => key.use('service').wrap(MESSAGE),
    async () => key.use('service').generateKey?.(32),
  ]) {
    await assert.rejects(encrypt, failsWith('KEY_NOT_FOUND'));
    assert.equal((await bao.admin('GET', 'transit/keys/gone')).status, 404);
  }
  // Asked carelessly, the same server makes one.
  await bao.admin('POST', 'transit/encrypt/gone', { plaintext: 'YQ==' });
  assert.equal((await bao.admin('GET', 'transit/keys/gone')).status, 200);
});

test('a server that leaves a parameter out is refused, and its answer not used', { skip }, async (t) => {
  await make('old', 'aes256-gcm96');
  const { provider, proxy } = await watched(t, bao);
  const aead: Aead = (await provider.open(ref('old'))).use('A256GCM');
  const warnings = ['Endpoint ignored these unrecognized parameters: [associated_data]'];
  proxy.fail({
    path: /encrypt/,
    change: (body) => JSON.stringify({ ...JSON.parse(body), warnings }),
  });
  await assert.rejects(aead.encrypt(MESSAGE, MESSAGE), failsWith('UNSUPPORTED'));
  await aead.decrypt(await aead.encrypt(MESSAGE, MESSAGE), MESSAGE);
});

test('no request has a parameter that this server does not know', { skip }, async (t) => {
  const { provider, proxy } = await watched(t, bao);
  const keys = createKeys([provider]);
  for (const algorithm of ['Ed25519', 'ES384', 'PS256', 'RS256', 'A256GCM', 'HS256', 'ML-DSA-44'] as const) {
    const key = await keys.create(`hashivault://known-${algorithm.toLowerCase()}`, {
      algorithm,
      ...(algorithm.startsWith('PS') || algorithm.startsWith('RS') ? { bits: 2048 } : {}),
    });
    const operation = key.use(algorithm);
    if ('sign' in operation) await operation.sign(MESSAGE);
    if ('encrypt' in operation) await operation.decrypt(await operation.encrypt(MESSAGE, MESSAGE), MESSAGE);
    if ('mac' in operation) await operation.verifyMac(MESSAGE, await operation.mac(MESSAGE));
  }
  assert.ok(proxy.seen.length > 20);
});

test('a context of a key that has none is refused, and so is a derived key without one', {
  skip,
}, async (t) => {
  await make('plain', 'aes256-gcm96');
  await make('derived', 'aes256-gcm96', { derived: true });
  await make('tenants', 'ed25519', { derived: true });
  const provider = providerFor(t, bao);
  const wrong = failsWith('ARGUMENT_INVALID', { field: 'vault.context' });
  await assert.rejects(provider.open(ref('plain?context=a')), wrong);
  await assert.rejects(provider.open(ref('derived')), wrong);
  await assert.rejects(provider.open(ref('tenants')), wrong);
  const [a, b] = [
    await provider.open(ref('derived?context=a')),
    await provider.open(ref('derived?context=b')),
  ];
  const sealed = await a.use('A256GCM').encrypt(MESSAGE, MESSAGE);
  assert.deepEqual(await a.use('A256GCM').decrypt(sealed, MESSAGE), MESSAGE);
  await assert.rejects(b.use('A256GCM').decrypt(sealed, MESSAGE), failsWith('DECRYPTION_FAILED'));
  assert.equal(String(a.ref), 'hashivault://derived?version=1&context=a');
  assert.notEqual(a.id, b.id);
});

test('each context of a derived key signs with a key of its own, also among others', { skip }, async (t) => {
  const keys = createKeys([providerFor(t, bao)]);
  await make('people', 'ed25519', { derived: true });
  const signers = [
    (await keys.open('hashivault://people?context=ada')).use('Ed25519'),
    (await keys.open('hashivault://people?context=%00%FF')).use('Ed25519'),
  ];
  for (const signer of signers) {
    const signatures = await Promise.all(Array.from({ length: 20 }, () => signer.sign(MESSAGE)));
    for (const signature of signatures) await verify(signer.publicKey, 'Ed25519', MESSAGE, signature);
  }
  assert.notEqual(signers[0]?.publicKey.fingerprint, signers[1]?.publicKey.fingerprint);
  const created = await keys.create('hashivault://made?context=x', { algorithm: 'Ed25519' });
  assert.equal(String(created.ref), 'hashivault://made?version=1&context=x');
});

test('what is done to a key of every context is not asked for by one of them', { skip }, async (t) => {
  await make('without', 'ed25519');
  await make('with', 'ed25519', { derived: true });
  const keys = createKeys([providerFor(t, bao)]);
  const wrong = failsWith('ARGUMENT_INVALID', { field: 'vault.context' });
  for (const name of ['without', 'with']) {
    await assert.rejects(keys.destroy(`hashivault://${name}?context=a`), wrong);
    await assert.rejects(keys.setState(`hashivault://${name}?context=a`, 'suspended'), wrong);
  }
  // The version that it makes is opened, which takes the context of a key that has them and of no other.
  await assert.rejects(keys.rotate('hashivault://without?context=a'), wrong);
  await assert.rejects(keys.rotate('hashivault://with'), wrong);
  for (const name of ['without', 'with']) {
    const { data } = await bao.admin('GET', `transit/keys/${name}?context=YQ==`);
    assert.equal(data['latest_version'], 1, name);
    assert.notEqual(data['soft_deleted'], true, name);
  }
  const rotated = await keys.rotate('hashivault://with?context=a');
  assert.equal(String(rotated.ref), 'hashivault://with?version=2&context=a');
  await keys.setState('hashivault://with', 'suspended');
  await keys.destroy('hashivault://with');
  assert.equal((await bao.admin('GET', 'transit/keys/with')).status, 404);
});

test('a suspended key that may not be destroyed stays suspended', { skip }, async (t) => {
  await make('kept', 'ed25519');
  const policy = `path "transit/keys/kept" { capabilities = ["read"] }
    path "transit/keys/kept/config" { capabilities = ["update"] }
    path "transit/keys/kept/soft-delete" { capabilities = ["delete"] }
    path "transit/keys/kept/soft-delete-restore" { capabilities = ["update"] }`;
  const keys = createKeys([providerFor(t, bao, { token: secret(await tokenWith(bao, 'keeps', policy)) })]);
  await keys.setState('hashivault://kept', 'suspended');
  await assert.rejects(keys.destroy('hashivault://kept'), failsWith('DENIED', { field: 'vault.policy' }));
  assert.equal((await keys.open('hashivault://kept')).state, 'suspended');
  await createKeys([providerFor(t, bao)]).destroy('hashivault://kept');
  await assert.rejects(keys.open('hashivault://kept'), failsWith('KEY_NOT_FOUND'));
});

test('a key that may not be destroyed stays as well protected as it was', { skip }, async (t) => {
  await make('protected', 'ed25519');
  const policy = `path "transit/keys/protected" { capabilities = ["read"] }
    path "transit/keys/protected/config" { capabilities = ["update"] }`;
  const keys = createKeys([providerFor(t, bao, { token: secret(await tokenWith(bao, 'protects', policy)) })]);
  await assert.rejects(
    keys.destroy('hashivault://protected'),
    failsWith('DENIED', { field: 'vault.policy' }),
  );
  assert.equal((await bao.admin('GET', 'transit/keys/protected')).data['deletion_allowed'], false);
  await createKeys([providerFor(t, bao)]).destroy('hashivault://protected');
  assert.equal((await bao.admin('GET', 'transit/keys/protected')).status, 404);
});

test('a list leaves out what the policy does not show', { skip }, async (t) => {
  await make('shown', 'ed25519');
  await make('hidden', 'ed25519');
  const policy = `path "transit/keys" { capabilities = ["list"] }
    path "transit/keys/shown" { capabilities = ["read"] }`;
  const keys = createKeys([providerFor(t, bao, { token: secret(await tokenWith(bao, 'lists', policy)) })]);
  const refs = (await collected(keys.list())).map((info) => String(info.ref));
  assert.deepEqual(refs, ['hashivault://shown?version=1']);
});

test('a server that says a key has more versions than there can be is not believed', { skip }, async (t) => {
  await make('countless', 'hmac', { key_size: 32 });
  const { provider, proxy } = await watched(t, bao);
  const change = (body: string) => body.replace('"latest_version":1', '"latest_version":2147483647');
  proxy.fail({ path: /countless/, change });
  await assert.rejects(provider.open(ref('countless')), failsWith('MALFORMED', { field: 'vault.keys' }));
});

test('creating a key of another type under a name that is taken is KEY_EXISTS', { skip }, async (t) => {
  await make('taken', 'ed25519');
  const { provider, proxy } = await watched(t, bao);
  const create = () => provider.create?.(ref('taken'), { algorithm: 'ES256' });
  await assert.rejects(async () => create(), failsWith('KEY_EXISTS'));
  // Also where it was made a moment before: the server answers 200 and keeps the other key.
  proxy.fail({ path: /keys\/taken/, status: 404, body: '{"errors":[]}' });
  await assert.rejects(async () => create(), failsWith('KEY_EXISTS'));
});

test('suspending a key that does not exist is KEY_NOT_FOUND', { skip }, async (t) => {
  assert.equal((await bao.admin('DELETE', 'transit/keys/nobody/soft-delete')).status, 204);
  const provider = providerFor(t, bao);
  await assert.rejects(
    async () => provider.setState?.(ref('nobody'), 'suspended'),
    failsWith('KEY_NOT_FOUND'),
  );
  await make('compromised', 'ed25519');
  await assert.rejects(
    async () => provider.setState?.(ref('compromised'), 'compromised'),
    failsWith('UNSUPPORTED', { field: 'state' }),
  );
});

test('every ECDSA curve signs with its own hash, and PSS with a salt as long as the hash', {
  skip,
}, async (t) => {
  const provider = providerFor(t, bao);
  for (const [type, algorithm, hash] of [
    ['ecdsa-p384', 'ES384', 'sha384'],
    ['ecdsa-p521', 'ES512', 'sha512'],
    ['rsa-2048', 'PS256', 'sha256'],
    ['rsa-2048', 'PS512', 'sha512'],
  ] as const) {
    await make(type, type);
    const signer: Signer = (await provider.open(ref(type))).use(algorithm);
    const key = createPublicKey(signer.publicKey.toPem());
    const signature = await signer.sign(MESSAGE);
    const how = algorithm.startsWith('PS')
      ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : { key, dsaEncoding: 'ieee-p1363' as const };
    assert.ok(nodeVerify(hash, MESSAGE, how, signature), algorithm);
  }
});

test('a digest of another length than that of the hash is refused before it is sent', { skip }, async (t) => {
  await make('digests', 'ecdsa-p256');
  const { provider, proxy } = await watched(t, bao);
  const signer = (await provider.open(ref('digests'))).useDigest('ES256');
  const before = proxy.seen.length;
  await assert.rejects(signer.signDigest(new Uint8Array(20)), failsWith('ARGUMENT_INVALID'));
  assert.equal(proxy.seen.length, before);
});

test('Ed25519 takes no digest and ML-DSA none, where the server would sign it as a message', {
  skip,
}, async (t) => {
  await make('pure', 'ed25519');
  const key = await providerFor(t, bao).open(ref('pure'));
  assert.throws(() => key.useDigest('Ed25519'), failsWith('UNSUPPORTED'));
});

test('a nonce of the caller is refused, which the server would leave out', { skip }, async (t) => {
  await make('nonces', 'aes256-gcm96');
  const { provider, proxy } = await watched(t, bao);
  const aead = (await provider.open(ref('nonces'))).use('A256GCM');
  const before = proxy.seen.length;
  const nonce = new Uint8Array(12);
  await assert.rejects(
    aead.encrypt(MESSAGE, MESSAGE, { nonce }),
    failsWith('UNSUPPORTED', { field: 'nonce' }),
  );
  assert.equal(proxy.seen.length, before);
});

test('an answer without the plaintext, or with one of another length, is none', { skip }, async (t) => {
  const { provider, proxy } = await watched(t, bao);
  const refused = failsWith('MALFORMED', { field: 'vault.plaintext' });
  const answers = [{}, { plaintext: null }, { plaintext: '' }, { plaintext: 'AAAA' }, { plaintext: 7 }];
  for (const type of ['aes128-gcm96', 'chacha20-poly1305', 'xchacha20-poly1305', 'rsa-2048']) {
    await make(`short-${type}`, type);
    const wrapper = (await provider.open(ref(`short-${type}`))).use(
      type === 'rsa-2048' ? 'RSA-OAEP-256' : 'service',
    );
    const contentKey = new Uint8Array(32).fill(7);
    const wrapped = await wrapper.wrap(contentKey);
    // How much is in a ciphertext of RSA cannot be seen.
    for (const data of type === 'rsa-2048' ? answers.slice(0, 2) : answers) {
      proxy.fail({ path: /decrypt/, body: JSON.stringify({ data }) });
      await assert.rejects(async () => wrapper.unwrap(wrapped), refused, `${type} ${JSON.stringify(data)}`);
    }
    assert.deepEqual(await wrapper.unwrap(wrapped), contentKey);
  }
  const aead = (await provider.open(ref('short-aes128-gcm96'))).use('A128GCM');
  const nothing = await aead.encrypt(new Uint8Array(), MESSAGE);
  for (const data of [{}, { plaintext: '' }]) {
    proxy.fail({ path: /decrypt/, body: JSON.stringify({ data }) });
    assert.equal((await aead.decrypt(nothing, MESSAGE)).length, 0);
  }
  assert.equal((await aead.decrypt(nothing, MESSAGE)).length, 0);
});

test('what a server says is wrapped and is not that is refused, before anything is encrypted', {
  skip,
}, async (t) => {
  await make('wraps', 'aes256-gcm96');
  const { provider, proxy } = await watched(t, bao);
  const wrapper = (await provider.open(ref('wraps'))).use('service');
  const refused = failsWith('MALFORMED', { field: 'vault.ciphertext' });
  const changes = [
    (body: string) => body.replace('vault:v1:', 'vault:v2:'),
    (body: string) => body.replace(/"ciphertext":"[^"]+"/, '"ciphertext":""'),
    (body: string) => body.replace(/"ciphertext":"[^"]+"/, '"ciphertext":"vault:v1:"'),
    (body: string) => body.replace(/"vault:v1:..../, '"vault:v1:'),
    (body: string) => body.replace(/"vault:v1:./, '"vault:v1:?'),
  ];
  for (const change of changes) {
    proxy.fail({ path: /encrypt/, change }, { path: /datakey/, change });
    await assert.rejects(wrapper.wrap(new Uint8Array(32)), refused, String(change));
    await assert.rejects(async () => wrapper.generateKey?.(32), refused, String(change));
  }
});

test('a data key of the server takes a permission of its own, and is of the version that was opened', {
  skip,
}, async (t) => {
  await make('drawing', 'aes256-gcm96');
  const policy =
    'path "transit/keys/drawing" { capabilities = ["read"] }\n' +
    'path "transit/datakey/plaintext/drawing" { capabilities = ["update"] }\n' +
    'path "transit/decrypt/drawing" { capabilities = ["update"] }';
  const token = await tokenWith(bao, 'drawing', policy);
  const { provider, proxy } = await watched(t, bao, { token: secret(token) });
  const wrapper = (await provider.open(ref('drawing'))).use('service');
  await bao.admin('POST', 'transit/keys/drawing/rotate');
  const { contentKey, wrapped } = (await wrapper.generateKey?.(32)) ?? assert.fail('none is drawn');
  assert.equal(contentKey.length, 32);
  assert.match(Buffer.from(wrapped).toString(), /^vault:v1:/);
  assert.deepEqual(await wrapper.unwrap(wrapped), contentKey);
  await assert.rejects(wrapper.wrap(contentKey), failsWith('DENIED', { field: 'vault.policy' }));
  await assert.rejects(async () => wrapper.generateKey?.(24), failsWith('UNSUPPORTED'));
  const changes = [
    [(body: string) => body.replace(/"plaintext":"[^"]+"/, '"plaintext":"AAAA"'), 'UNAVAILABLE'],
    [(body: string) => body.replace('vault:v1:', 'vault:v2:'), 'MALFORMED'],
    [(body: string) => body.replace('plaintext', 'text'), 'MALFORMED'],
  ] as const;
  for (const [change, code] of changes) {
    proxy.fail({ path: /datakey/, change });
    await assert.rejects(async () => wrapper.generateKey?.(32), failsWith(code));
  }
});

test('a key that encrypts the same to the same is not opened', { skip }, async (t) => {
  await make('convergent', 'aes256-gcm96', { derived: true, convergent_encryption: true });
  await assert.rejects(providerFor(t, bao).open(ref('convergent?context=a')), failsWith('UNSUPPORTED'));
});

test('a message that is longer than the server takes is refused before it is sent, or hashed', {
  skip,
}, async (t) => {
  await make('long', 'ed25519');
  await make('hashed', 'ecdsa-p256');
  const { provider, proxy } = await watched(t, bao);
  const [pure, hashed] = [await provider.open(ref('long')), await provider.open(ref('hashed'))];
  const message = new Uint8Array(25_162_753);
  const before = proxy.seen.length;
  await assert.rejects(
    pure.use('Ed25519').sign(message),
    failsWith('ARGUMENT_INVALID', { field: 'message' }),
  );
  assert.equal(proxy.seen.length, before);
  assert.equal((await pure.use('Ed25519').sign(message.subarray(1))).length, 64);
  assert.equal((await hashed.use('ES256').sign(message)).length, 64);
  assert.ok((proxy.seen.at(-1)?.body.length ?? 0) < 300);
});

test('the version that was opened signs, also when there is a later one, and says so', {
  skip,
}, async (t) => {
  await make('versions', 'ecdsa-p256');
  const { provider, proxy } = await watched(t, bao);
  const keys = createKeys([provider]);
  const first = (await keys.open(ref('versions'))).use('ES256');
  await keys.rotate(ref('versions'));
  const signatures = await Promise.all(Array.from({ length: 20 }, () => first.sign(MESSAGE)));
  for (const signature of signatures) await verify(first.publicKey, 'ES256', MESSAGE, signature);
  assert.equal(String(first.key.ref), 'hashivault://versions?version=1');
  // Of batches only the version beside them counts.
  const batch = proxy.seen.findLast(({ body }) => body.includes('batch_input'));
  assert.equal(JSON.parse(batch?.body ?? '{}').key_version, 1);
  const listed: string[] = [];
  for await (const { ref: one, publicKey } of keys.list()) {
    assert.ok(publicKey !== undefined || !String(one).includes('versions'));
    if (String(one).includes('//versions?')) listed.push(String(one));
  }
  assert.deepEqual(listed, ['hashivault://versions?version=2', 'hashivault://versions?version=1']);
});

test('an answer of another version than was asked for is refused', { skip }, async (t) => {
  await make('moved', 'ecdsa-p256');
  const { provider, proxy } = await watched(t, bao);
  const signer = (await provider.open(ref('moved'))).use('ES256');
  proxy.fail({ path: /sign/, change: (body) => body.replace('vault:v1:', 'vault:v2:') });
  await assert.rejects(signer.sign(MESSAGE), failsWith('MALFORMED', { field: 'vault.signature' }));
});

test('a key that was moved under its name is refused by its fingerprint', { skip }, async (t) => {
  await make('pinned', 'ed25519');
  const keys = createKeys([providerFor(t, bao)]);
  const { publicKey } = await keys.open(ref('pinned'));
  const fingerprint = publicKey?.fingerprint ?? '';
  await keys.check(ref('pinned'), { fingerprint });
  await keys.rotate(ref('pinned'));
  await assert.rejects(keys.open(ref('pinned'), { fingerprint }), failsWith('SIGNER_MISMATCH'));
});

test('checking proves the permission, the state and the use', { skip }, async (t) => {
  await make('checked', 'ed25519');
  const reads = 'path "transit/keys/checked" { capabilities = ["read"] }';
  const signs = `${reads} path "transit/sign/checked" { capabilities = ["update"] }`;
  const check = async (policy: string, name: string) =>
    providerFor(t, bao, { token: secret(await tokenWith(bao, name, policy)) }).check?.(ref('checked'));
  await assert.rejects(check(reads, 'reads'), failsWith('DENIED', { field: 'vault.policy' }));
  await check(signs, 'signs');
  const keys = createKeys([providerFor(t, bao)]);
  await assert.rejects(keys.check(ref('checked'), { algorithm: 'ES256' }), failsWith('UNSUPPORTED'));
  await keys.setState(ref('checked'), 'suspended');
  await assert.rejects(keys.check(ref('checked')), failsWith('DENIED', { field: 'state' }));
});

test('checking a version that a later one took the place of fails where using it would', {
  skip,
}, async (t) => {
  const keys = createKeys([providerFor(t, bao)]);
  await make('signing', 'ed25519');
  await make('opening', 'aes256-gcm96');
  for (const name of ['signing', 'opening']) await keys.rotate(ref(name));
  await assert.rejects(keys.check(ref('signing?version=1')), failsWith('DENIED', { field: 'state' }));
  await keys.check(ref('signing?version=2'));
  // It still opens what it encrypted.
  await keys.check(ref('opening?version=1'));
});

test('checking for an algorithm proves that, and not another thing that the key does', {
  skip,
}, async (t) => {
  await make('both', 'rsa-2048');
  await make('sealing', 'aes256-gcm96');
  const may = async (key: string, use: string) => {
    const paths = `path "transit/keys/${key}" { capabilities = ["read"] }
      path "transit/${use}/${key}" { capabilities = ["update"] }`;
    const token = await tokenWith(bao, `${use}-${key}`, paths);
    return createKeys([providerFor(t, bao, { token: secret(token) })]);
  };
  const denied = failsWith('DENIED', { field: 'vault.policy' });
  const [opens, signs] = [await may('both', 'decrypt'), await may('both', 'sign')];
  await opens.check(ref('both'), { algorithm: 'RSA-OAEP-256' });
  await assert.rejects(opens.check(ref('both'), { algorithm: 'PS256' }), denied);
  await signs.check(ref('both'), { algorithm: 'RS512' });
  await assert.rejects(signs.check(ref('both'), { algorithm: 'RSA-OAEP-256' }), denied);
  for (const either of [opens, signs]) {
    await either.check(ref('both'));
    await assert.rejects(either.check(ref('both'), { algorithm: 'ES256' }), failsWith('UNSUPPORTED'));
  }
  for (const use of ['encrypt', 'decrypt']) {
    const keys = await may('sealing', use);
    for (const algorithm of ['A256GCM', 'service'] as const) await keys.check(ref('sealing'), { algorithm });
  }
});

test('an imported key signs what its private half would, and rotates', { skip }, async (t) => {
  const { generateKeyPairSync } = await import('node:crypto');
  const keys = createKeys([providerFor(t, bao)]);
  for (const [algorithm, pair] of [
    ['Ed25519', generateKeyPairSync('ed25519')],
    ['ES384', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
    ['PS256', generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ] as const) {
    const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' });
    const target = `hashivault://imported-${algorithm.toLowerCase()}`;
    const key = await keys.import(target, { material: new Secret(utf8(String(pem))), algorithm });
    const spki = pair.publicKey.export({ type: 'spki', format: 'der' });
    assert.deepEqual(Buffer.from(key.publicKey?.spki ?? []), spki);
    assert.equal(key.custody.facts['imported'], true);
    await key.use(algorithm).sign(MESSAGE);
    assert.match(String((await keys.rotate(target)).ref), /version=2$/);
    const again = keys.import(target, { material: new Secret(utf8(String(pem))), algorithm });
    await assert.rejects(again, failsWith('KEY_EXISTS'));
  }
});

test('an empty reference is the configured key, and none where none is configured', { skip }, async (t) => {
  await make('usual', 'ed25519');
  for (const key of ['usual', 'hashivault://usual?mount=transit']) {
    const opened = await providerFor(t, bao, { key }).open(parseKeyRef('hashivault:'));
    assert.equal(opened.label, 'usual');
  }
  await assert.rejects(
    providerFor(t, bao).open(parseKeyRef('hashivault:')),
    failsWith('ARGUMENT_INVALID', { field: 'vault.key' }),
  );
});

test('of signatures that are asked for together, one that fails fails alone', { skip }, async (t) => {
  await make('several', 'ed25519');
  const { provider, proxy } = await watched(t, bao);
  const signer = (await createKeys([provider], { retry: { attempts: 0 } }).open(ref('several'))).use(
    'Ed25519',
  );
  const before = proxy.seen.length;
  proxy.fail({
    path: /sign/,
    change: (body: string) => {
      const answer = JSON.parse(body);
      answer.data.batch_results[1] = { key_version: 0, error: 'refusing to use soft-deleted key' };
      return JSON.stringify(answer);
    },
  });
  const settled = await Promise.allSettled(Array.from({ length: 50 }, () => signer.sign(MESSAGE)));
  assert.equal(proxy.seen.length - before, 4, 'a request for each lane');
  const failed = settled.filter(({ status }) => status === 'rejected');
  assert.equal(failed.length, 1);
  assert.ok(failsWith('DENIED', { field: 'state' })((failed[0] as PromiseRejectedResult).reason));
});

test('the server verifies where it is asked to, with the hash and the salt of the algorithm', {
  skip,
}, async (t) => {
  const { provider, proxy } = await watched(t, bao);
  for (const [type, algorithm] of [
    ['ed25519', 'Ed25519'],
    ['ecdsa-p384', 'ES384'],
    ['rsa-2048', 'PS256'],
    ['rsa-2048', 'RS512'],
    ['mldsa-44', 'ML-DSA-44'],
  ] as const) {
    const name = `judged-${algorithm.toLowerCase()}`;
    await make(name, type);
    const key = await provider.open(ref(name));
    const signature = await key.use(algorithm).sign(MESSAGE);
    assert.ok(!proxy.seen.some(({ path }) => path.includes(`/verify/${name}`)), 'it was not asked');
    await provider.rotate?.(ref(name));
    const verify = (bytes: Uint8Array, message = MESSAGE, target = key.ref) =>
      provider.verifyAtService(target, algorithm, message, bytes);
    await verify(signature);
    const wrong = failsWith('VERIFICATION_FAILED', { check: 'signature' });
    const changed = Uint8Array.from(signature, (byte, at) => (at === 20 ? byte ^ 1 : byte));
    await assert.rejects(verify(changed), wrong);
    await assert.rejects(verify(signature, utf8('another')), wrong);
    await assert.rejects(verify(signature.subarray(1)), wrong);
    await assert.rejects(verify(signature, MESSAGE, ref(name)), wrong);
    await assert.rejects(
      provider.verifyAtService(ref(name), 'ES256', MESSAGE, signature),
      failsWith('UNSUPPORTED'),
    );
  }
});
