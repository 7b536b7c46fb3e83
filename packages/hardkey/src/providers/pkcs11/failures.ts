/**
 * What the errors of a module mean here, and what is done about them: one table.
 *
 * @module
 */
import { Failure, type FailureCode, type FailureDetails } from '../../errors.ts';
import type { CallError } from './wire.ts';

/**
 * What helps:
 * - `session`: the session or the login was lost: another one, once
 * - `object`: the handle leads nowhere: the object is looked for again, once
 * - `worker`: nothing but a new process
 * - `pin`: nothing. Trying again would lock the token
 */
export type Remedy = 'session' | 'object' | 'worker' | 'pin';

interface Row {
  readonly name: string;
  readonly code: FailureCode;
  readonly remedy?: Remedy;
}

// PKCS #11 3.0 §5.1. What is not here is an outage, as is everything that a vendor defined.
const ROWS: Readonly<Record<number, Row>> = {
  2: { name: 'HOST_MEMORY', code: 'UNAVAILABLE', remedy: 'worker' },
  3: { name: 'SLOT_ID_INVALID', code: 'UNAVAILABLE', remedy: 'worker' },
  5: { name: 'GENERAL_ERROR', code: 'UNAVAILABLE' },
  6: { name: 'FUNCTION_FAILED', code: 'UNAVAILABLE' },
  7: { name: 'ARGUMENTS_BAD', code: 'UNSUPPORTED' },
  16: { name: 'ATTRIBUTE_READ_ONLY', code: 'DENIED' },
  17: { name: 'ATTRIBUTE_SENSITIVE', code: 'DENIED' },
  18: { name: 'ATTRIBUTE_TYPE_INVALID', code: 'UNSUPPORTED' },
  19: { name: 'ATTRIBUTE_VALUE_INVALID', code: 'UNSUPPORTED' },
  27: { name: 'ACTION_PROHIBITED', code: 'DENIED' },
  32: { name: 'DATA_INVALID', code: 'ARGUMENT_INVALID' },
  33: { name: 'DATA_LEN_RANGE', code: 'ARGUMENT_INVALID' },
  48: { name: 'DEVICE_ERROR', code: 'UNAVAILABLE', remedy: 'worker' },
  49: { name: 'DEVICE_MEMORY', code: 'UNAVAILABLE' },
  50: { name: 'DEVICE_REMOVED', code: 'UNAVAILABLE', remedy: 'worker' },
  80: { name: 'FUNCTION_CANCELED', code: 'UNAVAILABLE' },
  84: { name: 'FUNCTION_NOT_SUPPORTED', code: 'UNSUPPORTED' },
  96: { name: 'KEY_HANDLE_INVALID', code: 'KEY_NOT_FOUND', remedy: 'object' },
  98: { name: 'KEY_SIZE_RANGE', code: 'UNSUPPORTED' },
  99: { name: 'KEY_TYPE_INCONSISTENT', code: 'UNSUPPORTED' },
  104: { name: 'KEY_FUNCTION_NOT_PERMITTED', code: 'DENIED' },
  105: { name: 'KEY_NOT_WRAPPABLE', code: 'DENIED' },
  106: { name: 'KEY_UNEXTRACTABLE', code: 'DENIED' },
  112: { name: 'MECHANISM_INVALID', code: 'UNSUPPORTED' },
  113: { name: 'MECHANISM_PARAM_INVALID', code: 'UNSUPPORTED' },
  130: { name: 'OBJECT_HANDLE_INVALID', code: 'KEY_NOT_FOUND', remedy: 'object' },
  144: { name: 'OPERATION_ACTIVE', code: 'UNAVAILABLE', remedy: 'session' },
  145: { name: 'OPERATION_NOT_INITIALIZED', code: 'UNAVAILABLE', remedy: 'session' },
  160: { name: 'PIN_INCORRECT', code: 'DENIED', remedy: 'pin' },
  161: { name: 'PIN_INVALID', code: 'DENIED', remedy: 'pin' },
  162: { name: 'PIN_LEN_RANGE', code: 'DENIED', remedy: 'pin' },
  163: { name: 'PIN_EXPIRED', code: 'DENIED', remedy: 'pin' },
  164: { name: 'PIN_LOCKED', code: 'DENIED', remedy: 'pin' },
  176: { name: 'SESSION_CLOSED', code: 'UNAVAILABLE', remedy: 'session' },
  177: { name: 'SESSION_COUNT', code: 'OVERLOADED' },
  179: { name: 'SESSION_HANDLE_INVALID', code: 'UNAVAILABLE', remedy: 'session' },
  181: { name: 'SESSION_READ_ONLY', code: 'DENIED' },
  208: { name: 'TEMPLATE_INCOMPLETE', code: 'UNSUPPORTED' },
  209: { name: 'TEMPLATE_INCONSISTENT', code: 'UNSUPPORTED' },
  224: { name: 'TOKEN_NOT_PRESENT', code: 'UNAVAILABLE', remedy: 'worker' },
  225: { name: 'TOKEN_NOT_RECOGNIZED', code: 'UNAVAILABLE', remedy: 'worker' },
  226: { name: 'TOKEN_WRITE_PROTECTED', code: 'DENIED' },
  257: { name: 'USER_NOT_LOGGED_IN', code: 'DENIED', remedy: 'session' },
  258: { name: 'USER_PIN_NOT_INITIALIZED', code: 'DENIED', remedy: 'pin' },
  260: { name: 'USER_ANOTHER_ALREADY_LOGGED_IN', code: 'DENIED' },
  320: { name: 'CURVE_NOT_SUPPORTED', code: 'UNSUPPORTED' },
  400: { name: 'CRYPTOKI_NOT_INITIALIZED', code: 'UNAVAILABLE', remedy: 'worker' },
  512: { name: 'FUNCTION_REJECTED', code: 'DENIED' },
};

