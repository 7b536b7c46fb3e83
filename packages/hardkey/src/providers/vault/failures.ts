/**
 * What the server's ways to refuse and to fail mean here: one table.
 *
 * @module
 */
import { isOfCertificate, networkRows, retryAfterMs } from '../../core/network-errors.ts';
import { Failure, type FailureCode, type FailureDetails } from '../../errors.ts';
import type { HttpAnswer } from './http.ts';

/**
 * What is done beside the plain use of a key:
 * - `opening`: what is wrong with what was given is not told
 * - `encrypting`: a key that is not there must not be made
 * - `unwrapping`: the token is a wrapping token
 * - `entering`: there is no token yet
 */
export type Doing = 'encrypting' | 'entering' | 'opening' | 'unwrapping';

interface Row {
  readonly status: number;
  /** What one of the errors in the body says. Absent: anything. */
  readonly says?: RegExp;
  readonly code: FailureCode;
  readonly message: string;
  /** What was wrong. */
  readonly field?: string;
  /** Only then. */
  readonly only?: Doing;
}

/**
 * What an unknown token is told: by OpenBao no more than this, where a policy that refuses says more. Vault's
 * documentation, "Tokens", has both words, and since 1.14 the server does.
 */
const TOKEN = /^permission denied$|invalid token/;

const OPENED_ONCE =
  'the wrapping token is unknown, expired, or was opened: if not by you, somebody else knows what was in it';

// The first row that fits. The texts are those of OpenBao 2.7; Vault has had the same for years.
const ROWS: readonly Row[] = [
  { ...row(403, TOKEN, 'DENIED', OPENED_ONCE, 'vault.wrappedToken'), only: 'unwrapping' },
  {
    ...row(403, TOKEN, 'DENIED', 'no role is let in there: is the mount right?', 'vault.appRole'),
    only: 'entering',
  },
  row(400, /wrapping token/, 'DENIED', OPENED_ONCE, 'vault.wrappedToken'),
  row(403, TOKEN, 'DENIED', 'the token is unknown, expired or revoked', 'vault.token'),
  row(403, undefined, 'DENIED', 'the policies of the token do not allow this', 'vault.policy'),
  row(
    400,
    /(role|secret)[ _]?id|CIDR/i,
    'DENIED',
    'the role ID or secret ID is wrong, used up, or not to be used from here',
    'vault.appRole',
  ),
  row(429, undefined, 'OVERLOADED', 'the server has a limit on requests'),
  row(503, /sealed/, 'UNAVAILABLE', 'the server is sealed', 'vault.sealed'),
  row(501, undefined, 'UNAVAILABLE', 'the server is not initialised', 'vault.sealed'),
  row(404, /no handler for route|unsupported path/, 'KEY_NOT_FOUND', 'no such engine', 'vault.mount'),
  row(404, /namespace not found/, 'KEY_NOT_FOUND', 'no such namespace', 'vault.namespace'),
  row(404, undefined, 'KEY_NOT_FOUND', 'no such key'),
  row(413, undefined, 'ARGUMENT_INVALID', 'more than the server takes', 'message'),
  // The same is a 400 of one path and a 500 of another.
  ...[400, 500].flatMap((status): readonly Row[] => [
    { ...row(status, /unknown key type/, 'KEY_NOT_FOUND', 'no such key'), only: 'encrypting' },
    row(status, /too old|less than the minimum/, 'DENIED', 'the key has ended this version', 'vault.version'),
    {
      ...row(
        status,
        /ciphertext|message authentication failed|decryption error|base64/,
        'DECRYPTION_FAILED',
        'the ciphertext does not open with this key',
      ),
      only: 'opening',
    },
    row(
      status,
      /higher than the latest|too new|version does not exist/,
      'KEY_NOT_FOUND',
      'no such version',
      'vault.version',
    ),
    row(status, /soft-deleted/, 'DENIED', 'the key is suspended', 'state'),
    row(status, /key not found|no existing key|; not found/, 'KEY_NOT_FOUND', 'no such key'),
    row(status, /existing key/, 'KEY_EXISTS', 'the key exists'),
    row(status, /deletion is not allowed|does not allow rotation/, 'DENIED', 'the key does not allow it'),
    row(status, /does not support|unknown key type|unsupported/i, 'UNSUPPORTED', 'not with this key'),
  ]),
];

function row(
  status: number,
  says: RegExp | undefined,
  code: FailureCode,
  message: string,
  field?: string,
): Row {
  return {
    status,
    code,
    message,
    ...(says === undefined ? {} : { says }),
    ...(field === undefined ? {} : { field }),
  };
}

/** What was asked for, when it failed. */
export interface Asked {
  readonly details: FailureDetails;
  readonly doing?: Doing;
}

