import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { type Key, parseKeyRef } from 'hardkey';
import { Secret } from 'hardkey/secrets';
import { utf8 } from '../../../src/encoding/bytes.ts';
import { failsWith } from '../../support/failures.ts';
import { missingBao, noBao, startBao } from '../../support/openbao.ts';
import { providerFor, secret, tokenWith, watched } from './support.ts';

const missing = missingBao();
const skip = missing ?? false;
const bao = missing === undefined ? await startBao({ after }) : noBao;
const REF = parseKeyRef('hashivault://issuer');
const POLICY = `
  path "transit/keys/issuer" { capabilities = ["read"] }
  path "transit/sign/issuer" { capabilities = ["update"] }`;

await bao.admin('POST', 'transit/keys/issuer', { type: 'ed25519' });
await bao.admin('POST', 'sys/policies/acl/signs', { policy: POLICY });
await bao.admin('POST', 'sys/auth/approle', { type: 'approle' });

/** A role and a secret ID of it. */
async function role(name: string, more: Readonly<Record<string, unknown>> = {}, uses = 0) {
  await bao.admin('POST', `auth/approle/role/${name}`, { token_policies: ['signs'], ...more });
  const { data } = await bao.admin('GET', `auth/approle/role/${name}/role-id`);
  const made = await bao.admin(
    'POST',
    `auth/approle/role/${name}/secret-id`,
    uses > 0 ? { num_uses: uses } : {},
  );
  return { roleId: String(data['role_id']), secret: String(made.data['secret_id']) };
}

/** The token of the answer to a request, inside another one. */
async function wrapping(path: string, body: unknown): Promise<string> {
  const response = await fetch(`${bao.address}/v1/${path}`, {
    method: 'POST',
    headers: { 'x-vault-token': bao.root, 'x-vault-wrap-ttl': '60s' },
    body: JSON.stringify(body),
  });
  return ((await response.json()) as { readonly wrap_info: { readonly token: string } }).wrap_info.token;
}

const login = /auth\/approle\/login/;

test('a role logs in once for all calls', { skip }, async (t) => {
  const { roleId, secret: id } = await role('once');
  const { provider, proxy } = await watched(t, bao, { appRole: { roleId, secretId: secret(id) } });
  const keys = await Promise.all(Array.from({ length: 5 }, () => provider.open(REF)));
  for (const key of keys) await key.use('Ed25519').sign(utf8('m'));
  assert.equal(proxy.seen.filter(({ path }) => login.test(path)).length, 1);
});

test('a wrong secret ID, a wrong role and one that is used up are DENIED', { skip }, async (t) => {
  const { roleId, secret: id } = await role('limited', {}, 1);
  const denied = failsWith('DENIED', { field: 'vault.appRole', operation: 'login', ref: String(REF) });
  const open = (appRole: { readonly roleId: string; readonly id: string }) =>
    providerFor(t, bao, { appRole: { roleId: appRole.roleId, secretId: secret(appRole.id) } }).open(REF);
  await assert.rejects(open({ roleId, id: 'wrong' }), denied);
  await assert.rejects(open({ roleId: 'wrong', id }), denied);
  await open({ roleId, id });
  await assert.rejects(open({ roleId, id }), denied);
});

test('a login that failed is not kept', { skip }, async (t) => {
  const { roleId, secret: id } = await role('again');
  const { provider, proxy } = await watched(t, bao, { appRole: { roleId, secretId: secret(id) } });
  proxy.fail({ path: login, status: 500, body: '{"errors":["internal error"]}' });
  await assert.rejects(provider.open(REF), failsWith('UNAVAILABLE'));
  await provider.open(REF);
});

