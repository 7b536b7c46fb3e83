/**
 * Bulk issue by the built command, as processes: how it grows with cores, and whether memory grows with
 * the input, and what a key in a token costs. `bench/issue.ts cores [records] [rounds] [smallest|fast]`,
 * `bench/issue.ts memory [few] [many]`, `bench/issue.ts token [records] [rounds] [smallest|fast]`. On Linux.
 *
 * @module
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeToken } from './pkcs11/token.ts';

const COMMAND = join(import.meta.dirname, '../packages/cli/bin/hardkey.cjs');
const ALGORITHMS = ['ES256', 'Ed25519'] as const;
const SAMPLE_MS = 50;

const [mode = 'cores', first, second, compression = 'smallest'] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'hardkey-bench-'));
const env = { ...process.env, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
try {
  const day = new Date().toISOString().slice(0, 10);
  console.log(`${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}, ${day}`);
  for (const algorithm of ALGORITHMS) {
    const key = ['key', 'generate', '--algorithm', algorithm, '--label', algorithm, '--no-passphrase'];
    execFileSync(process.execPath, [COMMAND, ...key], { env });
  }
  if (mode === 'token') await token(Number(first ?? 10_000), Number(second ?? 3));
  else if (mode === 'memory') await memory(Number(first ?? 100_000), Number(second ?? 1_000_000));
  else
    for (const algorithm of ALGORITHMS) await cores(algorithm, Number(first ?? 20_000), Number(second ?? 5));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** One core and all of them in turn, so that what disturbs the machine disturbs both. */
async function cores(algorithm: string, records: number, rounds: number): Promise<void> {
  const input = await people(records);
  const all = availableParallelism();
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const options = ['--key', algorithm, '--compression', compression];
    const one = await issue(input, options, ['taskset', '--cpu-list', '0']);
    const many = await issue(input, options);
    const said = ({ seconds, processor }: Ended): string =>
      `${(records / seconds).toFixed(0)}/s (${processor.toFixed(1)} s of processor)`;
    ratios.push(one.seconds / many.seconds);
    console.log(`${algorithm}, ${compression}, ${records}: 1 core ${said(one)}, ${all} cores ${said(many)}`);
  }
  const sorted = ratios.toSorted((a, b) => a - b);
  const [least, middle, most] = [0, 0.5, 1].map((share) => sorted[Math.floor(share * (rounds - 1))] ?? 0);
  console.log(`${algorithm}: ratio ${middle?.toFixed(2)} (${least?.toFixed(2)} to ${most?.toFixed(2)})`);
}

/** The larger input costs time, so both are issued with the compression that takes little. */
async function memory(few: number, many: number): Promise<void> {
  const peaks: number[] = [];
  for (const records of [few, many]) {
    const options = ['--key', 'Ed25519', '--compression', 'fast'];
    const { peak, seconds } = await issue(await people(records), options);
    peaks.push(peak);
    const rate = (records / seconds).toFixed(0);
    console.log(`${records} records: ${(peak / 1024).toFixed(1)} MiB resident at most, ${rate}/s`);
  }
  console.log(`ratio ${((peaks[1] ?? 0) / (peaks[0] ?? 1)).toFixed(3)}`);
}

/** A key in the file store and one in a SoftHSM2 token in turn, on all cores. */
async function token(records: number, rounds: number): Promise<void> {
  const made = await makeToken();
  try {
    Object.assign(env, made.env);
    const input = await people(records);
    for (const algorithm of ALGORITHMS) {
      const rates = { file: [] as number[], token: [] as number[] };
      for (let round = 0; round < rounds; round++) {
        for (const [name, key] of [
          ['file', algorithm],
          ['token', made.wholeRef(algorithm)],
        ] as const) {
          const { seconds } = await issue(input, ['--key', key, '--compression', compression]);
          rates[name].push(records / seconds);
        }
      }
      const [file, inToken] = [median(rates.file), median(rates.token)];
      const said = `${inToken.toFixed(0)}/s from the token, ${file.toFixed(0)}/s from the file store`;
      console.log(`${algorithm}, ${compression}, ${records}: ${said}, ratio ${(inToken / file).toFixed(2)}`);
    }
  } finally {
    made.close();
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;
}

interface Ended {
  readonly seconds: number;
  /** The largest resident set, in KiB. */
  readonly peak: number;
  /** Seconds of all cores together. */
  readonly processor: number;
}

/** Issues, with words before the command. */
async function issue(
  input: string,
  options: readonly string[],
  before: readonly string[] = [],
): Promise<Ended> {
  const out = join(folder, 'codes.ndjson');
  for (const path of [out, `${out}.manifest`]) rmSync(path, { force: true });
  const args = ['claim169', 'issue', '--in', input, '--out', out, '--issuer', 'https://id.example.org'];
  const [program = '', ...words] = [...before, process.execPath, COMMAND, ...args, ...options];
  const began = performance.now();
  const child = spawn(program, words, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  let [peak, processor] = [0, 0];
  const timer = setInterval(() => {
    peak = Math.max(peak, residentPeak(child.pid ?? 0));
    processor = Math.max(processor, processorSeconds(child.pid ?? 0));
  }, SAMPLE_MS);
  const [status] = (await once(child, 'exit')) as [number];
  clearInterval(timer);
  if (status !== 0) throw new Error(`exit status ${status}`);
  return { seconds: (performance.now() - began) / 1000, peak, processor };
}

/** Linux: proc_pid_status(5), VmHWM. */
function residentPeak(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(ofProcess(pid, 'status'))?.[1] ?? 0);
}

/** Linux: proc_pid_stat(5), utime and stime after the name in parentheses, in hundredths of a second. */
function processorSeconds(pid: number): number {
  const fields = ofProcess(pid, 'stat')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100;
}

function ofProcess(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    // It has just ended.
    return '';
  }
}

async function people(count: number): Promise<string> {
  const path = join(folder, `people-${count}.ndjson`);
  const stream = createWriteStream(path);
  for (let n = 0; n < count; n++) {
    if (!stream.write(`${JSON.stringify(person(n))}\n`)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'close');
  return path;
}

/** Ten fields, none of them like those of the next person. */
function person(n: number): object {
  return {
    id: String(3_918_592_438 + n * 7919),
    version: '1.0',
    language: 'eng',
    fullName: `Janardhan Bangalore Srinivas ${n}`,
    dateOfBirth: `19${10 + (n % 90)}0${1 + (n % 9)}1${n % 9}`,
    gender: 1 + (n % 3),
    address: `${n % 971} New House, Near Metro Line\nBengaluru, KA ${560_000 + (n % 977)}`,
    email: `janardhan.${n}@example.com`,
    phone: `+91${9_800_000_000 + n * 104_729}`,
    nationality: 'IN',
  };
}
