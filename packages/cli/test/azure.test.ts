import assert from 'node:assert/strict';
import { verify } from 'node:crypto';
import { test } from 'node:test';
import { azureProcess } from '../../hardkey/test/support/azure-process.ts';
import { assertLoads } from './support/loaded.ts';
import { MADE, sandbox } from './support/sandbox.ts';

const box = sandbox();
const { ok, run, write, spawn } = box;
const env = await azureProcess();
const { AZURE_KEYVAULT_URL: vaultUrl = '', AZURE_CLIENT_SECRET: secret = '' } = env;
const VAULT = `azurekms://${new URL(vaultUrl).host}`;
const REF = `${VAULT}/issuer`;
write('content', 'content');

const json = (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
  JSON.parse(ok([...args, '--json'], { env: { ...env, ...more } }));

test('a key is made, checked, used, rotated, disabled and deleted by its name', () => {
  const generate = ['key', 'generate', '--ref', REF, '--algorithm', 'ES256'];
  const made = json(generate);
  assert.deepEqual(Object.keys(made), MADE);
  assert.equal(made.ref, REF);
  const { ref: pinned } = json(['key', 'show', REF]);
  assert.match(pinned, /^azurekms:\/\/localhost:\d+\/issuer\/[0-9a-f]{32}$/);
  assert.equal(run(generate, { env }).status, 73);

  const content = Buffer.from('content');
  const isOf = (publicKeyPem: string, signature: Buffer): boolean =>
    verify('sha256', content, { key: publicKeyPem, dsaEncoding: 'ieee-p1363' }, signature);
  const first = spawn(['sign', 'content', '--key', REF], { env }).stdout as Buffer;
  assert.ok(isOf(made.publicKeyPem, first));
  assert.equal(ok(['key', 'check', REF, '--algorithm', 'ES256'], { env }), `${REF} can be used\n`);

  const rotated = json(['key', 'rotate', REF]);
  const second = spawn(['sign', 'content', '--key', REF], { env }).stdout as Buffer;
  assert.ok(isOf(rotated.publicKeyPem, second) && !isOf(made.publicKeyPem, second));
  const other = run(['sign', 'content', '--key', REF, '--fingerprint', made.fingerprint], { env });
  assert.equal(other.status, 76);
  assert.equal(ok(['key', 'public', pinned], { env }), made.publicKeyPem);
  assert.equal(run(['sign', 'content', '--key', pinned], { env }).status, 77);

  ok(['key', 'state', REF, 'suspended'], { env });
  assert.match(run(['sign', 'content', '--key', REF], { env }).stderr, /DENIED/);
  ok(['key', 'state', REF, 'active'], { env });
  ok(['sign', 'content', '--key', REF, '--out', 'signature'], { env });

  assert.equal(run(['key', 'delete', REF], { env }).status, 64, 'nobody can be asked');
  assert.equal(ok(['key', 'delete', REF, '--yes'], { env }), `${REF} deleted\n`);
  assert.equal(run(['key', 'show', REF], { env }).status, 66);
});

test('without a name the key is that of A1_AZURE_KEY, and there is no other default', () => {
  ok(['key', 'generate', '--ref', `${VAULT}/a1`, '--algorithm', 'ES384'], { env });
  assert.deepEqual(json(['key', 'show', 'azurekms:'], { A1_AZURE_KEY: 'a1' }).algorithms, ['ES384']);
  const url = json(['key', 'show', 'azurekms:'], { A1_AZURE_KEY: `${vaultUrl}/keys/a1` });
  assert.deepEqual(url.algorithms, ['ES384']);
  const { status, stderr } = run(['key', 'show', 'azurekms:'], { env });
  assert.equal(status, 64);
  assert.match(stderr, /none is configured: .*A1_AZURE_KEY.*field=azurekms\.key/);
});

test('keys are listed by reference, and found by name where the settings name the vault', () => {
  ok(['key', 'generate', '--ref', `${VAULT}/listed`, '--algorithm', 'ES512'], { env });
  const labels = (rows: readonly { readonly label?: string }[]) => rows.map(({ label }) => label);
  assert.ok(labels(json(['key', 'list', '--ref', 'azurekms:'])).includes('listed'));
  assert.ok(labels(json(['key', 'list', '--ref', VAULT])).includes('listed'));
  for (const ref of ['azurekms://other.vault.azure.net', 'azurekms:name=listed;vault=other']) {
    const { status, stderr } = run(['key', 'list', '--ref', ref], { env });
    assert.equal(status, 64);
    assert.match(stderr, /of the configured vault.*field=azurekms\.vault\)/);
  }
  assert.deepEqual(labels(json(['key', 'list'])), []);
  write('config.json', JSON.stringify({ azurekms: { vaultUrl, tags: { team: 'issuing' } } }));
  const settings = ['--config', 'config.json'];
  assert.ok(labels(json(['key', 'list', ...settings], { AZURE_KEYVAULT_URL: '' })).includes('listed'));
  assert.deepEqual(json(['key', 'show', 'listed', ...settings]).algorithms, ['ES512']);
  const { backends } = json(['doctor', ...settings]);
  assert.equal(backends.find((one: { backend: string }) => one.backend === 'azurekms').well, true);
  const { found } = json(['doctor']);
  const offered = found.find((one: { backend: string }) => one.backend === 'azurekms');
  assert.deepEqual(offered.settings, { azurekms: { vaultUrl } });
});

