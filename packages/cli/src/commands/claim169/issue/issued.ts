/**
 * Reading a manifest: what was issued, in the order of the input, with memory that does not grow.
 *
 * @module
 */
import { createReadStream } from 'node:fs';
import { Failure } from 'hardkey';
import { cutRecords } from './cut.ts';

/** A record that was issued. */
export interface Issued {
  /** The line of the input that it begins on, from 1. */
  readonly line: number;
  /** SHA-256 of its bytes without the line end, in base64url. */
  readonly record: string;
  /** The file of its credential, where each has its own. */
  readonly file?: string;
  /** Where the credential ends in the file that holds them all, in bytes. */
  readonly end?: number;
}

/** What one reading of a manifest shows. */
export interface Outline {
  /** The record that it begins with. */
  readonly beginning: Readonly<Record<string, unknown>>;
  /** Where the last credential ends in the file that holds them all. */
  readonly end: number;
  /** How many records were issued. */
  readonly count: number;
  /**
   * Stretches of the manifest, in bytes, with ascending lines. There is one, and one more each time that
   * records were issued which had failed before.
   */
  readonly stretches: readonly Stretch[];
}

interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Lines of an audit log are no longer. */
const LONGEST_LINE = 1 << 16;

/** Reads a manifest that was verified. Throws `MALFORMED` when it is another kind of log. */
export async function outlineOf(path: string): Promise<Outline> {
  const stretches: Stretch[] = [];
  let beginning: Outline['beginning'] | undefined;
  let end = 0;
  let count = 0;
  let from = 0;
  let to = 0;
  let last = 0;
  for await (const { value, place } of recordsOf(path)) {
    beginning ??= value;
    const issued = issuedOf(value);
    if (issued !== undefined && issued.line <= last) {
      stretches.push({ from, to });
      from = to;
    }
    if (issued !== undefined) {
      last = issued.line;
      count += 1;
      end = issued.end ?? end;
    }
    to = place;
  }
  return { beginning: beginning ?? {}, end, count, stretches: [...stretches, { from, to }] };
}

/** What was issued, by ascending line. Throws `MALFORMED` when a record was issued twice. */
export async function* readIssued(
  path: string,
  stretches: Outline['stretches'],
): AsyncGenerator<Issued, void, undefined> {
  const cursors = await Promise.all(stretches.map((stretch) => cursorOf(issuedIn(path, stretch))));
  let last = 0;
  for (;;) {
    const [next] = cursors
      .filter(({ current }) => current !== undefined)
      .sort((a, b) => (a.current?.line ?? 0) - (b.current?.line ?? 0));
    if (next?.current === undefined) return;
    if (next.current.line === last) throw malformed('a record was issued twice', path);
    last = next.current.line;
    yield next.current;
    await next.advance();
  }
}

interface Cursor {
  readonly current: Issued | undefined;
  advance(): Promise<void>;
}

async function cursorOf(issued: AsyncGenerator<Issued, void, undefined>): Promise<Cursor> {
  let current: Issued | undefined;
  const advance = async (): Promise<void> => {
    const next = await issued.next();
    current = next.done === true ? undefined : next.value;
  };
  await advance();
  return {
    get current() {
      return current;
    },
    advance,
  };
}

async function* issuedIn(path: string, stretch: Stretch): AsyncGenerator<Issued, void, undefined> {
  for await (const { value } of recordsOf(path, stretch)) {
    const issued = issuedOf(value);
    if (issued !== undefined) yield issued;
  }
}

interface Placed {
  readonly value: Readonly<Record<string, unknown>>;
  /** How many bytes end with it. */
  readonly place: number;
}

async function* recordsOf(path: string, stretch?: Stretch): AsyncGenerator<Placed, void, undefined> {
  if (stretch?.from === stretch?.to && stretch !== undefined) return;
  const stream = createReadStream(path, stretch && { start: stretch.from, end: stretch.to - 1 });
  for await (const cuts of cutRecords(stream, false, LONGEST_LINE)) {
    for (const { bytes, end } of cuts) {
      yield { value: JSON.parse(new TextDecoder().decode(bytes)) as Placed['value'], place: end };
    }
  }
}

/** The record of an issue; undefined for the others: how it began, and how it was gone on with. */
function issuedOf({ operation, line, record, file, end }: Placed['value']): Issued | undefined {
  if (operation !== undefined || typeof line !== 'number' || typeof record !== 'string') return undefined;
  return {
    line,
    record,
    ...(typeof file === 'string' ? { file } : {}),
    ...(typeof end === 'number' ? { end } : {}),
  };
}

function malformed(message: string, path: string): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', message, { field: 'manifest', path });
}
