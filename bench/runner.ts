/**
 * Times candidates against each other: batches of a few calls, taken in turn, so that what disturbs
 * the machine disturbs all of them alike.
 *
 * @module
 */

/** One way to do the work that is measured. */
export type Candidate = Timed | TimesItself;

/** Work that is timed here. A promise is awaited before the next call. */
export interface Timed {
  readonly name: string;
  readonly run: () => unknown;
}

/** Work in another process, which reads its own clock. */
export interface TimesItself {
  readonly name: string;
  /** Microseconds for one of so many calls. */
  readonly time: (calls: number) => Promise<number>;
}

/** What is compared with what. */
export interface Question {
  readonly name: string;
  /** The candidate the others are divided by. */
  readonly baseline: string;
  readonly candidates: readonly Candidate[];
  /** Frees what the candidates hold, when the last was timed. */
  readonly close?: () => void | Promise<void>;
}

/** How much is measured. */
export interface Effort {
  readonly rounds: number;
  /** Calls of every candidate before the clock is read. */
  readonly warmUp: number;
  /** No new round, and no more warming up, after this time; slow candidates get fewer. */
  readonly limitMs: number;
}

/** The times of one candidate, in microseconds for one call. */
export interface Row {
  readonly name: string;
  readonly minimum: number;
  readonly p10: number;
  readonly median: number;
  readonly maximum: number;
  /** Its 10th percentile, and its median, divided by those of the baseline. */
  readonly ratio: number;
  readonly medianRatio: number;
}

/** The answer to a question. */
export interface Answer {
  readonly question: string;
  readonly baseline: string;
  readonly rounds: number;
  readonly rows: readonly Row[];
}

/** Calls in one reading of the clock. */
const BATCH = 8;

/** Rounds that another process waits for its turn, and turns that it then takes. */
const BLOCK = 20;

/**
 * How often a candidate is timed in a round. While another process works, this one sleeps and its caches
 * grow cold, which costs whoever comes next: it works as often as the others, but not in every round. Where all
 * of them work elsewhere there is nothing to grow cold here.
 */
function turnsOf(candidate: Candidate, round: number, isElsewhere: boolean): number {
  if (isElsewhere || !('time' in candidate)) return 1;
  return round % BLOCK === 0 ? BLOCK : 0;
}

/** What the last call returned, kept where the compiler cannot prove it unused. */
export const sink: { last: unknown } = { last: undefined };

/** Times the candidates of a question. Throws what a candidate throws. */
export async function answer(question: Question, effort: Effort): Promise<Answer> {
  const entries = question.candidates.map((candidate) => ({ candidate, times: [] as number[] }));
  if (!entries.some(({ candidate }) => candidate.name === question.baseline)) {
    throw new Error(`${question.name} has no candidate ${question.baseline}`);
  }
  for (const { candidate } of entries) await warmUp(candidate, effort);
  const end = performance.now() + effort.limitMs;
  const isElsewhere = entries.every(({ candidate }) => 'time' in candidate);
  let rounds = 0;
  while (rounds < effort.rounds && (rounds === 0 || performance.now() < end)) {
    // The first of a round pays for the garbage of the last of the round before: each is first in turn.
    const first = rounds++ % entries.length;
    for (const { candidate, times } of [...entries.slice(first), ...entries.slice(0, first)]) {
      for (let turns = turnsOf(candidate, rounds, isElsewhere); turns > 0; turns--)
        times.push(await batch(candidate));
    }
  }
  const rows = entries.map(({ candidate, times }) => summary(candidate.name, times));
  const base = rows.find((row) => row.name === question.baseline);
  return {
    question: question.name,
    baseline: question.baseline,
    rounds,
    rows: rows.map((row) => ({ ...row, ...ratios(row, base) })),
  };
}

async function warmUp(candidate: Candidate, { warmUp: calls, limitMs }: Effort): Promise<void> {
  const end = performance.now() + limitMs / 4;
  for (let i = 0; i < calls && (i === 0 || performance.now() < end); i += BATCH) await batch(candidate);
}

/** Microseconds per call of one batch. Only what is a promise is awaited: a turn of the loop has a price. */
async function batch(candidate: Candidate): Promise<number> {
  if ('time' in candidate) return candidate.time(BATCH);
  const { run } = candidate;
  const start = process.hrtime.bigint();
  for (let i = 0; i < BATCH; i++) {
    const result = run();
    sink.last = result instanceof Promise ? await result : result;
  }
  return Number(process.hrtime.bigint() - start) / 1000 / BATCH;
}

type Summary = Omit<Row, 'ratio' | 'medianRatio'>;

function summary(name: string, times: readonly number[]): Summary {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  return { name, minimum: at(0), p10: at(0.1), median: at(0.5), maximum: at(1) };
}

function ratios(row: Summary, base: Summary = row): Pick<Row, 'ratio' | 'medianRatio'> {
  return { ratio: row.p10 / base.p10, medianRatio: row.median / base.median };
}
