/**
 * Every failure hardkey reports.
 *
 * One row per cause. The row says how each surface reports it: the exit status of the command, the
 * HTTP status of the servers and the KMIP Result Reason. Adding a row is the only way to add a
 * failure; removing or renaming one is a breaking change.
 *
 * @module
 */

const FAILURES = {
  ARGUMENT_INVALID: { exit: 64, http: 400, kmip: 'InvalidField', retryable: false },
  MALFORMED: { exit: 65, http: 400, kmip: 'InvalidMessage', retryable: false },
  KEY_NOT_FOUND: { exit: 66, http: 404, kmip: 'ItemNotFound', retryable: false },
  KEY_EXISTS: { exit: 73, http: 409, kmip: 'ObjectAlreadyExists', retryable: false },
  UNSUPPORTED: { exit: 69, http: 501, kmip: 'OperationNotSupported', retryable: false },
  DENIED: { exit: 77, http: 403, kmip: 'PermissionDenied', retryable: false },
  UNAVAILABLE: { exit: 75, http: 503, kmip: 'GeneralFailure', retryable: true },
  OVERLOADED: { exit: 75, http: 429, kmip: 'GeneralFailure', retryable: true },
  SIGNER_MISMATCH: { exit: 76, http: 502, kmip: 'CryptographicFailure', retryable: false },
  VERIFICATION_FAILED: { exit: 1, http: 422, kmip: 'CryptographicFailure', retryable: false },
  DECRYPTION_FAILED: { exit: 1, http: 422, kmip: 'CryptographicFailure', retryable: false },
  EXPIRED: { exit: 1, http: 422, kmip: 'CryptographicFailure', retryable: false },
  NOT_YET_VALID: { exit: 1, http: 422, kmip: 'CryptographicFailure', retryable: false },
} as const;

/** Stable identifier of a failure. Also the anchor of its section in `docs/errors.md`. */
export type FailureCode = keyof typeof FAILURES;

/** How the surfaces report a failure. */
export interface FailureRow {
  /** Exit status of the command. */
  readonly exit: number;
  /** Status of an HTTP answer. */
  readonly http: number;
  /** KMIP Result Reason. */
  readonly kmip: string;
  /** Whether repeating the same call can succeed. */
  readonly retryable: boolean;
}

/** Names a failure may carry. Identifiers, offsets and paths only: never bytes, tokens, PINs or payloads. */
export interface FailureDetails {
  readonly ref?: string;
  readonly provider?: string;
  readonly algorithm?: string;
  /** The layer or field that was wrong, as a path: `cwt.exp`, `pkcs11.token`. */
  readonly field?: string;
  /** Where in the input, in bytes (or characters, for text) from its start. */
  readonly offset?: number;
  /** The verification check that failed. */
  readonly check?: string;
  readonly keyId?: string;
  readonly path?: string;
  readonly operation?: string;
  /** Public-key fingerprints, or profiles, when one was expected and another was found. */
  readonly expected?: string;
  readonly actual?: string;
  readonly retryAfterMs?: number;
}

const BRAND = Symbol.for('hardkey.failure');

/** The one error class. Tell failures apart by {@link Failure.code}, never by message or class. */
export class Failure<C extends FailureCode = FailureCode> extends Error {
  override readonly name = 'Failure';
  readonly code: C;
  readonly details: FailureDetails;

  constructor(code: C, message: string, details: FailureDetails = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = details;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** Whether repeating the same call can succeed. */
  get retryable(): boolean {
    return FAILURES[this.code].retryable;
  }

  /** What may leave the process: no stack, no cause. */
  toJSON(): { code: C; message: string; details: FailureDetails } {
    return { code: this.code, message: this.message, details: this.details };
  }
}

/** Whether a caught value is a {@link Failure}, also when two copies of the package are loaded. */
export function isFailure<C extends FailureCode>(value: unknown, code?: C): value is Failure<C> {
  if (!(value instanceof Error && BRAND in value && 'code' in value)) return false;
  return code === undefined || value.code === code;
}

/** The failure for an argument: what is wrong, and which. */
export function invalid(message: string, field: string): Failure<'ARGUMENT_INVALID'> {
  return new Failure('ARGUMENT_INVALID', message, { field });
}

/** The row of a code, for the surfaces that report it. */
export function failureRow(code: FailureCode): FailureRow {
  return FAILURES[code];
}

/** Every code, in the order of the table. */
export const failureCodes: readonly FailureCode[] = Object.keys(FAILURES) as FailureCode[];
