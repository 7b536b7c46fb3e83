/**
 * The records that are to be issued, as a stream: `--in`.
 *
 * @module
 */
import { hash } from 'node:crypto';
import { statSync } from 'node:fs';
import { Failure } from 'hardkey';
import { identityFromCells } from 'hardkey/formats/claim169';
import { closeContent, streamContent } from '../../../input.ts';
import { type Cut, cutRecords } from './cut.ts';
import { cellsOf } from './parse.ts';

/** One record of the input, as its bytes are. */
export interface Row {
  /** The line it begins on, from 1. */
  readonly line: number;
  /** SHA-256 of its bytes without the line end, in base64url. */
  readonly hash: string;
  /** How many bytes of the input end with it. */
  readonly end: number;
  /** Undefined when it is larger than any record is. */
  readonly bytes: Uint8Array | undefined;
}

/** An input that is open. Closed, it is not waited for any more: whoever writes to it may take his time. */
export interface Input extends Disposable {
  /** The names above the columns, where there are columns. */
  readonly columns: readonly string[] | undefined;
  /** Bytes, where it is known beforehand. */
  readonly size: number | undefined;
  /** A few at a time, as they come. May be read once. */
  readonly rows: AsyncIterable<readonly Row[]>;
}

/** A QR code holds 3 kilobytes; a photo that is fitted into one comes from no more than this. */
const LARGEST_RECORD = 1 << 20;

const CSV = '.csv';
const NDJSON = /\.(?:ndjson|jsonl)$/;

/** Whether a name stands for a stream that can be read once only. */
export function isStream(path: string): boolean {
  return path === '-' || !statSync(path, { throwIfNoEntry: false })?.isFile();
}

/**
 * Opens NDJSON or CSV: by the end of the name, and otherwise by the first character. Throws
 * `ARGUMENT_INVALID` or `MALFORMED` for a header that does not name fields of an identity, and the column
 * of photos where there is one.
 */
export async function openInput(path: string, photoColumn?: string): Promise<Input> {
  try {
    return await open(path, photoColumn);
  } catch (error) {
    closeContent(path);
    throw error;
  }
}

async function open(path: string, photoColumn: string | undefined): Promise<Input> {
  const pieces = streamContent(path);
  const first = await firstOf(pieces);
  const isCsv = path.endsWith(CSV) || (!NDJSON.test(path) && !startsLikeJson(first[0]));
  const cuts = cutRecords(chained(first, pieces), isCsv, LARGEST_RECORD);
  const size = path === '-' ? undefined : statSync(path).size || undefined;
  const close = { [Symbol.dispose]: () => closeContent(path) };
  if (!isCsv) return { columns: undefined, size, rows: rowsOf(cuts), ...close };
  const [[header, ...others] = []] = await firstOf(cuts);
  const columns = columnsOf(header, photoColumn);
  return { columns, size, rows: rowsOf(chained([others], cuts)), ...close };
}

function startsLikeJson(piece: Uint8Array | undefined): boolean {
  return /^\ufeff?\s*(?:\{|$)/.test(
    new TextDecoder('utf-8', { ignoreBOM: true }).decode(piece?.subarray(0, 64)),
  );
}

/** The first, where there is one. */
async function firstOf<T>(things: AsyncGenerator<T, void, undefined>): Promise<readonly T[]> {
  const first = await things.next();
  return first.done === true ? [] : [first.value];
}

async function* chained<T>(
  first: readonly T[],
  rest: AsyncGenerator<T, void, undefined>,
): AsyncGenerator<T, void, undefined> {
  yield* first;
  yield* rest;
}

function columnsOf(header: Cut | undefined, photoColumn: string | undefined): readonly string[] {
  if (header === undefined) throw invalid('the input is empty: it begins with the names of its columns');
  const columns = header.bytes === undefined ? [] : cellsOf(header.bytes);
  if (new Set(columns).size !== columns.length) throw invalid('two columns have the same name');
  if (photoColumn !== undefined && !columns.includes(photoColumn)) {
    throw new Failure('ARGUMENT_INVALID', 'no such column', { field: 'photo-column' });
  }
  const fields = columns.filter((name) => name !== photoColumn);
  // Throws for a name that is none of a field.
  identityFromCells(Object.fromEntries(fields.map((name) => [name, ''])));
  return columns;
}

async function* rowsOf(
  groups: AsyncIterable<readonly Cut[]>,
): AsyncGenerator<readonly Row[], void, undefined> {
  for await (const cuts of groups) yield cuts.map(rowOf);
}

function rowOf({ line, end, bytes }: Cut): Row {
  return { line, end, bytes, hash: hash('sha256', bytes ?? new Uint8Array(), 'base64url') };
}

function invalid(message: string): Failure<'ARGUMENT_INVALID'> {
  return new Failure('ARGUMENT_INVALID', message, { field: 'in' });
}
