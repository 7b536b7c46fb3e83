/**
 * What a callback's way to fail means: an outage, a refusal, a missing key and a bad signature are
 * different answers, also when they come as some SDK's error.
 *
 * @module
 */
import { Failure, type FailureCode, isFailure } from '../../../errors.ts';

/** What a callback does. */
export type CallbackOperation = 'sign' | 'verify' | 'encrypt' | 'decrypt';

/** Errors by `name`: the runtime's, and those of the AWS SDK. */
const NAMES: Readonly<Record<string, FailureCode>> = {
  AbortError: 'UNAVAILABLE',
  TimeoutError: 'UNAVAILABLE',
  NetworkError: 'UNAVAILABLE',
  KMSInternalException: 'UNAVAILABLE',
  DependencyTimeoutException: 'UNAVAILABLE',
  KeyUnavailableException: 'UNAVAILABLE',
  ThrottlingException: 'OVERLOADED',
  TooManyRequestsException: 'OVERLOADED',
  LimitExceededException: 'OVERLOADED',
  AccessDeniedException: 'DENIED',
  DisabledException: 'DENIED',
  KMSInvalidStateException: 'DENIED',
  NotFoundException: 'KEY_NOT_FOUND',
  KMSInvalidSignatureException: 'VERIFICATION_FAILED',
};

/** Errors of the system, by `code`. */
const SYSTEM: Readonly<Record<string, FailureCode>> = {
  ECONNREFUSED: 'UNAVAILABLE',
  ECONNRESET: 'UNAVAILABLE',
  ECONNABORTED: 'UNAVAILABLE',
  EHOSTUNREACH: 'UNAVAILABLE',
  ENETUNREACH: 'UNAVAILABLE',
  ENOTFOUND: 'UNAVAILABLE',
  EAI_AGAIN: 'UNAVAILABLE',
  ETIMEDOUT: 'UNAVAILABLE',
  EPIPE: 'UNAVAILABLE',
  EACCES: 'DENIED',
  EPERM: 'DENIED',
};

/** gRPC status codes, as the Google SDKs give them in `code`. */
const GRPC: Readonly<Record<number, FailureCode>> = {
  4: 'UNAVAILABLE',
  5: 'KEY_NOT_FOUND',
  7: 'DENIED',
  8: 'OVERLOADED',
  13: 'UNAVAILABLE',
  14: 'UNAVAILABLE',
  16: 'DENIED',
};

/** HTTP statuses, as the SDKs of AWS and Azure give them. Every other one from 500 on is an outage. */
const HTTP: Readonly<Record<number, FailureCode>> = {
  401: 'DENIED',
  403: 'DENIED',
  404: 'KEY_NOT_FOUND',
  408: 'UNAVAILABLE',
  429: 'OVERLOADED',
};

const MESSAGES: Readonly<Partial<Record<FailureCode, string>>> = {
  UNAVAILABLE: 'the callback did not answer',
  OVERLOADED: 'the callback was told to wait',
  DENIED: 'the callback was refused',
  KEY_NOT_FOUND: 'the callback has no such key',
  VERIFICATION_FAILED: 'the signature is not valid',
  DECRYPTION_FAILED: 'it does not open',
};

/**
 * The failure for what a callback threw, which is its `cause`. A `Failure` is passed on as it is; what
 * cannot be told is `unknown`.
 */
export function callbackFailure(
  thrown: unknown,
  operation: CallbackOperation,
  algorithm: string,
  unknown: FailureCode,
): Failure {
  if (isFailure(thrown)) return thrown;
  const code = codeOf(thrown) ?? unknown;
  const check = code === 'VERIFICATION_FAILED' ? { check: 'signature' } : {};
  return new Failure(
    code,
    MESSAGES[code] ?? 'the callback failed',
    { operation, algorithm, ...check },
    thrown,
  );
}

/** `fetch` hides the system's error one level down. */
function codeOf(thrown: unknown, depth = 0): FailureCode | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  const error = thrown as Readonly<Record<string, unknown>>;
  return (
    own(NAMES, error['name']) ??
    own(SYSTEM, error['code']) ??
    // Without the text beside it, such a small number may be anything: old codes of the DOM are as small.
    (typeof error['details'] === 'string' ? own(GRPC, error['code']) : undefined) ??
    ofStatus(statusOf(error)) ??
    (depth < 2 ? codeOf(error['cause'], depth + 1) : undefined)
  );
}

function statusOf({ statusCode, status, $metadata }: Readonly<Record<string, unknown>>): unknown {
  if (typeof $metadata === 'object' && $metadata !== null && 'httpStatusCode' in $metadata) {
    return $metadata.httpStatusCode;
  }
  return statusCode ?? status;
}

function ofStatus(status: unknown): FailureCode | undefined {
  return own(HTTP, status) ?? (typeof status === 'number' && status >= 500 ? 'UNAVAILABLE' : undefined);
}

function own(table: Readonly<Record<string | number, FailureCode>>, key: unknown): FailureCode | undefined {
  if (typeof key !== 'string' && typeof key !== 'number') return undefined;
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
