import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { after, type TestContext, test } from 'node:test';
import { createKeys, type FailureCode, parseKeyRef } from 'hardkey';
import { vault } from 'hardkey/providers/vault';
import { utf8 } from '../../../src/encoding/bytes.ts';
import type { FailureDetails } from '../../../src/errors.ts';
import { networkFailure } from '../../../src/providers/vault/failures.ts';
import { answering } from '../../support/answering.ts';
import { failsWith } from '../../support/failures.ts';
import type { Fault } from '../../support/fault-proxy.ts';
import { missingBao, noBao, startBao } from '../../support/openbao.ts';
import { providerFor, secret, watched } from './support.ts';

const missing = missingBao();
const skip = missing ?? false;
const bao = missing === undefined ? await startBao({ after }) : noBao;
const ref = (name: string) => parseKeyRef(`hashivault://${name}`);
const REF = ref('issuer');
const MESSAGE = utf8('m');

await bao.admin('POST', 'transit/keys/issuer', { type: 'ed25519' });

test('an unknown key, mount, namespace and version are KEY_NOT_FOUND, each by its field', {
  skip,
}, async (t) => {
  const open = (name: string, more = {}) => providerFor(t, bao, more).open(ref(name));
  await assert.rejects(open('nobody'), failsWith('KEY_NOT_FOUND'));
  await assert.rejects(open('issuer?mount=other'), failsWith('KEY_NOT_FOUND', { field: 'vault.mount' }));
  await assert.rejects(open('issuer?version=7'), failsWith('KEY_NOT_FOUND', { field: 'vault.version' }));
  await assert.rejects(
    open('issuer', { namespace: 'nowhere' }),
    failsWith('KEY_NOT_FOUND', { field: 'vault.namespace' }),
  );
});

test('a namespace and a mount of another path hold keys of their own', { skip }, async (t) => {
  await bao.admin('POST', 'sys/namespaces/team');
  await bao.admin('POST', 'sys/mounts/kms/eu', { type: 'transit' }, 'team');
  await bao.admin('POST', 'kms/eu/keys/theirs', { type: 'ed25519' }, 'team');
  const provider = providerFor(t, bao, { namespace: 'team', mount: 'kms/eu' });
  assert.equal(String((await provider.open(ref('theirs'))).ref), 'hashivault://theirs?version=1');
  const other = providerFor(t, bao, { namespace: 'team' });
  const key = await other.open(ref('theirs?mount=kms/eu'));
  assert.equal(String(key.ref), 'hashivault://theirs?mount=kms/eu&version=1');
  assert.equal((await key.use('Ed25519').sign(MESSAGE)).length, 64);
});

test('a mount is written with a slash at its end as well, as the server lists it', { skip }, async (t) => {
  const key = await providerFor(t, bao, { mount: 'transit/' }).open(REF);
  assert.equal((await key.use('Ed25519').sign(MESSAGE)).length, 64);
});

test('an engine without keys has none, and one that is not there is KEY_NOT_FOUND', { skip }, async (t) => {
  await bao.admin('POST', 'sys/mounts/empty', { type: 'transit' });
  for await (const _ of providerFor(t, bao, { mount: 'empty' }).list?.() ?? []) assert.fail('there are none');
  const list = providerFor(t, bao, { mount: 'nowhere' }).list?.()[Symbol.asyncIterator]();
  await assert.rejects(async () => list?.next(), failsWith('KEY_NOT_FOUND', { field: 'vault.mount' }));
});

test('a version that the key has ended is DENIED', { skip }, async (t) => {
  await bao.admin('POST', 'transit/keys/ended', { type: 'ecdsa-p256' });
  await bao.admin('POST', 'transit/keys/sealed', { type: 'aes256-gcm96' });
  const provider = providerFor(t, bao);
  const signer = (await provider.open(ref('ended'))).use('ES256');
  const aead = (await provider.open(ref('sealed'))).use('A256GCM');
  const sealed = await aead.encrypt(MESSAGE, MESSAGE);
  for (const name of ['ended', 'sealed']) {
    await provider.rotate?.(ref(name));
    const body = { min_encryption_version: 2, min_decryption_version: 2 };
    await bao.admin('POST', `transit/keys/${name}/config`, body);
  }
  const denied = failsWith('DENIED', { field: 'vault.version' });
  await assert.rejects(signer.sign(MESSAGE), denied);
  await assert.rejects(aead.encrypt(MESSAGE, MESSAGE), denied);
  await assert.rejects(aead.decrypt(sealed, MESSAGE), denied);
  await assert.rejects(provider.open(ref('ended?version=1')), failsWith('KEY_NOT_FOUND'));
});

