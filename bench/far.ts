/**
 * A service that is 5 ms away, asked for one thing after the other and for 32 at a time.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Question, Timed } from './runner.ts';

/** Calls that are under way together. */
export const inFlight = 32;

/** The server at a port of this machine, 5 ms away. */
export async function delayed(port: string): Promise<{ readonly port: number; readonly end: () => void }> {
  const program = new URL('delay-proxy.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [program, port], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { port: Number(String(said).trim()), end: () => void child.kill() };
}

/** The same question of one call after the other, and of many at a time. */
export function bothWays(name: string, baseline: string, candidates: readonly Timed[]): readonly Question[] {
  const together = candidates.map(({ name: who, run }) => ({ name: who, run: () => atOnce(inFlight, run) }));
  return [
    { name, baseline, candidates },
    { name: `${name}, ${inFlight} at a time`, baseline, candidates: together },
  ];
}

/** So many at once. */
export function atOnce(count: number, run: () => unknown): Promise<unknown> {
  return Promise.all(Array.from({ length: count }, run));
}

/** One server serves all questions, and ends with the last. */
export function endingWith(questions: readonly Question[], close: () => Promise<void>): readonly Question[] {
  return questions.map((question) => (question === questions.at(-1) ? { ...question, close } : question));
}
