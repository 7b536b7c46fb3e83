/**
 * What the errors of Key Vault, of its SDK, of the service of tokens and of the way there mean here: one table.
 *
 * @module
 */
import { isOfCertificate, networkRows, retryAfterMs } from '../../core/network-errors.ts';
import { Failure, type FailureCode, type FailureDetails, isFailure } from '../../errors.ts';
import type { RawAnswer } from './calls.ts';

interface Row {
  readonly code: FailureCode;
  readonly says: string;
  readonly field?: string;
}

const OUTAGE: Row = { code: 'UNAVAILABLE', says: 'Key Vault cannot answer now' };
const THROTTLED: Row = { code: 'OVERLOADED', says: 'Key Vault throttles' };
const REFUSED: Row = { code: 'DENIED', says: 'access is denied' };
const NO_ROLE: Row = { code: 'DENIED', says: 'no role or access policy allows it' };
const NETWORK: Row = { code: 'DENIED', says: 'the network rules of the vault do not let this machine in' };
const CREDENTIALS: Row = {
  code: 'DENIED',
  says: 'the credentials are not accepted',
  field: 'azurekms.credential',
};
const NO_CREDENTIALS: Row = {
  ...CREDENTIALS,
  says: 'the SDK finds no credentials: AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET are some, or az login',
};
const DISABLED: Row = { code: 'DENIED', says: 'the key is disabled', field: 'state' };
const EXPIRED: Row = { code: 'DENIED', says: 'the key has expired', field: 'expires' };
const EARLY: Row = { code: 'DENIED', says: 'the key is not valid yet', field: 'notBefore' };
const WRONG_USE: Row = { code: 'DENIED', says: 'the key is not for this operation', field: 'key_ops' };
const WRONG_ARGUMENT: Row = { code: 'ARGUMENT_INVALID', says: 'Key Vault does not take the request' };
const DELETED: Row = {
  code: 'KEY_EXISTS',
  says: 'a deleted key has the name until it is purged, or recovered',
};
const LEAVING: Row = { code: 'UNAVAILABLE', says: 'another change of the key is under way' };

/** Errors by the code that the service gives them, the inner one first where there are two. */
export const coded: Readonly<Record<string, Row>> = {
  ForbiddenByPolicy: NO_ROLE,
  ForbiddenByRbac: NO_ROLE,
  AccessDenied: NO_ROLE,
  ForbiddenByFirewall: NETWORK,
  ForbiddenByConnection: NETWORK,
  KeyDisabled: DISABLED,
  KeyExpired: EXPIRED,
  KeyNotYetValid: EARLY,
  KeyOperationForbidden: WRONG_USE,
  Forbidden: REFUSED,
  Unauthorized: CREDENTIALS,
  KeyNotFound: { code: 'KEY_NOT_FOUND', says: 'the vault has no such key' },
  VaultNotFound: { code: 'UNAVAILABLE', says: 'there is no such vault', field: 'azurekms.vault' },
  ObjectIsDeletedButRecoverable: DELETED,
  ObjectIsBeingDeleted: LEAVING,
  ObjectIsBeingRecovered: LEAVING,
  ConflictError: LEAVING,
  BadParameter: WRONG_ARGUMENT,
  Throttled: THROTTLED,
  TooManyRequests: THROTTLED,
};

/** Errors of the SDK by their names. */
export const named: Readonly<Record<string, Row>> = {
  AuthenticationError: CREDENTIALS,
  CredentialUnavailableError: NO_CREDENTIALS,
  AggregateAuthenticationError: NO_CREDENTIALS,
  AuthenticationRequiredError: CREDENTIALS,
  // Not of this call, which ends at once: another one had begun the login that both wait for.
  AbortError: { code: 'UNAVAILABLE', says: 'the login was given up by another call' },
};

const AUTHORITY: Row = { code: 'UNAVAILABLE', says: 'the service of tokens cannot answer now' };

/**
 * What the SDK makes of an outage of the service of tokens: an error that asks for other credentials, whose
 * words alone tell. A chain asks services of its machine as well, whose absence is no outage.
 */
