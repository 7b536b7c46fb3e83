import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { decode } from 'hardkey/formats/claim169';
import { signSign1 } from 'hardkey/formats/cose';
import { encodeBase45 } from '../../../src/encoding/base45.ts';
import { concat, utf8 } from '../../../src/encoding/bytes.ts';
import { decodeHex } from '../../../src/encoding/hex.ts';
import * as node from '../../../src/formats/claim169/compression/node.ts';
import * as web from '../../../src/formats/claim169/compression/web.ts';
import { encodeCwt } from '../../../src/formats/cwt/claims.ts';
import { failsWith } from '../../support/failures.ts';
import { AT, issuerFor, META, textOf } from './support.ts';

const CWT = encodeCwt(META, new Map([[169, new Map([[1, 'A']])]]));
const EXTRA = Uint8Array.of(0);

test('bytes after the COSE structure are MALFORMED', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const cose = await signSign1(CWT, { signer });
  assert.equal((await decode(textOf(cose), { trust, at: AT })).isVerified(), true);
  const refused = failsWith('MALFORMED', { field: 'cose' });
  await assert.rejects(decode(textOf(concat(cose, EXTRA)), { trust, at: AT }), refused);
  await assert.rejects(decode(textOf(cose.subarray(0, -1)), { trust, at: AT }), refused);
});

/** Payloads that the issuer did sign, and the layer that refuses them. */
const PAYLOADS = [
  ['bytes after the claims', concat(CWT, EXTRA), 'cwt'],
  ['claims cut short', CWT.subarray(0, -1), 'claim169'],
  ['claims cut short before the identity', CWT.subarray(0, 20), 'cwt'],
  ['an empty payload', new Uint8Array(), 'cwt'],
  ['an array', decodeHex('8101'), 'cwt'],
  ['a repeated claim', decodeHex('a2016161016162'), 'cwt'],
  ['a repeated label', decodeHex('a118a9a2016161016162'), 'claim169'],
  ['a repeated label after a claim', decodeHex('a201616118a9a2016161016162'), 'claim169'],
  ['text that is not UTF-8', decodeHex('a118a9a10161ff'), 'claim169'],
  ['text that is not UTF-8 beside the identity', decodeHex('a218a9a00161ff'), 'cwt'],
  ['a claim that is repeated after the identity', decodeHex('a318a9a0016161016162'), 'cwt'],
  ['an issuer that is a number', decodeHex('a2010118a9a0'), 'cwt.issuer'],
  ['an expiry that is text', decodeHex('a204613118a9a0'), 'cwt.expiresAt'],
  ['an expiry that is no number', decodeHex('a204f97e0018a9a0'), 'cwt.expiresAt'],
  ['no claim 169', decodeHex('a1016161'), 'claim169'],
  ['a claim 169 that is an array', decodeHex('a118a980'), 'claim169'],
  ['a label that is text', decodeHex('a118a9a161316161'), 'claim169'],
] as const;

for (const [what, payload, field] of PAYLOADS) {
  test(`${what}, though signed, is MALFORMED in ${field}`, async (t) => {
    const { signer, trust } = await issuerFor(t);
    const text = textOf(await signSign1(payload, { signer }));
    await assert.rejects(decode(text, { trust, at: AT }), failsWith('MALFORMED', { field }));
  });
}

test('a detached payload and a structure within a structure are MALFORMED', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const refused = failsWith('MALFORMED', { field: 'cose' });
  const detached = await signSign1(CWT, { signer, detached: true });
  await assert.rejects(decode(textOf(detached), { trust, at: AT }), refused);
  const tagged = concat(decodeHex('d83d'), await signSign1(CWT, { signer }));
  await assert.rejects(decode(textOf(tagged), { trust, at: AT }), refused);
  const nested = await signSign1(await signSign1(CWT, { signer }), { signer });
  await assert.rejects(decode(textOf(nested), { trust, at: AT }), failsWith('MALFORMED', { field: 'cwt' }));
});

