/**
 * JSON Web Signatures (RFC 7515) in the compact serialization.
 *
 * @module
 */
export { type SignJwsOptions, signJws } from './sign.ts';
export { type OpenedJws, type OpenJwsOptions, openJws } from './verify.ts';