const NO_TOKENS = /\b(endpoints_resolution_error|openid_config_error|temporarily_unavailable|server_error)\b/;
const NO_NETWORK = /\b(network_error|no_network_connectivity)\b/;

/** How a credential repeats a failure that it remembers of an outage, for a minute: numbers at most, and no name. */
const REMEMBERED = /(^|\n)(\d+( \d+)*)?: /;

/** What we say when the SDK is about to ask another host than the vault. */
export const ELSEWHERE = 'the vault refers to another host';

/** What the SDK says in words alone, of what it knows of a key or of an answer. */
const WORDS: readonly (readonly [words: RegExp, row: Row])[] = [
  [
    new RegExp(`^${ELSEWHERE}$`),
    { code: 'UNAVAILABLE', says: `${ELSEWHERE}, which is not asked`, field: 'azurekms.vault' },
  ],
  [/^Operation \w+ is not supported on key /, WRONG_USE],
  [/^Key \S+ can't be used before /, EARLY],
  [/^Key \S+ expired at /, EXPIRED],
  [
    /^The challenge (resource|contains)/,
    { code: 'DENIED', says: 'the host asks for tokens that are not for it', field: 'azurekms.vault' },
  ],
];

const UNTRUSTED: Row = {
  code: 'UNAVAILABLE',
  says: 'the certificate of the host is not trusted, so nothing was asked of it',
  field: 'azurekms.vault',
};
const UNREACHABLE: Row = { code: 'UNAVAILABLE', says: 'the host cannot be reached' };
const BROKEN: Row = { code: 'UNAVAILABLE', says: 'the connection broke' };
const NO_ANSWER: Row = {
  code: 'UNAVAILABLE',
  says: 'the answer is none of Key Vault: cut off, changed, or a proxy gave it',
};

/** Errors of Node.js, and of the SDK's own way to speak HTTP, by their codes. */
export const networked: Readonly<Record<string, Row>> = {
  ...networkRows({
    unknownName: { code: 'UNAVAILABLE', says: 'the name of the host is not known: is there such a vault?' },
    unreachable: UNREACHABLE,
    broken: BROKEN,
    untrusted: UNTRUSTED,
    badTls: { ...UNTRUSTED, says: 'the host does not speak TLS as it must' },
    noTls: { ...UNTRUSTED, says: 'the host does not speak TLS' },
  }),
  ERR_STREAM_PREMATURE_CLOSE: BROKEN,
  REQUEST_SEND_ERROR: BROKEN,
  PARSE_ERROR: NO_ANSWER,
};

/** What the SDK calls errors of requests: there are more codes of Node.js than anybody knows. */
const REQUEST = 'RestError';

/** Answers that say no more than their status. */
const ANSWERED: readonly (readonly [from: number, to: number, row: Row])[] = [
  [100, 399, NO_ANSWER],
  [401, 401, CREDENTIALS],
  [403, 403, REFUSED],
  [404, 404, { code: 'UNAVAILABLE', says: 'the host is no vault' }],
  [408, 408, OUTAGE],
  [409, 409, LEAVING],
  [429, 429, THROTTLED],
  [400, 499, { code: 'DENIED', says: 'the request was refused' }],
  [500, 599, OUTAGE],
  // RFC 9110 §15: none of these is a status.
  [0, 999, NO_ANSWER],
];

/** What is read of an error. */
interface Thrown {
  readonly name: string;
  readonly message: string;
  readonly code?: unknown;
  readonly statusCode?: unknown;
  readonly details?: unknown;
  readonly response?: { readonly headers?: { toJSON?(): Readonly<Record<string, string>> } };
}

/**
 * The failure for an error that a call threw, or the error itself where it is none of Key Vault, its SDK or
 * the network. `answer` is the last that the service gave to the call: the SDK's own errors do not always
 * say it. The error is not kept as the cause: the SDK's hold the request, and with it the token.
 */
export function vaultFailure(
  error: unknown,
  answer: RawAnswer | undefined,
  details: FailureDetails,
): unknown {
  if (isFailure(error) || !(error instanceof Error)) return error;
  const thrown: Thrown = error;
  const status = statusOf(thrown, answer);
  const row = rowOf(thrown, answer, status);
  if (row === undefined) return error;
  const headers = thrown.response?.headers?.toJSON?.() ?? answer?.rawHeaders ?? {};
  const wait = retryAfterMs(headers['retry-after']);
  return new Failure(row.code, `${row.says}${trace(thrown, answer, status, details)}`, {
    ...details,
    ...(row.field === undefined ? {} : { field: row.field }),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  });
}

function rowOf(thrown: Thrown, answer: RawAnswer | undefined, status: number | undefined): Row | undefined {
  const { name, message, code } = thrown;
  const login = own(named, name);
  if (login !== undefined) return isAuthorityAway(thrown) ? AUTHORITY : login;
  const row = codesOf(thrown, answer)
    .map((one) => own(coded, one))
    .find(Boolean);
  if (row !== undefined) return row;
  // A page of somebody else is no answer, and its status still says something.
  const byStatus = status === undefined ? undefined : between(ANSWERED, status);
  if (code === 'PARSE_ERROR' && byStatus !== undefined) return byStatus;
  return networkRow(code) ?? wordsRow(message) ?? byStatus ?? (name === REQUEST ? BROKEN : undefined);
}

function isAuthorityAway({ name, message, statusCode }: Thrown): boolean {
  if (
    NO_TOKENS.test(message) ||
    REMEMBERED.test(message) ||
    (typeof statusCode === 'number' && statusCode >= 500)
  )
    return true;
  return name !== 'AggregateAuthenticationError' && NO_NETWORK.test(message);
}

function networkRow(code: unknown): Row | undefined {
  if (typeof code !== 'string') return undefined;
  if (/^HPE_/.test(code)) return NO_ANSWER;
  return own(networked, code) ?? (isOfCertificate(code) ? UNTRUSTED : undefined);
}

function wordsRow(message: string): Row | undefined {
  return WORDS.find(([words]) => words.test(message))?.[1];
}

function between(rows: typeof ANSWERED, status: number): Row | undefined {
  return rows.find(([from, to]) => status >= from && status <= to)?.[2];
}

function own(rows: Readonly<Record<string, Row>>, name: string): Row | undefined {
  return Object.hasOwn(rows, name) ? rows[name] : undefined;
}

function statusOf({ statusCode }: Thrown, answer: RawAnswer | undefined): number | undefined {
  return typeof statusCode === 'number' && statusCode > 0 ? statusCode : answer?.status;
}

/** The codes of an answer, the inner one first: `{"error":{"code","innererror":{"code"}}}`. */
function codesOf({ details, code }: Thrown, answer: RawAnswer | undefined): readonly string[] {
  const error = member(answer?.parsedBody, 'error') ?? member(details, 'error');
  const inner = member(error, 'innererror') ?? member(error, 'innerError');
  return [member(inner, 'code'), member(error, 'code'), code].filter((one) => typeof one === 'string');
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

/** What a person needs to look further: what was asked, and how it failed there. Never what the service wrote. */
function trace(
  thrown: Thrown,
  answer: RawAnswer | undefined,
  status: number | undefined,
  { operation }: FailureDetails,
): string {
  const code = codesOf(thrown, answer).find((one) => /^[A-Za-z_]{1,64}$/.test(one));
  const told = [status, code].filter((one) => one !== undefined).join(' ');
  return ` (keys/${operation ?? ''}${told === '' ? '' : `, ${told}`})`;
}

/** Of an answer without what it must have. */
export function notAnswered(details: FailureDetails): Failure<'UNAVAILABLE'> {
  return new Failure('UNAVAILABLE', 'the answer is none of Key Vault: what it must have is missing', details);
}

/** Of an answer that is about another key. */
export function anotherKey(details: FailureDetails): Failure<'SIGNER_MISMATCH'> {
  return new Failure('SIGNER_MISMATCH', 'another key answered than the one that was asked for', details);
}
