/**
 * The layers of a QR text: Base45, compression, COSE.
 *
 * @module
 */
import { decompress } from '#compression';
import { decodeBase45 } from '../../encoding/base45.ts';
import { Failure } from '../../errors.ts';
import { type CoseStructure, decodeCose } from '../cose/structure.ts';
import type { CompressionFormat } from './compression/types.ts';

/** Bounds on a text that nobody has verified yet. */
export interface TextLimits {
  /** Characters of the QR text. Default 16,384; a QR code holds 4,296. */
  readonly maxTextLength?: number;
  /** Bytes after decompression. Default 65,536. */
  readonly maxDecompressedBytes?: number;
}

/** What is inside a QR text. */
export interface TextLayers {
  readonly compression: CompressionFormat;
  /** Bytes as they are compressed, and as they come out. */
  readonly compressedLength: number;
  readonly cose: Uint8Array;
}

/** Takes a QR text apart. Throws `MALFORMED`, field `base45` or `compression`. */
export async function openText(text: string, limits: TextLimits = {}): Promise<TextLayers> {
  const { maxTextLength = 16_384, maxDecompressedBytes = 65_536 } = limits;
  if (text.length > maxTextLength) {
    throw new Failure('MALFORMED', 'the text is longer than is allowed', {
      field: 'base45',
      offset: maxTextLength,
    });
  }
  const bytes = decodeBase45(text);
  const compression = compressionOf(bytes);
  const cose = await decompress(compression, bytes, maxDecompressedBytes);
  return { compression, compressedLength: bytes.length, cose };
}

/**
 * How bytes are compressed, as Claim 169 1.2.1 has verifiers tell: by the magic number of zlib
 * (RFC 1950 §2.2: method 8, window 7, and a check of both bytes), and otherwise Brotli.
 */
export function compressionOf(bytes: Uint8Array): CompressionFormat {
  const [first = 0, second = 0] = bytes;
  return first === 0x78 && (first * 256 + second) % 31 === 0 ? 'zlib' : 'brotli';
}

/** A structure inside another, or the bare claims. */
export function innerStructure(bytes: Uint8Array): CoseStructure | undefined {
  // A CWT map begins with major type 5; a COSE structure is an array or a tag.
  return (bytes[0] ?? 0) >> 5 === 5 ? undefined : decodeCose(bytes);
}
