/**
 * What the errors of KMS, of its SDK and of the way there mean here: one table.
 *
 * @module
 */
import { isOfCertificate, networkRows, retryAfterMs } from '../../core/network-errors.ts';
import { Failure, type FailureCode, type FailureDetails } from '../../errors.ts';

interface Row {
  readonly code: FailureCode;
  readonly says: string;
  readonly field?: string;
}

const OUTAGE: Row = { code: 'UNAVAILABLE', says: 'KMS cannot answer now' };
const STORE: Row = { code: 'UNAVAILABLE', says: 'the custom key store of the key does not answer' };
const THROTTLED: Row = { code: 'OVERLOADED', says: 'KMS throttles' };
const CREDENTIALS: Row = {
  code: 'DENIED',
  says: 'the credentials are not accepted',
  field: 'awskms.credentials',
};
const NO_CREDENTIALS: Row = {
  ...CREDENTIALS,
  says: 'the SDK finds no credentials: AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name some',
};
const NO_LOGIN: Row = { ...CREDENTIALS, says: 'who gives out the credentials refuses' };
const EXPIRED: Row = { ...CREDENTIALS, says: 'the credentials have expired' };
const CLOCK: Row = { ...CREDENTIALS, says: 'the clock of this machine is too far off for a signed request' };
const CLOSED_BOX: Row = { code: 'DECRYPTION_FAILED', says: 'the ciphertext does not open with this key' };
const WRONG_ARGUMENT: Row = { code: 'ARGUMENT_INVALID', says: 'KMS does not take the request' };
const NO_OPERATION: Row = { code: 'UNSUPPORTED', says: 'the service does not do this' };
const IMPORT: Row = { code: 'DENIED', says: 'the key material is not taken' };

/** Errors by their names, which are facts of the table and tested row by row: those of the KMS API, those that all of AWS has, and the SDK's own. */
export const named: Readonly<Record<string, Row>> = {
  ThrottlingException: THROTTLED,
  Throttling: THROTTLED,
  TooManyRequestsException: THROTTLED,
  RequestLimitExceeded: THROTTLED,
  LimitExceededException: { code: 'OVERLOADED', says: 'a quota of the account is used up' },
  AccessDeniedException: { code: 'DENIED', says: 'access is denied' },
  AccessDenied: { code: 'DENIED', says: 'access is denied' },
  OptInRequired: CREDENTIALS,
  UnrecognizedClientException: CREDENTIALS,
  InvalidClientTokenId: CREDENTIALS,
  IncompleteSignature: CREDENTIALS,
  MissingAuthenticationToken: CREDENTIALS,
  MissingAuthenticationTokenException: CREDENTIALS,
  SignatureDoesNotMatch: CREDENTIALS,
  InvalidSignatureException: CREDENTIALS,
  ExpiredToken: EXPIRED,
  ExpiredTokenException: EXPIRED,
  RequestExpired: CLOCK,
  RequestTimeTooSkewed: CLOCK,
  CredentialsProviderError: NO_CREDENTIALS,
  TokenProviderError: NO_CREDENTIALS,
  DisabledException: { code: 'DENIED', says: 'the key is disabled', field: 'state' },
  KMSInvalidStateException: {
    code: 'DENIED',
    says: 'the state of the key does not allow it: it may await its deletion, or its material',
    field: 'state',
  },
  NotFoundException: { code: 'KEY_NOT_FOUND', says: 'KMS has no such key in this region and account' },
  InvalidArnException: { ...WRONG_ARGUMENT, field: 'awskms.key' },
  InvalidAliasNameException: { ...WRONG_ARGUMENT, field: 'awskms.key' },
  AlreadyExistsException: { code: 'KEY_EXISTS', says: 'the alias is taken' },
  InvalidKeyUsageException: { code: 'UNSUPPORTED', says: 'the key is not for this use or algorithm' },
  UnsupportedOperationException: NO_OPERATION,
  UnknownOperationException: NO_OPERATION,
  InvalidAction: NO_OPERATION,
  InvalidCiphertextException: CLOSED_BOX,
  IncorrectKeyException: CLOSED_BOX,
  KMSInvalidMacException: { code: 'VERIFICATION_FAILED', says: 'the code is not right' },
  KMSInvalidSignatureException: { code: 'VERIFICATION_FAILED', says: 'the signature is not valid' },
  ValidationException: WRONG_ARGUMENT,
  TagException: { ...WRONG_ARGUMENT, field: 'awskms.tags' },
  MalformedPolicyDocumentException: { ...WRONG_ARGUMENT, field: 'policy' },
  InvalidImportTokenException: IMPORT,
  ExpiredImportTokenException: IMPORT,
  IncorrectKeyMaterialException: IMPORT,
  ConflictException: { code: 'DENIED', says: 'another change of the key is under way' },
  DependencyTimeoutException: OUTAGE,
  KMSInternalException: OUTAGE,
  KeyUnavailableException: OUTAGE,
  InternalFailure: OUTAGE,
  InternalServerError: OUTAGE,
  ServiceUnavailable: OUTAGE,
  ServiceUnavailableException: OUTAGE,
  CloudHsmClusterInvalidConfigurationException: STORE,
  CustomKeyStoreInvalidStateException: STORE,
  XksKeyInvalidConfigurationException: STORE,
  TimeoutError: { code: 'UNAVAILABLE', says: 'the connection broke or took too long' },
  EndpointError: {
    code: 'ARGUMENT_INVALID',
    says: 'what is configured of the endpoint does not go together',
    field: 'awskms.endpoint',
  },
};

