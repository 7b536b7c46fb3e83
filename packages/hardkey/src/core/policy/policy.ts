/**
 * The policies of `createKeys`, in their one order: audit, metrics, deadline, limit, retry, breaker,
 * and verification next to the key.
 *
 * @module
 */
import { type AuditLog, withAudit } from './audit.ts';
import { withBreaker } from './breaker.ts';
import { type Around, compose } from './call.ts';
import { leavingInTime, withDeadline } from './deadline.ts';
import { checkFields, invalid, wholeNumber } from './fields.ts';
import { type LimitConfig, withLimit } from './limit.ts';
import { limitMetrics, type Metrics, withMetrics } from './metrics.ts';
import { type RetryConfig, withRetry } from './retry.ts';

/** What surrounds every call. Without any field: a deadline, one repetition, a breaker, verification. */
export interface Policy {
  /** The longest a call may take, in milliseconds, waiting and repetitions included. 30,000 by default. */
  readonly deadlineMs?: number;
  /** Calls of one key that the provider has at the same time. Without it there is no limit and no queue. */
  readonly concurrency?: number;
  /** Calls of one key that may wait; one more is `OVERLOADED`. 256 by default, at least 8. */
  readonly queue?: number;
  /** Repetitions after `UNAVAILABLE` and throttling, of operations that may run twice. */
  readonly retry?: RetryPolicy;
  /** Whether a key whose backend does not answer is left alone for a while. True by default. */
  readonly breaker?: boolean;
  /**
   * Whether a key in a token that was left alone is tried with a signature of our own, which is
   * dropped, before a caller's message. It costs the token a signature. True by default.
   */
  readonly selfTest?: boolean;
  /** Where every call is recorded before its result leaves. */
  readonly audit?: AuditLog;
  /** Records also the SHA-256 of what is signed. It gives away messages that can be guessed. */
  readonly auditDigests?: boolean;
  readonly metrics?: Metrics;
  /** Off only here, by name, and reported in `custody.facts`: signatures leave without being verified. */
  readonly releaseUnverified?: boolean;
}

/** How often and how patiently calls are repeated. */
export interface RetryPolicy {
  /** Attempts beside the first, 1 by default. 0 repeats nothing. */
  readonly attempts?: number;
  /** The longest pause before the first repetition; it doubles with each. 50 by default. */
  readonly baseMs?: number;
  /** The longest pause at all, unless the backend asks for more. 2,000 by default. */
  readonly maxMs?: number;
}

/** A policy that was checked. */
export interface Layers {
  readonly around: Around;
  readonly selfTest: boolean;
  readonly releaseUnverified: boolean;
  readonly auditDigests: boolean;
}

const FIELDS: Readonly<Record<keyof Policy, true>> = {
  deadlineMs: true,
  concurrency: true,
  queue: true,
  retry: true,
  breaker: true,
  selfTest: true,
  audit: true,
  auditDigests: true,
  metrics: true,
  releaseUnverified: true,
};
const RETRY_FIELDS: Readonly<Record<keyof RetryPolicy, true>> = { attempts: true, baseMs: true, maxMs: true };

const DEADLINE_MS = 30_000;
const DAY_MS = 86_400_000;
const QUEUE = { least: 8, usual: 256, most: 65_536 };
const MOST_AT_ONCE = 65_536;
const MOST_ATTEMPTS = 5;
const BREAKER = { openMs: 1000, maxOpenMs: 60_000, patienceMs: 1000 };

/** The decorators a policy asks for, composed. Throws `ARGUMENT_INVALID` and names the field. */
export function policyLayers(policy: Policy): Layers {
  checkFields(policy, Object.keys(FIELDS), 'policy');
  const { audit, metrics } = policy;
  const deadlineMs = wholeNumber(policy.deadlineMs ?? DEADLINE_MS, 1, DAY_MS, 'policy.deadlineMs');
  const limit = limitOf(policy);
  const retry = retryOf(policy.retry ?? {});
  const auditDigests = flag(policy, 'auditDigests', false);
  if (auditDigests && audit === undefined) throw invalid('policy.auditDigests', 'there is no audit log');
  if (metrics !== undefined) checkMethods(metrics, ['count', 'observe', 'set'], 'policy.metrics');
  if (audit !== undefined) checkMethods(audit, ['append'], 'policy.audit');
  const patienceMs = Math.min(BREAKER.patienceMs, deadlineMs / 2);

  const layers: readonly (Around | undefined)[] = [
    audit && withAudit({ log: audit, appendMs: deadlineMs }),
    metrics && withMetrics(metrics),
    withDeadline({ deadlineMs }),
    limited(limit, metrics),
    retry.attempts > 0 ? withRetry(retry) : undefined,
    flag(policy, 'breaker', true) ? withBreaker({ ...BREAKER, patienceMs }) : undefined,
    leavingInTime,
  ];
  return Object.freeze({
    around: compose(layers.filter((layer) => layer !== undefined)),
    selfTest: flag(policy, 'selfTest', true),
    releaseUnverified: flag(policy, 'releaseUnverified', false),
    auditDigests,
  });
}

function limitOf({ concurrency, queue }: Policy): LimitConfig | undefined {
  if (concurrency === undefined) {
    if (queue === undefined) return undefined;
    throw invalid('policy.queue', 'without concurrency nothing waits');
  }
  return {
    concurrency: wholeNumber(concurrency, 1, MOST_AT_ONCE, 'policy.concurrency'),
    queue: wholeNumber(queue ?? QUEUE.usual, QUEUE.least, QUEUE.most, 'policy.queue'),
  };
}

/** With metrics alone, calls are counted and none waits. */
function limited(limit: LimitConfig | undefined, metrics: Metrics | undefined): Around | undefined {
  if (metrics === undefined) return limit && withLimit(limit);
  return withLimit(limit ?? { concurrency: Number.POSITIVE_INFINITY, queue: 0 }, limitMetrics(metrics));
}

function retryOf(retry: RetryPolicy): RetryConfig {
  checkFields(retry, Object.keys(RETRY_FIELDS), 'policy.retry');
  const baseMs = wholeNumber(retry.baseMs ?? 50, 1, DAY_MS, 'policy.retry.baseMs');
  return {
    attempts: wholeNumber(retry.attempts ?? 1, 0, MOST_ATTEMPTS, 'policy.retry.attempts'),
    baseMs,
    maxMs: wholeNumber(retry.maxMs ?? Math.max(2000, baseMs), baseMs, DAY_MS, 'policy.retry.maxMs'),
  };
}

function flag(
  policy: Policy,
  name: 'auditDigests' | 'breaker' | 'releaseUnverified' | 'selfTest',
  usual: boolean,
): boolean {
  const value: unknown = policy[name] ?? usual;
  if (typeof value === 'boolean') return value;
  throw invalid(`policy.${name}`, 'true or false is needed');
}

function checkMethods(value: object, names: readonly string[], field: string): void {
  const methods = value as Readonly<Record<string, unknown>>;
  for (const name of names) {
    if (typeof methods[name] !== 'function') throw invalid(`${field}.${name}`, 'a function is needed');
  }
}
