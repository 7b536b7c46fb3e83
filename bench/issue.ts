/**
 * Bulk issue by the command, as processes: how it grows with cores, and whether memory grows with the
 * input. `bench/issue.ts cores [records] [rounds]`, `bench/issue.ts memory [few] [many]`.
 *
 * @module
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';

const COMMAND = [
  '--conditions=@hk/source',
  join(import.meta.dirname, '../packages/cli/test/support/hardkey.ts'),
];
const SAMPLE_MS = 200;

const [mode = 'cores', first, second] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'hardkey-bench-'));
const env = { ...process.env, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
try {
  console.log(`${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}`);
  const key = ['key', 'generate', '--algorithm', 'ES256', '--label', 'issuer', '--no-passphrase'];
  execFileSync(process.execPath, [...COMMAND, ...key], { env });
  if (mode === 'memory') await memory(Number(first ?? 100_000), Number(second ?? 1_000_000));
  else await cores(Number(first ?? 20_000), Number(second ?? 3));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** One core and all of them in turn, so that what disturbs the machine disturbs both. */
async function cores(records: number, rounds: number): Promise<void> {
  const input = await people(records);
  const all = availableParallelism();
  for (let round = 0; round < rounds; round++) {
    const one = await issue(input, ['--concurrency', '1']);
    const many = await issue(input, ['--concurrency', String(all)]);
    const rate = ({ seconds }: Ended): string => `${(records / seconds).toFixed(0)}/s`;
    const ratio = (one.seconds / many.seconds).toFixed(2);
    console.log(`${records} records: 1 core ${rate(one)}, ${all} cores ${rate(many)}, ratio ${ratio}`);
  }
}

/** The larger input costs time, so both are issued with the compression that takes little. */
async function memory(few: number, many: number): Promise<void> {
  const peaks: number[] = [];
  for (const records of [few, many]) {
    const { peak, seconds } = await issue(await people(records), ['--compression', 'fast']);
    peaks.push(peak);
    console.log(
      `${records} records: ${(peak / 1024).toFixed(1)} MiB resident at most, ${seconds.toFixed(0)} s`,
    );
  }
  console.log(`ratio ${((peaks[1] ?? 0) / (peaks[0] ?? 1)).toFixed(3)}`);
}

interface Ended {
  readonly seconds: number;
  /** The largest resident set, in KiB. */
  readonly peak: number;
}

async function issue(input: string, options: readonly string[]): Promise<Ended> {
  const out = join(folder, 'codes.ndjson');
  for (const path of [out, `${out}.manifest`]) rmSync(path, { force: true });
  const args = ['claim169', 'issue', '--in', input, '--out', out, '--issuer', 'https://id.example.org'];
  const began = performance.now();
  const child = spawn(process.execPath, [...COMMAND, ...args, '--key', 'issuer', ...options], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, residentPeak(child.pid ?? 0));
  }, SAMPLE_MS);
  const [status] = (await once(child, 'exit')) as [number];
  clearInterval(timer);
  if (status !== 0) throw new Error(`exit status ${status}`);
  return { seconds: (performance.now() - began) / 1000, peak };
}

/** Linux: proc_pid_status(5), VmHWM. */
function residentPeak(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    // It has just ended.
    return 0;
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