const UNTRUSTED: Row = {
  code: 'UNAVAILABLE',
  says: 'the certificate of the endpoint is not trusted, so nothing was asked of it',
  field: 'awskms.endpoint',
};
const UNREACHABLE: Row = { code: 'UNAVAILABLE', says: 'the endpoint cannot be reached' };
const BROKEN: Row = { code: 'UNAVAILABLE', says: 'the connection broke' };

const NO_URL: Row = {
  code: 'ARGUMENT_INVALID',
  says: 'the endpoint is no URL: awskms.endpoint or AWS_ENDPOINT_URL_KMS names it',
  field: 'awskms.endpoint',
};
/** Nothing else of what is sent in headers is of the surroundings. */
const NO_TOKEN: Row = {
  ...CREDENTIALS,
  says: 'the credentials have characters that no request can have, such as the end of a line',
};

/** The SDK reads no other files without a word. */
const NO_FILE: Row = {
  ...CREDENTIALS,
  says: 'a file of credentials cannot be read, such as that of AWS_WEB_IDENTITY_TOKEN_FILE',
};

/** Errors of Node.js by their codes. */
const CODED: Readonly<Record<string, Row>> = {
  ERR_INVALID_URL: NO_URL,
  ERR_INVALID_CHAR: NO_TOKEN,
  ENOENT: NO_FILE,
  EACCES: NO_FILE,
  EISDIR: NO_FILE,
  ...networkRows({
    unknownName: { code: 'UNAVAILABLE', says: 'the name of the endpoint is not known: is the region right?' },
    unreachable: UNREACHABLE,
    broken: BROKEN,
    untrusted: UNTRUSTED,
    badTls: { ...UNTRUSTED, says: 'the endpoint does not speak TLS as it must' },
    noTls: { ...UNTRUSTED, says: 'the endpoint does not speak TLS' },
  }),
};

const NO_ANSWER: Row = {
  code: 'UNAVAILABLE',
  says: 'the answer is none of KMS: cut off, changed, or a proxy gave it',
};

/** Answers that are no answers of KMS, by their status. Any other of the kind is a refusal. */
const ANSWERED: readonly (readonly [from: number, to: number, row: Row])[] = [
  [100, 399, NO_ANSWER],
  [401, 401, { code: 'DENIED', says: 'something before KMS refused' }],
  [403, 403, { code: 'DENIED', says: 'something before KMS refused' }],
  [404, 404, { code: 'UNAVAILABLE', says: 'the endpoint is none of KMS' }],
  [408, 408, OUTAGE],
  [429, 429, THROTTLED],
  [400, 499, { code: 'DENIED', says: 'the request was refused' }],
  [500, 599, OUTAGE],
  [600, 999, NO_ANSWER],
];

/** What is read of an error. */
interface Thrown {
  readonly name: string;
  readonly code?: unknown;
  readonly message: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly statusCode?: number; readonly headers?: Readonly<Record<string, string>> };
}

