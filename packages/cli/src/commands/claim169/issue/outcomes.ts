/**
 * Rows of the input to outcomes, by as many threads or calls at a time as the key is good for.
 *
 * @module
 */
import { availableParallelism } from 'node:os';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Failure } from 'hardkey';
import type { AuditLog } from 'hardkey/audit';
import type { Context } from '../../../context.ts';
import type { Given } from '../../../given.ts';
import { passphraseChoice, type SharedPassphrase, sharePassphrase } from '../../../passphrase.ts';
import type { Row } from './input.ts';
import { type Issuer, openIssuer } from './issuer.ts';
import { atOnce, issueRecords, type Outcome, type RecordBytes } from './lane.ts';
import { serveLog } from './port-log.ts';
import type { Settings } from './settings.ts';
import { startThread } from './thread.ts';
import { overThreads, type Result } from './threads.ts';

/** Makes credentials, and closes with its keys. */
export interface Workshop extends AsyncDisposable {
  readonly issuer: Issuer;
  /** The outcome of each row, in order; each as soon as it is there. */
  outcomes(groups: AsyncIterable<readonly Row[]>): AsyncIterable<readonly Result[]>;
}

const MOST = 1024;
const MOST_THREADS = 64;

/** Opens the keys. Throws what is wrong with them or with the settings. */
export async function openWorkshop(given: Given, settings: Settings, context: Context): Promise<Workshop> {
  const asked = concurrencyOf(given);
  for (const name of ['passphrase-fd', 'pin-fd']) {
    if (given.text('in') === '-' && given.text(name) === '0') {
      throw invalid('standard input cannot be both', name);
    }
  }
  const passphrase = sharePassphrase(passphraseChoice(given, context.environment), context.interactive);
  const issuer = await openIssuer(settings, context, passphrase.choice);
  // A key in a file is in this memory, and every thread can have it in its own.
  const isSoftware = issuer.encoding.signer.key.custody.place === 'file';
  const threads = isSoftware ? Math.min(asked ?? availableParallelism(), MOST_THREADS) : 1;
  const calls = isSoftware ? atOnce(issuer) : (asked ?? issuer.calls);
  return {
    issuer,
    outcomes: (groups) =>
      threads === 1
        ? inThisThread(groups, (records) => issueRecords(records, settings, issuer, calls))
        : inThreads(groups, threads, { given, settings, issuer, context, passphrase }),
    [Symbol.asyncDispose]: () => issuer[Symbol.asyncDispose](),
  };
}

function concurrencyOf(given: Given): number | undefined {
  const text = given.text('concurrency');
  if (text === undefined) return undefined;
  const number = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= MOST) return number;
  throw invalid(`--concurrency is a number from 1 to ${MOST}`, 'concurrency');
}

/** The same version of the same key in every thread, whatever becomes of the name meanwhile. */
function pinned(settings: Settings, { encoding: { signer } }: Issuer): Settings {
  const { algorithm, key, publicKey } = signer;
  const { fingerprint } = publicKey;
  return {
    ...settings,
    keyOptions: { ...settings.keyOptions, key: String(key.ref), algorithm, fingerprint },
  };
}

interface ThreadsOptions {
  readonly given: Given;
  readonly settings: Settings;
  readonly issuer: Issuer;
  readonly context: Context;
  readonly passphrase: SharedPassphrase;
}

function inThreads(
  groups: AsyncIterable<readonly Row[]>,
  count: number,
  { given, settings, issuer, context: { environment }, passphrase }: ThreadsOptions,
): AsyncIterable<readonly Result[]> {
  const noPassphrase = given.has('no-passphrase');
  const workers = Array.from({ length: count }, () =>
    startThread({
      settings: pinned(settings, issuer),
      environment,
      passphrase: passphrase.told(),
      noPassphrase,
      audit: issuer.audit && portTo(issuer.audit),
    }),
  );
  return overThreads(groups, workers);
}

function portTo(log: AuditLog): MessagePort {
  const { port1, port2 } = new MessageChannel();
  serveLog(port1, log);
  return port2;
}

/** The records one by one, and each row beside its outcome again. */
async function* inThisThread(
  groups: AsyncIterable<readonly Row[]>,
  issue: (records: AsyncIterable<RecordBytes>) => AsyncIterable<Outcome>,
): AsyncGenerator<readonly Result[], void, undefined> {
  const taken: Row[] = [];
  async function* records(): AsyncGenerator<RecordBytes, void, undefined> {
    for await (const rows of groups) {
      for (const row of rows) {
        taken.push(row);
        yield row.bytes;
      }
    }
  }
  for await (const outcome of issue(records())) {
    const row = taken.shift();
    if (row !== undefined) yield [[row, outcome]];
  }
}

function invalid(message: string, field: string): Failure<'ARGUMENT_INVALID'> {
  return new Failure('ARGUMENT_INVALID', message, { field });
}
