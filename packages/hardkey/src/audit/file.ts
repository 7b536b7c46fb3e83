/**
 * An audit log in a file.
 *
 * @module
 */
import type { AuditLog } from '../core/policy/audit.ts';
import { checkFields, invalid } from '../core/policy/fields.ts';
import { Failure } from '../errors.ts';
import { type AuditHead, chainLine, LINE_LIMIT, RESERVED } from './chain.ts';
import { openLog } from './open.ts';
import { logWriter } from './writer.ts';

/** Which file. */
export interface AuditFileConfig {
  /** Created with mode 0600 when there is none. `PATH.lock` beside it names the one process that writes. */
  readonly path: string;
}

/** A log that one process appends to. */
export interface AuditFile extends AuditLog, AsyncDisposable {
  /** The last durable record. Kept elsewhere, it shows if the log is cut off later. */
  head(): AuditHead;
  /** Waits for what was appended, and gives the file up. Safe to call twice; then nothing is appended. */
  close(): Promise<void>;
}

/** What `seq`, `prev` and their values take of a line, at most. */
const FRAME = 128;

interface Waiting {
  readonly body: string;
  readonly resolve: () => void;
  readonly reject: (reason: Failure) => void;
}

/**
 * Opens or creates a log of lines, each the JSON of a record after `seq` and `prev`, the SHA-256 of the
 * line before. Records appended at the same time share one write and one fdatasync; each promise
 * resolves after the one that made its record durable.
 *
 * The last lines of an existing log are verified (`VERIFICATION_FAILED`). A last line without an end was
 * never acknowledged: it is removed, and a record with the operation `recover` says so. A log that others
 * may read or write is `DENIED`; one that another process writes is `UNAVAILABLE`.
 */
export function auditFile(config: AuditFileConfig): AuditFile {
  checkFields(config, ['path'], 'config');
  const { path } = config;
  if (typeof path !== 'string' || path === '') throw invalid('config.path', 'a path is needed');
  const log = openLog(path);
  const writer = logWriter(log.descriptor, path, log.size);
  let { head } = log;
  let waiting: Waiting[] = [];
  let committing: Promise<void> | undefined;
  let closing: Promise<void> | undefined;

  function enqueue(body: string): Promise<void> {
    return new Promise((resolve, reject) => {
      waiting.push({ body, resolve, reject });
      committing ??= commitAll();
    });
  }

  async function commitAll(): Promise<void> {
    // What is appended in the same turn of the event loop goes with the first.
    await Promise.resolve();
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      await commit(group);
    }
    committing = undefined;
  }

  async function commit(group: readonly Waiting[]): Promise<void> {
    let next = head;
    let lines = '';
    for (const { body } of group) {
      const made = chainLine(next, body);
      lines += `${made.line}\n`;
      next = made.head;
    }
    try {
      await writer.write(new TextEncoder().encode(lines));
    } catch (cause) {
      const failure = new Failure('UNAVAILABLE', 'the log cannot be written', { path }, cause);
      for (const { reject } of group) reject(failure);
      return;
    }
    head = next;
    for (const { resolve } of group) resolve();
  }

  async function finish(): Promise<void> {
    await committing;
    log.release();
  }

  const file: AuditFile = {
    async append(record) {
      if (closing !== undefined) throw new Failure('UNAVAILABLE', 'the log was closed', { path });
      await enqueue(bodyOf(record));
    },
    head: () => head,
    close() {
      closing ??= finish();
      return closing;
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
  return Object.freeze(file);
}

/** The record as JSON, read now: the caller may change its object afterwards. */
function bodyOf(record: Readonly<Record<string, unknown>>): string {
  for (const name of RESERVED) {
    if (name in record) throw invalid(`record.${name}`, 'the log numbers and chains its records itself');
  }
  const body = toJson(record);
  if (body === undefined || !body.startsWith('{')) throw invalid('record', 'a record is an object');
  if (body.length * 3 > LINE_LIMIT - FRAME && new TextEncoder().encode(body).length > LINE_LIMIT - FRAME) {
    throw invalid('record', `a record has at most ${LINE_LIMIT - FRAME} bytes`);
  }
  return body;
}

function toJson(record: unknown): string | undefined {
  try {
    return JSON.stringify(record);
  } catch (cause) {
    throw new Failure('ARGUMENT_INVALID', 'a record is JSON', { field: 'record' }, cause);
  }
}