for (const kind of ['a token', 'a wrapped token', 'a secret ID', 'a wrapped secret ID']) {
  test(`a source of ${kind} that never answers ends its call, and not the next one`, { skip }, async (t) => {
    const { roleId, secret: id } = await role('stuck');
    const wrapped = kind.includes('wrapped');
    const text = kind.endsWith('token')
      ? await (wrapped
          ? wrapping('auth/token/create', { policies: ['signs'] })
          : tokenWith(bao, 'signs', POLICY))
      : await (wrapped ? wrapping('auth/approle/role/stuck/secret-id', {}) : id);
    const answers: (() => void)[] = [];
    const source = () =>
      new Promise<Secret>((resolve) => answers.push(() => resolve(new Secret(utf8(text)))));
    const logIn = kind.endsWith('token')
      ? { [wrapped ? 'wrappedToken' : 'token']: source }
      : { appRole: { roleId, secretId: source, wrapped } };
    const provider = providerFor(t, bao, logIn);
    const late = failsWith('UNAVAILABLE', { field: 'deadline', ref: String(REF) });
    await assert.rejects(provider.open(REF, { deadline: performance.now() + 20 }), late);
    const next = provider.open(REF);
    await setImmediate();
    assert.equal(answers.length, 2, 'the next call asks again');
    answers[1]?.();
    const signer = (await next).use('Ed25519');
    answers[0]?.();
    assert.equal((await signer.sign(utf8('m'))).length, 64);
  });
}

test('a login that ends after its call serves those who come later', { skip }, async (t) => {
  const token = await tokenWith(bao, 'signs', POLICY);
  const answers: (() => void)[] = [];
  const source = () => new Promise<Secret>((resolve) => answers.push(() => resolve(new Secret(utf8(token)))));
  const provider = providerFor(t, bao, { token: source });
  const openSoon = () => provider.open(REF, { deadline: performance.now() + 20 }).catch(() => undefined);
  assert.equal(await openSoon(), undefined);
  answers[0]?.();
  let key: Key | undefined;
  while (key === undefined && answers.length < 100) key = await openSoon();
  assert.ok(key, 'of all sources that were asked the first alone has answered');
});

test('a role whose token was revoked logs in again, and nobody sees it', { skip }, async (t) => {
  const { roleId, secret: id } = await role('revoked');
  const { provider, proxy } = await watched(t, bao, { appRole: { roleId, secretId: secret(id) } });
  const signer = (await provider.open(REF)).use('Ed25519');
  const token = proxy.seen.at(-1)?.headers['x-vault-token'];
  await bao.admin('POST', 'auth/token/revoke', { token });
  assert.equal((await signer.sign(utf8('m'))).length, 64);
});

test('a token that is unknown is replaced, in whatever words the server says so', { skip }, async (t) => {
  const { roleId, secret: id } = await role('words');
  const { provider, proxy } = await watched(t, bao, { appRole: { roleId, secretId: secret(id) } });
  const signer = (await provider.open(REF)).use('Ed25519');
  // OpenBao, and Vault before 1.14; those after it; Vault's documentation (Tokens, "Error responses").
  for (const errors of [
    ['permission denied'],
    ['2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n'],
    ['permission denied', 'invalid token'],
  ]) {
    const before = proxy.seen.filter(({ path }) => login.test(path)).length;
    proxy.fail({ path: /sign/, status: 403, body: JSON.stringify({ errors }) });
    assert.equal((await signer.sign(utf8('m'))).length, 64);
    assert.equal(proxy.seen.filter(({ path }) => login.test(path)).length, before + 1);
  }
});

test('a role that may not log in from here is DENIED', { skip }, async (t) => {
  const { roleId, secret: id } = await role('elsewhere', { secret_id_bound_cidrs: ['192.0.2.0/24'] });
  const provider = providerFor(t, bao, { appRole: { roleId, secretId: secret(id) } });
  await assert.rejects(provider.open(REF), failsWith('DENIED', { field: 'vault.appRole' }));
});

