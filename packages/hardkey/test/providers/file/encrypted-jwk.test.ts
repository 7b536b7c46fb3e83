// Symmetric keys as encrypted JWK, read and written by another implementation.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isFailure } from 'hardkey';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { decryptJwk, encryptJwk } from '../../../src/providers/file/encrypted-jwk.ts';
import { failsWith } from '../../support/failures.ts';
import { lockedKeys, quickStore, scratch } from './support.ts';

const PASS = new TextEncoder().encode('correct horse battery');
const JWK = { kid: '0123456789abcdef', k: 'AAECAwQFBgcICQoLDA0ODw' };
const HEADER = { alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', cty: 'jwk+json' };

/** Encrypts as the other implementation does. */
async function theirs(content: unknown, header: object = HEADER): Promise<Uint8Array> {
  const bytes = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
  const jwe = await new CompactEncrypt(bytes)
    .setProtectedHeader({ ...HEADER, ...header })
    .setKeyManagementParameters({ p2c: 1000 })
    .encrypt(PASS);
  return Buffer.from(jwe);
}

/** Decrypts as the other implementation does, which takes fewer rounds unless it is asked. */
async function opened(jwe: string): Promise<{ readonly header: object; readonly jwk: unknown }> {
  const { plaintext, protectedHeader } = await compactDecrypt(jwe, PASS, {
    keyManagementAlgorithms: [HEADER.alg],
    contentEncryptionAlgorithms: [HEADER.enc],
    maxPBES2Count: 600_000,
  });
  return { header: protectedHeader, jwk: JSON.parse(new TextDecoder().decode(plaintext)) };
}

test('what is written opens in another implementation, in a store too', async (t) => {
  const { header, jwk } = await opened(String(Buffer.from(await encryptJwk(JWK, PASS))));
  assert.deepEqual(jwk, { kty: 'oct', ...JWK });
  assert.deepEqual({ ...header, p2s: '' }, { ...HEADER, p2s: '', p2c: 600_000 });
  const store = scratch(t);
  await using keys = lockedKeys(store, 'correct horse battery');
  const { id } = await keys.create('file:a', { algorithm: 'A256GCM' });
  const half = await opened(readFileSync(join(store, 'a.1.jwe'), 'utf8'));
  const { k, ...rest } = half.jwk as { readonly k: string };
  assert.deepEqual(rest, { kty: 'oct', kid: id });
  assert.equal(Buffer.from(k, 'base64url').length, 32);
  const { recordKey } = JSON.parse(readFileSync(join(store, 'store.json'), 'utf8')) as { recordKey: string };
  assert.equal(((await opened(recordKey)).jwk as { kid: string }).kid, 'record-key');
});

test('what another implementation writes opens, in a store too', async (t) => {
  assert.deepEqual(await decryptJwk(await theirs({ kty: 'oct', ...JWK }), PASS), JWK);
  assert.deepEqual(
    await decryptJwk(await theirs({ kty: 'oct', ...JWK, use: 'enc' }, { cty: undefined }), PASS),
    JWK,
  );
  const store = scratch(t);
  await quickStore(store, 'correct horse battery');
  await using keys = lockedKeys(store, 'correct horse battery');
  const aead = (await keys.create('file:a', { algorithm: 'A256GCM' })).use('A256GCM');
  const sealed = await aead.encrypt(PASS, new Uint8Array());
  const path = join(store, 'a.1.jwe');
  const { jwk } = await opened(readFileSync(path, 'utf8'));
  writeFileSync(path, await theirs(jwk));
  const again = (await keys.open('file:a')).use('A256GCM');
  assert.deepEqual(await again.decrypt(sealed, new Uint8Array()), PASS);
});

const valid = String(Buffer.from(await theirs({ kty: 'oct', ...JWK })));
const [validHeader = '', ...validParts] = valid.split('.');
const parsed = JSON.parse(Buffer.from(validHeader, 'base64url').toString()) as Readonly<
  Record<string, unknown>
>;

/** The valid text under another header. */
function under(header: object | string): string {
  const text = typeof header === 'string' ? header : JSON.stringify({ ...parsed, ...header });
  return [Buffer.from(text).toString('base64url'), ...validParts].join('.');
}

/** The valid text with another part. */
function withPart(index: number, part: string): string {
  return [validHeader, ...validParts.with(index, part)].join('.');
}

const NEGATIVES: Readonly<
  Record<string, readonly [text: string, code: 'MALFORMED' | 'UNSUPPORTED', field: string]>
> = {
  'another algorithm': [under({ alg: 'PBES2-HS256+A128KW' }), 'UNSUPPORTED', 'jwe.alg'],
  'no encryption of the key': [under({ alg: 'dir' }), 'UNSUPPORTED', 'jwe.alg'],
  'an algorithm that is no text': [under({ alg: ['PBES2-HS512+A256KW'] }), 'UNSUPPORTED', 'jwe.alg'],
  'another encryption': [under({ enc: 'A128CBC-HS256' }), 'UNSUPPORTED', 'jwe.enc'],
  'an extension that must be understood': [under({ crit: ['exp'], exp: 1 }), 'UNSUPPORTED', 'jwe.crit'],
  'an empty list of extensions': [under({ crit: [] }), 'UNSUPPORTED', 'jwe.crit'],
  compression: [under({ zip: 'DEF' }), 'UNSUPPORTED', 'jwe.zip'],
  'another content': [under({ cty: 'JWT' }), 'UNSUPPORTED', 'jwe.cty'],
  'no rounds': [under({ p2c: undefined }), 'MALFORMED', 'jwe.p2c'],
  'rounds as text': [under({ p2c: '1000' }), 'MALFORMED', 'jwe.p2c'],
  'rounds that are no integer': [under({ p2c: 1000.5 }), 'MALFORMED', 'jwe.p2c'],
  'too few rounds': [under({ p2c: 999 }), 'MALFORMED', 'jwe.p2c'],
  'more rounds than anybody waits for': [under({ p2c: 20_000_001 }), 'MALFORMED', 'jwe.p2c'],
  'rounds without end': [under({ p2c: 1e300 }), 'MALFORMED', 'jwe.p2c'],
  'no salt': [under({ p2s: undefined }), 'MALFORMED', 'jwe.p2s'],
  'a salt of seven bytes': [under({ p2s: 'AAECAwQFBg' }), 'MALFORMED', 'jwe.p2s'],
  'a salt that is not base64url': [under({ p2s: 'AAECAwQFBgcICQ==' }), 'MALFORMED', 'jwe.p2s'],
  'a member twice': [under(`{"alg":"none",${JSON.stringify(parsed).slice(1)}`), 'MALFORMED', 'jwe'],
  'a header that is no object': [under('[]'), 'MALFORMED', 'jwe'],
  'a header that is null': [under('null'), 'MALFORMED', 'jwe'],
  'a header that is not JSON': [under('{'), 'MALFORMED', 'jwe'],
  'four parts': [valid.split('.').slice(0, 4).join('.'), 'MALFORMED', 'jwe'],
  'six parts': [`${valid}.`, 'MALFORMED', 'jwe'],
  nothing: ['', 'MALFORMED', 'jwe'],
  'a wrapped key of another length': [withPart(0, 'AAAA'), 'MALFORMED', 'jwe.wrapped'],
  'a nonce of 16 bytes': [withPart(1, 'AAAAAAAAAAAAAAAAAAAAAA'), 'MALFORMED', 'jwe.iv'],
  'a tag of 12 bytes': [withPart(3, 'AAAAAAAAAAAAAAAA'), 'MALFORMED', 'jwe.tag'],
  'a part with padding': [withPart(3, 'AAAAAAAAAAAAAAAAAAAAAA=='), 'MALFORMED', 'jwe'],
};

for (const [name, [text, code, field]] of Object.entries(NEGATIVES)) {
  test(`${name} is ${code}`, () =>
    assert.rejects(decryptJwk(Buffer.from(text), PASS), failsWith(code, { field })));
}

test('what was encrypted and is no JWK of a symmetric key with an id is MALFORMED, and not quoted', async () => {
  for (const content of [
    'secret-7d1c',
    '{"k":"secret-7d1c"',
    { kty: 'EC', ...JWK },
    { kty: 'oct', k: 'c2VjcmV0' },
    { kty: 'oct', kid: 'a' },
    { kty: 'oct', kid: 1, k: 'c2VjcmV0' },
    '{"kty":"oct","kid":"a","kid":"b","k":"c2VjcmV0"}',
    null,
  ]) {
    const failing = decryptJwk(await theirs(content), PASS);
    await assert.rejects(failing, (error) => {
      assert.ok(isFailure(error, 'MALFORMED'));
      assert.doesNotMatch(
        `${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`,
        /secret-7d1c|c2VjcmV0/,
      );
      return true;
    });
  }
});

test('a wrong passphrase is DENIED, and so is a change of any part', async () => {
  const denied = failsWith('DENIED', { field: 'passphrase' });
  await assert.rejects(decryptJwk(Buffer.from(valid), Buffer.from('wrong')), denied);
  for (const [index, part] of validParts.entries()) {
    const bytes = Buffer.from(part, 'base64url');
    for (const at of [0, bytes.length - 1]) {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      const text = withPart(index, Buffer.from(changed).toString('base64url'));
      await assert.rejects(decryptJwk(Buffer.from(text), PASS), denied);
    }
  }
  // The header is authenticated as it was written.
  await assert.rejects(decryptJwk(Buffer.from(under({ note: 'added' })), PASS), denied);
});
