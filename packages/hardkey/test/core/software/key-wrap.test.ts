import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { test } from 'node:test';
import { createKeys, importPublicKey, type KeyWrapper, Secret } from 'hardkey';
import { encryptTo, openEncrypt } from 'hardkey/formats/cose';
import { memory } from 'hardkey/providers/memory';
import { algorithm } from '../../../src/core/algorithms.ts';
import { wrapperFor, wrapWithBytes } from '../../../src/core/content-keys.ts';
import * as node from '../../../src/core/software/node.ts';
import * as web from '../../../src/core/software/web.ts';
import { decodeHex } from '../../../src/encoding/hex.ts';
import { failsWith } from '../../support/failures.ts';
import { freshKey } from '../../support/fresh-key.ts';
import { AES_KWP } from '../../support/key-wrap.ts';

const FAILED = failsWith('DECRYPTION_FAILED', { algorithm: 'A192KWP' });

async function wrapperOf(key: string): Promise<KeyWrapper> {
  const keys = createKeys([memory()]);
  const material = new Secret(decodeHex(key));
  return (await keys.import('memory:wrapper', { material, algorithm: 'A192KWP' })).use('A192KWP');
}

for (const { name, key, content, wrapped } of AES_KWP) {
  test(`${name} wraps and unwraps as published`, async () => {
    const wrapper = await wrapperOf(key);
    assert.deepEqual(await wrapper.wrap(decodeHex(content)), decodeHex(wrapped));
    assert.deepEqual(await wrapper.unwrap(decodeHex(wrapped)), decodeHex(content));
  });

  test(`${name} with any bit changed does not unwrap, nor any part of it`, async () => {
    const [wrapper, right] = [await wrapperOf(key), decodeHex(wrapped)];
    for (let bit = 0; bit < right.length * 8; bit++) {
      const changed = right.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await assert.rejects(wrapper.unwrap(changed), FAILED, `bit ${bit}`);
    }
    for (let length = 0; length < right.length; length++) {
      await assert.rejects(wrapper.unwrap(right.subarray(0, length)), FAILED, `${length} bytes`);
    }
  });
}

/** RFC 3394 §2.2.1 over blocks that are whole, as others may write: the initial value is of our choosing. */
function wrappedWith(initial: string, blocks: string): Uint8Array {
  const cipher = createCipheriv('id-aes192-wrap', decodeHex(AES_KWP[0].key), decodeHex(initial));
  return Uint8Array.from(Buffer.concat([cipher.update(decodeHex(blocks)), cipher.final()]));
}

// RFC 5649 §3: the constant, then the length in four bytes; the padding is zeros, and less than a block.
const FORGED = {
  'the initial value of AES-KW': ['a6a6a6a6a6a6a6a6', '11'.repeat(16)],
  'another constant': ['a65959a700000010', '11'.repeat(16)],
  'a length that is too great': ['a65959a600000011', '11'.repeat(16)],
  'a length of a block less': ['a65959a600000008', `${'11'.repeat(8)}${'00'.repeat(8)}`],
  'a length of nothing': ['a65959a600000000', '00'.repeat(16)],
  'a length beyond 31 bits': ['a65959a6ffffffff', '11'.repeat(16)],
  'padding that is not zeros': ['a65959a60000000f', `${'11'.repeat(15)}01`],
} as const;

test('a rightly padded value made by AES-KW unwraps, so what is forged is refused for what it says', async () => {
  const wrapper = await wrapperOf(AES_KWP[0].key);
  const right = wrappedWith('a65959a60000000f', `${'11'.repeat(15)}00`);
  assert.deepEqual(await wrapper.unwrap(right), new Uint8Array(15).fill(0x11));
  for (const [what, [initial, blocks]] of Object.entries(FORGED)) {
    await assert.rejects(wrapper.unwrap(wrappedWith(initial, blocks)), FAILED, what);
  }
});

test('AES-KWP wraps every length from one byte, and nothing is ARGUMENT_INVALID', async (t) => {
  const wrapper = await freshKey(t, 'A256KWP');
  for (let length = 1; length <= 80; length++) {
    const content = new Uint8Array(length).fill(length);
    const wrapped = await wrapper.wrap(content);
    assert.equal(wrapped.length, Math.ceil(length / 8) * 8 + 8);
    assert.deepEqual(await wrapper.unwrap(wrapped), content);
  }
  await assert.rejects(
    wrapper.wrap(new Uint8Array()),
    failsWith('ARGUMENT_INVALID', { algorithm: 'A256KWP', field: 'contentKey' }),
  );
});

test('what AES-KW wrapped, AES-KWP does not unwrap', async () => {
  const bytes = new Uint8Array(24).fill(7);
  const wrapper = algorithm('A192KWP');
  const wrapped = await wrapWithBytes(bytes, bytes);
  const key = await node.importSecret(bytes);
  assert.throws(() => node.unwrap(key, wrapper, wrapped), FAILED);
});

test('COSE has no identifier for AES-KWP: UNSUPPORTED, and nothing is for such a key', async (t) => {
  const [padded, plain] = [await freshKey(t, 'A256KWP'), await freshKey(t, 'A256KW')];
  const content = new Uint8Array(3);
  await assert.rejects(encryptTo(content, [padded]), failsWith('UNSUPPORTED', { algorithm: 'A256KWP' }));
  const bytes = await encryptTo(content, [plain]);
  await assert.rejects(openEncrypt(bytes, padded), failsWith('DECRYPTION_FAILED'));
});

test('WebCrypto has no AES-KWP: UNSUPPORTED, and it is not taken for AES-KW', async () => {
  const [facts, bytes] = [algorithm('A256KWP'), new Uint8Array(32)];
  const key = await web.importSecret(bytes);
  const refused = failsWith('UNSUPPORTED', { algorithm: 'A256KWP' });
  await assert.rejects(async () => web.wrap(key, facts, bytes), refused);
  await assert.rejects(async () => web.unwrap(key, facts, new Uint8Array(40)), refused);
});

test('RSA-OAEP-256 wraps up to what the modulus has room for, and more is ARGUMENT_INVALID', async (t) => {
  const wrapper = await freshKey(t, 'RSA-OAEP-256', { bits: 2048 });
  const anyone = wrapperFor(await importPublicKey(wrapper.key.publicKey?.spki ?? new Uint8Array()));
  // RFC 8017 §7.1.1: k - 2hLen - 2.
  const longest = new Uint8Array(256 - 2 * 32 - 2).fill(7);
  const longer = new Uint8Array(longest.length + 1);
  for (const { wrap } of [wrapper, anyone]) {
    assert.deepEqual(await wrapper.unwrap(await wrap(longest)), longest);
    await assert.rejects(
      wrap(longer),
      failsWith('ARGUMENT_INVALID', { algorithm: 'RSA-OAEP-256', field: 'contentKey' }),
    );
  }
});