test('what no request can carry is no token, whoever gives it', { skip }, async (t) => {
  const { roleId, secret: id } = await role('odd');
  const { provider, proxy } = await watched(t, bao, { appRole: { roleId, secretId: secret(id) } });
  const change = (body: string) => body.replace(/"client_token":"/, '"client_token":"canary\\n');
  proxy.fail({ path: login, change });
  await assert.rejects(provider.open(REF), failsWith('MALFORMED', { field: 'vault.auth' }));
});

test('a role at a mount where nobody logs in is DENIED, and not for its token', { skip }, async (t) => {
  const { roleId, secret: id } = await role('mounted');
  const appRole = { roleId, secretId: secret(id), mount: 'nowhere' };
  const opening = providerFor(t, bao, { appRole }).open(REF);
  await assert.rejects(opening, failsWith('DENIED', { field: 'vault.appRole' }));
});

test('a provider that is closed while a token is typed asks nothing more', { skip }, async (t) => {
  const typed = Promise.withResolvers<Secret>();
  const { provider, proxy } = await watched(t, bao, { token: () => typed.promise });
  const opening = provider.open(REF);
  const closed = assert.rejects(opening, failsWith('UNAVAILABLE', { field: 'closed' }));
  await provider.close();
  typed.resolve(new Secret(utf8(bao.root)));
  await closed;
  assert.equal(proxy.seen.length, 0);
});

test('a token that was revoked is asked for again, and the same one is DENIED', { skip }, async (t) => {
  const first = await tokenWith(bao, 'signs', POLICY);
  const second = await tokenWith(bao, 'signs', POLICY);
  const given = [first, first, second];
  const provider = providerFor(t, bao, { token: async () => new Secret(utf8(given.shift() ?? '')) });
  const signer = (await provider.open(REF)).use('Ed25519');
  await bao.admin('POST', 'auth/token/revoke', { token: first });
  await assert.rejects(signer.sign(utf8('m')), failsWith('DENIED', { field: 'vault.token' }));
  await signer.sign(utf8('m'));
});

test('a policy that refuses is told apart from a token that is unknown', { skip }, async (t) => {
  const narrow = await tokenWith(bao, 'reads', 'path "transit/keys/issuer" { capabilities = ["read"] }');
  const signer = (await providerFor(t, bao, { token: secret(narrow) }).open(REF)).use('Ed25519');
  await assert.rejects(signer.sign(utf8('m')), failsWith('DENIED', { field: 'vault.policy' }));
  const unknown = providerFor(t, bao, { token: secret('s.unknown') });
  await assert.rejects(unknown.open(REF), failsWith('DENIED', { field: 'vault.token' }));
});

test('a token that may not look at itself works, and is not renewed', { skip }, async (t) => {
  const token = await tokenWith(bao, 'signs', POLICY, { no_default_policy: true });
  const { provider, proxy } = await watched(t, bao, { token: secret(token) });
  await (await provider.open(REF)).use('Ed25519').sign(utf8('m'));
  assert.equal(proxy.seen[0]?.path, '/v1/auth/token/lookup-self');
});

test('a wrapped token is opened once; opening it again says that somebody may have', { skip }, async (t) => {
  const wrapped = await wrapping('auth/token/create', { policies: ['signs'] });
  await providerFor(t, bao, { wrappedToken: secret(wrapped) }).open(REF);
  for (const given of [wrapped, 's.bogus']) {
    const again = providerFor(t, bao, { wrappedToken: secret(given) });
    await assert.rejects(again.open(REF), failsWith('DENIED', { field: 'vault.wrappedToken' }));
  }
});

test('a wrapped token that has ended is not asked for again', { skip }, async (t) => {
  const wrapped = await wrapping('auth/token/create', { policies: ['signs'] });
  const { provider, proxy } = await watched(t, bao, { wrappedToken: secret(wrapped) });
  await provider.open(REF);
  await bao.admin('POST', 'auth/token/revoke', { token: proxy.seen.at(-1)?.headers['x-vault-token'] });
  await assert.rejects(provider.open(REF), failsWith('DENIED', { field: 'vault.wrappedToken' }));
});

test('a wrapped secret ID is opened once and serves every login', { skip }, async (t) => {
  const { roleId } = await role('wrapped');
  const wrapped = await wrapping('auth/approle/role/wrapped/secret-id', {});
  const appRole = { roleId, secretId: secret(wrapped), wrapped: true };
  const { provider, proxy } = await watched(t, bao, { appRole });
  await provider.open(REF);
  await bao.admin('POST', 'auth/token/revoke', { token: proxy.seen.at(-1)?.headers['x-vault-token'] });
  await provider.open(REF);
  assert.equal(proxy.seen.filter(({ path }) => path.endsWith('sys/wrapping/unwrap')).length, 1);
});

test('a lease is renewed when two thirds of it are over', { skip }, async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const token = await tokenWith(bao, 'signs', POLICY, { ttl: '3600s' });
  const { provider, proxy } = await watched(t, bao, { token: secret(token) });
  await provider.open(REF);
  const renewals = () => proxy.seen.filter(({ path }) => path.endsWith('renew-self')).length;
  t.mock.timers.tick(2_390_000);
  assert.equal(renewals(), 0);
  t.mock.timers.tick(15_000);
  while (renewals() < 1) await setImmediate();
  await provider.open(REF);
  assert.equal(proxy.seen.filter(({ path }) => path.endsWith('lookup-self')).length, 1);
});

