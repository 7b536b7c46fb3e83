/**
 * CBOR Web Tokens (RFC 8392): the claims, when they hold, and tokens as a whole.
 *
 * @module
 */
export { type CwtClaims, cwtLabel, type DecodedCwt, decodeCwt, encodeCwt } from './claims.ts';
export {
  type Confirmation,
  checkConfirmation,
  confirmationEntry,
  confirmationLabel,
  confirmationOf,
} from './confirmation.ts';
export { type CwtExpectations, checkExpectations } from './expectations.ts';
export { type SignCwtOptions, signCwt } from './sign.ts';
export { type CwtStatus, type StatusListEntry, statusEntry, statusLabel, statusOf } from './status.ts';
export { cwtTag, tagCwt, type Untagged, untagCwt } from './tag.ts';
export { checkTimes, type TimeStatus, type TimesOptions, timeFailure } from './times.ts';
export { type OpenCwtOptions, type OpenedCwt, openCwt } from './verify.ts';
