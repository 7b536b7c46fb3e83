/**
 * The versions of a key: what their states mean here, and which of them is meant where none is named.
 *
 * @module
 */
import type { KeyState } from '../../core/key.ts';
import { Failure, type FailureCode, type FailureDetails } from '../../errors.ts';
import { numberOf, versionName } from './address.ts';
import type { CryptoKey, CryptoKeyVersion } from './calls.ts';
import { notAnswered } from './failures.ts';
import type { Marks } from './labels.ts';

/** The state of a version. Throws for one in which nobody here can use it, or bring it back. */
export function stateOf({ state }: CryptoKeyVersion, details: FailureDetails): KeyState {
  const found = STATES[String(state)];
  if (found === undefined)
    throw new Failure('UNAVAILABLE', 'the version is in no state that is known', details);
  if (typeof found === 'string') return found;
  throw new Failure(found[0], found[1], { ...details, field: 'state' });
}

type Refusal = readonly [code: FailureCode, message: string];

const GONE = 'the version was destroyed';
const EXTERNAL: Refusal = ['DENIED', 'the key outside Google is being destroyed, or was'];
const NEVER: Refusal = ['DENIED', 'the version never got a key'];

// google.cloud.kms.v1.CryptoKeyVersion.CryptoKeyVersionState.
const STATES: Readonly<Record<string, KeyState | Refusal>> = {
  ENABLED: 'active',
  DISABLED: 'suspended',
  DESTROYED: ['KEY_NOT_FOUND', GONE],
  DESTROY_SCHEDULED: ['DENIED', 'the version awaits its destruction, which a restore can still undo'],
  PENDING_GENERATION: ['UNAVAILABLE', 'the key of the version is still being made'],
  PENDING_IMPORT: ['DENIED', 'the key of the version was never imported'],
  IMPORT_FAILED: NEVER,
  GENERATION_FAILED: NEVER,
  PENDING_EXTERNAL_DESTRUCTION: EXTERNAL,
  EXTERNAL_DESTRUCTION_FAILED: EXTERNAL,
};

/**
 * The version that a key without one stands for: the primary of a key that has one, and otherwise the latest
 * that is enabled, or else disabled. Where a rotation here made one current, none before that. Throws
 * `KEY_NOT_FOUND` where all are destroyed, or are to be.
 */
export function currentVersion(
  key: CryptoKey,
  versions: readonly CryptoKeyVersion[],
  marks: Marks,
  details: FailureDetails,
): CryptoKeyVersion {
  if (key.primary && isLeft(key.primary)) return key.primary;
  const left = latestFirst(versions).filter((one) => isLeft(one) && !isBefore(one, marks));
  const found = ['ENABLED', 'DISABLED', 'PENDING_GENERATION'].flatMap((state) =>
    left.filter((one) => one.state === state),
  );
  const [first = left[0]] = found;
  if (first !== undefined) return first;
  throw new Failure('KEY_NOT_FOUND', 'every version of the key is destroyed, or awaits it', details);
}

/** The versions of a key, the latest first. */
export function latestFirst(versions: readonly CryptoKeyVersion[]): readonly CryptoKeyVersion[] {
  const order = (one: CryptoKeyVersion): bigint => BigInt(numberOf(one.name ?? '') || 0);
  return versions.toSorted((a, b) => (order(a) < order(b) ? 1 : -1));
}

/** Whether a version is there to stay. */
function isLeft({ state }: CryptoKeyVersion): boolean {
  return state !== 'DESTROYED' && state !== 'DESTROY_SCHEDULED';
}

/** Whether a rotation here has made a later version current. */
export function isBefore({ name }: CryptoKeyVersion, { current }: Marks): boolean {
  return BigInt(numberOf(name ?? '') || 0) < current;
}

/** The name of a version, which must be one of the key. */
export function nameOf({ name }: CryptoKeyVersion, keyName: string, details: FailureDetails): string {
  const number = numberOf(name ?? '');
  if (name && /^[1-9]\d{0,18}$/.test(number) && name === versionName(keyName, number)) return name;
  throw notAnswered(details);
}
