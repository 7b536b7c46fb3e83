/**
 * What a signer program's ways to fail mean here: one table for each way.
 *
 * @module
 */
import { Failure, type FailureCode, type FailureDetails } from '../../errors.ts';

/** Exit statuses, as hardkey's own command has them. Every other failure may be over the next time. */
const EXITS: Readonly<Record<number, FailureCode>> = {
  66: 'KEY_NOT_FOUND',
  69: 'UNSUPPORTED',
  77: 'DENIED',
};

/** Refusals of the system to run the program. Everything else it says is an outage. */
const REFUSALS: readonly string[] = ['EACCES', 'EPERM'];

/** The codes that a program may answer with in a frame, and what is said of each. */
const REPLIES: ReadonlyMap<string, readonly [code: FailureCode, message: string]> = new Map([
  ['KEY_NOT_FOUND', ['KEY_NOT_FOUND', 'the signer program has no such key']],
  ['UNSUPPORTED', ['UNSUPPORTED', 'the signer program cannot do this']],
  ['DENIED', ['DENIED', 'the signer program refused']],
  ['OVERLOADED', ['OVERLOADED', 'the signer program has too much to do']],
  ['UNAVAILABLE', ['UNAVAILABLE', 'the signer program cannot reach its key']],
]);

/** Of a program that ended by itself, other than with status 0. */
export function exitFailure(status: number | null, details: FailureDetails): Failure {
  return new Failure(EXITS[status ?? -1] ?? 'UNAVAILABLE', 'the signer program failed', details);
}

/** Of a program that did not start. `DENIED` when it may not be run, otherwise `UNAVAILABLE`. */
export function startFailure(error: Error, details: FailureDetails): Failure {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const refused = REFUSALS.includes(code);
  const message = refused ? 'the signer program may not be run' : 'the signer program cannot be started';
  // Node's error lists the arguments, which may hold what nobody should read: it is not kept as a cause.
  return new Failure(refused ? 'DENIED' : 'UNAVAILABLE', message, details);
}

/** Of an answer with a code. One that is not known says only that there is no signature. */
export function replyFailure(code: string, details: FailureDetails): Failure {
  const [known, message] = REPLIES.get(code) ?? ['UNAVAILABLE', 'the signer program failed'];
  return new Failure(known, message, details);
}

/** Of a program that is not there, or no longer. */
export function unavailable(message: string, details: FailureDetails): Failure<'UNAVAILABLE'> {
  return new Failure('UNAVAILABLE', message, details);
}

/** Of output that is no signature. */
export function badOutput(message: string, details: FailureDetails): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', message, { ...details, field: 'signer.output' });
}
