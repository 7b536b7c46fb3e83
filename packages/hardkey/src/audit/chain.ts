/**
 * How records are chained: each line is a JSON object that begins with its number, `seq`, and with
 * `prev`, the SHA-256 of the line before it, without its line feed.
 *
 * @module
 */
import { hash } from 'node:crypto';
import { Failure } from '../errors.ts';

/** Where a chain ends. Kept elsewhere, it shows later that nothing before it was changed or cut off. */
export interface AuditHead {
  /** The number of the last record, which is also how many there are. */
  readonly sequence: number;
  /** SHA-256 of the last line without its line feed, in hexadecimal; 64 zeros when there is none. */
  readonly hash: string;
}

/** The end of an empty chain. */
export const GENESIS: AuditHead = Object.freeze({ sequence: 0, hash: '0'.repeat(64) });

/** The longest line, in bytes, without its line feed. */
export const LINE_LIMIT = 65_536;

/** Names a line has beside those of its record. */
export const RESERVED: readonly string[] = ['seq', 'prev'];

/** The line that follows `head`, and the head that it makes. `body` is the JSON text of an object. */
export function chainLine(
  head: AuditHead,
  body: string,
): { readonly line: string; readonly head: AuditHead } {
  const sequence = head.sequence + 1;
  const rest = body === '{}' ? '}' : `,${body.slice(1)}`;
  const line = `{"seq":${sequence},"prev":"${head.hash}"${rest}`;
  return { line, head: { sequence, hash: hash('sha256', line, 'hex') } };
}

/** Where a line stands, for failures. */
export interface LinePlace {
  /** Counted from 1. */
  readonly number: number;
  /** In bytes from the start. */
  readonly offset: number;
  readonly path?: string;
}

/**
 * Checks that a line follows `head`, and returns the head that it makes. Without `head` only its form
 * is checked. Throws `VERIFICATION_FAILED` with the check `format`, `sequence` or `chain`.
 */
export function followLine(head: AuditHead | undefined, line: Uint8Array, place: LinePlace): AuditHead {
  const { seq, prev } = readLine(line, place);
  if (head !== undefined && seq !== head.sequence + 1) {
    throw broken('sequence', 'a record is missing, repeated or out of order', place);
  }
  if (head !== undefined && prev !== head.hash) {
    throw broken('chain', 'the record before this one was changed', place);
  }
  return { sequence: seq, hash: hash('sha256', line, 'hex') };
}

function readLine(line: Uint8Array, place: LinePlace): { readonly seq: number; readonly prev: string } {
  const value = parse(line);
  if (typeof value === 'object' && value !== null && 'seq' in value && 'prev' in value) {
    const { seq, prev } = value;
    if (Number.isSafeInteger(seq) && typeof prev === 'string') return { seq: seq as number, prev };
  }
  throw broken('format', 'not a record', place);
}

function parse(line: Uint8Array): unknown {
  if (line.length > LINE_LIMIT) return undefined;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line));
  } catch {
    // The parser's message quotes the line.
    return undefined;
  }
}

/** The failure for a chain that does not hold. */
export function broken(
  check: 'format' | 'sequence' | 'chain' | 'end' | 'head',
  message: string,
  { number, offset, path }: LinePlace,
): Failure<'VERIFICATION_FAILED'> {
  const where = path === undefined ? {} : { path };
  return new Failure('VERIFICATION_FAILED', message, { check, field: `line.${number}`, offset, ...where });
}
