/**
 * A token under load: how long the application's event loop is held up with 64 calls in flight, and what
 * a token that takes its time gives with more and more sessions. `bench/pkcs11-load.ts [seconds]`.
 *
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Keys, Signer } from 'hardkey';
import { component } from '../scripts/components/index.ts';
import { ALGORITHMS, compile, MESSAGE, makeToken } from './pkcs11/token.ts';

const AT_ONCE = 64;
/** What C_SignInit and C_Sign each take longer, as on a token at the end of a network. */
const DELAY_MS = 5;
const SESSIONS = [1, 2, 4, 8, 16, 32];
const FORWARDER = join(import.meta.dirname, '../packages/hardkey/test/providers/pkcs11/forwarder.c');

const seconds = Number(process.argv[2] ?? 5);
const folder = mkdtempSync(join(tmpdir(), 'hardkey-bench-'));
const token = await makeToken();
const day = new Date().toISOString().slice(0, 10);
console.log(`${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}, ${day}`);
try {
  for (const algorithm of Object.keys(ALGORITHMS) as (keyof typeof ALGORITHMS)[]) {
    const c = token.loop('c', algorithm);
    const limit = 1e6 / (await c.time(2000));
    c.close();
    console.log(`${algorithm}: C loop ${limit.toFixed(0)}/s`);
    for (const [name, policy] of [
      ['verified', {}],
      ['released unverified', { releaseUnverified: true }],
    ] as const) {
      await measured(
        token.keys(policy),
        token.ref(algorithm),
        algorithm,
        AT_ONCE,
        (rate, p99) =>
          `${algorithm}, ${AT_ONCE} in flight, ${name}: ${rate.toFixed(0)}/s, ${(rate / limit).toFixed(2)} of C; event loop p99 ${p99.toFixed(2)} ms`,
      );
    }
  }
  const path = compile(FORWARDER, join(folder, 'forwarder.so'));
  const { path: library } = component('softhsm2');
  for (const sessions of SESSIONS) {
    const env = { FORWARD_TO: library, FORWARD_US: String(DELAY_MS * 1000) };
    const most = sessions / ((2 * DELAY_MS) / 1000);
    await measured(
      token.keys({}, { path, env, sessions }),
      token.ref('ES256'),
      'ES256',
      2 * sessions,
      (rate, p99) =>
        `a token of ${DELAY_MS} + ${DELAY_MS} ms, ${sessions} sessions: ${rate.toFixed(0)}/s, ${(rate / most).toFixed(2)} of ${most.toFixed(0)}; event loop p99 ${p99.toFixed(2)} ms`,
    );
  }
} finally {
  token.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Keeps so many calls in flight, and says what came of it. */
async function measured(
  keys: Keys,
  ref: string,
  algorithm: keyof typeof ALGORITHMS,
  atOnce: number,
  said: (rate: number, p99: number) => string,
): Promise<void> {
  const signer: Signer = (await keys.open(ref)).use(algorithm);
  // Until all threads are there.
  await flow(signer, atOnce, Math.max(seconds / 2, atOnce / 8));
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const rate = await flow(signer, atOnce, seconds);
  delay.disable();
  console.log(said(rate, delay.percentile(99) / 1e6));
  await keys.close();
}

/** Signatures a second. */
async function flow(signer: Signer, atOnce: number, forSeconds: number): Promise<number> {
  const began = performance.now();
  const end = began + forSeconds * 1000;
  let signed = 0;
  const lane = async (): Promise<void> => {
    for (; performance.now() < end; signed++) await signer.sign(MESSAGE);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return signed / ((performance.now() - began) / 1000);
}
