/**
 * The manifest: which records of which input were issued. It is an audit log, so that one process
 * writes it, each of its lines is durable when it is written, and none can be changed afterwards.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { Failure } from 'hardkey';
import { type AuditFile, auditFile, verifyAudit } from 'hardkey/audit';
import { type Issued, type Outline, outlineOf, readIssued } from './issued.ts';

/** What stays the same from the first to the last part of a run. */
export interface Beginning {
  readonly key: string;
  readonly fingerprint: string;
  /** The options that decide what a credential says. */
  readonly options: Readonly<Record<string, string>>;
  readonly columns: readonly string[] | null;
}

/** A manifest that this process alone writes. Close it. */
export interface Manifest extends AsyncDisposable {
  /** What earlier parts of the run issued, by line. */
  issued(): AsyncGenerator<Issued, void, undefined>;
  /** How many that are. */
  readonly before: number;
  /** Where the last credential ends in the file that holds them all, in bytes. */
  readonly end: number;
  /** Returns when all of it is durable: only then is it issued. */
  record(issued: readonly Issued[]): Promise<void>;
}

/**
 * Begins a manifest, or with `resume` goes on with one that is there. Throws `ARGUMENT_INVALID` for one
 * that is there without `resume`, or that was begun otherwise, `SIGNER_MISMATCH` when that was with
 * another key, `VERIFICATION_FAILED` for one that was changed, and `UNAVAILABLE` while another process
 * has it.
 */
export async function openManifest(path: string, beginning: Beginning, resume: boolean): Promise<Manifest> {
  if (!resume && existsSync(path)) throw alreadyThere(path);
  const log = auditFile({ path });
  try {
    return manifestOf(path, log, await beginOrResume(path, log, beginning, resume));
  } catch (error) {
    await log.close();
    throw error;
  }
}

async function beginOrResume(
  path: string,
  log: AuditFile,
  beginning: Beginning,
  resume: boolean,
): Promise<Outline> {
  const time = new Date().toISOString();
  if (log.head().sequence === 0) {
    await log.append({ time, operation: 'begin', ...beginning });
    return { beginning: {}, end: 0, count: 0, stretches: [] };
  }
  // Another process came in between.
  if (!resume) throw alreadyThere(path);
  await verifyAudit(path);
  const outline = await outlineOf(path);
  checkBeginning(outline.beginning, beginning, path);
  await log.append({ time, operation: 'resume' });
  return outline;
}

function manifestOf(path: string, log: AuditFile, { end, count, stretches }: Outline): Manifest {
  return {
    before: count,
    issued: () => readIssued(path, stretches),
    end,
    async record(issued) {
      await Promise.all(issued.map((one) => log.append({ ...one })));
    },
    [Symbol.asyncDispose]: () => log.close(),
  };
}

function checkBeginning(then: Outline['beginning'], now: Beginning, path: string): void {
  if (then['operation'] !== 'begin') {
    throw new Failure('MALFORMED', 'not the manifest of a run', { field: 'manifest', path });
  }
  if (then['fingerprint'] !== now.fingerprint) {
    throw new Failure('SIGNER_MISMATCH', 'the run was begun with another key', {
      expected: String(then['fingerprint']),
      actual: now.fingerprint,
    });
  }
  const before = (then['options'] ?? {}) as Beginning['options'];
  for (const name of new Set([...Object.keys(before), ...Object.keys(now.options)])) {
    if (before[name] !== now.options[name])
      throw begunOtherwise(`the run was begun with another --${name}`, name);
  }
  if (JSON.stringify(then['columns']) !== JSON.stringify(now.columns)) {
    throw begunOtherwise('the run was begun with other columns', 'in');
  }
}

function begunOtherwise(message: string, field: string): Failure<'ARGUMENT_INVALID'> {
  return new Failure('ARGUMENT_INVALID', message, { field });
}

function alreadyThere(path: string): Failure<'ARGUMENT_INVALID'> {
  return new Failure('ARGUMENT_INVALID', 'a run was begun here: --resume goes on with it', {
    field: 'out',
    path,
  });
}
