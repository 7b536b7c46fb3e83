/**
 * From the bytes of a record to an identity.
 *
 * @module
 */
import { parse } from 'csv-parse/sync';
import { Failure } from 'hardkey';
import { type Identity, identityFromCells, identityFromJson } from 'hardkey/formats/claim169';
import { textOf } from '../../../input.ts';

/** Reads a line of NDJSON, or a row under `columns`. Throws `MALFORMED`, and `ARGUMENT_INVALID` with the field. */
export function identityOf(bytes: Uint8Array | undefined, columns: readonly string[] | undefined): Identity {
  if (bytes === undefined) throw tooLarge(columns !== undefined);
  const identity = columns === undefined ? identityFromJson(jsonOf(bytes)) : fromRow(bytes, columns);
  if (Object.keys(identity).length > 0) return identity;
  throw new Failure('ARGUMENT_INVALID', 'the record has no field', { field: 'identity' });
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

function fromRow(bytes: Uint8Array, columns: readonly string[]): Identity {
  const cells = cellsOf(bytes);
  if (cells.length !== columns.length) {
    throw new Failure('MALFORMED', 'not as many cells as the header has names', { field: 'record' });
  }
  return identityFromCells(Object.fromEntries(columns.map((name, index) => [name, cells[index] ?? ''])));
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
