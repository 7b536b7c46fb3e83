/**
 * Who issued a credential, to whom and for how long: the claims around the identity.
 *
 * @module
 */
import type { PublicKey } from '../../core/public-key.ts';
import { CborEncoded, type CborEntry, type CborValue } from '../../encoding/cbor/index.ts';
import { Failure, invalid } from '../../errors.ts';
import { optionsGiven } from '../cose/options.ts';
import { type CwtClaims, cwtLabel } from '../cwt/claims.ts';
import { confirmationEntry } from '../cwt/confirmation.ts';
import { type StatusListEntry, statusEntry } from '../cwt/status.ts';
import type { ProfileRules } from './profile.ts';
import type { Warning } from './warnings.ts';

/** Label of the claim that holds the identity. */
export const identityLabel = 169;

/** The claims of a credential beside its identity. Times are Unix seconds. */
export interface Meta extends CwtClaims {
  /**
   * Where it can be found out whether it was revoked, to be written. What a credential says stands beside
   * its claims, as `credentialStatus`.
   */
  readonly status?: StatusListEntry;
  /** The key that the bearer must prove to have, or its `kid`, to be written; read as `confirmation`. */
  readonly confirmation?: PublicKey | Uint8Array;
  /** Claims that are not known here, key to CBOR encoding, kept byte for byte. */
  readonly unknown?: ReadonlyMap<number | bigint | string, Uint8Array>;
}

/** Whether text is an absolute URI (RFC 3986 §4.3) with something after its scheme. */
function isUri(text: unknown): boolean {
  return (
    typeof text === 'string' && /^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]+$/.test(text) && URL.canParse(text)
  );
}

/** The claims as they were read. Throws `MALFORMED`, field `cwt`, for a key that is no claim key (RFC 8392 §1.1). */
export function readMeta(bytes: Uint8Array, claims: CwtClaims, others: readonly CborEntry[]): Meta {
  const unknown = new Map<number | bigint | string, Uint8Array>();
  for (const { key, start, end } of others) {
    if (key === identityLabel) continue;
    if (typeof key !== 'number' && typeof key !== 'bigint' && typeof key !== 'string') {
      const message = 'the key of a claim is neither an integer nor text';
      throw new Failure('MALFORMED', message, { field: 'cwt', offset: start });
    }
    unknown.set(key, bytes.slice(start, end));
  }
  return unknown.size === 0 ? claims : { ...claims, unknown };
}

/** What is to be said of claims that were read. `now` is in Unix seconds. */
export function metaWarnings(
  { issuer, issuedAt }: Meta,
  rules: ProfileRules,
  now: number,
): readonly Warning[] {
  const warnings: Warning[] = [];
  if (rules.issuerIsUri && issuer !== undefined && !isUri(issuer)) warnings.push(NOT_URI);
  if (issuedAt !== undefined && issuedAt > now) {
    const message = 'issued after the time of verification';
    warnings.push({ code: 'issued-in-future', path: 'meta.issuedAt', message });
  }
  return warnings;
}

/** The claims that are not registered, and the identity, for the writer of the others. */
export function otherClaims(
  { unknown, status, confirmation }: Meta,
  identity: CborValue,
): Map<CborValue, CborValue> {
  const others = new Map<CborValue, CborValue>([[identityLabel, identity]]);
  if (status !== undefined) others.set(...statusEntry(status));
  if (confirmation !== undefined) others.set(...confirmationEntry(confirmation));
  if (unknown !== undefined && !(unknown instanceof Map)) throw invalid('a map is needed', 'meta.unknown');
  for (const [key, encoding] of unknown ?? []) {
    if (others.has(key) || REGISTERED.has(key)) throw invalid('the claim is there twice', 'meta.unknown');
    if (!(encoding instanceof Uint8Array))
      throw invalid('what is not known is one CBOR item', 'meta.unknown');
    others.set(key, new CborEncoded(encoding));
  }
  return others;
}

/** Throws `ARGUMENT_INVALID` naming what a profile does not write; says what it would rather not. */
export function checkMeta(meta: Meta, rules: ProfileRules): readonly Warning[] {
  for (const name of Object.keys(optionsGiven(meta, 'meta'))) {
    if (!NAMES.includes(name)) throw invalid('no such field', `meta.${name}`);
  }
  for (const name of TIMES) {
    const time = meta[name];
    if (rules.wholeSeconds && time !== undefined && !Number.isSafeInteger(time)) {
      throw invalid('the profile has whole seconds', `meta.${name}`);
    }
  }
  const { issuer } = meta;
  if (rules.issuerIsUri && (issuer === undefined || !isUri(issuer))) {
    throw invalid('the issuer is a URI', 'meta.issuer');
  }
  return rules.wrapped && issuer !== undefined && !isUri(issuer) ? [NOT_URI] : [];
}

const NAMES: readonly string[] = [...Object.keys(cwtLabel), 'status', 'confirmation', 'unknown'];
const REGISTERED: ReadonlySet<unknown> = new Set(Object.values(cwtLabel));
const TIMES = ['expiresAt', 'notBefore', 'issuedAt'] as const;
const NOT_URI: Warning = {
  code: 'issuer-not-uri',
  path: 'meta.issuer',
  message: 'the issuer is not a URI, as 1.2.1 has it',
};
