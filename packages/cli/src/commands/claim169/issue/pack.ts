/**
 * Records on their way to a thread: one stretch of memory that is handed over and not copied.
 *
 * @module
 */
import type { RecordBytes } from './lane.ts';

/** Records, one after the other. */
export interface Packed {
  readonly content: Uint8Array<ArrayBuffer>;
  /** Of each; undefined for one that has too many bytes. */
  readonly lengths: readonly (number | undefined)[];
}

/** Copies records into memory of their own. */
export function packed(records: readonly RecordBytes[]): Packed {
  const lengths = records.map((bytes) => bytes?.length);
  const content = new Uint8Array(lengths.reduce<number>((sum, length = 0) => sum + length, 0));
  let at = 0;
  for (const bytes of records) {
    if (bytes === undefined) continue;
    content.set(bytes, at);
    at += bytes.length;
  }
  return { content, lengths };
}

/** The records again. */
export function* unpacked({ content, lengths }: Packed): Generator<RecordBytes, void, undefined> {
  let at = 0;
  for (const length of lengths) {
    yield length === undefined ? undefined : content.subarray(at, at + length);
    at += length ?? 0;
  }
}
