/**
 * What of the input is still to be issued.
 *
 * @module
 */
import { Failure } from 'hardkey';
import type { Row } from './input.ts';
import type { Issued } from './issued.ts';

/**
 * The rows that were not issued. Throws `ARGUMENT_INVALID`, with the line in `field`, where the input is
 * not the one that was issued from: a row is gone, or its content is another.
 */
export async function* unissued(
  input: AsyncIterable<readonly Row[]>,
  issued: AsyncGenerator<Issued, void, undefined>,
): AsyncGenerator<readonly Row[], void, undefined> {
  let next = await issued.next();

  async function isLeft(row: Row): Promise<boolean> {
    if (next.done === true || next.value.line > row.line) return true;
    const { line, record } = next.value;
    if (line < row.line || record !== row.hash) throw changed(line);
    next = await issued.next();
    return false;
  }

  for await (const rows of input) {
    const left: Row[] = [];
    for (const row of rows) if (await isLeft(row)) left.push(row);
    if (left.length > 0) yield left;
  }
  if (next.done !== true) throw changed(next.value.line);
}

function changed(line: number): Failure<'ARGUMENT_INVALID'> {
  return new Failure('ARGUMENT_INVALID', 'the input was changed: this record was issued with other content', {
    field: `in.${line}`,
  });
}
