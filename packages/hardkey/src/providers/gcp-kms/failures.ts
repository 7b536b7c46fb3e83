/**
 * What the errors of Cloud KMS, of its SDK and of the way there mean here: one table in three parts.
 *
 * @module
 */
import { Failure, type FailureCode, type FailureDetails, isFailure } from '../../errors.ts';

interface Row {
  readonly code: FailureCode;
  readonly says: string;
  readonly field?: string;
  readonly check?: string;
}

const OUTAGE: Row = { code: 'UNAVAILABLE', says: 'Cloud KMS cannot answer now' };
const NO_KMS: Row = {
  code: 'UNAVAILABLE',
  says: 'the answer is none of Cloud KMS: cut off, changed, or a proxy gave it',
};
const THROTTLED: Row = { code: 'OVERLOADED', says: 'Cloud KMS throttles, or a quota is used up' };
const DENIED: Row = { code: 'DENIED', says: 'permission is denied' };
const CREDENTIALS: Row = {
  code: 'DENIED',
  says: 'the credentials are not accepted',
  field: 'gcpkms.credentials',
};
const PROJECT: Row = { code: 'DENIED', says: 'the project may not use Cloud KMS', field: 'gcpkms.project' };
const WRONG_ARGUMENT: Row = { code: 'ARGUMENT_INVALID', says: 'Cloud KMS does not take the request' };

/** Errors by their number in `google.rpc.Code`. */
export const coded: Readonly<Record<number, Row>> = {
  1: { code: 'UNAVAILABLE', says: 'the call was cancelled on the way' },
  2: { code: 'UNAVAILABLE', says: 'Cloud KMS failed for a reason that it does not name' },
  3: WRONG_ARGUMENT,
  4: { code: 'UNAVAILABLE', says: 'it took too long' },
  5: { code: 'KEY_NOT_FOUND', says: 'Cloud KMS has no key, version or key ring of this name' },
  6: {
    code: 'KEY_EXISTS',
    says: 'the name is taken: Cloud KMS gives it to no other key, even when it is empty',
  },
  7: DENIED,
  8: THROTTLED,
  9: {
    code: 'DENIED',
    says: 'the state or the purpose of the key does not allow it',
    field: 'state',
  },
  10: { code: 'UNAVAILABLE', says: 'another change of the key is under way' },
  11: WRONG_ARGUMENT,
  12: { code: 'UNSUPPORTED', says: 'the service does not do this' },
  13: OUTAGE,
  14: OUTAGE,
  15: OUTAGE,
  16: CREDENTIALS,
};

/** Refusals that say more than their number does, by `google.api.ErrorReason`. */
export const reasons: Readonly<Record<string, Row>> = {
  IAM_PERMISSION_DENIED: DENIED,
  SERVICE_DISABLED: { ...PROJECT, says: 'Cloud KMS is not enabled in the project' },
  BILLING_DISABLED: { ...PROJECT, says: 'the project has no billing account' },
  CONSUMER_SUSPENDED: { ...PROJECT, says: 'the project is suspended' },
  CONSUMER_INVALID: { ...PROJECT, says: 'the project is not valid' },
  USER_PROJECT_DENIED: { ...PROJECT, says: 'the credentials may not use the project for quotas' },
  SECURITY_POLICY_VIOLATED: { ...DENIED, says: 'a service perimeter denies it' },
  LOCATION_ORG_POLICY_VIOLATED: { ...DENIED, says: 'a policy of the organisation denies the location' },
  ACCESS_TOKEN_SCOPE_INSUFFICIENT: { ...CREDENTIALS, says: 'the credentials are not for Cloud KMS' },
  ACCESS_TOKEN_EXPIRED: { ...CREDENTIALS, says: 'the credentials have expired' },
  ACCESS_TOKEN_TYPE_UNSUPPORTED: CREDENTIALS,
  ACCOUNT_STATE_INVALID: { ...CREDENTIALS, says: 'the account is disabled or deleted' },
  CREDENTIALS_MISSING: { ...CREDENTIALS, says: 'the request had no credentials' },
  RATE_LIMIT_EXCEEDED: THROTTLED,
  RESOURCE_QUOTA_EXCEEDED: THROTTLED,
};

