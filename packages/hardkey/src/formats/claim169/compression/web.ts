/**
 * Compression by the streams of browsers. They have no Brotli: reading it loads a decoder, and nothing
 * is written in it.
 *
 * @module
 */
import { ownBytes } from '../../../encoding/bytes.ts';
import { Failure, isFailure } from '../../../errors.ts';
import type { RuntimeCompression } from './types.ts';

/** See {@link RuntimeCompression.decompress}. The stream refuses bytes after its end by itself. */
export const decompress: RuntimeCompression['decompress'] = async (format, bytes, limit) => {
  if (format === 'brotli') return readBrotli(bytes, limit);
  try {
    return await collect(new DecompressionStream('deflate'), bytes, limit);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure('MALFORMED', 'not a whole stream of this format', { field: 'compression' });
  }
};

/** See {@link RuntimeCompression.compress}. */
export const compress: RuntimeCompression['compress'] = async (format, bytes) =>
  format === 'brotli'
    ? []
    : [await collect(new CompressionStream('deflate'), bytes, Number.POSITIVE_INFINITY)];

async function readBrotli(bytes: Uint8Array, limit: number): Promise<Uint8Array> {
  // A file of its own, most of it the dictionary: loaded when the first such text is read.
  const { decompressBrotli } = await import('../../../encoding/brotli/index.ts');
  try {
    return await decompressBrotli(bytes, limit);
  } catch (cause) {
    if (!isFailure(cause, 'MALFORMED')) throw cause;
    throw new Failure('MALFORMED', cause.message, { ...cause.details, field: 'compression' });
  }
}

async function collect(
  stream: GenericTransformStream,
  bytes: Uint8Array,
  limit: number,
): Promise<Uint8Array> {
  const reader = new Blob([ownBytes(bytes)])
    .stream()
    .pipeThrough(stream as TransformStream)
    .getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const part = next.value as Uint8Array;
    length += part.length;
    if (length > limit) {
      await reader.cancel();
      throw new Failure('MALFORMED', 'more content than is allowed', { field: 'compression' });
    }
    parts.push(part);
  }
  return new Uint8Array(await new Blob(parts.map(ownBytes)).arrayBuffer());
}
