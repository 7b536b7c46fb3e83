/**
 * What a TPM's refusals mean here: one table.
 *
 * @module
 */
import { Failure, type FailureCode, type FailureDetails } from '../../errors.ts';
import { permanent } from '../../protocols/tpm/identifiers.ts';
import { parseResponseCode, responseCode } from '../../protocols/tpm/response-code.ts';

type Meaning = readonly [code: FailureCode, message: string];

/** By TPM_RC without the number of what it is about. */
const MEANINGS: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [responseCode.AUTH_FAIL, ['DENIED', 'the authorization value is wrong, and the TPM counts that']],
  [responseCode.BAD_AUTH, ['DENIED', 'the authorization value is wrong']],
  [responseCode.LOCKOUT, ['DENIED', 'the TPM is locked out after too many wrong authorization values']],
  [responseCode.POLICY_FAIL, ['DENIED', 'the policy of the key does not hold']],
  [responseCode.AUTH_UNAVAILABLE, ['DENIED', 'the key is not to be used this way']],
  [
    responseCode.INTEGRITY,
    ['DENIED', 'the TPM refuses the key: it was made under another parent, or changed'],
  ],
  [responseCode.HANDLE, ['KEY_NOT_FOUND', 'the TPM has no such key']],
  [responseCode.NV_DEFINED, ['KEY_EXISTS', 'the handle holds a key']],
  [responseCode.COMMAND_CODE, ['UNSUPPORTED', 'the TPM does not have this command']],
  [responseCode.CURVE, ['UNSUPPORTED', 'the TPM does not have this curve']],
  [responseCode.KEY_SIZE, ['UNSUPPORTED', 'the TPM does not make keys of this size']],
  [responseCode.ASYMMETRIC, ['UNSUPPORTED', 'the TPM does not have this kind of key']],
  [responseCode.HASH, ['UNSUPPORTED', 'the TPM does not have this hash']],
  [responseCode.SCHEME, ['UNSUPPORTED', 'the key is for another scheme']],
  [responseCode.NV_SPACE, ['OVERLOADED', 'the TPM has no room for another key']],
  [responseCode.OBJECT_MEMORY, ['OVERLOADED', 'the TPM has no free slot: another program holds them']],
  [responseCode.SESSION_MEMORY, ['OVERLOADED', 'the TPM has no free session: another program holds them']],
  [responseCode.SESSION_HANDLES, ['OVERLOADED', 'the TPM has no free session: another program holds them']],
  [responseCode.OBJECT_HANDLES, ['OVERLOADED', 'the TPM has no free slot: another program holds them']],
  [responseCode.MEMORY, ['OVERLOADED', 'the TPM has no memory left']],
  [responseCode.RETRY, ['UNAVAILABLE', 'the TPM is busy with itself']],
  [responseCode.YIELDED, ['UNAVAILABLE', 'the TPM is busy with itself']],
  [responseCode.TESTING, ['UNAVAILABLE', 'the TPM is testing itself']],
  [responseCode.NV_RATE, ['UNAVAILABLE', 'the TPM spares its memory']],
  [responseCode.NV_UNAVAILABLE, ['UNAVAILABLE', 'the memory of the TPM is not ready']],
  [responseCode.INITIALIZE, ['UNAVAILABLE', 'the TPM was not started']],
  [responseCode.FAILURE, ['UNAVAILABLE', 'the TPM is in failure mode: restart it']],
]);

const codes = new WeakMap<Error, number>();
/** Refusals that are about the value of a hierarchy. */
const ofHierarchies = new WeakSet<Error>();

/** Whose value it is that is wrong, where a command is by authority of a hierarchy. */
const HIERARCHIES: ReadonlyMap<number | undefined, string> = new Map([
  [permanent.owner, 'owner'],
  [permanent.endorsement, 'endorsement'],
]);

/**
 * The failure for a response code to a command whose first handle is `handle`. A code that is not in the
 * table is a refusal, and is named.
 */
export function refusal(code: number, details: FailureDetails, handle?: number): Failure {
  const { error } = parseResponseCode(code);
  const hierarchy = HIERARCHIES.get(handle);
  const isValue = error === responseCode.BAD_AUTH || error === responseCode.AUTH_FAIL;
  const [meaning, message]: Meaning =
    isValue && hierarchy !== undefined
      ? ['DENIED', `the ${hierarchy} hierarchy has another authorization value: ${hierarchy}Auth gives it`]
      : (MEANINGS.get(error) ?? ['DENIED', 'the TPM refuses']);
  const failure = new Failure(meaning, `${message} (TPM_RC 0x${code.toString(16)})`, details);
  codes.set(failure, code);
  if (isValue && hierarchy !== undefined) ofHierarchies.add(failure);
  return failure;
}

/** The response code behind a failure; undefined where no TPM answered so. */
export function codeOf(error: unknown): number | undefined {
  return error instanceof Error ? codes.get(error) : undefined;
}

/** Whether a failure is the TPM's answer with this error. */
export function isRefusal(error: unknown, ...errors: readonly number[]): boolean {
  const code = codeOf(error);
  return code !== undefined && errors.includes(parseResponseCode(code).error);
}

/** Whether the TPM refused the authorization value of an object, not that of a hierarchy. */
export function isWrongValue(error: unknown): boolean {
  if (error instanceof Error && ofHierarchies.has(error)) return false;
  return isRefusal(error, responseCode.AUTH_FAIL, responseCode.BAD_AUTH);
}

/** Of a TPM that is not there, or no longer. */
export function unavailable(
  message: string,
  details: FailureDetails,
  cause?: unknown,
): Failure<'UNAVAILABLE'> {
  return new Failure('UNAVAILABLE', message, details, cause);
}

/** System errors that say more than that the device cannot be reached. */
const SYSTEM: Readonly<Record<string, Meaning>> = {
  EACCES: ['DENIED', 'this user may not open the device: usermod -aG tss USER, and log in again'],
  EPERM: ['DENIED', 'the device may not be opened'],
  EBUSY: ['UNAVAILABLE', 'another program holds the TPM'],
  ENOENT: ['UNAVAILABLE', 'there is no such device: is the TPM on in the firmware, or at another ?device='],
  EAGAIN: ['UNAVAILABLE', 'too many wait for the TPM: does another program hold it?'],
  ECONNREFUSED: ['UNAVAILABLE', 'the TPM cannot be reached: nothing listens there'],
};

/** Of a device that cannot be opened. */
export function openFailure(cause: unknown, details: FailureDetails): Failure {
  const code = systemCode(cause);
  const [meaning, message] = SYSTEM[code] ?? ['UNAVAILABLE', 'the TPM cannot be reached'];
  return new Failure(meaning, code === '' ? message : `${message} (${code})`, details, cause);
}

/** The name of a system error; empty for any other. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
