/**
 * Identities as a row of a table: every value is text.
 *
 * @module
 */
import { isJsonObject } from '../../core/trust/strict-json.ts';
import { Failure } from '../../errors.ts';
import { type FieldType, fieldByName, type Identity } from './fields.ts';
import { identityFromJson } from './json.ts';

/**
 * Reads an identity from cells by field name. Text and dates stand as they are, numbers in decimal,
 * bytes in base64, `bestQualityFingers` as numbers with a space between them, and biometrics and
 * `unknown` as in JSON. An empty cell is a field that is not there.
 *
 * Throws `ARGUMENT_INVALID`, field `identity.<path>`, also for a name that is none where its cell is
 * empty; values are checked on encoding.
 */
export function identityFromCells(cells: Readonly<Record<string, string>>): Identity {
  if (!isJsonObject(cells)) throw new Failure('ARGUMENT_INVALID', 'an object is needed', { field: 'cells' });
  const json: Record<string, unknown> = {};
  for (const [name, cell] of Object.entries(cells)) {
    const read = readerOf(name);
    if (typeof cell !== 'string') throw invalid('a cell is text', name);
    if (cell !== '') json[name] = read(cell, name);
  }
  return identityFromJson(json);
}

type Reader = (cell: string, name: string) => unknown;

/** Types that are not text in JSON. */
const READERS: Partial<Record<FieldType, Reader>> = {
  integer,
  fingers: (cell, name) => cell.split(' ').map((finger) => integer(finger, name)),
  biometrics: parsed,
};

function readerOf(name: string): Reader {
  if (name === 'unknown') return parsed;
  const field = fieldByName.get(name);
  if (field === undefined) throw invalid('no such field', name);
  return READERS[field.type] ?? ((cell) => cell);
}

function integer(cell: string, name: string): number {
  if (/^-?\d{1,15}$/.test(cell)) return Number(cell);
  throw invalid('the field is an integer', name);
}

function parsed(cell: string, name: string): unknown {
  try {
    return JSON.parse(cell);
  } catch {
    // The parser's own words quote the cell.
    throw invalid('the field is written in JSON', name);
  }
}

function invalid(message: string, name: string): Failure<'ARGUMENT_INVALID'> {
  return new Failure('ARGUMENT_INVALID', message, { field: `identity.${name}` });
}