const UNREACHABLE: Row = { code: 'UNAVAILABLE', says: 'the endpoint cannot be reached' };
const UNKNOWN_NAME: Row = { code: 'UNAVAILABLE', says: 'the name of the endpoint is not known' };
const UNTRUSTED: Row = {
  code: 'UNAVAILABLE',
  says: 'the certificate of the endpoint is not trusted, so nothing was asked of it',
  field: 'gcpkms.endpoint',
};
const NO_TLS: Row = { ...UNTRUSTED, says: 'the endpoint does not speak TLS' };
const BROKEN: Row = { code: 'UNAVAILABLE', says: 'the connection broke' };
const NO_LOGIN: Row = { code: 'UNAVAILABLE', says: 'who gives out the tokens cannot be reached' };
const NO_CREDENTIALS: Row = {
  ...CREDENTIALS,
  says: 'the SDK finds no credentials that it can use: GOOGLE_APPLICATION_CREDENTIALS names a file of some',
};
const NO_FILE: Row = {
  code: 'ARGUMENT_INVALID',
  says: 'a file is not there that the surroundings name: GRPC_DEFAULT_SSL_ROOTS_FILE_PATH, or one of the SDK',
  field: 'gcpkms.endpoint',
};
const CHANGED: Row = {
  code: 'UNAVAILABLE',
  says: 'what was sent was changed on the way',
  check: 'crc32c',
};

const REFUSED_BEFORE: Row = { ...DENIED, says: 'something before Cloud KMS refused' };

type TextRow = readonly [text: RegExp, row: Row];

const REFUSED_LOGIN: TextRow = [
  /invalid_(grant|client|scope|target|request)|unauthorized_client|access_denied/,
  CREDENTIALS,
];

/** Of a file of credentials, of one that it names, or of the private key in it. */
const UNUSABLE_LOGIN: TextRow = [
  /does not exist, or it is not a file|(DECODER|PEM|asn1 encoding) routines|Unable to read the credential file/,
  NO_CREDENTIALS,
];

/** What the text of an error without a number tells, which is of a login before anything was asked. */
const LOGINS: readonly TextRow[] = [
  REFUSED_LOGIN,
  UNUSABLE_LOGIN,
  [
    /Could not load the default credentials|METADATA_SERVER_DETECTION|JSON|parse|does not contain/,
    NO_CREDENTIALS,
  ],
  [/ENOENT/, NO_FILE],
];

/**
 * What the text of an error tells where the number does not: gRPC reports all that can befall a connection
 * as 14, and what proxies answer by their status. The first that fits counts.
 */
const WAYS: readonly TextRow[] = [
  REFUSED_LOGIN,
  UNUSABLE_LOGIN,
  [/Name resolution failed|ENOTFOUND|EAI_AGAIN/, UNKNOWN_NAME],
  [/wrong version number|packet length too long|EPROTO/, NO_TLS],
  [/certificate|altnames|self.signed|SSL routines|CERT_/i, UNTRUSTED],
  [/HTTP status code (401|407)/, REFUSED_BEFORE],
  [/HTTP status code 429/, THROTTLED],
  [/HTTP status code \d|message parsing|valid JSON|response body|Protocol error|Failed to connect/i, NO_KMS],
  [/No connection established|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT/, UNREACHABLE],
  [/ECONNRESET|EPIPE|socket hang up|Connection dropped|Premature close/, BROKEN],
  [/Getting metadata from plugin failed/, NO_LOGIN],
];

/** What is read of an error. */
interface Thrown {
  readonly message: string;
  readonly code?: unknown;
  /** Of an answer over REST, whoever gave it. */
  readonly httpStatusCode?: unknown;
  readonly reason?: unknown;
  readonly statusDetails?: unknown;
}

/**
 * The failure for an error that a call threw, or the error itself where it is none of Cloud KMS, its SDK or
 * the network. The error is not kept as the cause: the SDK's hold requests, and with them tokens.
 */
