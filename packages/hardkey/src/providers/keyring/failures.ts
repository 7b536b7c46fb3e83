/**
 * What a keyring's ways to fail mean here. The library has no codes: its words are all there is to go by.
 *
 * @module
 */
import { Failure, type FailureCode, type FailureDetails } from '../../errors.ts';

interface Row {
  readonly words: RegExp;
  readonly code: FailureCode;
  readonly message: string;
}

/** Every other one is an outage. */
const ROWS: readonly Row[] = [
  { words: /did not receive a reply/i, code: 'UNAVAILABLE', message: 'the keyring does not answer' },
  {
    words: /\blocked\b|IsLocked|dismissed/i,
    code: 'DENIED',
    message: 'the keyring is locked, and was not unlocked',
  },
  {
    words: /access ?denied|permission|not allowed/i,
    code: 'DENIED',
    message: 'the system refuses access to the keyring',
  },
  {
    words: /no result found/i,
    code: 'UNAVAILABLE',
    message: 'there is no default keyring: unlocking one with a password makes it',
  },
  { words: /ambiguous/i, code: 'MALFORMED', message: 'the keyring has several entries of this name' },
  { words: /too long|exceeds/i, code: 'UNSUPPORTED', message: 'the key is too long for the keyring' },
];

/** Of a call to the keyring. What the library said may hold anything, and is not kept. */
export function keyringFailure(error: unknown, details: FailureDetails): Failure {
  const said = error instanceof Error ? error.message : '';
  const { code, message } = ROWS.find(({ words }) => words.test(said)) ?? OUTAGE;
  return new Failure(code, message, details);
}

const OUTAGE: Omit<Row, 'words'> = {
  code: 'UNAVAILABLE',
  message:
    'no keyring answers in this session: is gnome-keyring or KWallet running, and does $DBUS_SESSION_BUS_ADDRESS lead there?',
};

/** Of a library that is not there, or not for this platform. */
export function noLibrary(): Failure<'UNSUPPORTED'> {
  return new Failure('UNSUPPORTED', '@napi-rs/keyring is not installed: npm install @napi-rs/keyring', {
    provider: 'keyring',
  });
}