const REFUSED = failsWith('MALFORMED', { field: 'compression' });

test('bytes after a zlib or a Brotli stream are MALFORMED', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const cose = await signSign1(CWT, { signer });
  for (const stream of [deflateSync(cose), brotliCompressSync(cose)]) {
    assert.equal((await decode(encodeBase45(stream), { trust, at: AT })).isVerified(), true);
    for (const after of [EXTRA, utf8('more'), stream]) {
      await assert.rejects(decode(encodeBase45(concat(stream, after)), { trust, at: AT }), REFUSED);
    }
    for (let length = 1; length < stream.length; length += 7) {
      await assert.rejects(decode(encodeBase45(stream.subarray(0, length)), { trust, at: AT }), REFUSED);
    }
  }
});

test('no compression, gzip and bare deflate are MALFORMED', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const cose = await signSign1(CWT, { signer });
  for (const bytes of [cose, gzipSync(cose), deflateRawSync(cose)]) {
    await assert.rejects(decode(encodeBase45(bytes), { trust, at: AT }), REFUSED);
  }
});

test('content is decompressed up to the limit and no further', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const cose = await signSign1(CWT, { signer });
  for (const stream of [deflateSync(cose), brotliCompressSync(cose)]) {
    const text = encodeBase45(stream);
    const most = { trust, at: AT, maxDecompressedBytes: cose.length };
    assert.equal((await decode(text, most)).isVerified(), true);
    await assert.rejects(decode(text, { ...most, maxDecompressedBytes: cose.length - 1 }), REFUSED);
  }
  // 65,536 bytes by default: a few dozen bytes that would become a megabyte.
  for (const bomb of [deflateSync(new Uint8Array(2 ** 20)), brotliCompressSync(new Uint8Array(2 ** 20))]) {
    await assert.rejects(decode(encodeBase45(bomb), { trust, at: AT }), REFUSED);
  }
});

test('a text longer than is allowed is MALFORMED before it is read', async (t) => {
  const { trust } = await issuerFor(t);
  const refused = failsWith('MALFORMED', { field: 'base45', offset: 16_384 });
  await assert.rejects(decode('!'.repeat(16_385), { trust }), refused);
  const shorter = { trust, maxTextLength: 10 };
  await assert.rejects(decode('0'.repeat(11), shorter), failsWith('MALFORMED', { field: 'base45' }));
});

test('both runtimes decompress and refuse the same zlib streams', async () => {
  const content = crypto.getRandomValues(new Uint8Array(20_000));
  const [stream = new Uint8Array()] = await web.compress('zlib', content);
  const broken = Uint8Array.from(stream);
  broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 1;
  for (const { decompress } of [node, web]) {
    assert.deepEqual(Uint8Array.from(await decompress('zlib', stream, 20_000)), content);
    for (const [bytes, limit] of [
      [stream, 19_999],
      [concat(stream, EXTRA), 20_000],
      [stream.subarray(0, -1), 20_000],
      [broken, 20_000],
      [new Uint8Array(), 20_000],
    ] as const) {
      await assert.rejects(async () => decompress('zlib', bytes, limit), REFUSED);
    }
  }
  assert.deepEqual(await web.compress('brotli', content), []);
});

test('both runtimes decompress and refuse the same Brotli streams', async () => {
  const content = utf8('a text of words that the dictionary has, '.repeat(20));
  const stream = Uint8Array.from(brotliCompressSync(content));
  for (const { decompress } of [node, web]) {
    assert.deepEqual(Uint8Array.from(await decompress('brotli', stream, 1000)), content);
    for (const [bytes, limit] of [
      [stream, content.length - 1],
      [concat(stream, EXTRA), 1000],
      [stream.subarray(0, -1), 1000],
      [new Uint8Array(), 1000],
    ] as const) {
      await assert.rejects(async () => decompress('brotli', bytes, limit), REFUSED);
    }
  }
});