/**
 * The failure for an error that a call threw, or the error itself where it is none of KMS, its SDK or the
 * network. The error is not kept as the cause: the SDK's hold the request, and with it the credentials.
 */
export function awsFailure(error: unknown, details: FailureDetails): unknown {
  if (!(error instanceof Error)) return error;
  const thrown: Thrown = error;
  const wrong = SURROUNDINGS.find(([words]) => thrown.message.startsWith(words));
  if (wrong !== undefined) return new Failure('ARGUMENT_INVALID', wrong[1], { ...details, field: wrong[2] });
  const told = byName(thrown) ?? coded(thrown) ?? answered(thrown);
  if (told === undefined) return error;
  const row = isOfLogin(error) && !LATER.includes(told.code) ? NO_LOGIN : told;
  const { code, says, field } = row;
  const wait = retryAfterMs(thrown.$response?.headers?.['retry-after']);
  return new Failure(code, `${says}${trace(thrown, details)}`, {
    ...details,
    ...(field === undefined ? {} : { field }),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  });
}

/** What may be otherwise when it is tried again. */
const LATER: readonly FailureCode[] = ['OVERLOADED', 'UNAVAILABLE'];

/** Whether an error is of another service of AWS, which the SDK asked for credentials: each has a class of its own. */
function isOfLogin(error: object): boolean {
  for (let at: unknown = error; typeof at === 'object' && at !== null; at = Object.getPrototypeOf(at)) {
    const [service] = /^\w+(?=ServiceException$)/.exec(at.constructor.name) ?? [];
    if (service !== undefined) return service !== 'KMS';
  }
  return false;
}

function byName({ name }: Thrown): Row | undefined {
  return Object.hasOwn(named, name) ? named[name] : undefined;
}

function coded({ code, name }: Thrown): Row | undefined {
  // Of several addresses, none of which took the connection.
  if (name === 'AggregateError') return UNREACHABLE;
  if (typeof code !== 'string') return undefined;
  if (Object.hasOwn(CODED, code)) return CODED[code];
  return isOfCertificate(code) ? UNTRUSTED : undefined;
}

/** By the status; what has none, and came through the SDK all the same, broke on the way. */
function answered({ $metadata, $response }: Thrown): Row | undefined {
  const status = $response?.statusCode ?? $metadata?.httpStatusCode;
  if (status === undefined) return $metadata && BROKEN;
  return ANSWERED.find(([from, to]) => status >= from && status <= to)?.[2];
}

/** What a person needs to look further: what was asked, and how it failed there. Never what the service wrote. */
function trace({ name, code }: Thrown, { operation }: FailureDetails): string {
  const told = typeof code === 'string' && /^[A-Z_]{1,64}$/.test(code) ? code : name;
  const known = /^[A-Za-z_]{1,64}$/.test(told) && told !== 'Error' && told !== 'SyntaxError';
  return ` (kms:${operation ?? ''}${known ? `, ${told}` : ''})`;
}

/** What the SDK says in words alone, of what it is surrounded by. */
const SURROUNDINGS: readonly (readonly [words: string, message: string, field: string])[] = [
  ['Region is missing', 'no region is known: an ARN, ?region= or AWS_REGION says which', 'awskms.region'],
  [
    'Region not accepted',
    'the region is none of AWS: an ARN, ?region= or AWS_REGION says which',
    'awskms.region',
  ],
  [
    'Invalid parameter for "defaultsMode"',
    'AWS_DEFAULTS_MODE, or defaults_mode of the profile, is none that the SDK has',
    'awskms.defaultsMode',
  ],
];

/** A request that was only to be tried, and would have succeeded, is answered by an error. */
export function noneOfDryRun(error: unknown): object {
  if (error instanceof Error && error.name === 'DryRunOperationException') return {};
  throw error;
}

/** Of an answer without what it must have. */
export function notAnswered(details: FailureDetails): Failure<'UNAVAILABLE'> {
  return new Failure('UNAVAILABLE', 'the answer is none of KMS: what it must have is missing', details);
}

/** Of an answer that does not name the key that was asked: it names another, or is no answer. */
export function anotherKey(named: unknown, details: FailureDetails): Failure {
  if (typeof named !== 'string' || named === '') return notAnswered(details);
  return new Failure('SIGNER_MISMATCH', 'another key answered than the one that was opened', details);
}