test('a role whose lease could not be renewed logs in again before it ends', { skip }, async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { roleId, secret: id } = await role('leases', { token_ttl: '3600s' });
  const { provider, proxy } = await watched(t, bao, { appRole: { roleId, secretId: secret(id) } });
  await provider.open(REF);
  proxy.fail({ path: /renew-self/, status: 500, body: '{"errors":[]}' });
  t.mock.timers.tick(2_405_000);
  while (!proxy.seen.some(({ path }) => path.endsWith('renew-self'))) await setImmediate();
  t.mock.timers.tick(850_000);
  await provider.open(REF);
  assert.equal(proxy.seen.filter(({ path }) => login.test(path)).length, 2);
});

test('a batch token of a role, which nobody renews, is replaced before it ends', { skip }, async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { roleId, secret: id } = await role('batch', { token_type: 'batch', token_ttl: '3600s' });
  const { provider, proxy } = await watched(t, bao, { appRole: { roleId, secretId: secret(id) } });
  await provider.open(REF);
  t.mock.timers.tick(3_245_000);
  await provider.open(REF);
  const paths = proxy.seen.map(({ path }) => path);
  assert.equal(paths.filter((path) => login.test(path)).length, 2);
  assert.equal(paths.filter((path) => path.endsWith('renew-self')).length, 0);
});

test('whoever types a token takes longer than an answer may, and an answer does not', { skip }, async (t) => {
  const typed = async () => {
    await new Promise((resolve) => setTimeout(resolve, 800));
    return new Secret(utf8(bao.root));
  };
  const { provider, proxy } = await watched(t, bao, { token: typed, timeoutMs: 700 });
  proxy.fail({ path: /lookup-self/, silent: true });
  await assert.rejects(
    provider.open(REF),
    failsWith('UNAVAILABLE', { operation: 'login', field: 'timeoutMs', ref: String(REF) }),
  );
  const hurried = provider.open(REF, { deadline: performance.now() + 50 });
  const patient = provider.open(REF);
  await assert.rejects(hurried, failsWith('UNAVAILABLE', { field: 'deadline' }));
  await patient;
});

test('a token is a line of printable characters, or it is not sent', { skip }, async (t) => {
  const { provider, proxy } = await watched(t, bao, { token: secret('two\nlines') });
  await assert.rejects(provider.open(REF), failsWith('ARGUMENT_INVALID', { field: 'vault.token' }));
  assert.equal(proxy.seen.length, 0);
});
