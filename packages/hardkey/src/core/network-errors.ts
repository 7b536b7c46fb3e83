/**
 * What Node.js says of a way to a service, by code; each provider says in its own words what that means.
 *
 * @module
 */

/** What can be wrong with the way to a service. */
export interface NetworkTroubles<R> {
  readonly unknownName: R;
  readonly unreachable: R;
  readonly broken: R;
  /** The certificate, or who issued it. */
  readonly untrusted: R;
  /** TLS of a kind that cannot be. */
  readonly badTls: R;
  readonly noTls: R;
}

/** Codes of errors of Node.js to what they mean. */
export function networkRows<R>(rows: NetworkTroubles<R>): Readonly<Record<string, R>> {
  const { unknownName, unreachable, broken, untrusted, badTls, noTls } = rows;
  return {
    ENOTFOUND: unknownName,
    EAI_AGAIN: unreachable,
    ECONNREFUSED: unreachable,
    EHOSTUNREACH: unreachable,
    ENETUNREACH: unreachable,
    ETIMEDOUT: unreachable,
    ECONNRESET: broken,
    EPIPE: broken,
    EPROTO: badTls,
    ERR_SSL_WRONG_VERSION_NUMBER: noTls,
    ERR_TLS_CERT_ALTNAME_INVALID: untrusted,
    CERT_HAS_EXPIRED: untrusted,
    CERT_NOT_YET_VALID: untrusted,
    DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
    HOSTNAME_MISMATCH: untrusted,
    INVALID_CA: untrusted,
    INVALID_PURPOSE: untrusted,
    PATH_LENGTH_EXCEEDED: untrusted,
    SELF_SIGNED_CERT_IN_CHAIN: untrusted,
    UNABLE_TO_GET_ISSUER_CERT: untrusted,
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  };
}

/** Whether a code that is not in the table is of a certificate: other libraries have more ways to say it. */
export function isOfCertificate(code: string): boolean {
  return /CERT|_TLS_|_SSL_/.test(code);
}

/** How long a `Retry-After` (RFC 9110 §10.2.3) asks to wait, in milliseconds: it has seconds, or a date. */
export function retryAfterMs(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d{1,6}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, Math.round(ms)) : undefined;
}
