/**
 * How often keys are used, how it ends, and how long it takes.
 *
 * @module
 */
import type { Around, Call } from './call.ts';
import type { LimitWatcher } from './limit.ts';
import { outcomeOf } from './outcome.ts';

/** Labels of a measurement. Never a key: there may be very many of them. */
export type MetricLabels = Readonly<Record<string, string>>;

/**
 * Where measurements go: the three kinds that every metrics library has. What these functions throw is
 * dropped, because a broken dashboard must not stop signatures.
 */
export interface Metrics {
  /** A counter rises by one: `hardkey_calls_total{operation,scheme,outcome}`. */
  count(name: string, labels: MetricLabels): void;
  /** A histogram gets a value, in seconds: `hardkey_call_seconds{operation,scheme}`. */
  observe(name: string, value: number, labels: MetricLabels): void;
  /** A gauge has a new value: `hardkey_inflight{scheme}`, `hardkey_queue_depth{scheme}`. */
  set(name: string, value: number, labels: MetricLabels): void;
}

/** Counts and times every call, queue, repetitions and verification included. */
export function withMetrics(metrics: Metrics): Around {
  return async (call, options, next) => {
    const began = performance.now();
    let outcome = 'OK';
    try {
      return await next(options);
    } catch (error) {
      outcome = outcomeOf(error, options);
      throw error;
    } finally {
      report(metrics, call, outcome, (performance.now() - began) / 1000);
    }
  };
}

/** Shows how many calls wait and run. */
export function limitMetrics(metrics: Metrics): LimitWatcher {
  return (scheme, waiting, inFlight) =>
    dropping(() => {
      metrics.set('hardkey_queue_depth', waiting, { scheme });
      metrics.set('hardkey_inflight', inFlight, { scheme });
    });
}

function report(metrics: Metrics, { operation, scheme }: Call, outcome: string, seconds: number): void {
  dropping(() => {
    metrics.count('hardkey_calls_total', { operation, scheme, outcome });
    metrics.observe('hardkey_call_seconds', seconds, { operation, scheme });
  });
}

function dropping(measure: () => void): void {
  try {
    measure();
  } catch {
    // Named in the contract of Metrics.
  }
}
