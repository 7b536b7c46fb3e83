/**
 * What a run did, counted.
 *
 * @module
 */
import type { FailureCode } from 'hardkey';
import type { Context } from '../../../context.ts';
import { failureOf, type Refusal, refusalText } from '../../../exit.ts';
import type { Given } from '../../../given.ts';
import { type Field, fields, json } from '../../../render.ts';
import type { Row } from './input.ts';
import type { Made } from './lane.ts';
import { type Progress, progressOn } from './progress.ts';

/** Counts, reports and shows. */
export interface Tally {
  /** Records of this part of the run that got a credential. */
  readonly good: number;
  readonly failed: number;
  /** Counts a credential. */
  add(row: Row, made: Made): void;
  /** Reports a record that has none. Throws the failure when it is not one of the record. */
  refuse(row: Row, refusal: Refusal): Promise<void>;
  /** Takes the line of progress away. */
  clear(): void;
  /** What there is to say at the end, after `before` and with `after`. */
  summary(before: Summary, after: Summary): string;
}

/** Named values. */
export type Summary = Readonly<Record<string, string | number>>;

interface Largest {
  readonly line: number;
  readonly qrVersion: number;
  readonly characters: number;
}

/** Failures of the record; any other is of the key, and the next record would have it too. */
const OF_A_RECORD: readonly FailureCode[] = ['ARGUMENT_INVALID', 'MALFORMED'];

/** Remarks that are told apart. */
const MOST_REMARKS = 20;

/** Begins to count, for an input of `size` bytes. */
export function tallyFor(given: Given, { output }: Context, size: number | undefined): Tally {
  const asJson = given.has('json');
  const progress: Progress = progressOn(output, size);
  const remarks = new Map<string, number>();
  let good = 0;
  let failed = 0;
  let largest: Largest | undefined;

  function show({ end }: Row): void {
    progress.show({ done: good + failed, failed, bytes: end });
  }

  return {
    get good() {
      return good;
    },
    get failed() {
      return failed;
    },
    add(row, { text, qrVersion, warnings }) {
      good += 1;
      if (text.length > (largest?.characters ?? 0)) {
        largest = { line: row.line, qrVersion, characters: text.length };
      }
      for (const warning of warnings) {
        if (remarks.has(warning) || remarks.size < MOST_REMARKS)
          remarks.set(warning, (remarks.get(warning) ?? 0) + 1);
      }
      show(row);
    },
    async refuse(row, refusal) {
      if (!OF_A_RECORD.includes(refusal.code)) throw failureOf(refusal);
      failed += 1;
      await output.note(refusalText(refusal, row.line, asJson));
      show(row);
    },
    clear: () => progress.clear(),
    summary(before, after) {
      if (asJson) {
        const warnings = Object.fromEntries(remarks);
        return json({ ...before, failed, largest: largest ?? null, warnings, ...after });
      }
      return fields([
        ...rows(before),
        ['failed', String(failed)],
        ['largest', largest && largestText(largest)],
        ...[...remarks].map(([remark, count]): Field => ['warning', `${remark} (${count} records)`]),
        ...rows(after),
      ]);
    },
  };
}

function largestText({ line, qrVersion, characters }: Largest): string {
  return `QR version ${qrVersion}, ${characters} characters, line ${line}`;
}

function rows(summary: Summary): readonly Field[] {
  return Object.entries(summary).map(([name, value]) => [name, String(value)]);
}
