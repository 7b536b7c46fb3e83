/**
 * JSON Web Signatures (RFC 7515, RFC 7797) in all their forms, JSON Web Tokens (RFC 7519, RFC 8725) and
 * key sets (RFC 7517).
 *
 * @module
 */
export type { JwsHeaders } from './header.ts';
export { type JwkSet, type JwksKey, type PublishedJwk, toJwks } from './jwks.ts';
export type { JwtClaims, JwtStatus, JwtTimeOptions } from './jwt-claims.ts';
export type { JwtExpectations } from './jwt-expectations.ts';
export {
  type OpenedJwt,
  type OpenedMacJwt,
  type OpenJwtOptions,
  type OpenMacJwtOptions,
  openJwt,
} from './open-jwt.ts';
export type { JwsForm } from './serialization.ts';
export {
  type JwsPayloadOptions,
  type SignGeneralJwsOptions,
  type SignJwsOptions,
  signGeneralJws,
  signJws,
} from './sign.ts';
export { type SignJwtOptions, signJwt } from './sign-jwt.ts';
export type { JwsSignatureOptions } from './signer-headers.ts';
export {
  type OpenedJws,
  type OpenedMacJws,
  type OpenJwsOptions,
  type OpenMacJwsOptions,
  openJws,
  type ReadJwsOptions,
} from './verify.ts';
export type { MacOptions, OpenedCode, OpenedSignature, TrustOptions } from './verify-signature.ts';
