/**
 * The work on records that a thread does: parse, encode, sign, draw.
 *
 * @module
 */
import { type EncodedRecord, encodeAll, type RecordSource } from 'hardkey/formats/claim169';
import type { Refusal } from '../../../exit.ts';
import { draw } from '../picture.ts';
import type { Issuer } from './issuer.ts';
import { recordOf } from './parse.ts';
import type { Settings } from './settings.ts';

/** The bytes of a record, or that it has too many. */
export type RecordBytes = Uint8Array | undefined;

/** A credential that was made. */
export interface Made {
  readonly text: string;
  readonly qrVersion: number;
  /** Remarks on fields of the record, as lines of text. */
  readonly warnings: readonly string[];
  /** The content of its file, where it gets one. */
  readonly file?: string | Uint8Array;
}

/** What became of a record: plain values, which may go from thread to thread. */
export type Outcome = Made | { readonly refusal: Refusal };

/**
 * Records that are worked on at the same time with a key that is here and answers at once. A log makes
 * many signatures durable in the time of one.
 */
export function atOnce({ audit }: Issuer): number {
  return audit === undefined ? 1 : 32;
}

/** The outcome of each record, in order; `concurrency` are with the key at the same time. */
export async function* issueRecords(
  records: AsyncIterable<RecordBytes> | Iterable<RecordBytes>,
  { picture, ...shape }: Pick<Settings, 'picture' | 'columns' | 'photos'>,
  issuer: Issuer,
  concurrency: number,
): AsyncGenerator<Outcome, void, undefined> {
  const sources = sourcesOf(records, shape, issuer);
  for await (const result of encodeAll(sources, { ...issuer.encoding, concurrency, failures: 'yield' })) {
    yield 'failure' in result ? { refusal: result.failure.toJSON() } : await made(result, picture, issuer);
  }
}

async function* sourcesOf(
  records: AsyncIterable<RecordBytes> | Iterable<RecordBytes>,
  { columns, photos }: Pick<Settings, 'columns' | 'photos'>,
  { metaOf, fitFile }: Issuer,
): AsyncGenerator<RecordSource, void, undefined> {
  for await (const bytes of records) {
    yield () => {
      const { identity, photo } = recordOf(bytes, columns, photos?.column);
      const meta = metaOf(identity);
      if (photo === undefined || fitFile === undefined) return [identity, meta];
      return fitFile(identity, meta, photo).then((whole) => [whole, meta]);
    };
  }
}

async function made(
  { text, qrVersion, warnings }: EncodedRecord,
  picture: Settings['picture'],
  { encoding: { errorLevel } }: Issuer,
): Promise<Made> {
  return {
    text,
    qrVersion,
    warnings: warnings.map(({ path, message }) => `${path}: ${message}`),
    ...(picture === undefined ? {} : { file: await draw(picture, text, errorLevel) }),
  };
}
