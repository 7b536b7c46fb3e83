import assert from 'node:assert/strict';
import { generateKeyPairSync, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { missingBao, noBao, startBao } from '../../hardkey/test/support/openbao.ts';
import { assertLoads } from './support/loaded.ts';
import { MADE, sandbox } from './support/sandbox.ts';

const box = sandbox();
const { ok, run, write, read, spawn, path } = box;
const missing = missingBao();
const skip = missing ?? false;
const bao = missing === undefined ? await startBao({ after }) : noBao;
const env = { VAULT_ADDR: bao.address, VAULT_TOKEN: bao.root };
const REF = 'hashivault://issuer';
write('content', 'content');

const json = (args: readonly string[], more: Readonly<Record<string, string>> = env) =>
  JSON.parse(ok([...args, '--json'], { env: more }));

test('a key is made, checked, used, rotated, suspended and deleted by its name', { skip }, () => {
  const made = json(['key', 'generate', '--ref', REF, '--algorithm', 'ES256']);
  assert.deepEqual(Object.keys(made), MADE);
  assert.equal(made.ref, REF);
  assert.equal(run(['key', 'generate', '--ref', REF, '--algorithm', 'ES256'], { env }).status, 73);
  const isOf = (key: string, signature: Buffer): boolean =>
    verify('sha256', Buffer.from('content'), { key, dsaEncoding: 'ieee-p1363' }, signature);
  const sign = ['sign', 'content', '--key', REF];
  assert.ok(isOf(made.publicKeyPem, spawn(sign, { env }).stdout));
  assert.equal(ok(['key', 'check', REF, '--algorithm', 'ES256'], { env }), `${REF} can be used\n`);
  assert.equal(run(['key', 'check', REF, '--algorithm', 'ES384'], { env }).status, 69);

  const rotated = json(['key', 'rotate', REF]);
  assert.equal(rotated.ref, `${REF}?version=2`);
  assert.ok(isOf(rotated.publicKeyPem, spawn(sign, { env }).stdout));
  assert.equal(ok(['key', 'public', `${REF}?version=1`], { env }), made.publicKeyPem);
  assert.equal(run([...sign, '--fingerprint', made.fingerprint], { env }).status, 76);
  const listed = json(['key', 'list', '--ref', 'hashivault:']);
  assert.deepEqual(
    listed.map(({ ref, version }: { readonly ref: string; readonly version: number }) => [ref, version]),
    [
      [`${REF}?version=2`, 2],
      [`${REF}?version=1`, 1],
    ],
  );

  ok(['key', 'state', REF, 'suspended'], { env });
  assert.equal(run(sign, { env }).status, 77);
  ok(['key', 'state', REF, 'active'], { env });
  assert.equal(run(['key', 'delete', REF], { env }).status, 64, 'nobody can be asked');
  assert.equal(ok(['key', 'delete', REF, '--yes'], { env }), `${REF} deleted\n`);
  assert.equal(run(sign, { env }).status, 66);
});

test('a backend that made a key is in the settings, and its keys are found by their names', { skip }, () => {
  const made = run(
    ['key', 'generate', '--backend', 'hashivault', '--label', 'by-name', '--algorithm', 'Ed25519'],
    {
      env,
    },
  );
  assert.match(made.stderr, /names the backend hashivault from now on/);
  ok(['key', 'rotate', 'hashivault://by-name'], { env });
  ok(['sign', 'content', '--key', 'by-name', '--out', 'signature'], { env });
  write('by-name.pem', ok(['key', 'public', 'by-name'], { env }));
  const verifying = ['verify', 'content', '--signature', 'signature', '--algorithm', 'Ed25519'];
  assert.equal(ok([...verifying, '--trust', 'by-name.pem']), 'verified\n');
  const { backends } = json(['doctor']);
  assert.deepEqual(backends.at(-1), { backend: 'hashivault', well: true, keys: 2 });
});

test('a key that was taken in is listed with the others', { skip }, () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  write('taken-in.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const env = { VAULT_ADDR: bao.address, VAULT_TOKEN: bao.root };
  ok(['key', 'import', 'taken-in.pem', '--ref', 'hashivault://taken-in', '--algorithm', 'ES256'], { env });
  const listed = json(['key', 'list', '--ref', 'hashivault:'], env);
  const refs = listed.map(({ ref }: { readonly ref: string }) => ref);
  assert.ok(
    refs.includes('hashivault://taken-in?version=1') && refs.includes('hashivault://by-name?version=2'),
  );
});

test('a list is of the engine that its reference names, and so is what a name opened before', {
  skip,
}, async () => {
  await bao.admin('POST', 'sys/mounts/kms/eu', { type: 'transit' });
  const ref = 'hashivault://elsewhere?mount=kms/eu';
  ok(['key', 'generate', '--ref', ref, '--algorithm', 'RSA-OAEP-256'], { env });
  ok(['encrypt', 'content', '--key', ref, '--out', 'early'], { env });
  ok(['key', 'rotate', ref], { env });
  assert.equal(ok(['decrypt', 'early', '--key', ref], { env }), 'content');
  const named = [2, 1].map((version) => `hashivault://elsewhere?mount=kms/eu&version=${version}`);
  for (const place of ['hashivault:?mount=kms/eu', 'hashivault://?mount=kms/eu', ref]) {
    const listed: readonly { readonly ref: string }[] = json(['key', 'list', '--ref', place]);
    assert.deepEqual(
      listed.map((info) => info.ref),
      named,
    );
  }
  ok(['key', 'show', named[1] ?? ''], { env });
  for (const place of ['hashivault:?mount=../sys', 'hashivault:?engine=kms', 'hashivault:elsewhere']) {
    assert.equal(run(['key', 'list', '--ref', place], { env }).status, 64, place);
  }
});

test('what was made says the algorithm that was asked for, of all that an RSA key has', { skip }, () => {
  for (const algorithm of ['RSA-OAEP-256', 'RS384']) {
    const ref = `hashivault://${algorithm.toLowerCase()}`;
    const made = json(['key', 'generate', '--ref', ref, '--algorithm', algorithm, '--bits', '2048']);
    assert.equal(made.algorithm, algorithm);
  }
});

test('doctor finds a server that the environment names and the settings do not', { skip }, () => {
  write('empty.json', '{}');
  const found = json(['doctor', '--config', path('empty.json')], {
    BAO_ADDR: bao.address,
    BAO_TOKEN: bao.root,
  });
  const server = found.found.find(({ backend }: { readonly backend: string }) => backend === 'openbao');
  assert.deepEqual(server, { backend: 'openbao', ref: 'openbao:', settings: { openbao: {} } });
});

test('each scheme takes its own variables first, and the other server’s where it has none', { skip }, () => {
  const wrong = { VAULT_ADDR: 'http://127.0.0.1:1', VAULT_TOKEN: 'wrong' };
  const right = { BAO_ADDR: bao.address, BAO_TOKEN: bao.root };
  ok(['key', 'show', 'openbao://by-name'], { env: { ...wrong, ...right } });
  ok(['key', 'show', 'hashivault://by-name'], { env: right });
  assert.equal(run(['key', 'show', 'hashivault://by-name'], { env: { ...wrong, ...right } }).status, 75);
});

test('without a name the key is that of A1_VAULT_KEY, and there is no other default', { skip }, () => {
  assert.match(
    ok(['key', 'show', 'hashivault:'], { env: { ...env, A1_VAULT_KEY: 'by-name' } }),
    /by-name\?version=2/,
  );
  assert.equal(run(['key', 'show', 'hashivault:'], { env }).status, 64);
});

test('a role logs in, and so does the token that vault login leaves', { skip }, async () => {
  await bao.admin('POST', 'sys/auth/approle', { type: 'approle' });
  const policy = 'path "transit/*" { capabilities = ["read", "update"] }';
  await bao.admin('POST', 'sys/policies/acl/cli', { policy });
  await bao.admin('POST', 'auth/approle/role/cli', { token_policies: ['cli'] });
  const role = await bao.admin('GET', 'auth/approle/role/cli/role-id');
  const secret = await bao.admin('POST', 'auth/approle/role/cli/secret-id', {});
  const show = ['key', 'show', 'hashivault://by-name'];
  const ids = {
    VAULT_ROLE_ID: String(role.data['role_id']),
    VAULT_SECRET_ID: String(secret.data['secret_id']),
  };
  ok(show, { env: { VAULT_ADDR: bao.address, ...ids } });
  write('../home/.vault-token', bao.root);
  ok(show, { env: { VAULT_ADDR: bao.address } });
});

test('a credential is signed and encrypted with keys of a server', { skip }, () => {
  ok(['key', 'generate', '--ref', 'hashivault://claims', '--algorithm', 'ES256'], { env });
  write('ada.json', JSON.stringify({ id: '1', fullName: 'Ada' }));
  write('claims.pem', ok(['key', 'public', 'hashivault://claims'], { env }));
  const encode = [
    'claim169',
    'encode',
    'ada.json',
    '--issuer',
    'https://issuer.example',
    '--key',
    'hashivault://claims',
  ];
  ok([...encode, '--out', 'ada.txt'], { env });
  assert.match(ok(['claim169', 'decode', 'ada.txt', '--trust', 'claims.pem']), /Ada/);
  assert.ok(read('ada.txt').length > 100);

  const reader = 'hashivault://readers';
  ok(['key', 'generate', '--ref', reader, '--algorithm', 'RSA-OAEP-256'], { env });
  ok([...encode, '--encrypt-with', reader, '--out', 'sealed.txt'], { env });
  const decode = ['claim169', 'decode', 'sealed.txt', '--trust', 'claims.pem'];
  assert.equal(run(decode).status, 64);
  assert.match(ok([...decode, '--decrypt-with', reader], { env }), /Ada/);
  ok(['key', 'rotate', reader], { env });
  assert.match(ok([...decode, '--decrypt-with', reader], { env }), /Ada/);
});

test('whoever has the policy of readers opens by name what was encrypted before a rotation', {
  skip,
}, async () => {
  const policy = readFileSync(join(import.meta.dirname, '../../../deploy/vault/reader.hcl'), 'utf8');
  await bao.admin('POST', 'sys/policies/acl/reader', { policy });
  const { auth } = await bao.admin('POST', 'auth/token/create', { policies: ['reader'] });
  const args = ['--key', 'hashivault://readers'];
  ok(['encrypt', 'content', ...args, '--out', 'for-readers'], { env });
  ok(['key', 'rotate', 'hashivault://readers'], { env });
  const narrow = { VAULT_ADDR: bao.address, VAULT_TOKEN: auth.client_token };
  assert.equal(ok(['decrypt', 'for-readers', ...args], { env: narrow }), 'content');
});

test('TLS with a certificate of its own, by a file', { skip }, async (t) => {
  const own = await startBao(t, { tls: true });
  write('ca.pem', own.ca);
  const tls = { VAULT_ADDR: own.address, VAULT_TOKEN: own.root };
  const show = ['key', 'show', REF];
  assert.match(run(show, { env: tls }).stderr, /not trusted/);
  // Trusted, and there is no engine.
  assert.equal(run(show, { env: { ...tls, VAULT_CACERT: path('ca.pem') } }).status, 66);
});

test('the token shows in no output', { skip }, () => {
  for (const args of [
    ['key', 'show', 'hashivault://nobody'],
    ['key', 'list', '--ref', 'hashivault:', '--json'],
    ['doctor'],
  ]) {
    const { stdout, stderr } = run(args, { env });
    assert.ok(!`${stdout}${stderr}`.includes(bao.root));
  }
});

test('signing by a key of the server loads nothing of others, and nothing of another backend', {
  skip,
}, () => {
  ok(['key', 'generate', '--ref', 'hashivault://loads', '--algorithm', 'Ed25519'], { env });
  assertLoads(box, 'hashivault://loads', env, { provider: 'vault', backend: 'vaults.ts', packages: [] });
});
