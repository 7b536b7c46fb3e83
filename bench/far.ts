/**
 * A service that is 5 ms away, asked for one thing after the other and for 32 at a time.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Key } from 'hardkey';
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

/** How a message is signed by a service: by its own call, and by that and a raw verification of the answer. */
export interface Signing {
  readonly message: Uint8Array;
  readonly call: () => unknown;
  readonly verified: () => Promise<void>;
}

/** ES256 by a key, and by others of the same, against the service's own call. */
export function signing(
  where: string,
  { message, call, verified }: Signing,
  keys: readonly (readonly [name: string, key: Key])[],
): readonly Question[] {
  return bothWays(`${where}: sign ES256`, 'the SDK and a raw verification', [
    { name: 'the SDK alone', run: call },
    { name: 'the SDK and a raw verification', run: verified },
    ...keys.map(([name, key]) => {
      const signer = key.use('ES256');
      return { name, run: () => signer.sign(message) };
    }),
  ]);
}

/** So many at once. */
export function atOnce(count: number, run: () => unknown): Promise<unknown> {
  return Promise.all(Array.from({ length: count }, run));
}

/** One server serves all questions, and ends with the last. */
export function endingWith(questions: readonly Question[], close: () => Promise<void>): readonly Question[] {
  return questions.map((question) => (question === questions.at(-1) ? { ...question, close } : question));
}
