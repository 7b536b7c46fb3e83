/**
 * New keys, and what of them is checked.
 *
 * @module
 */
import { keyMessage, milliseconds, type Seconds } from './messages.ts';
import { parseId } from './names.ts';
import { refuse } from './rules.ts';
import { addVersion, factsOf, type Key, ringOf, type Store } from './store.ts';

const HOUR_MS = 3_600_000;
const DESTROY_MS = 30 * 24 * HOUR_MS;

/** `CryptoKey` as requests give it. */
export interface KeyFields {
  readonly name?: string;
  readonly purpose?: string;
  readonly versionTemplate?: { readonly protectionLevel?: string; readonly algorithm?: string } | null;
  readonly labels?: Readonly<Record<string, string>>;
  readonly nextRotationTime?: Seconds | null;
  readonly rotationPeriod?: Seconds | null;
  readonly destroyScheduledDuration?: Seconds | null;
  readonly importOnly?: boolean;
}

/** `CreateCryptoKey`. */
export async function createCryptoKey(
  store: Store,
  request: {
    readonly parent?: string;
    readonly cryptoKeyId?: string;
    readonly cryptoKey?: KeyFields | null;
    readonly skipInitialVersionCreation?: boolean;
  },
): Promise<object> {
  const ring = ringOf(store, request.parent);
  const name = `${ring.name}/cryptoKeys/${parseId(request.cryptoKeyId)}`;
  if (store.keys.has(name)) throw refuse('id in use', `CryptoKey ${name} already exists.`);
  const key = newKey(store, name, request.cryptoKey ?? {});
  store.keys.set(name, key);
  if (request.skipInitialVersionCreation !== true) await addFirstVersion(store, key);
  return keyMessage(key);
}

async function addFirstVersion(store: Store, key: Key): Promise<void> {
  try {
    const { id } = await addVersion(store, key);
    if (key.purpose === 'ENCRYPT_DECRYPT') key.primary = id;
  } catch (error) {
    // A key whose version could not be made was never there.
    store.keys.delete(key.name);
    throw error;
  }
}

function newKey(store: Store, name: string, fields: KeyFields): Key {
  if (fields.importOnly === true) throw refuse('not in this emulator', 'imported keys are not emulated');
  const purpose = purposeOf(fields);
  const { algorithm, protection } = templateOf(purpose, fields);
  return {
    name,
    purpose,
    algorithm,
    protection,
    created: store.clock.now(),
    destroyMs: destroyMsOf(fields),
    labels: labelsOf(fields),
    ...rotationOf(purpose, fields),
    versions: [],
  };
}

function destroyMsOf({ destroyScheduledDuration }: KeyFields): number {
  const ms = milliseconds(destroyScheduledDuration) ?? DESTROY_MS;
  if (ms >= 24 * HOUR_MS && ms <= 120 * 24 * HOUR_MS) return ms;
  throw refuse(
    'duration of a destruction out of bounds',
    'destroy_scheduled_duration is 24 hours to 120 days.',
  );
}

const LABEL = /^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u;

/** The labels of a key: what is in capitals, too long or too many is refused. */
export function labelsOf({ labels = {} }: KeyFields): Readonly<Record<string, string>> {
  const all = Object.entries(labels);
  const fits = all.every(
    ([name, value]) => /^[\p{Ll}\p{Lo}]/u.test(name) && LABEL.test(name) && LABEL.test(value),
  );
  if (fits && all.length <= 64) return { ...labels };
  throw refuse(
    'labels of another form',
    'labels are 64 at most, of lower-case letters, digits, hyphens and underscores.',
  );
}

function purposeOf({ purpose }: KeyFields): string {
  if (purpose && purpose !== 'CRYPTO_KEY_PURPOSE_UNSPECIFIED') return purpose;
  throw refuse('purpose missing', 'crypto_key.purpose is required.');
}

/** The template of a key's versions, checked against its purpose. */
export function templateOf(
  purpose: string,
  { versionTemplate }: KeyFields,
): { readonly algorithm: string; readonly protection: string } {
  const given = versionTemplate?.algorithm;
  const implied = purpose === 'ENCRYPT_DECRYPT' ? 'GOOGLE_SYMMETRIC_ENCRYPTION' : undefined;
  const algorithm = given && given !== 'CRYPTO_KEY_VERSION_ALGORITHM_UNSPECIFIED' ? given : implied;
  if (algorithm === undefined)
    throw refuse('algorithm missing', 'crypto_key.version_template.algorithm is required.');
  const protection = protectionOf(versionTemplate?.protectionLevel);
  const facts = factsOf(algorithm);
  if (facts.purpose !== purpose)
    throw refuse('algorithm of another purpose', `${algorithm} is not an algorithm of ${purpose}.`);
  if (facts.kind === 'ecdsa' && facts.hsmOnly && protection !== 'HSM')
    throw refuse('algorithm of an HSM alone', `${algorithm} needs the protection level HSM.`);
  return { algorithm, protection };
}

function protectionOf(level: string | undefined): string {
  if (!level || level === 'PROTECTION_LEVEL_UNSPECIFIED' || level === 'SOFTWARE') return 'SOFTWARE';
  if (level === 'HSM') return level;
  throw refuse('not in this emulator', `the protection level ${level} is not emulated`);
}

/** When a key rotates by itself, checked against its purpose. */
export function rotationOf(
  purpose: string,
  fields: KeyFields,
): { readonly rotationMs?: number; readonly nextRotation?: number } {
  const rotationMs = milliseconds(fields.rotationPeriod);
  const nextRotation = milliseconds(fields.nextRotationTime);
  if (rotationMs === undefined && nextRotation === undefined) return {};
  if (purpose !== 'ENCRYPT_DECRYPT')
    throw refuse('rotation of another purpose', `keys for ${purpose} do not rotate by themselves.`);
  if (rotationMs !== undefined && (rotationMs < 24 * HOUR_MS || rotationMs > 876_000 * HOUR_MS))
    throw refuse('rotation period out of bounds', 'rotation_period is 24 hours to 876,000 hours.');
  if (nextRotation === undefined)
    throw refuse(
      'rotation period without a next time',
      'next_rotation_time must be set with rotation_period.',
    );
  return rotationMs === undefined ? { nextRotation } : { rotationMs, nextRotation };
}