test('a key that was suspended while it was open is DENIED', { skip }, async (t) => {
  await bao.admin('POST', 'transit/keys/open', { type: 'ed25519' });
  const provider = providerFor(t, bao);
  const signer = (await provider.open(ref('open'))).use('Ed25519');
  await provider.setState?.(ref('open'), 'suspended');
  await assert.rejects(signer.sign(MESSAGE), failsWith('DENIED', { field: 'state' }));
  await provider.destroy?.(ref('open'));
  await assert.rejects(signer.sign(MESSAGE), failsWith('KEY_NOT_FOUND'));
});

test('too many requests are OVERLOADED, and say when to come back where the server does', {
  skip,
}, async (t) => {
  const own = await startBao(t);
  await own.admin('POST', 'transit/keys/issuer', { type: 'ed25519' });
  const quota = 'sys/quotas/rate-limit/few';
  await own.admin('POST', quota, { rate: 1, path: 'transit/', block_interval: '30s' });
  const provider = providerFor(t, own);
  const refused = async () => {
    for (let at = 0; at < 5; at++) await provider.open(REF);
  };
  await assert.rejects(refused, (error: { readonly details?: FailureDetails }) => {
    failsWith('OVERLOADED')(error);
    return error.details?.retryAfterMs === undefined;
  });
  await own.admin('POST', 'sys/quotas/config', { enable_rate_limit_response_headers: true });
  await assert.rejects(refused, (error: { readonly details?: FailureDetails }) => {
    failsWith('OVERLOADED')(error);
    const wait = error.details?.retryAfterMs ?? 0;
    return wait > 0 && wait <= 30_000;
  });
});

test('a throttled call waits as long as the server asks, and not beyond the deadline', {
  skip,
}, async (t) => {
  const { provider, proxy } = await watched(t, bao);
  const keys = createKeys([provider], { deadlineMs: 30_000 });
  const signer = (await keys.open(REF)).use('Ed25519');
  const throttle = { path: /sign/, status: 429, body: '{"errors":["quota"]}' };
  proxy.fail({ ...throttle, headers: { 'retry-after': '60' } });
  await assert.rejects(signer.sign(MESSAGE), failsWith('OVERLOADED', { retryAfterMs: 60_000 }));
  proxy.fail(throttle);
  const asked = proxy.seen.length;
  await signer.sign(MESSAGE);
  assert.equal(proxy.seen.length, asked + 2);
});

test('a time of day to come back at is as good as seconds', { skip }, async (t) => {
  const { provider, proxy } = await watched(t, bao);
  const signer = (await provider.open(REF)).use('Ed25519');
  const tomorrow = new Date(Date.now() + 86_400_000).toUTCString();
  proxy.fail({ path: /sign/, status: 429, body: '{"errors":[]}', headers: { 'retry-after': tomorrow } });
  await assert.rejects(signer.sign(MESSAGE), (error: { readonly details?: FailureDetails }) => {
    failsWith('OVERLOADED')(error);
    const wait = error.details?.retryAfterMs ?? 0;
    return wait > 86_000_000 && wait <= 86_400_000;
  });
});

test('a sealed server is UNAVAILABLE', { skip }, async (t) => {
  const own = await startBao(t);
  await own.admin('POST', 'transit/keys/issuer', { type: 'ed25519' });
  const provider = providerFor(t, own);
  const signer = (await provider.open(REF)).use('Ed25519');
  await own.admin('POST', 'sys/seal');
  await assert.rejects(signer.sign(MESSAGE), failsWith('UNAVAILABLE', { field: 'vault.sealed' }));
  await assert.rejects(provider.open(REF), failsWith('UNAVAILABLE', { field: 'vault.sealed' }));
});

const HTML = '<!doctype html><title>Sign in</title>';
const JSON_TYPE = { 'content-type': 'application/json' };

