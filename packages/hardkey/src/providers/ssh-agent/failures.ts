/**
 * What an agent's ways to fail mean here.
 *
 * @module
 */
import { Failure, type FailureCode, type FailureDetails } from '../../errors.ts';

/** Errors of the socket. Every other one is an outage. */
const SOCKET: Readonly<Record<string, readonly [code: FailureCode, message: string]>> = {
  EACCES: ['DENIED', 'the system gives no access to the agent'],
  EPERM: ['DENIED', 'the system gives no access to the agent'],
  // unix(7): as many connections wait already as the agent lets wait.
  EAGAIN: ['OVERLOADED', 'too many calls wait for the agent'],
};

/** Of a socket that cannot be reached, or broke. */
export function socketFailure(error: Error, details: FailureDetails): Failure {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const [known, message] = SOCKET[code] ?? ['UNAVAILABLE', 'no agent answers on the socket: is it running?'];
  return new Failure(known, message, details, error);
}

/** Of an agent that is not there, or no longer. */
export function unavailable(message: string, details: FailureDetails): Failure<'UNAVAILABLE'> {
  return new Failure('UNAVAILABLE', message, details);
}
