/**
 * A stream of bytes, cut into records: lines, or rows of CSV, whose quoted cells may hold line ends.
 *
 * @module
 */

/** One record. */
export interface Cut {
  /** The line it begins on, from 1. */
  readonly line: number;
  /** How many bytes of the stream end with it. */
  readonly end: number;
  /** Without the line end; undefined when it is larger than may be. */
  readonly bytes: Uint8Array | undefined;
}

/** Records that are handed on together: to hand each on by itself takes longer than to cut it. */
const TOGETHER = 32;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const QUOTE = 0x22;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Cuts at line ends; with `quoted` only at those outside quotes (RFC 4180 §2.6). Empty lines are left
 * out. What one piece of the stream completes is yielded without waiting for the next, a few records at
 * a time, whose bytes may be those of the piece. A record of more than `limit` bytes is not kept, and ends where it would have ended: what follows
 * a quote that was never closed is never taken for records.
 */
export async function* cutRecords(
  pieces: AsyncIterable<Uint8Array>,
  quoted: boolean,
  limit: number,
): AsyncGenerator<readonly Cut[], void, undefined> {
  let cuts: Cut[] = [];
  let parts: Uint8Array[] = [];
  let length = 0;
  let quotes = 0;
  let begun = 1;
  let line = 1;
  let end = 0;

  function add(part: Uint8Array): void {
    end += part.length;
    length += part.length;
    if (quoted) quotes += count(part, QUOTE);
    if (length <= limit) parts.push(part);
    else parts = [];
  }

  function finish(): void {
    const bytes = length <= limit ? bare(joined(parts), begun === 1) : undefined;
    if (bytes?.length !== 0) cuts.push({ line: begun, end, bytes });
    parts = [];
    length = 0;
    quotes = 0;
    begun = line;
  }

  function* taken(least: number): Generator<readonly Cut[]> {
    if (cuts.length < least) return;
    yield cuts;
    cuts = [];
  }

  for await (const piece of pieces) {
    let from = 0;
    for (let at = piece.indexOf(LINE_FEED); at !== -1; at = piece.indexOf(LINE_FEED, from)) {
      add(piece.subarray(from, at + 1));
      line += 1;
      from = at + 1;
      if (quotes % 2 === 0) finish();
      yield* taken(TOGETHER);
    }
    if (from < piece.length) add(piece.subarray(from));
    yield* taken(1);
  }
  if (length > 0) finish();
  yield* taken(1);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  return first !== undefined && parts.length === 1 ? first : Buffer.concat(parts);
}

function count(bytes: Uint8Array, wanted: number): number {
  let found = 0;
  for (let at = bytes.indexOf(wanted); at !== -1; at = bytes.indexOf(wanted, at + 1)) found += 1;
  return found;
}

/** Without its line end, and without the byte order mark of some editors where it can be one. */
function bare(bytes: Uint8Array, first: boolean): Uint8Array {
  const start = first && BYTE_ORDER_MARK.every((byte, index) => bytes[index] === byte) ? 3 : 0;
  if (bytes.at(-1) !== LINE_FEED) return bytes.subarray(start);
  return bytes.subarray(start, bytes.at(-2) === CARRIAGE_RETURN ? -2 : -1);
}