/** What a server, or something in its place, may answer to a signature that is asked for. */
const ANSWERS: readonly (readonly [what: string, Fault, FailureCode, FailureDetails])[] = [
  ['HTML with success', { body: HTML }, 'UNAVAILABLE', {}],
  ['HTML of a proxy', { status: 502, body: HTML }, 'UNAVAILABLE', {}],
  ['HTML of a stranger', { status: 404, body: HTML }, 'UNAVAILABLE', {}],
  ['HTML of a firewall', { status: 403, body: HTML }, 'UNAVAILABLE', {}],
  ['a body that breaks off', { body: '{"data":{"signature":"vault:v1:"}}', breaksAt: 12 }, 'UNAVAILABLE', {}],
  ['half of a body', { body: '{"data":{"signature":"vault:v1:', headers: JSON_TYPE }, 'UNAVAILABLE', {}],
  ['a list', { body: '[]' }, 'MALFORMED', { field: 'vault.answer' }],
  ['no signature', { body: '{"data":{}}' }, 'MALFORMED', { field: 'vault.signature' }],
  ['no base64', { body: '{"data":{"signature":"vault:v1:?"}}' }, 'MALFORMED', { field: 'vault.signature' }],
  [
    'a short signature',
    { body: '{"data":{"signature":"vault:v1:AAAA"}}' },
    'MALFORMED',
    { field: 'vault.signature' },
  ],
  ['too much', { body: `{"data":"${'x'.repeat(5_000_000)}"}` }, 'MALFORMED', { field: 'vault.answer' }],
  ['a redirect', { status: 307, headers: { location: 'http://127.0.0.1:9/' } }, 'UNAVAILABLE', {}],
  [
    'not initialised',
    { status: 501, body: '{"errors":["not initialized"]}' },
    'UNAVAILABLE',
    { field: 'vault.sealed' },
  ],
  [
    'too large for it',
    { status: 413, body: '{"errors":["too large"]}' },
    'ARGUMENT_INVALID',
    { field: 'message' },
  ],
  ['an internal error', { status: 500, body: '{"errors":["1 error occurred"]}' }, 'UNAVAILABLE', {}],
  [
    'behind the others',
    { status: 412, body: '{"errors":["required index state not present"]}' },
    'UNAVAILABLE',
    {},
  ],
  [
    'a policy that refuses',
    { status: 403, body: '{"errors":["1 error occurred:\\n\\t* permission denied\\n\\n"]}' },
    'DENIED',
    { field: 'vault.policy' },
  ],
  ['another refusal', { status: 400, body: '{"errors":["no"]}' }, 'UNSUPPORTED', {}],
  ['another method', { status: 405, body: '{"errors":[]}' }, 'UNSUPPORTED', {}],
  [
    'too many requests, of a proxy',
    { status: 429, body: HTML, headers: { 'retry-after': '7' } },
    'OVERLOADED',
    { retryAfterMs: 7000 },
  ],
];

for (const [what, fault, code, details] of ANSWERS) {
  test(`answered with ${what}: ${code}`, { skip }, async (t) => {
    const { provider, proxy } = await watched(t, bao);
    const signer = (await provider.open(REF)).use('Ed25519');
    proxy.fail({ path: /sign/, ...fault });
    await assert.rejects(signer.sign(MESSAGE), failsWith(code, details));
    assert.equal((await signer.sign(MESSAGE)).length, 64);
  });
}

test('a redirect is not followed, so that the token goes nowhere else', { skip }, async (t) => {
  const [{ provider, proxy }, other] = [await watched(t, bao), await watched(t, bao)];
  await provider.open(REF);
  const location = `${other.proxy.address}/v1/transit/keys/issuer`;
  for (const status of [301, 302, 303, 307, 308]) {
    proxy.fail({ status, headers: { location } });
    await assert.rejects(provider.open(REF), failsWith('UNAVAILABLE'));
  }
  assert.equal(other.proxy.seen.length, 0);
});

test('a call that is ended at any moment fails by its reason, and leaves no request behind', {
  skip,
}, async (t) => {
  const { provider } = await watched(t, bao);
  const key = await provider.open(REF);
  for (let turns = 0; turns < 40; turns++) {
    const ending = new AbortController();
    const reason = new Error('ended by its caller');
    const opening = provider.open(key.ref, { signal: ending.signal });
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    ending.abort(reason);
    await assert.rejects(opening, (error) => error === reason, `after ${turns} turns`);
  }
  await provider.open(REF);
});

test('a server that does not answer is UNAVAILABLE after its time, and at the deadline of a policy', {
  skip,
}, async (t) => {
  const { provider, proxy } = await watched(t, bao, { timeoutMs: 100 });
  await provider.open(REF);
  proxy.fail({ silent: true });
  await assert.rejects(provider.open(REF), failsWith('UNAVAILABLE', { field: 'timeoutMs' }));
  const slow = await watched(t, bao);
  slow.proxy.fail({ silent: true }, { silent: true }, { silent: true });
  const keys = createKeys([slow.provider], { deadlineMs: 100 });
  await assert.rejects(keys.open(REF), failsWith('UNAVAILABLE', { field: 'deadline' }));
});

