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
  rows: AsyncIterable<Row>,
  issued: AsyncGenerator<Issued, void, undefined>,
): AsyncGenerator<Row, void, undefined> {
  let next = await issued.next();
  for await (const row of rows) {
    const known = next.done === true ? undefined : next.value;
    if (known !== undefined && known.line < row.line) throw changed(known.line);
    if (known?.line !== row.line) {
      yield row;
      continue;
    }
    if (known.record !== row.hash) throw changed(known.line);
    next = await issued.next();
  }
  if (next.done !== true) throw changed(next.value.line);
}

function changed(line: number): Failure<'ARGUMENT_INVALID'> {
  return new Failure('ARGUMENT_INVALID', 'the input was changed: this record was issued with other content', {
    field: `in.${line}`,
  });
}
