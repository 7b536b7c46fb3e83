// AES-KWP of a token against what is published and what node:crypto makes of the same key.
import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { type KeyWrapper, parseKeyRef, Secret } from 'hardkey';
import { decodeHex } from '../../../src/encoding/hex.ts';
import { failsWith } from '../../support/failures.ts';
import { AES_KWP } from '../../support/key-wrap.ts';
import { missingForTokens, nssToken } from './support.ts';

const skip = missingForTokens('nss') ?? false;
const KEY = decodeHex(AES_KWP[0].key);
const FAILED = failsWith('DECRYPTION_FAILED', { algorithm: 'A192KWP' });

/** The published key on a token. */
async function imported(t: TestContext): Promise<KeyWrapper> {
  const algorithm = 'A192KWP';
  const token = nssToken(t);
  const material = new Secret(Uint8Array.from(KEY));
  const key = await token.provider().import?.(parseKeyRef(token.ref('wrapper')), { material, algorithm });
  assert.ok(key);
  return key.use(algorithm);
}

/** The same by OpenSSL. */
function wrapped(content: Uint8Array): Uint8Array {
  const cipher = createCipheriv('id-aes192-wrap-pad', KEY, decodeHex('a65959a6'));
  return Uint8Array.from(Buffer.concat([cipher.update(content), cipher.final()]));
}

test('NSS wraps and unwraps as RFC 5649 publishes', { skip }, async (t) => {
  const wrapper = await imported(t);
  for (const { name, content, wrapped } of AES_KWP) {
    assert.deepEqual(await wrapper.wrap(decodeHex(content)), decodeHex(wrapped), name);
    assert.deepEqual(await wrapper.unwrap(decodeHex(wrapped)), decodeHex(content), name);
  }
});

test('NSS and OpenSSL wrap every length alike, and open what the other wrapped', { skip }, async (t) => {
  const wrapper = await imported(t);
  for (let length = 1; length <= 40; length++) {
    const content = new Uint8Array(length).fill(length);
    assert.deepEqual(await wrapper.wrap(content), wrapped(content), `${length} bytes`);
    assert.deepEqual(await wrapper.unwrap(wrapped(content)), content, `${length} bytes`);
  }
});

test('what is changed or cut does not unwrap on NSS', { skip }, async (t) => {
  const wrapper = await imported(t);
  for (const right of AES_KWP.map((one) => decodeHex(one.wrapped))) {
    for (let at = 0; at < right.length; at++) {
      await assert.rejects(wrapper.unwrap(right.with(at, (right[at] ?? 0) ^ 1)), FAILED, `byte ${at}`);
      await assert.rejects(wrapper.unwrap(right.subarray(0, at)), FAILED, `${at} bytes`);
    }
  }
});
