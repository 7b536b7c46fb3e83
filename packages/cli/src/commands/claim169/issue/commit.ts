/**
 * From signatures to issued credentials: written, made durable, then recorded, many at a time.
 *
 * @module
 */
import type { Credential, Destination } from './destination.ts';
import type { Row } from './input.ts';
import type { Manifest } from './manifest.ts';
import { atStep } from './steps.ts';

/** Issues credentials. */
export interface Commits {
  /** Takes a credential in; returns when there is room for the next. Throws what a commit before threw. */
  add(row: Row, made: Credential['made']): Promise<void>;
  /** Returns when all that was taken in is issued. */
  end(): Promise<void>;
}

interface Waiting extends Credential {
  readonly row: Row;
}

/** How long others are waited for: to make something durable costs the same for one and for many. */
const PATIENCE_MS = 25;

/**
 * Issues in the order in which credentials are added. What is added while a commit is under way goes
 * together with the next, so that a slow disk costs fewer and larger ones. `onIssued` is told of each.
 */
export function commitsTo(
  destination: Destination,
  manifest: Manifest,
  onIssued: (row: Row, made: Credential['made']) => void,
): Commits {
  const { most } = destination;
  let waiting: Waiting[] = [];
  let committing: Promise<void> | undefined;
  let hurry = Promise.withResolvers<void>();
  let ending = false;

  async function commitAll(): Promise<void> {
    while (waiting.length > 0) {
      if (!ending && waiting.length < most) await patience();
      const group = waiting;
      waiting = [];
      await commit(group);
    }
    committing = undefined;
  }

  async function patience(): Promise<void> {
    hurry = Promise.withResolvers();
    const timer = setTimeout(hurry.resolve, PATIENCE_MS);
    await hurry.promise;
    clearTimeout(timer);
  }

  async function commit(group: readonly Waiting[]): Promise<void> {
    atStep('signed');
    const places = await destination.write(group);
    atStep('record');
    await manifest.record(
      group.flatMap(({ line, row }, index) => {
        const place = places[index];
        return place === undefined ? [] : [{ line, record: row.hash, ...place }];
      }),
    );
    atStep('issued');
    for (const { row, made } of group) onIssued(row, made);
  }

  return {
    async add(row, made) {
      waiting.push({ line: row.line, row, made });
      committing ??= commitAll();
      // It is looked at by the next that is added, or at the end.
      committing.catch(() => undefined);
      if (waiting.length < most) return;
      hurry.resolve();
      await committing;
    },
    async end() {
      ending = true;
      hurry.resolve();
      await committing;
    },
  };
}
