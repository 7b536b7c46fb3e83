/**
 * CBOR Web Tokens (RFC 8392): the claims, and when they hold.
 *
 * @module
 */
export { type CwtClaims, cwtLabel, type DecodedCwt, decodeCwt, encodeCwt } from './claims.ts';
export { checkTimes, type TimeStatus, type TimesOptions } from './times.ts';