test('a new key of the backend goes into the settings, by its label', () => {
  const args = ['key', 'generate', '--backend', 'azurekms', '--algorithm', 'ES256', '--config', 'new.json'];
  write('new.json', '{}');
  const { stderr } = run([...args, '--label', 'backend-key'], { env });
  assert.equal(stderr, 'hardkey: new.json names the backend azurekms from now on\n');
  assert.deepEqual(json(['key', 'show', 'backend-key', '--config', 'new.json']).algorithms, ['ES256']);
  const settings = ['--config', 'new.json'];
  assert.equal(json(['key', 'set-default', 'backend-key', ...settings]).ref, `${VAULT}/backend-key`);
  const { fingerprint } = json(['key', 'rotate', 'backend-key', ...settings]);
  ok(['sign', 'content', '--fingerprint', fingerprint, '--out', 'rotated', ...settings], { env });
  const elsewhere = { ...env, AZURE_KEYVAULT_URL: 'https://localhost:1' };
  const { stderr: vault } = run(['key', 'show', `${VAULT}/backend-key`, ...settings], { env: elsewhere });
  assert.match(vault, /another vault/, 'the environment goes before the settings');
  assert.equal(run([...args, '--label', 'with_underscore'], { env }).status, 64);
  const nowhere = { ...env, AZURE_KEYVAULT_URL: '' };
  write('none.json', '{}');
  const none = [...args.slice(0, -1), 'none.json', '--label', 'other'];
  assert.match(run(none, { env: nowhere }).stderr, /AZURE_KEYVAULT_URL.*config\.azurekms\.vaultUrl/);
});

test('wrong credentials are 77, and no credential shows', () => {
  const wrong = { ...env, AZURE_CLIENT_SECRET: 'canary-wrong-secret' };
  const { status, stderr } = run(['sign', 'content', '--key', `${VAULT}/listed`], { env: wrong });
  assert.equal(status, 77);
  assert.match(stderr, /credentials are not accepted/);
  assert.doesNotMatch(stderr, /canary/);
  assert.ok(!stderr.includes(secret));
});

test('a vault of another host than the configured one is refused, and nothing is asked there', () => {
  const { status, stderr } = run(['sign', 'content', '--key', 'azurekms://other.vault.azure.net/a'], { env });
  assert.equal(status, 64);
  assert.match(stderr, /another vault.*azurekms\.vault/);
});

test('a service that is not there is 75, and a software key only where it was allowed', () => {
  const nowhere = { ...env, AZURE_KEYVAULT_URL: 'https://localhost:1' };
  const ref = 'azurekms://localhost:1/issuer';
  assert.equal(run(['sign', 'content', '--key', ref], { env: nowhere }).status, 75);
  const args = ['key', 'generate', '--ref', ref, '--algorithm', 'ES256', '--allow-software', '--json'];
  const { stdout } = run([...args, '--store', 'software', '--no-passphrase'], { env: nowhere });
  const made = JSON.parse(stdout);
  assert.equal(made.ref, 'file:issuer');
  assert.equal(made.custody.facts.softwareInsteadOf, 'azurekms');
});

test('a credential is signed and encrypted by keys of the vault from the command line', () => {
  ok(['key', 'generate', '--ref', `${VAULT}/credentials`, '--algorithm', 'ES256'], { env });
  write('ana.json', JSON.stringify({ id: '1', fullName: 'Ana' }));
  const key = ['--key', `${VAULT}/credentials`];
  const encode = ['claim169', 'encode', 'ana.json', ...key, '--issuer', 'https://id.example.org'];
  write('ana.txt', ok([...encode, '--expires-in', '1h'], { env }));
  write('issuer.pem', ok(['key', 'public', `${VAULT}/credentials`], { env }));
  const decoded = JSON.parse(ok(['claim169', 'decode', 'ana.txt', '--trust', 'issuer.pem', '--json']));
  assert.match(JSON.stringify(decoded), /"fullName":"Ana"/);

  const reader = `${VAULT}/readers`;
  ok(['key', 'generate', '--ref', reader, '--algorithm', 'RSA-OAEP-256'], { env });
  write('sealed.txt', ok([...encode, '--encrypt-with', reader], { env }));
  const decode = ['claim169', 'decode', 'sealed.txt', '--trust', 'issuer.pem'];
  assert.equal(run(decode).status, 64);
  assert.match(ok([...decode, '--decrypt-with', reader], { env }), /Ana/);
  ok(['key', 'rotate', reader], { env });
  assert.match(ok([...decode, '--decrypt-with', reader], { env }), /Ana/);
});

test('signing by a key of the vault loads its SDK, and nothing of another backend', () => {
  ok(['key', 'generate', '--ref', `${VAULT}/loads`, '--algorithm', 'ES256'], { env });
  assertLoads(box, `${VAULT}/loads`, env, {
    provider: 'azure-kv',
    backend: 'azure.ts',
    packages: ['@azure/identity', '@azure/keyvault-keys'],
  });
});
