/**
 * Compression by node:zlib.
 *
 * @module
 */
import { brotliCompressSync, brotliDecompressSync, constants, deflateSync, inflateSync } from 'node:zlib';
import { Failure } from '../../../errors.ts';
import type { RuntimeCompression } from './types.ts';

/** What `{ info: true }` makes node:zlib return. */
interface WithEngine {
  readonly buffer: Uint8Array;
  readonly engine: { readonly bytesWritten: number };
}

const CHUNK = 1024;

/** See {@link RuntimeCompression.decompress}. */
export const decompress: RuntimeCompression['decompress'] = (format, bytes, limit) => {
  const { buffer, engine } = run(() =>
    // The asynchronous form costs thirty times the work on inputs of this size.
    format === 'zlib'
      ? inflateSync(bytes, { info: true, maxOutputLength: limit, chunkSize: CHUNK })
      : brotliDecompressSync(bytes, { info: true, maxOutputLength: limit, chunkSize: CHUNK } as object),
  );
  // node:zlib is silent about bytes after the stream: it counts what it took.
  if (engine.bytesWritten !== bytes.length) throw malformed('bytes after the end', engine.bytesWritten);
  return buffer;
};

/** See {@link RuntimeCompression.compress}. */
export const compress: RuntimeCompression['compress'] = (format, bytes) =>
  format === 'zlib'
    ? [zlib(bytes)]
    : // The highest quality is the best as a rule, with the contexts that are meant for fonts; where it is not,
      // on text in one script other than Latin, a lower one is, which costs little beside it.
      [brotli(bytes, 11, constants.BROTLI_MODE_FONT), brotli(bytes, 9, constants.BROTLI_MODE_GENERIC)];

/**
 * The stream that the defaults give, from a window and tables no larger than the input: what zlib
 * clears for the defaults takes longer than the work.
 */
function zlib(bytes: Uint8Array): Uint8Array {
  const stream = deflateSync(bytes, {
    level: 9,
    // zlib looks no further back than the window less the longest match and a byte of lookahead, 262 bytes.
    windowBits: Math.min(15, Math.max(9, Math.ceil(Math.log2(bytes.length + 262)))),
    // A block ends after 2^(memLevel + 6) symbols.
    memLevel: Math.min(8, Math.max(1, Math.ceil(Math.log2(bytes.length + 1)) - 6)),
    chunkSize: CHUNK,
  });
  // RFC 1950 §2.2: readers tell zlib by the largest window, which any smaller one fits into.
  stream[0] = 0x78;
  stream[1] = 0xda;
  return stream;
}

function brotli(bytes: Uint8Array, quality: number, mode: number): Uint8Array {
  const params = {
    [constants.BROTLI_PARAM_MODE]: mode,
    [constants.BROTLI_PARAM_QUALITY]: quality,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    // The smallest window that holds the whole input: larger ones cost time and say the same.
    [constants.BROTLI_PARAM_LGWIN]: Math.max(10, Math.ceil(Math.log2(bytes.length + 16))),
  };
  return brotliCompressSync(bytes, { params });
}

function run(decompressed: () => unknown): WithEngine {
  try {
    return decompressed() as WithEngine;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw malformed('more content than is allowed');
    throw malformed('not a whole stream of this format');
  }
}

function malformed(message: string, offset?: number): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', message, {
    field: 'compression',
    ...(offset === undefined ? {} : { offset }),
  });
}
