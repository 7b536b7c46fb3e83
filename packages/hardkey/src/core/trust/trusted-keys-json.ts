/**
 * `trusted_keys.json`, the key registry of the Lattice Audit Protocol, in its three shapes:
 * key id → key; key id → entry; and either of them wrapped as `keys` beside revocations.
 *
 * Stricter than the protocol's own reader, which drops what it does not expect: there, an inactive key
 * verifies, a date that cannot be read is no date, and a revocation can be lost with it.
 *
 * @module
 */
import { decodeHex } from '../../encoding/hex.ts';
import { Failure } from '../../errors.ts';
import { publicKeyOf } from '../import-public-key.ts';
import { signatureAlgorithms } from './signing-keys.ts';
import { isFlag, isJsonObject, isList, isText, type JsonObject, member } from './strict-json.ts';
import type { TrustedKey } from './trust.ts';
import { within } from './within.ts';

const FIELD = 'trustedKeys';
/** The registry's own rule. It also keeps everything else out of the failures. */
const KEY_ID = /^[A-Za-z0-9._-]{1,64}$/;

/** Reads a registry. Throws `MALFORMED` naming the member for everything that is not understood. */
export async function readTrustedKeys(registry: JsonObject): Promise<readonly TrustedKey[]> {
  const wrapped = isJsonObject(registry['keys']);
  const revocations = wrapped ? readWrapper(registry) : new Map<string, number>();
  const entries = Object.entries(wrapped ? (registry['keys'] as JsonObject) : registry);
  const prefix = wrapped ? `${FIELD}.keys` : FIELD;
  return Promise.all(entries.map(([keyId, entry]) => readEntry(keyId, entry, prefix, revocations)));
}

async function readEntry(
  keyId: string,
  entry: unknown,
  prefix: string,
  revocations: ReadonlyMap<string, number>,
): Promise<TrustedKey> {
  if (!KEY_ID.test(keyId)) throw malformed('not a key id', prefix);
  const field = `${prefix}.${keyId}`;
  if (isText(entry)) return trustedKey(keyId, entry, field, { revokedAt: revocations.get(keyId) });
  if (!isJsonObject(entry)) throw malformed('neither a key nor an entry', field);
  checkMembers(entry, ENTRY, field);
  const status = member(entry, 'status', isText, field) ?? 'active';
  if (!STATUSES.includes(status)) throw malformed('an unknown status', `${field}.status`);
  const revokedAt = time(entry, 'revoked_at_utc', field);
  const absolute =
    member(entry, 'revoked', isFlag, field) === true || (status === 'revoked' && revokedAt === undefined);
  return trustedKey(keyId, member(entry, 'public_key_hex', isText, field) ?? '', `${field}.public_key_hex`, {
    notBefore: time(entry, 'not_before_utc', field),
    notAfter: time(entry, 'not_after_utc', field),
    revokedAt: earliest(absolute ? ALWAYS : revokedAt, revocations.get(keyId)),
    inactive: status === 'inactive' || undefined,
  });
}

const ENTRY = [
  'public_key_hex',
  'status',
  'not_before_utc',
  'not_after_utc',
  'revoked',
  'revoked_at_utc',
  'revoked_reason',
  'reason',
];
const WRAPPER = ['version', 'keys', 'revoked', 'revocations', 'legacy_verify'];
const REVOCATION = ['key_id', 'revoked_at_utc', 'reason'];

const STATUSES = ['active', 'revoked', 'inactive'];

/** A revocation without a time: nothing the key ever signed is accepted. */
const ALWAYS = Number.NEGATIVE_INFINITY;

/** The revocations beside the keys, by key id. A key that is no longer listed may be among them. */
function readWrapper(registry: JsonObject): ReadonlyMap<string, number> {
  checkMembers(registry, WRAPPER, FIELD);
  const { version = 1 } = registry;
  if (version !== 1) throw new Failure('UNSUPPORTED', 'an unknown version', { field: `${FIELD}.version` });
  // It would switch the periods of validity off.
  if (member(registry, 'legacy_verify', isFlag, FIELD)) {
    throw new Failure('UNSUPPORTED', 'periods are always enforced', { field: `${FIELD}.legacy_verify` });
  }
  const revocations = new Map<string, number>();
  const add = (keyId: string, from: number): void => {
    revocations.set(keyId, earliest(from, revocations.get(keyId)) ?? from);
  };
  for (const [index, keyId] of (member(registry, 'revoked', isList, FIELD) ?? []).entries()) {
    if (!isText(keyId)) throw malformed('not a key id', `${FIELD}.revoked.${index}`);
    add(keyId, ALWAYS);
  }
  for (const [index, revocation] of (member(registry, 'revocations', isList, FIELD) ?? []).entries()) {
    const field = `${FIELD}.revocations.${index}`;
    if (!isJsonObject(revocation)) throw malformed('not a revocation', field);
    checkMembers(revocation, REVOCATION, field);
    const keyId = member(revocation, 'key_id', isText, field);
    if (keyId === undefined) throw malformed('a revocation of no key', field);
    add(keyId, time(revocation, 'revoked_at_utc', field) ?? ALWAYS);
  }
  return revocations;
}

interface Limits {
  readonly notBefore?: number | undefined;
  readonly notAfter?: number | undefined;
  readonly revokedAt?: number | undefined;
  readonly inactive?: true | undefined;
}

async function trustedKey(keyId: string, hex: string, field: string, limits: Limits): Promise<TrustedKey> {
  const { notBefore, notAfter, revokedAt, inactive } = limits;
  if (hex.length !== 64) throw malformed('an Ed25519 key is 64 hexadecimal digits', field);
  const raw = decodeHex(hex, field);
  const publicKey = await within(field, () => publicKeyOf({ keyType: 'OKP', curve: 'Ed25519', raw }));
  return {
    publicKey,
    keyId,
    algorithms: signatureAlgorithms(publicKey),
    ...(notBefore !== undefined && { notBefore }),
    ...(notAfter !== undefined && { notAfter }),
    ...(revokedAt !== undefined && { revokedAt }),
    ...(inactive && { inactive }),
  };
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}

/** A member that is not known might limit the key: it is never passed over. */
function checkMembers(object: JsonObject, known: readonly string[], field: string): void {
  const unknown = Object.keys(object).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw malformed('an unknown member', KEY_ID.test(unknown) ? `${field}.${unknown}` : field);
}

const INSTANT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** RFC 3339 §5.6, always with an offset. */
function time(object: JsonObject, name: string, field: string): number | undefined {
  const value = member(object, name, isText, field);
  if (value === undefined) return undefined;
  const [, wall] = INSTANT.exec(value) ?? [];
  const instant = Date.parse(value);
  // There and back, because February 30 is read as March 2.
  const exists = wall !== undefined && new Date(`${wall}Z`).toJSON()?.startsWith(wall);
  if (!exists || Number.isNaN(instant)) throw malformed('not a time with its offset', `${field}.${name}`);
  return instant / 1000;
}

function malformed(message: string, field: string): Failure {
  return new Failure('MALFORMED', message, { field });
}
