// The policies of deploy/vault allow what they say, and no more.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createKeys, Secret } from 'hardkey';
import { utf8 } from '../../../src/encoding/bytes.ts';
import { collected } from '../../support/collected.ts';
import { failsWith } from '../../support/failures.ts';
import { missingBao, noBao, startBao } from '../../support/openbao.ts';
import { providerFor, secret, tokenWith } from './support.ts';

const missing = missingBao();
const skip = missing ?? false;
const bao = missing === undefined ? await startBao({ after }) : noBao;
const DEPLOY = join(import.meta.dirname, '../../../../../deploy/vault');
const denied = failsWith('DENIED', { field: 'vault.policy' });

await bao.admin('POST', 'transit/keys/issuer', { type: 'ecdsa-p256' });
await bao.admin('POST', 'transit/keys/readers', { type: 'rsa-2048' });
await bao.admin('POST', 'transit/keys/other', { type: 'ecdsa-p256' });

async function keysWith(t: Parameters<typeof providerFor>[0], policy: string) {
  const token = await tokenWith(bao, policy, readFileSync(join(DEPLOY, `${policy}.hcl`), 'utf8'));
  return createKeys([providerFor(t, bao, { token: secret(token) })]);
}

test('an issuer signs and wraps, and opens nothing and changes nothing', { skip }, async (t) => {
  const keys = await keysWith(t, 'issuer');
  await keys.check('hashivault://issuer');
  assert.equal((await (await keys.open('hashivault://issuer')).use('ES256').sign(utf8('m'))).length, 64);
  const wrapper = (await keys.open('hashivault://readers')).use('RSA-OAEP-256');
  const wrapped = await wrapper.wrap(new Uint8Array(32));
  await assert.rejects(wrapper.unwrap(wrapped), denied);
  await assert.rejects(keys.open('hashivault://other'), denied);
  await assert.rejects(keys.rotate('hashivault://issuer'), denied);
  await assert.rejects(keys.destroy('hashivault://issuer'), denied);
});

test('a reader opens what was wrapped for it, and signs nothing', { skip }, async (t) => {
  const keys = await keysWith(t, 'reader');
  await keys.check('hashivault://readers');
  const readers = await keys.open('hashivault://readers');
  const wrapper = readers.use('RSA-OAEP-256');
  assert.equal((await wrapper.unwrap(await wrapper.wrap(new Uint8Array(32)))).length, 32);
  await assert.rejects(readers.use('PS256').sign(utf8('m')), denied);
});

test('an operator makes, lists, rotates, suspends, imports and ends keys, and uses none', {
  skip,
}, async (t) => {
  const keys = await keysWith(t, 'operator');
  const ref = 'hashivault://made';
  const key = await keys.create(ref, { algorithm: 'Ed25519' });
  await assert.rejects(key.use('Ed25519').sign(utf8('m')), denied);
  assert.ok((await collected(keys.list())).length >= 4);
  await keys.rotate(ref);
  await keys.setState(ref, 'suspended');
  await keys.setState(ref, 'active');
  await keys.destroy(ref);
  await keys.import(ref, { material: new Secret(new Uint8Array(32).fill(7)), algorithm: 'A256GCM' });
  await keys.destroy(ref);
  await assert.rejects(keys.open(ref), failsWith('KEY_NOT_FOUND'));
});

test('an operator makes no key that can leave the server, and lets none out', { skip }, async () => {
  const policy = readFileSync(join(DEPLOY, 'operator.hcl'), 'utf8');
  const token = await tokenWith(bao, 'operator', policy);
  const post = async (path: string, body: object): Promise<number> => {
    const headers = { 'x-vault-token': token };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    return (await fetch(`${bao.address}/v1/transit/keys/${path}`, init)).status;
  };
  for (const name of ['exportable', 'allow_plaintext_backup']) {
    assert.equal(await post('leaving', { type: 'ed25519', [name]: true }), 403, name);
    assert.equal(await post('other/config', { [name]: true }), 403, name);
  }
  assert.ok((await post('other/config', { deletion_allowed: false })) < 300);
});
