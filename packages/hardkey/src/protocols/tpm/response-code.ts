/**
 * What a response code says (Part 2 §6.6, TPM_RC).
 *
 * @module
 */

/** A code in its parts. */
export interface ResponseCode {
  /** The error without the number of what it is about. */
  readonly error: number;
  /** What it is about, where the code says so. */
  readonly subject?: { readonly kind: 'parameter' | 'session' | 'handle'; readonly number: number };
}

/** Errors, by the name of the specification without its TPM_RC_. */
export const responseCode = {
  INITIALIZE: 0x100,
  FAILURE: 0x101,
  AUTH_UNAVAILABLE: 0x12f,
  COMMAND_CODE: 0x143,
  NV_SPACE: 0x14b,
  NV_DEFINED: 0x14c,
  ASYMMETRIC: 0x81,
  ATTRIBUTES: 0x82,
  HASH: 0x83,
  VALUE: 0x84,
  KEY_SIZE: 0x87,
  HANDLE: 0x8b,
  AUTH_FAIL: 0x8e,
  SCHEME: 0x92,
  SIZE: 0x95,
  SYMMETRIC: 0x96,
  TICKET: 0xa0,
  POLICY_FAIL: 0x9d,
  INTEGRITY: 0x9f,
  BAD_AUTH: 0xa2,
  ECC_POINT: 0xa7,
  CURVE: 0xa6,
  OBJECT_MEMORY: 0x902,
  SESSION_MEMORY: 0x903,
  MEMORY: 0x904,
  SESSION_HANDLES: 0x905,
  OBJECT_HANDLES: 0x906,
  YIELDED: 0x908,
  TESTING: 0x90a,
  REFERENCE_H0: 0x910,
  REFERENCE_S6: 0x91e,
  NV_RATE: 0x920,
  LOCKOUT: 0x921,
  RETRY: 0x922,
  NV_UNAVAILABLE: 0x923,
} as const;

const FORMAT_ONE = 0x80;
const OF_PARAMETER = 0x40;
const OF_SESSION = 0x800;

/** Takes a code apart. */
export function parseResponseCode(code: number): ResponseCode {
  if ((code & FORMAT_ONE) === 0) return { error: code };
  const error = code & 0xbf;
  const number = (code >>> 8) & 0xf;
  if ((code & OF_PARAMETER) !== 0) return { error, subject: { kind: 'parameter', number } };
  const kind = (code & OF_SESSION) !== 0 ? 'session' : 'handle';
  return { error, subject: { kind, number: number & 7 } };
}

/** Whether the same bytes may be sent again, because the command was not begun (Part 3 §5.2 and §10). */
export function isNotBegun(code: number): boolean {
  return code === responseCode.RETRY || code === responseCode.YIELDED || code === responseCode.TESTING;
}

/** Whether a handle or session that was there has gone: the TPM was reset. */
export function isGone(code: number): boolean {
  return code >= responseCode.REFERENCE_H0 && code <= responseCode.REFERENCE_S6;
}
