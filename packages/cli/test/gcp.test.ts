import assert from 'node:assert/strict';
import { verify } from 'node:crypto';
import { before, test } from 'node:test';
import { PATIENT, RING } from '../../hardkey/test/support/gcp.ts';
import { startElsewhere } from '../../hardkey/test/support/gcp-elsewhere.ts';
import { assertLoads } from './support/loaded.ts';
import { MADE, sandbox } from './support/sandbox.ts';
import { noTyping, typist } from './support/typing.ts';

const box = sandbox();
const { ok, run, fails, write, path, spawn } = box;
const env: Record<string, string> = {};
before(async () => {
  env['HARDKEY_GCPKMS_ENDPOINT'] = `http://127.0.0.1:${(await startElsewhere()).port}`;
});

const [, PROJECT = '', , LOCATION = '', , NAME = ''] = RING.split('/');
const IN_RING = { A1_GCP_PROJECT: PROJECT, A1_GCP_LOCATION: LOCATION, A1_GCP_KEY_RING: NAME };
const REF = `gcpkms://${RING}/cryptoKeys/issuer`;
const GENERATE = ['key', 'generate', '--ref', REF, '--algorithm', 'ES256', '--json'];
write('content', 'content');

const json = (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
  JSON.parse(ok([...args, '--json'], { env: { ...env, ...more } }));

test('a key is made, checked, used, rotated, disabled and destroyed by its name', () => {
  const made = JSON.parse(ok(GENERATE, { env }));
  assert.deepEqual(Object.keys(made), MADE);
  assert.equal(made.ref, REF);
  assert.equal(made.custody.facts.protectionLevel, 'SOFTWARE');
  assert.equal(run(GENERATE, { env }).status, 73);

  const content = Buffer.from('content');
  const isOf = (publicKeyPem: string, signature: Buffer): boolean =>
    verify('sha256', content, { key: publicKeyPem, dsaEncoding: 'ieee-p1363' }, signature);
  const first = spawn(['sign', 'content', '--key', REF], { env }).stdout as Buffer;
  assert.ok(isOf(made.publicKeyPem, first));

  assert.equal(ok(['key', 'check', REF, '--algorithm', 'ES256'], { env }), `${REF} can be used\n`);
  assert.equal(run(['key', 'check', REF, '--algorithm', 'ES384'], { env }).status, 69);

  const rotated = json(['key', 'rotate', REF]);
  assert.equal(rotated.ref, `${REF}/cryptoKeyVersions/2`);
  const second = spawn(['sign', 'content', '--key', REF], { env }).stdout as Buffer;
  assert.ok(isOf(rotated.publicKeyPem, second) && !isOf(made.publicKeyPem, second));
  const pinned = run(['sign', 'content', '--key', REF, '--fingerprint', made.fingerprint], { env });
  assert.equal(pinned.status, 76);
  assert.equal(ok(['key', 'public', `${REF}/cryptoKeyVersions/1`], { env }), made.publicKeyPem);
  assert.equal(run(['sign', 'content', '--key', `${REF}/cryptoKeyVersions/1`], { env }).status, 77);

  ok(['key', 'state', REF, 'suspended'], { env });
  assert.match(run(['sign', 'content', '--key', REF], { env }).stderr, /DENIED/);
  ok(['key', 'state', REF, 'active'], { env });
  ok(['sign', 'content', '--key', REF, '--out', 'signature'], { env });

  assert.equal(run(['key', 'delete', REF], { env }).status, 64, 'nobody can be asked');
  assert.equal(ok(['key', 'delete', REF, '--yes'], { env }), `${REF} deleted\n`);
  assert.equal(run(['key', 'show', REF], { env }).status, 66);
});

test('without a name the key is that of A1_GCP_*, and there is no other default', () => {
  ok(['key', 'generate', '--ref', `gcpkms://${RING}/cryptoKeys/a1`, '--algorithm', 'Ed25519'], { env });
  const parts = { ...IN_RING, A1_GCP_KEY: 'a1' };
  const version = `gcpkms://${RING}/cryptoKeys/a1/cryptoKeyVersions/1`;
  for (const named of [
    parts,
    { ...parts, A1_GCP_KEY_VERSION: '1' },
    { A1_GCP_KEY: `${RING}/cryptoKeys/a1` },
    { A1_GCP_KEY_RING: RING, A1_GCP_KEY: 'a1' },
  ]) {
    const shown = json(['key', 'show', 'gcpkms:'], named);
    assert.deepEqual([shown.ref, shown.algorithms], [version, ['Ed25519']]);
  }
  for (const named of [{}, IN_RING, { A1_GCP_KEY: 'a1' }]) {
    const { status, stderr } = run(['key', 'show', 'gcpkms:'], { env: { ...env, ...named } });
    assert.equal(status, 64);
    assert.match(stderr, /none is configured: .*A1_GCP_KEY.*field=gcpkms\.key/);
  }
});

test('a destruction is confirmed by typing which key it is, or which version', {
  skip: noTyping,
}, () => {
  const typing = typist(box, env);
  const key = `gcpkms://${RING}/cryptoKeys/doomed`;
  const [first, second] = ['1', '2'].map((one) => `${key}/cryptoKeyVersions/${one}`);
  ok(['key', 'generate', '--ref', key, '--algorithm', 'ES256'], { env });
  ok(['key', 'rotate', key], { env });
  const one = [`Type ${first} to delete it: `, `${first}`] as const;
  assert.equal(typing(['key', 'delete', `${first}`], one).status, 0);
  assert.equal(json(['key', 'show', key]).ref, second);
  const all = `Type ${key} to delete it with all its versions: `;
  const no = typing(['key', 'delete', key], [all, 'yes']);
  assert.match(no.shown, /not confirmed, and nothing was deleted/);
  const byDefault = { ...env, ...IN_RING, A1_GCP_KEY: 'doomed' };
  const yes = [`Type ${key} to delete what gcpkms: stands for: `, key] as const;
  assert.equal(typist(box, byDefault)(['key', 'delete', 'gcpkms:'], yes).status, 0);
  assert.equal(run(['key', 'show', key], { env }).status, 66);
});

test('keys are listed by reference, and found by label where the settings name the key ring', () => {
  ok(['key', 'generate', '--ref', `gcpkms://${RING}/cryptoKeys/listed`, '--algorithm', 'ES384'], { env });
  const labels = (rows: readonly { readonly label?: string }[]) => rows.map(({ label }) => label);
  assert.ok(labels(json(['key', 'list', '--ref', 'gcpkms:'], IN_RING)).includes('listed'));
  const { status, stderr } = run(['key', 'list', '--ref', 'gcpkms:'], { env });
  assert.equal(status, 64);
  assert.match(stderr, /no key ring is configured/);
  assert.deepEqual(labels(json(['key', 'list'], IN_RING)), []);
  write(
    'config.json',
    JSON.stringify({ gcpkms: { ...PATIENT, keyRing: RING, labels: { team: 'issuing' } } }),
  );
  const settings = ['--config', 'config.json'];
  assert.ok(labels(json(['key', 'list', ...settings])).includes('listed'));
  assert.deepEqual(json(['key', 'show', 'listed', ...settings]).algorithms, ['ES384']);
  const { backends } = json(['doctor', ...settings]);
  const row = backends.find((one: { backend: string }) => one.backend === 'gcpkms');
  assert.equal(row.well, true);
  const { found } = json(['doctor'], IN_RING);
  const offered = found.find((one: { backend: string }) => one.backend === 'gcpkms');
  assert.deepEqual(offered.settings, { gcpkms: { keyRing: RING } });
});

test('a new key of the backend is in the key ring of the settings, by its label', () => {
  write('ring.json', JSON.stringify({ gcpkms: { ...PATIENT, keyRing: RING } }));
  const args = ['key', 'generate', '--backend', 'gcpkms', '--algorithm', 'HS256'];
  const made = json([...args, '--label', 'backend-key', '--config', 'ring.json']);
  assert.equal(made.ref, `gcpkms://${RING}/cryptoKeys/backend-key`);
  const dotted = run([...args, '--label', 'with.dot', '--config', 'ring.json'], { env });
  assert.match(dotted.stderr, /has no dots/);
  assert.equal(run([...args, '--label', 'nowhere'], { env }).status, 64);
});

test('a backend that made a key is in the settings with its key ring, and labels outlast a rotation', () => {
  write('new.json', JSON.stringify({}));
  const settings = ['--config', 'new.json'];
  const args = ['key', 'generate', '--backend', 'gcpkms', '--algorithm', 'ES256', '--label', 'lasting'];
  const { stderr } = run([...args, ...settings], { env: { ...env, ...IN_RING } });
  assert.equal(stderr, 'hardkey: new.json names the backend gcpkms from now on\n');
  const ref = `gcpkms://${RING}/cryptoKeys/lasting`;
  assert.equal(json(['key', 'set-default', 'lasting', ...settings]).ref, ref);
  const { fingerprint } = json(['key', 'rotate', 'lasting', ...settings]);
  assert.equal(json(['key', 'show', 'lasting', ...settings]).version, 2);
  ok(['sign', 'content', '--fingerprint', fingerprint, '--out', 'rotated', ...settings], { env });
  const elsewhere = { ...IN_RING, A1_GCP_KEY_RING: 'elsewhere' };
  const other = run([...args, ...settings], { env: { ...env, ...elsewhere } });
  assert.match(other.stderr, /keyRings\/elsewhere\//, 'the environment goes before the settings');
});

test('a service that is not there is 75, and a software key only where it was allowed', () => {
  const nowhere = { HARDKEY_GCPKMS_ENDPOINT: 'http://127.0.0.1:1' };
  fails(
    ['sign', 'content', '--key', REF],
    75,
    `the endpoint cannot be reached (getCryptoKey, UNAVAILABLE) (UNAVAILABLE provider=gcpkms ref=${REF} operation=getCryptoKey)`,
    { env: nowhere },
  );
  const args = ['key', 'generate', '--ref', REF, '--algorithm', 'ES256', '--allow-software', '--json'];
  const { stdout } = run([...args, '--store', 'software', '--no-passphrase'], { env: nowhere });
  const made = JSON.parse(stdout);
  assert.equal(made.ref, 'file:issuer');
  assert.equal(made.custody.facts.softwareInsteadOf, 'gcpkms');
});

test('without credentials the failure is one line, whatever the SDK has to say', () => {
  const env = {
    HARDKEY_GCPKMS_ENDPOINT: 'https://127.0.0.1:1',
    // No host: what befalls the SDK there it does not expect, and warns of.
    GCE_METADATA_HOST: 'no host',
  };
  fails(
    ['sign', 'content', '--key', REF],
    77,
    `the SDK finds no credentials that it can use: GOOGLE_APPLICATION_CREDENTIALS names a file of some (getCryptoKey) (DENIED provider=gcpkms ref=${REF} operation=getCryptoKey field=gcpkms.credentials)`,
    { env },
  );
});

test('authorities in a file that is not there are no defect of the command', () => {
  write('login.json', JSON.stringify({ type: 'service_account', client_email: 'a@b', private_key: 'none' }));
  const env = {
    HARDKEY_GCPKMS_ENDPOINT: 'https://127.0.0.1:1',
    GOOGLE_APPLICATION_CREDENTIALS: path('login.json'),
    GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: path('nowhere.pem'),
  };
  const { status, stderr } = run(['sign', 'content', '--key', REF], { env });
  assert.equal(status, 64);
  assert.match(stderr, /GRPC_DEFAULT_SSL_ROOTS_FILE_PATH.*field=gcpkms\.endpoint/);
});

test('an import is UNSUPPORTED', () => {
  ok(['key', 'generate', '--label', 'own', '--algorithm', 'ES256', '--no-passphrase', '--store', 'own']);
  const args = ['key', 'import', 'own.pem', '--ref', `gcpkms://${RING}/cryptoKeys/imported`];
  write('own.pem', 'no key');
  assert.equal(run(args, { env }).status, 69);
});

test('a credential is signed and encrypted by keys of the service from the command line', () => {
  const ref = `gcpkms://${RING}/cryptoKeys/credentials`;
  ok(['key', 'generate', '--ref', ref, '--algorithm', 'ES256'], { env });
  write('ana.json', JSON.stringify({ id: '1', fullName: 'Ana' }));
  const encode = ['claim169', 'encode', 'ana.json', '--key', ref, '--issuer', 'https://id.example.org'];
  write('ana.txt', ok([...encode, '--expires-in', '1h'], { env }));
  write('issuer.pem', ok(['key', 'public', ref], { env }));
  const decoded = JSON.parse(ok(['claim169', 'decode', 'ana.txt', '--trust', 'issuer.pem', '--json']));
  assert.match(JSON.stringify(decoded), /"fullName":"Ana"/);

  const reader = `gcpkms://${RING}/cryptoKeys/readers`;
  ok(['key', 'generate', '--ref', reader, '--algorithm', 'RSA-OAEP-256'], { env });
  write('sealed.txt', ok([...encode, '--encrypt-with', reader], { env }));
  const decode = ['claim169', 'decode', 'sealed.txt', '--trust', 'issuer.pem'];
  assert.equal(run(decode).status, 64);
  assert.match(ok([...decode, '--decrypt-with', reader], { env }), /Ana/);
  ok(['key', 'rotate', reader], { env });
  assert.match(ok([...decode, '--decrypt-with', reader], { env }), /Ana/);
  assert.match(ok(['key', 'list', '--ref', `gcpkms://${RING}`], { env }), /readers\/cryptoKeyVersions\/2 /);
});

test('signing by a key of the service loads its SDK, and nothing of another backend', () => {
  const ref = `gcpkms://${RING}/cryptoKeys/loads`;
  ok(['key', 'generate', '--ref', ref, '--algorithm', 'ES256'], { env });
  assertLoads(box, ref, env, {
    provider: 'gcp-kms',
    backend: 'gcp.ts',
    packages: ['@google-cloud/kms', 'crc-32'],
  });
});
