// Node's writer makes the streams, and Node's reader is the second opinion on broken ones.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync, brotliDecompressSync, constants, crc32 } from 'node:zlib';
import fc from 'fast-check';
import { isFailure } from 'hardkey';
import { loadWords } from '../../../src/encoding/brotli/dictionary.ts';
import { decompressBrotli } from '../../../src/encoding/brotli/index.ts';
import { concat, equalBytes, utf8 } from '../../../src/encoding/bytes.ts';
import { decodeHex } from '../../../src/encoding/hex.ts';
import { failsWith } from '../../support/failures.ts';

const LIMIT = 65_536;
const refused = failsWith('MALFORMED', { field: 'brotli' });

function brotli(bytes: Uint8Array, quality: number, window = 22): Uint8Array {
  const params = { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_LGWIN]: window };
  return brotliCompressSync(bytes, { params });
}

/** What Node makes of a stream; undefined where it refuses, or leaves bytes over. */
function byNode(stream: Uint8Array): Uint8Array | undefined {
  try {
    const options = { info: true, maxOutputLength: LIMIT } as object;
    const { buffer, engine } = brotliDecompressSync(stream, options) as unknown as {
      buffer: Uint8Array;
      engine: { bytesWritten: number };
    };
    return engine.bytesWritten === stream.length ? buffer : undefined;
  } catch {
    // Every refusal of Node's is one verdict here.
    return undefined;
  }
}

async function byUs(stream: Uint8Array): Promise<Uint8Array | undefined> {
  return decompressBrotli(stream, LIMIT).catch((error: unknown) => {
    assert.ok(isFailure(error, 'MALFORMED'), String(error));
    return undefined;
  });
}

const word = fc.constantFrom('fullName', 'address', ' of the ', 'Street', 'é', '\n', ', ', 'Время', '99');
/** What a credential looks like to a compressor: words, and a signature that has no pattern. */
const content = fc
  .tuple(fc.array(word, { maxLength: 60 }), fc.uint8Array({ maxLength: 90 }))
  .map(([words, bytes]) => concat(utf8(words.join('')), bytes));
const stream = fc
  .tuple(content, fc.integer({ min: 0, max: 11 }), fc.integer({ min: 10, max: 24 }))
  .map(([bytes, quality, window]) => ({ bytes, stream: brotli(bytes, quality, window) }));

test('the dictionary is that of RFC 7932 appendix A', async () => {
  const words = await loadWords();
  assert.equal(words.length, 122_784);
  assert.equal(crc32(words), 0x5136cb04);
});

test('every stream comes out as it went in', () =>
  fc.assert(
    fc.asyncProperty(stream, async ({ bytes, stream }) => {
      assert.deepEqual(await decompressBrotli(stream, LIMIT), bytes);
    }),
    { numRuns: 500 },
  ));

test('text of every kind comes out as it went in, through words and what is made of them', async () => {
  const words = await loadWords();
  const capital = utf8(new TextDecoder().decode(words).toUpperCase());
  for (let at = 0; at < words.length; at += 6000) {
    for (const source of [words, capital]) {
      const bytes = source.slice(at, at + 6000);
      for (const quality of [5, 11]) {
        assert.deepEqual(await decompressBrotli(brotli(bytes, quality), LIMIT), bytes);
      }
    }
  }
});

test('bytes after the end are refused, whatever they are', () =>
  fc.assert(
    fc.asyncProperty(stream, fc.uint8Array({ minLength: 1, maxLength: 5 }), async ({ stream }, extra) => {
      await assert.rejects(decompressBrotli(concat(stream, extra), LIMIT), refused);
    }),
  ));

test('a stream that is cut short is refused', async () => {
  const whole = brotli(utf8('a credential that says who somebody is'), 11);
  for (let length = 0; length < whole.length; length++) {
    await assert.rejects(decompressBrotli(whole.subarray(0, length), LIMIT), refused, String(length));
  }
});

test('Node refuses and reads the same streams, with one bit or several changed', () =>
  fc.assert(
    fc.asyncProperty(
      stream,
      fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
      async ({ stream }, places) => {
        const changed = Uint8Array.from(stream);
        for (const place of places) {
          const bit = place % (changed.length * 8);
          changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        }
        const [ours, theirs] = [await byUs(changed), byNode(changed)];
        assert.ok(
          ours === undefined || theirs === undefined ? ours === theirs : equalBytes(ours, theirs),
          `${Buffer.from(changed).toString('hex')}: ours ${ours?.length}, Node's ${theirs?.length}`,
        );
      },
    ),
    { numRuns: 2000 },
  ));

/** Streams by hand: what a writer never makes. */
const BROKEN = [
  ['nothing', ''],
  ['a window of a reserved size', '11'],
  ['padding that is not 0', '86'],
  ['more content than is allowed, said in 14 bytes', 'cbffff7f24002881807a5a0060d0'],
] as const;

for (const [what, hex] of BROKEN) {
  test(`${what} is refused`, () => assert.rejects(decompressBrotli(decodeHex(hex), LIMIT), refused));
}

test('the empty stream is empty', async () => {
  assert.equal((await decompressBrotli(decodeHex('06'), LIMIT)).length, 0);
});

test('a small stream of much content is refused at the limit, before it is made', async () => {
  const bomb = brotli(new Uint8Array(2 ** 24), 9, 24);
  assert.ok(bomb.length < 100);
  await assert.rejects(decompressBrotli(bomb, LIMIT), refused);
  const bytes = utf8('four');
  assert.deepEqual(await decompressBrotli(brotli(bytes, 11), bytes.length), bytes);
  await assert.rejects(decompressBrotli(brotli(bytes, 11), bytes.length - 1), refused);
});
