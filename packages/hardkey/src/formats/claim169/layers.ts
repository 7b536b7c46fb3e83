/**
 * The layers of a QR text: Base45, compression, and what an issuer may have put around the COSE.
 *
 * @module
 */
import { decompress } from '#compression';
import type { Soon } from '../../core/crypto/types.ts';
import { decodeBase45 } from '../../encoding/base45.ts';
import { fromUtf8 } from '../../encoding/bytes.ts';
import { decodeHex } from '../../encoding/hex.ts';
import { Failure, invalid, isFailure } from '../../errors.ts';
import { decodeCose } from '../cose/structure.ts';
import { untagCwt } from '../cwt/tag.ts';
import type { CompressionFormat } from './compression/types.ts';
import { inAnotherProfile, type ProfileRules, rulesOf } from './profile.ts';

/** Bounds on a text that nobody has verified yet. */
export interface TextLimits {
  /** Characters of the QR text. Default 16,384; a QR code holds 4,296. */
  readonly maxTextLength?: number;
  /** Bytes after decompression. Default 65,536. */
  readonly maxDecompressedBytes?: number;
}

/** What is read unless a reader says otherwise, and so the most that is written. */
export const usualBytes: number = 65_536;

/** What is inside a QR text. */
export interface TextLayers {
  readonly compression: CompressionFormat | 'none';
  /** Bytes as they are compressed. */
  readonly compressedLength: number;
  /** The COSE structure, without what may have been around it. */
  readonly cose: Uint8Array;
  /** Whether it was in hexadecimal, or had the tag of a CWT: marks of the profile `mosip`. */
  readonly wrapped: boolean;
}

/**
 * Takes a QR text apart, at once where the runtime decompresses at once. Throws `MALFORMED`, field
 * `base45`, `compression` or `cose`.
 */
export function openText(
  text: string,
  limits: TextLimits = {},
  rules: ProfileRules = rulesOf(),
): Soon<TextLayers> {
  const { maxTextLength = 16_384, maxDecompressedBytes = usualBytes } = limits;
  if (typeof text !== 'string') throw invalid('text is needed', 'text');
  checkLimit(maxTextLength, 'maxTextLength');
  checkLimit(maxDecompressedBytes, 'maxDecompressedBytes');
  if (text.length > maxTextLength) {
    throw new Failure('MALFORMED', 'the text is longer than is allowed', {
      field: 'base45',
      offset: maxTextLength,
    });
  }
  const bytes = decodeBase45(text);
  const compression = compressionOf(bytes, rules);
  const layersOf = (content: Uint8Array): TextLayers => {
    const { cose, wrapped } = unwrap(content, rules);
    return { compression, compressedLength: bytes.length, cose, wrapped };
  };
  const content =
    compression === 'zlib'
      ? decompress('zlib', bytes, maxDecompressedBytes)
      : openOther(bytes, rules, maxDecompressedBytes);
  return content instanceof Promise ? content.then(layersOf) : layersOf(content);
}

/** Nothing is more than NaN: a limit that is none would be no limit. */
function checkLimit(limit: number, field: string): void {
  if (typeof limit !== 'number' || !(limit >= 0)) throw invalid('a number from 0 on is needed', field);
}

/**
 * How bytes are compressed, as Claim 169 1.2.1 has verifiers tell: by the magic number of zlib
 * (RFC 1950 §2.2: method 8, window 7, and a check of both bytes), and otherwise Brotli.
 */
export function compressionOf(bytes: Uint8Array): CompressionFormat;
export function compressionOf(bytes: Uint8Array, rules: ProfileRules): CompressionFormat | 'none';
export function compressionOf(
  bytes: Uint8Array,
  { otherwise }: ProfileRules = rulesOf(),
): CompressionFormat | 'none' {
  const [first = 0, second = 0] = bytes;
  return first === 0x78 && (first * 256 + second) % 31 === 0 ? 'zlib' : otherwise;
}

/** Takes off the tag of a CWT (RFC 8392 §6), where a profile has it. */
export function withoutCwtTag(
  bytes: Uint8Array,
  rules: ProfileRules,
): { readonly cose: Uint8Array; readonly wrapped: boolean } {
  const { tagged, content } = untagCwt(bytes);
  if (tagged && !rules.wrapped) throw inAnotherProfile('cose', rules, 'mosip');
  return { cose: content, wrapped: tagged };
}

/** What is not zlib: Brotli in one profile, nothing in another. A guess at the other when it is neither. */
async function openOther(bytes: Uint8Array, rules: ProfileRules, limit: number): Promise<Uint8Array> {
  if (rules.otherwise === 'none') return openPlain(bytes, rules, limit);
  try {
    return await decompress('brotli', bytes, limit);
  } catch (failure) {
    if (isFailure(failure, 'MALFORMED') && isCose(bytes)) {
      throw inAnotherProfile('compression', rules, 'claim169-0.3');
    }
    throw failure;
  }
}

async function openPlain(bytes: Uint8Array, rules: ProfileRules, limit: number): Promise<Uint8Array> {
  if (bytes.length > limit) {
    throw new Failure('MALFORMED', 'more content than is allowed', { field: 'compression' });
  }
  if (isCose(bytes)) return bytes;
  if (await isBrotli(bytes, limit)) throw inAnotherProfile('compression', rules, '1.2.1');
  throw new Failure('MALFORMED', 'neither zlib nor a COSE structure', { field: 'compression' });
}

function isCose(bytes: Uint8Array): boolean {
  try {
    decodeCose(bytes);
    return true;
  } catch (failure) {
    if (isFailure(failure, 'MALFORMED')) return false;
    throw failure;
  }
}

async function isBrotli(bytes: Uint8Array, limit: number): Promise<boolean> {
  try {
    return isCose(await decompress('brotli', bytes, limit));
  } catch (failure) {
    if (isFailure(failure, 'MALFORMED')) return false;
    throw failure;
  }
}

function unwrap(content: Uint8Array, rules: ProfileRules): Pick<TextLayers, 'cose' | 'wrapped'> {
  // A COSE structure begins with an array or a tag, which no character does.
  if ((content[0] ?? 0x80) >= 0x80) return withoutCwtTag(content, rules);
  const bytes = bytesOfHex(content);
  if (bytes === undefined) return { cose: content, wrapped: false };
  if (!rules.wrapped) throw inAnotherProfile('cose', rules, 'mosip');
  return { ...withoutCwtTag(bytes, rules), wrapped: true };
}

/** Bytes that an issuer wrote as text before it compressed them. */
function bytesOfHex(content: Uint8Array): Uint8Array | undefined {
  try {
    return decodeHex(fromUtf8(content));
  } catch (failure) {
    if (isFailure(failure, 'MALFORMED')) return undefined;
    throw failure;
  }
}
