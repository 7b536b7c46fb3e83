/**
 * Runs the benchmark programs of this folder: `bench/run.ts [name…] [--only TEXT] [--quick] [--json FILE]`.
 *
 * @module
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { type Answer, answer, type Effort, type Question } from './runner.ts';

const ENDING = '.bench.ts';
/** Warm enough for the optimizing compiler to be done with the longest candidate. */
const FULL: Effort = { rounds: 1000, warmUp: 20_000, limitMs: 20_000 };
/** Enough to see that a program runs; its numbers mean nothing. */
const QUICK: Effort = { rounds: 5, warmUp: 8, limitMs: 1_000 };

interface Program {
  readonly questions: () => readonly Question[] | Promise<readonly Question[]>;
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(ENDING))
  .map((file) => file.slice(0, -ENDING.length))
  .sort();
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are ${names.join(', ')}`);
  process.exit(64);
}

const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}`;
console.log(`${machine}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}; µs per call`);
const answers: Answer[] = [];
for (const name of positionals.length > 0 ? positionals : names) answers.push(...(await runProgram(name)));
if (options.json !== undefined) {
  const report = { machine, node: process.version, date: new Date().toISOString(), answers };
  writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
}

async function runProgram(name: string): Promise<readonly Answer[]> {
  const file = pathToFileURL(join(import.meta.dirname, name + ENDING)).href;
  const program = (await import(file)) as Program;
  const found: Answer[] = [];
  for (const question of await program.questions()) {
    try {
      if (!question.name.includes(options.only)) continue;
      found.push(await answer(question, options.quick ? QUICK : FULL));
      print(found.at(-1));
    } finally {
      await question.close?.();
    }
  }
  return found;
}

function print(found: Answer | undefined): void {
  if (found === undefined) return;
  const width = Math.max(...found.rows.map(({ name }) => name.length));
  console.log(`\n${found.question} (${found.rounds} rounds)`);
  console.log(line(' '.repeat(width), ['minimum', 'p10', 'median', 'maximum', 'p10 ÷', 'median ÷']));
  for (const row of found.rows) {
    const times = [row.minimum, row.p10, row.median, row.maximum].map((time) => time.toFixed(2));
    const ratios = [row.ratio, row.medianRatio].map((ratio) => ratio.toFixed(2));
    const mark = row.name === found.baseline ? '  ← baseline' : '';
    console.log(line(row.name.padEnd(width), [...times, ...ratios]) + mark);
  }
}

function line(name: string, cells: readonly string[]): string {
  return `  ${name}${cells.map((cell) => cell.padStart(10)).join('')}`;
}