/** The failure for an answer that is none of success. The texts of the server are not repeated. */
export function answerFailure(answer: HttpAnswer, { details, doing }: Asked): Failure {
  const { status } = answer;
  const errors = errorsOf(answer.body);
  const found = errors && rowOf(status, errors, doing);
  if (found === undefined) return unknownAnswer(answer, errors !== undefined, details);
  const { code, message, field } = found;
  if (code === 'DECRYPTION_FAILED') return new Failure(code, message, onlyAlgorithm(details));
  const wait = code === 'OVERLOADED' ? retryAfter(answer) : {};
  return new Failure(code, message, { ...details, ...(field === undefined ? {} : { field }), ...wait });
}

/** What one error of a batch means, whose request was answered with success. */
export function itemFailure(error: string, asked: Asked): Failure {
  const found = rowOf(500, [error], asked.doing);
  const { code, message, field }: Pick<Row, 'code' | 'message' | 'field'> = found ?? {
    code: 'UNAVAILABLE',
    message: 'the server failed',
  };
  return new Failure(code, message, { ...asked.details, ...(field === undefined ? {} : { field }) });
}

function rowOf(status: number, errors: readonly string[], doing: Doing | undefined): Row | undefined {
  return ROWS.find(
    ({ status: own, says, only }) =>
      own === status &&
      (only === undefined || only === doing) &&
      (says === undefined || errors.some((error) => says.test(error))),
  );
}

function unknownAnswer(answer: HttpAnswer, isOurs: boolean, details: FailureDetails): Failure {
  const { status } = answer;
  if (status >= 300 && status < 400) {
    return unavailable(
      'the server refers to another, which is not given the token: correct the address',
      details,
    );
  }
  if (status === 429) {
    return new Failure('OVERLOADED', 'there is a limit on requests', { ...details, ...retryAfter(answer) });
  }
  if (status >= 500 || status === 408 || status === 412)
    return unavailable(`the server failed: ${status}`, details);
  if (!isOurs) return unavailable(`what answers is not Vault: ${status}`, details);
  return new Failure('UNSUPPORTED', `the server does not take this request: ${status}`, details);
}

/** The errors of a body; undefined for one that no Vault wrote. */
function errorsOf(body: string): readonly string[] | undefined {
  try {
    const { errors } = JSON.parse(body) as { readonly errors?: unknown };
    return Array.isArray(errors) ? errors.map((one) => String(one).trim()) : undefined;
  } catch {
    return undefined;
  }
}

function retryAfter({ headers }: HttpAnswer): Pick<FailureDetails, 'retryAfterMs'> {
  const wait = retryAfterMs(headers['retry-after']);
  return wait === undefined ? {} : { retryAfterMs: wait };
}

function onlyAlgorithm({ algorithm }: FailureDetails): FailureDetails {
  return algorithm === undefined ? {} : { algorithm };
}

interface NetworkRow {
  readonly says: string;
  readonly field?: string;
}

const NO_NAME: NetworkRow = { says: 'the name of the server has no address', field: 'vault.address' };
const UNREACHABLE: NetworkRow = { says: 'the server cannot be reached' };
const UNTRUSTED: NetworkRow = { says: 'the certificate of the server is not trusted', field: 'vault.ca' };
const NO_TLS: NetworkRow = {
  says: 'the server does not speak TLS as it must: is it http?',
  field: 'vault.address',
};

const NETWORK: Readonly<Record<string, NetworkRow>> = {
  ...networkRows({
    unknownName: NO_NAME,
    unreachable: UNREACHABLE,
    broken: UNREACHABLE,
    untrusted: UNTRUSTED,
    badTls: NO_TLS,
    noTls: NO_TLS,
  }),
  EAI_AGAIN: NO_NAME,
};

/** Of a server that cannot be reached, or whose connection broke. */
export function networkFailure(error: Error, details: FailureDetails, reused: boolean): Failure {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const found = Object.hasOwn(NETWORK, code) ? NETWORK[code] : undefined;
  const { says, field } = found ?? (isOfCertificate(code) ? UNTRUSTED : UNREACHABLE);
  const lost = reused && (code === 'ECONNRESET' || code === 'EPIPE') ? 'connection' : field;
  const about = lost === undefined ? details : { ...details, field: lost };
  return unavailable(field === UNTRUSTED.field ? `${says}: ${code}` : says, about, error);
}

/** Of an answer that ended before its end. */
export function brokenAnswer(details: FailureDetails, error?: Error): Failure<'UNAVAILABLE'> {
  return unavailable('the answer of the server broke off', details, error);
}

/** Of an answer that is larger than anything that was asked for. */
export function tooLarge(details: FailureDetails): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', 'the answer of the server is too large', {
    ...details,
    field: 'vault.answer',
  });
}

/** Of an answer of success that does not say what it should. */
export function malformedAnswer(field: string, details: FailureDetails): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', 'the server answers something else than it was asked for', {
    ...details,
    field: `vault.${field}`,
  });
}

/** Of something that is not there, or no longer. */
export function unavailable(
  message: string,
  details: FailureDetails,
  cause?: unknown,
): Failure<'UNAVAILABLE'> {
  return new Failure('UNAVAILABLE', message, details, cause);
}