export function gcpFailure(error: unknown, details: FailureDetails): unknown {
  if (!(error instanceof Error) || isFailure(error)) return error;
  const thrown: Thrown = error;
  const row = rowOf(thrown);
  if (row === undefined) return error;
  const { code, says, field, check } = row;
  const retryAfterMs = retryAfter(thrown);
  return new Failure(code, `${says}${trace(thrown, details)}`, {
    ...details,
    ...(field === undefined ? {} : { field }),
    ...(check === undefined ? {} : { check }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** The reason where there is one; the text where the number says little. */
function rowOf({ message, code, httpStatusCode, reason }: Thrown): Row | undefined {
  const told = typeof reason === 'string' && Object.hasOwn(reasons, reason) ? reasons[reason] : undefined;
  if (told !== undefined) return told;
  if (typeof code !== 'number' && typeof httpStatusCode === 'number') return answerOfProxy(httpStatusCode);
  if (typeof code !== 'number') return textRow(message, LOGINS) ?? textRow(message, WAYS);
  if (code > UNAUTHENTICATED) return answerOfLogin(code, message);
  if (code === INVALID_ARGUMENT && /crc32c/.test(message)) return CHANGED;
  // A page of somebody else's with a status that Cloud KMS also has.
  if (code === NOT_FOUND && /could not be decoded/.test(message)) return NO_KMS;
  return (OF_LIBRARIES.includes(code) ? textRow(message, WAYS) : undefined) ?? coded[code];
}

const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const UNAUTHENTICATED = 16;

/** What libraries say of connections, answers and logins comes under these: by others Cloud KMS has said all. */
const OF_LIBRARIES = [2, 12, 13, 14, 16];

/** JSON in which no error of Google's is: a status is all there is to it. */
function answerOfProxy(status: number): Row {
  if (status === 429) return THROTTLED;
  return [401, 403, 407].includes(status) ? REFUSED_BEFORE : NO_KMS;
}

/** Who gives out tokens answers by HTTP: what it does not take it will not take later either. */
function answerOfLogin(status: number, message: string): Row {
  if (status === 429) return THROTTLED;
  return status >= 400 && status < 500 && status !== 408 ? CREDENTIALS : (textRow(message, WAYS) ?? NO_LOGIN);
}

/** Names of keys say nothing here, whatever they are. */
function textRow(message: string, rows: readonly TextRow[]): Row | undefined {
  const told = message.replaceAll(/projects\/\S+/g, '');
  return rows.find(([text]) => text.test(told))?.[1];
}

/** What a person needs to look further: what was asked, and how it failed. Never what the service wrote. */
function trace({ code, reason }: Thrown, { operation = '' }: FailureDetails): string {
  const told = typeof reason === 'string' && /^[A-Z_]{1,64}$/.test(reason) ? `, ${reason}` : '';
  const name = typeof code === 'number' ? (NAMES[code] ?? '') : '';
  return ` (${[operation, name].filter(Boolean).join(', ')}${told})`;
}

const NAMES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

/** `google.rpc.RetryInfo`, among the details of the status. */
function retryAfter({ statusDetails }: Thrown): number | undefined {
  if (!Array.isArray(statusDetails)) return undefined;
  for (const { retryDelay } of statusDetails as readonly { readonly retryDelay?: RetryDelay | null }[]) {
    if (retryDelay === undefined || retryDelay === null) continue;
    const ms =
      Number(String(retryDelay.seconds ?? 0)) * 1000 + Math.round(Number(retryDelay.nanos ?? 0) / 1e6);
    if (Number.isFinite(ms)) return Math.max(0, ms);
  }
  return undefined;
}

interface RetryDelay {
  readonly seconds?: unknown;
  readonly nanos?: unknown;
}

/** Whether the connection, and not the service, failed: another one is made then. */
export function isDisconnected(error: unknown): boolean {
  return error instanceof Error && /No connection established|Name resolution failed/.test(error.message);
}

/** Of an answer without what it must have. */
export function notAnswered(details: FailureDetails): Failure<'UNAVAILABLE'> {
  return new Failure('UNAVAILABLE', 'the answer is none of Cloud KMS: what it must have is missing', details);
}

/** Of an answer that does not name the key that was asked: it names another, or is no answer. */
export function anotherKey(named: unknown, details: FailureDetails): Failure {
  if (typeof named !== 'string' || named === '') return notAnswered(details);
  return new Failure('SIGNER_MISMATCH', 'another version answered than the one that was opened', details);
}
