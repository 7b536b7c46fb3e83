/**
 * For the tests of programs that use hardkey, so that none of it has to be mocked: keys that are the
 * same every time, a clock that stands still, and providers that fail when they are told to.
 *
 * Everything here runs on real keys and real signatures. Nothing of it belongs in production: the
 * fixed keys are published.
 *
 * @module
 */
export { type FixedClock, fixedClock } from './clock.ts';
export type { Fault, FaultResult } from './faults.ts';
export { type FaultyProvider, faulty } from './faulty.ts';
export { fixedKeys } from './fixed-keys.ts';