test('a body that stops, and one that drips, are UNAVAILABLE when the time of an answer is over', async (t) => {
  for (const go of [
    (answer: ServerResponse) => answer.write('{'),
    (answer: ServerResponse) => {
      const dripping = setInterval(() => answer.write(' '), 5);
      answer.on('close', () => clearInterval(dripping));
    },
  ]) {
    const server = await answering((answer) => {
      answer.writeHead(200);
      go(answer);
    });
    const provider = vault({ address: server.url, token: secret('s.canary'), timeoutMs: 100 });
    t.after(() => provider.close());
    await assert.rejects(provider.open(REF), failsWith('UNAVAILABLE', { field: 'timeoutMs' }));
    const deadline = performance.now() + 20;
    await assert.rejects(provider.open(REF, { deadline }), failsWith('UNAVAILABLE', { field: 'deadline' }));
  }
});

test('signatures that wait for each other end with their own deadlines', { skip }, async (t) => {
  const { provider, proxy } = await watched(t, bao);
  const signer = (await provider.open(REF)).use('Ed25519');
  await proxy.stall.begin();
  const deadline = performance.now() + 100;
  const waiting = Array.from({ length: 20 }, () => signer.sign(MESSAGE, { deadline }));
  const settled = await Promise.allSettled(waiting);
  await proxy.stall.end();
  for (const one of settled) {
    assert.equal(one.status, 'rejected');
    failsWith('UNAVAILABLE', { field: 'deadline' })(one.reason);
  }
  assert.equal((await signer.sign(MESSAGE)).length, 64);
});

test('TLS: the own CA is trusted, none or another is UNAVAILABLE, and so is another name', {
  skip,
}, async (t) => {
  const own = await startBao(t, { tls: true });
  const other = await startBao(t, { tls: true });
  const open = (ca: string | undefined, address: string) =>
    providerFor(t, own, { address, ...(ca === undefined ? {} : { ca }) }).open(REF);
  const untrusted = failsWith('UNAVAILABLE', { field: 'vault.ca' });
  await assert.rejects(open(undefined, own.address), untrusted);
  await assert.rejects(open(other.ca, own.address), untrusted);
  await assert.rejects(open(own.ca, await forwardFrom(t, '127.0.0.2', own.address)), untrusted);
  // There it is, and it has no such engine.
  await assert.rejects(open(own.ca, own.address), failsWith('KEY_NOT_FOUND', { field: 'vault.mount' }));
});

test('a name without an address and a port without a server are UNAVAILABLE', async (t) => {
  for (const [address, details] of [
    ['https://no-such-host.invalid:8200', { field: 'vault.address' }],
    ['http://127.0.0.1:1', {}],
    [`https://127.0.0.1:${await plainServer(t)}`, { field: 'vault.address' }],
  ] as const) {
    const provider = vault({ address, token: secret('s.canary') });
    t.after(() => provider.close());
    await assert.rejects(provider.open(REF), failsWith('UNAVAILABLE', details));
  }
});

test('every way in which a certificate or TLS can be wrong is told from a server that is away', () => {
  const fieldOf = (code: string) => {
    const failure = networkFailure(Object.assign(new Error('canary'), { code }), {}, false);
    assert.equal(failure.code, 'UNAVAILABLE');
    assert.ok(!failure.message.includes('canary'));
    return failure.details.field;
  };
  for (const code of [
    'INVALID_CA',
    'INVALID_PURPOSE',
    'PATH_LENGTH_EXCEEDED',
    'CERT_HAS_EXPIRED',
    'CERT_ANY',
  ]) {
    assert.equal(fieldOf(code), 'vault.ca', code);
  }
  for (const code of ['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ENOTFOUND', 'EAI_AGAIN']) {
    assert.equal(fieldOf(code), 'vault.address', code);
  }
  for (const code of ['ECONNREFUSED', 'EHOSTUNREACH', 'ETIMEDOUT', 'toString', '']) {
    assert.equal(fieldOf(code), undefined, code);
  }
});

/** The port of a server that speaks no TLS. */
async function plainServer(t: TestContext): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** Another address for the same server. */
async function forwardFrom(t: TestContext, host: string, target: string): Promise<string> {
  const port = Number(new URL(target).port);
  const server = createServer((socket) => {
    const onward = connect(port, '127.0.0.1');
    socket.pipe(onward).pipe(socket);
    for (const one of [socket, onward]) one.on('error', () => one.destroy());
  }).listen(0, host);
  await once(server, 'listening');
  t.after(() => server.close());
  return `https://${host}:${(server.address() as AddressInfo).port}`;
}
