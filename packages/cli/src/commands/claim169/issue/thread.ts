/**
 * A thread of its own for one lane. It opens the key by itself: nothing private is sent to it but the
 * passphrase, in memory that is handed over and not copied.
 *
 * @module
 */
import { on } from 'node:events';
import { isMainThread, type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads';
import { isFailure, Secret } from 'hardkey';
import type { Surroundings } from '../../../context.ts';
import type { Refusal } from '../../../exit.ts';
import type { PassphraseChoice } from '../../../passphrase.ts';
import { THREAD_LIMITS } from './heap.ts';
import { type Issuer, openIssuer } from './issuer.ts';
import { atOnce, issueRecords, type Outcome } from './lane.ts';
import { type Packed, unpacked } from './pack.ts';
import { logBehind } from './port-log.ts';
import type { Settings } from './settings.ts';

/** What a thread is started with. */
export interface ThreadData {
  readonly settings: Settings;
  readonly environment: Surroundings['environment'];
  /** Undefined where the store has none. */
  readonly passphrase: Uint8Array<ArrayBuffer> | undefined;
  /** Whether the store was said to have none. */
  readonly noPassphrase: boolean;
  /** Leads to the audit log, where there is one. */
  readonly audit: MessagePort | undefined;
}

/** What a thread is sent: records, or that there are no more. */
export type ToThread = Packed | 'end';

/** What it answers: the outcomes of what it was sent, or why it could not begin. */
export type FromThread = { readonly outcomes: readonly Outcome[] } | { readonly stopped: Refusal };

const MARK = 'hardkey-issue';

/** Starts a thread. The passphrase is gone from the caller's memory afterwards. */
export function startThread(data: ThreadData): Worker {
  const { passphrase, audit } = data;
  return new Worker(new URL(import.meta.url), {
    workerData: { ...data, [MARK]: true },
    transferList: [...(passphrase ? [passphrase.buffer] : []), ...(audit ? [audit] : [])],
    resourceLimits: THREAD_LIMITS,
  });
}

async function serve(port: MessagePort, data: ThreadData): Promise<void> {
  const send = (message: FromThread): void => port.postMessage(message);
  try {
    const surroundings = { environment: data.environment, interactive: false };
    const audit = data.audit && logBehind(data.audit);
    await using issuer = await openIssuer(data.settings, surroundings, choiceOf(data), audit);
    data.passphrase?.fill(0);
    for await (const [message] of on(port, 'message') as AsyncIterable<[ToThread]>) {
      if (message === 'end') return;
      send({ outcomes: await outcomesOf(message, data.settings, issuer) });
    }
  } catch (error) {
    if (!isFailure(error)) throw error;
    send({ stopped: error.toJSON() });
  } finally {
    port.close();
  }
}

function choiceOf({ passphrase, noPassphrase }: ThreadData): PassphraseChoice {
  if (passphrase !== undefined) return { kind: 'source', source: async () => new Secret(passphrase) };
  return { kind: noPassphrase ? 'none' : 'open' };
}

async function outcomesOf(message: Packed, settings: Settings, issuer: Issuer): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for await (const outcome of issueRecords(unpacked(message), settings, issuer, atOnce(issuer)))
    outcomes.push(outcome);
  return outcomes;
}

if (!isMainThread && parentPort !== null && MARK in workerData) {
  await serve(parentPort, workerData as ThreadData);
}
