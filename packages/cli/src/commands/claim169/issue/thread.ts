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
import { type Issuer, openIssuer } from './issuer.ts';
import { issueRecords, type Outcome, type RecordBytes } from './lane.ts';
import type { Settings } from './settings.ts';

/** What a thread is started with. */
export interface ThreadData {
  readonly settings: Settings;
  readonly environment: Surroundings['environment'];
  /** Undefined where the store has none. */
  readonly passphrase: Uint8Array<ArrayBuffer> | undefined;
  /** Whether the store was said to have none. */
  readonly noPassphrase: boolean;
}

/** What a thread is sent: a record, or that there are no more. */
export type ToThread = { readonly bytes: RecordBytes } | 'end';

/** What it answers: outcomes in the order of the records, why it could not begin, and that it is done. */
export type FromThread = { readonly outcomes: readonly Outcome[] } | { readonly stopped: Refusal } | 'end';

const MARK = 'hardkey-issue';

/**
 * What a record takes is garbage with its credential. Left to itself the runtime would let it grow with
 * the memory of the machine before it looks.
 */
const LIMITS = { maxYoungGenerationSizeMb: 12, maxOldGenerationSizeMb: 128 };

/** Starts a thread. The passphrase is gone from the caller's memory afterwards. */
export function startThread(data: ThreadData): Worker {
  const { passphrase } = data;
  return new Worker(new URL(import.meta.url), {
    workerData: { ...data, [MARK]: true },
    transferList: passphrase === undefined ? [] : [passphrase.buffer],
    resourceLimits: LIMITS,
  });
}

/** Records of a lane that are worked on at the same time: the key is here and answers at once. */
const AT_ONCE = 1;
/** Outcomes that are sent together: to wake the other side for each costs as much as a signature. */
const TOGETHER = 64;

async function serve(port: MessagePort, data: ThreadData): Promise<void> {
  const send = (message: FromThread): void => port.postMessage(message);
  try {
    const surroundings = { environment: data.environment, interactive: false };
    await using issuer = await openIssuer(data.settings, surroundings, choiceOf(data));
    data.passphrase?.fill(0);
    for await (const outcomes of together(port, data.settings, issuer)) send({ outcomes });
    send('end');
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

async function* together(
  port: MessagePort,
  settings: Settings,
  issuer: Issuer,
): AsyncGenerator<readonly Outcome[], void, undefined> {
  let underWay = 0;
  async function* records(): AsyncGenerator<RecordBytes, void, undefined> {
    for await (const bytes of received(port)) {
      underWay += 1;
      yield bytes;
    }
  }
  let ready: Outcome[] = [];
  for await (const outcome of issueRecords(records(), settings, issuer, AT_ONCE)) {
    underWay -= 1;
    ready.push(outcome);
    if (underWay > 0 && ready.length < TOGETHER) continue;
    yield ready;
    ready = [];
  }
}

async function* received(port: MessagePort): AsyncGenerator<RecordBytes, void, undefined> {
  for await (const [message] of on(port, 'message') as AsyncIterable<[ToThread]>) {
    if (message === 'end') return;
    yield message.bytes;
  }
}

if (!isMainThread && parentPort !== null && MARK in workerData) {
  await serve(parentPort, workerData as ThreadData);
}
