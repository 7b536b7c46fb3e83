/**
 * COSE bytes as the text of a QR code.
 *
 * @module
 */
import { compress } from '#compression';
import { encodeBase45 } from '../../encoding/base45.ts';
import { Failure } from '../../errors.ts';
import type { CompressionFormat } from './compression/types.ts';
import { compressionOf, usualBytes } from './layers.ts';
import type { ProfileRules } from './profile.ts';

/** How hard to try: for the smallest text, or not at all. */
export type Effort = 'smallest' | 'fast';

/** A text, and how it is compressed. */
export interface Compressed {
  readonly text: string;
  readonly compression: CompressionFormat;
}

/**
 * The shortest text; among candidates of nearly one length, one that is easy to hand on. Throws
 * `UNSUPPORTED`, field `compression`, for what the profile or the runtime does not have, and
 * `ARGUMENT_INVALID`, field `identity`, for more than readers take, however small it becomes.
 */
export async function compressText(
  cose: Uint8Array,
  wanted: Effort | CompressionFormat = 'smallest',
  rules: ProfileRules,
): Promise<Compressed> {
  if (cose.length > usualBytes) {
    throw new Failure('ARGUMENT_INVALID', 'the credential has more content than is read', {
      field: 'identity',
      offset: cose.length,
    });
  }
  const candidates: Compressed[] = [];
  for (const compression of formatsOf(wanted, rules)) {
    for (const bytes of await compress(compression, cose)) {
      // Brotli that begins like zlib would be read as zlib.
      if (compressionOf(bytes) === compression) candidates.push({ text: encodeBase45(bytes), compression });
    }
  }
  candidates.sort((a, b) => a.text.length - b.text.length);
  const [first] = candidates;
  if (first === undefined) throw unsupported('this runtime lacks the compression');
  return candidates.find(({ text }) => isPlain(text) && text.length <= first.text.length + 8) ?? first;
}

const WANTED: readonly string[] = ['smallest', 'fast', 'zlib', 'brotli'];

function formatsOf(
  wanted: Effort | CompressionFormat,
  { writes }: ProfileRules,
): readonly CompressionFormat[] {
  if (wanted === 'smallest') return writes;
  if (wanted === 'fast') return ['zlib'];
  if (!WANTED.includes(wanted)) {
    throw new Failure('ARGUMENT_INVALID', 'no such compression', { field: 'compression' });
  }
  if (writes.includes(wanted)) return [wanted];
  throw unsupported('the profile does not have the compression');
}

/** Whether a text survives shells and forms: no leading dash, no space at either end. */
function isPlain(text: string): boolean {
  return !text.startsWith('-') && !text.startsWith(' ') && !text.endsWith(' ');
}

function unsupported(message: string): Failure<'UNSUPPORTED'> {
  return new Failure('UNSUPPORTED', message, { field: 'compression' });
}
