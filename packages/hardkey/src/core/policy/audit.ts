/**
 * Nothing leaves before the record of it is durable.
 *
 * @module
 */
import { Failure } from '../../errors.ts';
import type { CallOptions } from '../operations.ts';
import type { Around, Call } from './call.ts';
import { outcomeOf } from './outcome.ts';

/** Keeps records. `hardkey/audit` has one that is a file. */
export interface AuditLog {
  /** Returns when the record is durable. A rejection withholds the result that the record is about. */
  append(record: Readonly<Record<string, unknown>>): Promise<void>;
}

/** What is recorded of a call: who did what with which key, and how it ended. Never data or secrets. */
export type AuditRecord = Readonly<{
  /** When the call began, RFC 3339 in UTC. */
  time: string;
  operation: string;
  scheme: string;
  /** Pinned to the version, where the call got to a key. */
  ref?: string;
  keyId?: string;
  fingerprint?: string;
  algorithm?: string;
  /** `sha256:<hex>` of the message that was to be signed, where the policy says `auditDigests`. */
  digest?: string;
  /** `OK`, the code of the failure, `ABORTED` by the caller, or `ERROR`. */
  outcome: string;
  durationMs: number;
  caller?: string;
}>;

/** Where records go, and how long one may take to become durable. */
export interface AuditConfig {
  readonly log: AuditLog;
  readonly appendMs: number;
}

/**
 * Records every call, and releases its result or failure when the record is durable. If it does not
 * become durable the result is withheld: `UNAVAILABLE` with the field `audit`.
 */
export function withAudit(config: AuditConfig): Around {
  return async (call, options, next) => {
    const time = new Date().toISOString();
    const began = performance.now();
    const record = (outcome: string): Promise<void> =>
      append(config, call, recordOf(call, options, { time, outcome, durationMs: elapsed(began) }));
    let result: Awaited<ReturnType<typeof next>>;
    try {
      result = await next(options);
    } catch (error) {
      await record(outcomeOf(error, options));
      throw error;
    }
    await record('OK');
    return result;
  };
}

function recordOf(
  call: Call,
  { caller }: CallOptions,
  facts: Pick<AuditRecord, 'time' | 'outcome' | 'durationMs'>,
): AuditRecord {
  const { operation, scheme, algorithm, digest, key } = call;
  const ref = key?.ref ?? call.ref;
  return {
    time: facts.time,
    operation,
    scheme,
    ...(ref === undefined ? {} : { ref: String(ref) }),
    ...(key === undefined ? {} : { keyId: key.id }),
    ...(key?.publicKey === undefined ? {} : { fingerprint: key.publicKey.fingerprint }),
    ...(algorithm === undefined ? {} : { algorithm }),
    ...(digest === undefined ? {} : { digest }),
    outcome: facts.outcome,
    durationMs: facts.durationMs,
    ...(caller === undefined ? {} : { caller }),
  };
}

/** In milliseconds, to a microsecond. */
function elapsed(began: number): number {
  return Math.round((performance.now() - began) * 1000) / 1000;
}

async function append(
  { log, appendMs }: AuditConfig,
  { operation }: Call,
  record: AuditRecord,
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Failure('UNAVAILABLE', 'the log took too long')), appendMs);
  });
  try {
    await Promise.race([log.append(record), late]);
  } catch (cause) {
    throw new Failure('UNAVAILABLE', 'the call could not be recorded', { operation, field: 'audit' }, cause);
  } finally {
    clearTimeout(timer);
  }
}
