import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MADE, OPEN_CUSTODY, sandbox } from './support/sandbox.ts';

const { ok, fails, generate, write } = sandbox();

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
    'algorithms',
    'state',
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
    /^file:a\?version=2 \* {2}ES256 {3}[0-9a-f]{16} {2}active .* encrypted=false /,
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
  assert.equal(ok(['key', 'delete', 'gone', '--yes']), 'file:gone deleted\n');
  fails(['key', 'show', 'file:gone'], 66, 'no such key (KEY_NOT_FOUND ref=file:gone)');
});
