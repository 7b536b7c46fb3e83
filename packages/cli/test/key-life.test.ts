import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { cpSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { MADE, OPEN_CUSTODY, sandbox } from './support/sandbox.ts';

const { ok, run, fails, generate, path, read, write } = sandbox();

test('list --json has a row for each version, and marks the default', () => {
  const store = ['--store', 'listed'];
  generate('ES256', 'a', ...store);
  generate('A128KW', 'b', ...store);
  ok(['key', 'rotate', 'a', ...store]);
  const config = ['--config', 'listed.json', ...store];
  assert.equal(ok(['key', 'set-default', 'a', ...config.slice(2), '--config', 'listed.json']), 'file:a\n');
  const rows = JSON.parse(ok(['key', 'list', '--json', ...config]));
  const members = [
    'ref',
    'label',
    'keyId',
    'backend',
    'version',
    'algorithms',
    'state',
    'superseded',
    'createdAt',
    'fingerprint',
    'custody',
    'default',
  ];
  for (const row of rows) assert.deepEqual(Object.keys(row), members);
  assert.deepEqual(
    rows.map((row: { ref: string; default: boolean; custody: unknown }) => [
      row.ref,
      row.default,
      row.custody,
    ]),
    [
      ['file:a?version=2', true, OPEN_CUSTODY],
      ['file:a?version=1', true, OPEN_CUSTODY],
      ['file:b?version=1', false, OPEN_CUSTODY],
    ],
  );
  assert.match(
    ok(['key', 'list', ...config]),
    /^file:a\?version=2 \* {2}ES256 {3}[0-9a-f]{16} {2}v2 {2}active .* encrypted=false /,
  );
});

test('list of a store that is not there is empty', () => {
  assert.equal(ok(['key', 'list', '--store', 'nowhere']), '');
  assert.deepEqual(JSON.parse(ok(['key', 'list', '--store', 'nowhere', '--json'])), []);
});

test('set-default writes only its field, and a key that is not there is not set', () => {
  generate('ES256', 'issuer', '--store', 'keys');
  write('settings.json', JSON.stringify({ store: 'keys' }));
  const config = ['--config', 'settings.json'];
  ok(['key', 'set-default', 'issuer', ...config]);
  fails(
    ['key', 'set-default', 'nobody', ...config],
    66,
    'no key has this id or label (KEY_NOT_FOUND field=key)',
  );
  assert.deepEqual(JSON.parse(ok(['key', 'show', 'issuer', '--json', ...config])).algorithms, ['ES256']);
  write('content', 'content');
  // The store of the settings starts at their folder, and the default key is used.
  assert.equal(Buffer.from(ok(['sign', 'content', '--format', 'base64', ...config]), 'base64').length, 64);
});

test('a default key file is the same one from every folder', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  write('my key.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const root = `file:${path('my%20key.pem')}`;
  assert.equal(ok(['key', 'set-default', 'file:./my%20key.pem', '--config', 'own.json']), `${root}\n`);
  assert.deepEqual(JSON.parse(read('own.json').toString()), { key: root });
});

test('without --key and without a default key it is 64', () => {
  write('content', 'content');
  fails(['sign', 'content'], 64, '--key is missing and there is no default key (ARGUMENT_INVALID field=key)');
});

test('rotate makes a new version; the earlier one is still there and does not sign', () => {
  generate('ES256', 'rotated');
  const rotated = JSON.parse(ok(['key', 'rotate', 'rotated', '--json']));
  assert.deepEqual(Object.keys(rotated), MADE);
  assert.equal(rotated.ref, 'file:rotated?version=2');
  assert.equal(ok(['key', 'public', 'rotated']), rotated.publicKeyPem);
  assert.notEqual(ok(['key', 'public', 'file:rotated?version=1']), rotated.publicKeyPem);
  write('content', 'content');
  fails(
    ['sign', 'content', '--key', 'file:rotated?version=1'],
    77,
    'a later version took its place (DENIED ref=file:rotated?version=1 field=state)',
  );
});

test('a suspended key does not sign until it is active again', () => {
  write('content', 'content');
  generate('ES256', 'suspended');
  assert.equal(ok(['key', 'state', 'suspended', 'suspended']), 'file:suspended suspended\n');
  fails(
    ['sign', 'content', '--key', 'suspended'],
    77,
    'the key is suspended (DENIED ref=file:suspended?version=1 field=state)',
  );
  assert.deepEqual(JSON.parse(ok(['key', 'state', 'suspended', 'active', '--json'])), {
    ref: 'file:suspended',
    state: 'active',
  });
  ok(['sign', 'content', '--key', 'suspended']);
  fails(
    ['key', 'state', 'suspended', 'destroyed'],
    64,
    'STATE is one of active, suspended, compromised (ARGUMENT_INVALID field=STATE)',
  );
});

test('delete asks, is 64 where nobody can answer, and --yes deletes for good', () => {
  generate('ES256', 'gone');
  fails(
    ['key', 'delete', 'gone'],
    64,
    'nobody can be asked here: --yes deletes without asking (ARGUMENT_INVALID field=yes)',
  );
  ok(['key', 'set-default', 'gone', '--config', 'gone.json']);
  const { status, stdout, stderr } = run(['key', 'delete', 'gone', '--yes', '--config', 'gone.json']);
  assert.deepEqual([status, stdout], [0, 'file:gone deleted\n']);
  assert.match(stderr, /^hardkey: this was the default key: `hardkey key set-default` names another\n$/);
  fails(['key', 'show', 'file:gone'], 66, 'no such key (KEY_NOT_FOUND ref=file:gone)');
});

test('the life of keys in a store with a passphrase: earlier versions verify and decrypt', () => {
  write('passphrase', 'correct horse');
  write('content', 'content');
  const store = ['--store', 'locked', '--passphrase-file', 'passphrase'];
  const make = ['key', 'generate', ...store, '--algorithm'];
  ok([...make, 'Ed25519', '--label', 'issuer', '--derivation', 'scrypt']);
  ok([...make, 'A256GCM', '--label', 'readers']);
  ok(['key', 'public', 'issuer', '--out', 'first.pem', ...store]);
  ok(['sign', 'content', '--key', 'issuer', '--out', 'content.sig', ...store]);
  ok(['encrypt', 'content', '--key', 'readers', '--out', 'content.cose', ...store]);
  for (const label of ['issuer', 'readers']) ok(['key', 'rotate', label, ...store]);
  ok(['verify', 'content', '--signature', 'content.sig', '--trust', 'first.pem']);
  const decrypt = ['decrypt', 'content.cose', ...store, '--key'];
  assert.equal(ok([...decrypt, 'file:readers?version=1']), 'content');
  assert.equal(ok([...decrypt, 'readers']), 'content');
  assert.equal(run([...decrypt, 'file:readers?version=2']).status, 1);
  ok(['key', 'state', 'file:readers?version=1', 'compromised', ...store]);
  assert.equal(ok([...decrypt, 'file:readers?version=1']), 'content');
  ok(['key', 'state', 'file:readers?version=1', 'suspended', ...store]);
  const suspended = 'the key is suspended (DENIED ref=file:readers?version=1 field=state)';
  fails([...decrypt, 'file:readers?version=1'], 77, suspended);
  const states = JSON.parse(ok(['key', 'list', '--json', ...store]));
  assert.deepEqual(
    states.map((row: { ref: string; state: string; superseded: boolean }) => [
      row.ref,
      row.state,
      row.superseded,
    ]),
    [
      ['file:issuer?version=2', 'active', false],
      ['file:issuer?version=1', 'active', true],
      ['file:readers?version=2', 'active', false],
      ['file:readers?version=1', 'suspended', true],
    ],
  );
  const rows = ok(['key', 'list', ...store]);
  for (const [ref, state] of Object.entries({
    'issuer?version=2': 'active',
    'issuer?version=1': 'superseded',
    'readers?version=1': 'suspended',
  })) {
    assert.match(rows, new RegExp(`file:${ref.replace('?', '\\?')} .* v\\d  ${state} `));
  }
  assert.match(ok(['key', 'show', 'file:issuer?version=1', ...store]), /^state +superseded$/m);
  for (const label of ['issuer', 'readers']) ok(['key', 'delete', label, '--yes', ...store]);
  assert.equal(ok(['key', 'list', ...store]), '');
});

test('a key that was revoked does not come back with its record, and the command says that', () => {
  const store = ['--store', 'rolled', '--no-passphrase'];
  generate('ES256', 'issuer', '--store', 'rolled');
  cpSync(path('rolled'), path('before'), { recursive: true });
  ok(['key', 'state', 'issuer', 'compromised', ...store]);
  const [record = ''] = readdirSync(path('before')).filter(
    (name) => name.startsWith('issuer') && name.endsWith('json'),
  );
  const [now = ''] = readdirSync(path('rolled')).filter(
    (name) => name.startsWith('issuer') && name.endsWith('json'),
  );
  cpSync(path(`before/${record}`), path(`rolled/${now}`));
  write('content', 'content');
  fails(
    ['sign', 'content', '--key', 'issuer', ...store],
    1,
    `the record of the key was changed outside the store (VERIFICATION_FAILED check=store.record path=${path(`rolled/${now}`)})`,
  );
});
