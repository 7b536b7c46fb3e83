import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseKeyRef } from 'hardkey';
import { type ExecConfig, exec, type SignerConfig } from 'hardkey/providers/exec';
import { failsWith } from '../../support/failures.ts';

const ED25519 = 'ed25519:d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
const ONCE = {
  mode: 'once',
  command: ['/usr/bin/signer', 'secret-argument'],
  algorithm: 'Ed25519',
  publicKey: ED25519,
  stdin: 'raw',
  output: 'raw',
} as const;
const STAYS = {
  mode: 'persistent',
  command: ['/usr/bin/signer'],
  algorithm: 'Ed25519',
  publicKey: ED25519,
} as const;

test('a configuration that cannot work is ARGUMENT_INVALID, and names the field without its value', () => {
  for (const [fields, field] of [
    [{ mode: 'sometimes' }, 'mode'],
    [{ command: 'sign --it' }, 'command'],
    [{ command: [] }, 'command'],
    [{ command: ['sign'] }, 'command'],
    [{ command: ['./sign'] }, 'command'],
    [{ command: ['/sign', 'a\0b'] }, 'command'],
    [{ command: ['/sign', 1] }, 'command'],
    [{ algorithm: 'HS256' }, 'algorithm'],
    [{ algorithm: 'SHA1' }, 'algorithm'],
    [{ publicKey: undefined }, 'publicKey'],
    [{ env: { 'A=B': 'c' } }, 'env'],
    [{ env: { A: 'b\0c' } }, 'env'],
    [{ env: { A: 1 } }, 'env'],
    [{ cwd: 'here' }, 'cwd'],
    [{ timeoutMs: 0 }, 'timeoutMs'],
    [{ timeoutMs: 1.5 }, 'timeoutMs'],
    [{ workers: 0 }, 'workers'],
    [{ stdin: 'hex' }, 'stdin'],
    [{ stdin: undefined }, 'stdin'],
    [{ output: 'text' }, 'output'],
    [{ output: 'der' }, 'output'],
    [{ lineFeed: true }, 'lineFeed'],
    [{ timeout: 5 }, 'timeout'],
    [{ shell: true }, 'shell'],
    [{ key: 'a' }, 'key'],
  ] as const) {
    const signer = { ...ONCE, ...fields } as unknown as SignerConfig;
    assert.throws(
      () => exec({ signers: { issuer: signer } }),
      failsWith('ARGUMENT_INVALID', { field: `exec.signers.issuer.${field}` }),
      field,
    );
  }
});

test('what belongs to one mode is unknown in the other', () => {
  for (const field of ['stdin', 'output', 'lineFeed']) {
    const signer = { ...STAYS, [field]: 'raw' } as SignerConfig;
    assert.throws(
      () => exec({ signers: { issuer: signer } }),
      failsWith('ARGUMENT_INVALID', { field: `exec.signers.issuer.${field}` }),
    );
  }
  assert.throws(
    () => exec({ signers: { issuer: { ...STAYS, key: '' } } }),
    failsWith('ARGUMENT_INVALID', { field: 'exec.signers.issuer.key' }),
  );
});

test('names of signers are labels, and the outer fields are checked too', () => {
  const odd = (config: object) => () => exec(config as ExecConfig);
  assert.throws(odd({ signers: { 'a b': ONCE } }), failsWith('ARGUMENT_INVALID'));
  assert.throws(odd({ signers: { '../a': ONCE } }), failsWith('ARGUMENT_INVALID'));
  assert.throws(odd({}), failsWith('ARGUMENT_INVALID', { field: 'exec.signers' }));
  assert.throws(odd({ signers: {}, log: 1 }), failsWith('ARGUMENT_INVALID', { field: 'exec.log' }));
  assert.throws(odd({ signers: {}, onStderr: 1 }), failsWith('ARGUMENT_INVALID', { field: 'exec.onStderr' }));
});

test('a public key of another algorithm, or none at all, fails at open, every time', async () => {
  const open = (fields: object) =>
    exec({ signers: { issuer: { ...ONCE, ...fields } as SignerConfig } }).open(parseKeyRef('exec:issuer'));
  for (let i = 0; i < 2; i++) {
    await assert.rejects(open({ algorithm: 'ES256', output: 'der' }), failsWith('ARGUMENT_INVALID'));
    await assert.rejects(open({ publicKey: 'not a key' }), failsWith('MALFORMED'));
  }
});

test('keys are listed without running anything', async () => {
  const provider = exec({ signers: { a: { ...ONCE, command: ['/no/such/program'] }, b: STAYS } });
  const infos: (readonly [string, readonly string[]])[] = [];
  for await (const { ref, algorithms } of provider.list?.() ?? []) infos.push([String(ref), algorithms]);
  assert.deepEqual(infos, [
    ['exec:a', ['Ed25519']],
    ['exec:b', ['Ed25519']],
  ]);
  await provider.close();
});
