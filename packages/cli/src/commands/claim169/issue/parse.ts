/**
 * From the bytes of a record to an identity.
 *
 * @module
 */
import { parse } from 'csv-parse/sync';
import { Failure } from 'hardkey';
import { type Identity, identityFromCells, identityFromJson } from 'hardkey/formats/claim169';
import { textOf } from '../../../input.ts';

/** What a record says. */
export interface ParsedRecord {
  readonly identity: Identity;
  /** The name of the file that has the photo. */
  readonly photo?: string;
}

/**
 * Reads a line of NDJSON, or a row under `columns`; what stands under `photoColumn` is no field of the
 * identity. Throws `MALFORMED`, and `ARGUMENT_INVALID` with the field.
 */
export function recordOf(
  bytes: Uint8Array | undefined,
  columns: readonly string[] | undefined,
  photoColumn?: string,
): ParsedRecord {
  if (bytes === undefined) throw tooLarge(columns !== undefined);
  const [given, photo] = withoutPhoto(columns ? rowOf(bytes, columns) : jsonOf(bytes), photoColumn);
  const identity = columns ? identityFromCells(given as Row) : identityFromJson(given);
  if (Object.keys(identity).length === 0) {
    throw new Failure('ARGUMENT_INVALID', 'the record has no field', { field: 'identity' });
  }
  return { identity, ...(photo && { photo }) };
}

type Row = Readonly<Record<string, string>>;

function withoutPhoto(
  record: unknown,
  column: string | undefined,
): readonly [record: unknown, photo?: string] {
  if (column === undefined || typeof record !== 'object' || record === null) return [record];
  const { [column]: photo, ...rest } = record as Readonly<Record<string, unknown>>;
  if (photo === undefined || photo === null) return [rest];
  if (typeof photo === 'string') return [rest, photo];
  throw new Failure('ARGUMENT_INVALID', 'the name of a file is text', { field: 'photo' });
}

/** The cells of one row (RFC 4180). Throws `MALFORMED`. */
export function cellsOf(bytes: Uint8Array): readonly string[] {
  const rows = rowsOf(textOf(bytes, 'record'));
  const [cells = [], ...others] = rows;
  if (others.length === 0) return cells;
  throw new Failure('MALFORMED', 'not one row of CSV', { field: 'record' });
}

function rowsOf(text: string): readonly (readonly string[])[] {
  try {
    return parse(text, { relax_column_count: true }) as string[][];
  } catch {
    // The parser's own words quote the row.
    throw new Failure('MALFORMED', 'not a row of CSV: a quote is where none may be, or is not closed', {
      field: 'record',
    });
  }
}

function rowOf(bytes: Uint8Array, columns: readonly string[]): Row {
  const cells = cellsOf(bytes);
  if (cells.length !== columns.length) {
    throw new Failure('MALFORMED', 'not as many cells as the header has names', { field: 'record' });
  }
  return Object.fromEntries(columns.map((name, index) => [name, cells[index] ?? '']));
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(bytes, 'record'));
  } catch (error) {
    if (error instanceof Failure) throw error;
    // The parser's own words quote the record.
    throw new Failure('MALFORMED', 'the record is not JSON', { field: 'record' });
  }
}

function tooLarge(quoted: boolean): Failure<'MALFORMED'> {
  const why = quoted ? ': a quote may not be closed' : '';
  return new Failure('MALFORMED', `the record is larger than a megabyte${why}`, { field: 'record' });
}