/** What helps against an error, undefined where nothing does. */
export function remedyOf({ rv }: CallError): Remedy | undefined {
  return ROWS[rv]?.remedy;
}

/** The failure for an error of the token. Its name is the message: it says more than we could. */
export function tokenFailure(error: CallError, details: FailureDetails): Failure {
  const row = ROWS[error.rv];
  const name = row === undefined ? `error 0x${error.rv.toString(16)}` : `CKR_${row.name}`;
  const refused = row?.code === 'DENIED' ? 'refused' : 'failed';
  const message = `the token ${refused}: ${name}${error.call === '' ? '' : ` in ${error.call}`}`;
  return new Failure(row?.code ?? 'UNAVAILABLE', message + hintOf(error, details), details);
}

/** GENERAL_ERROR, FUNCTION_FAILED and DEVICE_MEMORY: what a TPM without a free slot comes to. */
const FULL: ReadonlySet<number> = new Set([0x05, 0x06, 0x31]);

/** What is known to help with one module. */
function hintOf({ rv }: CallError, { path, ref }: FailureDetails): string {
  if (!FULL.has(rv) || !/tpm2_pkcs11/.test(`${path} ${ref}`)) return '';
  return ' (tpm2-pkcs11 fills a TPM that has no resource manager: TPM2_PKCS11_TCTI=device:/dev/tpmrm0, or tpm2-abrmd)';
}

/** Of a module that could not be made ready. */
export function loadFailure(error: CallError, details: FailureDetails): Failure {
  if (error.call === 'require') {
    return new Failure('UNSUPPORTED', 'pkcs11js is not installed: npm install pkcs11js', details);
  }
  if (error.rv === 0)
    return unavailable(
      "the module cannot be loaded: is it there, and is it the library of the token's maker, for this processor?",
      details,
    );
  return unavailable(`the module cannot be initialised: ${error.name}`, details);
}

/** Of something that is not there, or no longer. */
export function unavailable(message: string, details: FailureDetails): Failure<'UNAVAILABLE'> {
  return new Failure('UNAVAILABLE', message, details);
}

/**
 * What a wrong ciphertext, or a wrong wrapped key, gets out of tokens. SoftHSM says GENERAL_ERROR where
 * a tag is wrong.
 */
const WRONG_INPUT: ReadonlySet<number> = new Set([
  ...[0x05, 0x06, 0x07, 0x13, 0x20, 0x21, 0x40, 0x41],
  ...[0x62, 0x110, 0x112, 0xd0, 0xd1],
]);

/** Whether an error of decrypting or unwrapping is about what was given. */
export function isWrongInput({ rv }: CallError): boolean {
  return WRONG_INPUT.has(rv);
}

/**
 * ATTRIBUTE_TYPE_INVALID, ATTRIBUTE_VALUE_INVALID, TEMPLATE_INCONSISTENT; NSS says GENERAL_ERROR of an
 * attribute that its database has no column for.
 */
const TEMPLATE: ReadonlySet<number> = new Set([0x12, 0x13, 0xd1, 0x05]);

/** Whether a token may not like an attribute of a new object. */
export function isAboutTemplate({ rv }: CallError): boolean {
  return TEMPLATE.has(rv);
}
