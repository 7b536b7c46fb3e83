/**
 * What decompression needs of a runtime. `node.ts` and `web.ts` are the two implementations behind the
 * import `#compression`.
 *
 * @module
 */
import type { Soon } from '../../../core/crypto/types.ts';

/** How the COSE bytes of a QR code are compressed (Claim 169 1.2.1). */
export type CompressionFormat = 'zlib' | 'brotli';

/** One runtime's compression. */
export interface RuntimeCompression {
  /**
   * The content of a stream that ends exactly where the input ends. Throws `MALFORMED`, field
   * `compression`, for a broken stream, bytes after it, or more than `limit` bytes of content.
   */
  readonly decompress: (format: CompressionFormat, bytes: Uint8Array, limit: number) => Soon<Uint8Array>;
  /** Streams that decompress to `bytes`, the smallest ones a format has to offer. */
  readonly compress: (format: CompressionFormat, bytes: Uint8Array) => Soon<readonly Uint8Array[]>;
}
