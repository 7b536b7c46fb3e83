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

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const QUOTE = 0x22;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Cuts at line ends; with `quoted` only at those outside quotes (RFC 4180 §2.6). Empty lines are left
 * out. A record of more than `limit` bytes is not kept, and ends where it would have ended: what follows
 * a quote that was never closed is never taken for records.
 */
export async function* cutRecords(
  pieces: AsyncIterable<Uint8Array>,
  quoted: boolean,
  limit: number,
): AsyncGenerator<Cut, void, undefined> {
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

  function* finish(): Generator<Cut> {
    const bytes = length <= limit ? bare(Buffer.concat(parts), begun === 1) : undefined;
    if (bytes?.length !== 0) yield { line: begun, end, bytes };
    parts = [];
    length = 0;
    quotes = 0;
    begun = line;
  }

  for await (const piece of pieces) {
    let from = 0;
    for (let at = piece.indexOf(LINE_FEED); at !== -1; at = piece.indexOf(LINE_FEED, from)) {
      add(piece.subarray(from, at + 1));
      line += 1;
      from = at + 1;
      if (quotes % 2 === 0) yield* finish();
    }
    if (from < piece.length) add(piece.subarray(from));
  }
  if (length > 0) yield* finish();
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
