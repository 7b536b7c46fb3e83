/**
 * Brotli: whatever the input is, node:zlib says the same of it.
 *
 * @module
 */
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { decompressBrotli } from '../../packages/hardkey/src/encoding/brotli/index.ts';
import { concat, equalBytes, utf8 } from '../../packages/hardkey/src/encoding/bytes.ts';
import { isFailure } from '../../packages/hardkey/src/errors.ts';
import { promised, type Target } from '../target.ts';

const LIMIT = 65_536;

/** What a credential looks like to a compressor: words, and a signature that has no pattern. */
const CONTENT = concat(
  utf8('fullName of the Street, address: the United States of America, जनार्दन, 1984-04-18'),
  Uint8Array.from({ length: 64 }, (_, at) => (at * 167 + 13) % 251),
);

/** See the module. */
export const brotli: Target = {
  name: 'brotli',
  allowed: ['MALFORMED'],
  seeds: () => [
    ...[1, 5, 9, 11].map((quality) => stream(CONTENT, quality, 16)),
    stream(CONTENT, 11, 24),
    stream(new Uint8Array(3000), 11, 10),
    stream(new Uint8Array(), 11, 10),
  ],
  async run(input) {
    const expected = byNode(input);
    try {
      const content = await decompressBrotli(input, LIMIT);
      promised(expected !== undefined && equalBytes(content, expected), 'node:zlib reads the same');
      return undefined;
    } catch (failure) {
      if (isFailure(failure, 'MALFORMED')) promised(expected === undefined, 'what node:zlib reads is read');
      throw failure;
    }
  },
};

/** What Node.js makes of a stream; undefined where it refuses, or leaves bytes over. */
function byNode(input: Uint8Array): Uint8Array | undefined {
  try {
    const options = { info: true, maxOutputLength: LIMIT } as object;
    const { buffer, engine } = brotliDecompressSync(input, options) as unknown as {
      readonly buffer: Uint8Array;
      readonly engine: { readonly bytesWritten: number };
    };
    return engine.bytesWritten === input.length ? buffer : undefined;
  } catch {
    return undefined;
  }
}

function stream(bytes: Uint8Array, quality: number, window: number): Uint8Array {
  const params = { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_LGWIN]: window };
  return Uint8Array.from(brotliCompressSync(bytes, { params }));
}
