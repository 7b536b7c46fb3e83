/**
 * What the definitions' messages look like here: fields in camel case, enums by name, bytes as bytes, 64-bit
 * numbers as text.
 *
 * @module
 */
import { crc32cOf } from '../signing/crc32c.ts';
import { refuse } from './rules.ts';
import { type Key, type KeyRing, primaryOf, type Version } from './store.ts';

/** `google.protobuf.Int64Value`. Zero is a value that may be left out of it. */
export type Int64Value = { readonly value?: string | number | { toString(): string } } | null;

/** `google.protobuf.Timestamp` and `Duration`. */
export interface Seconds {
  readonly seconds?: string | number | { toString(): string };
  readonly nanos?: number;
}

/** Bytes of a request, where an absent field is empty bytes. */
export function bytesOf(value: Uint8Array | undefined | null): Uint8Array {
  return value ?? new Uint8Array();
}

/** The checksum of an answer. */
export function checksum(bytes: Uint8Array): { readonly value: string } {
  return { value: String(crc32cOf(bytes)) };
}

/**
 * Whether the checksum of a field was sent, and right; a wrong one refuses the call. A checksum of an empty field
 * is zero, and counts like every other.
 */
export function isVouchedFor(field: string, bytes: Uint8Array, sent: Int64Value | undefined): boolean {
  if (sent === undefined || sent === null) return false;
  if (Number(sent.value?.toString() ?? 0) === crc32cOf(bytes)) return true;
  throw refuse(
    'checksum mismatch',
    `The checksum in field ${field}_crc32c did not match the data in field ${field}.`,
  );
}

/** A time of an answer. */
function timestamp(ms: number | undefined): Seconds | undefined {
  if (ms === undefined) return undefined;
  const seconds = Math.floor(ms / 1000);
  return { seconds: String(seconds), nanos: (ms - seconds * 1000) * 1_000_000 };
}

/** A duration or a time of a request, in milliseconds. */
export function milliseconds(value: Seconds | undefined | null): number | undefined {
  if (!value) return undefined;
  return Number(value.seconds?.toString() ?? 0) * 1000 + Math.floor((value.nanos ?? 0) / 1_000_000);
}

/** `google.cloud.kms.v1.KeyRing`. */
export function ringMessage(ring: KeyRing): object {
  return { name: ring.name, createTime: timestamp(ring.created) };
}

/** `google.cloud.kms.v1.CryptoKey`. */
export function keyMessage(key: Key): object {
  const primary = primaryOf(key);
  return {
    name: key.name,
    purpose: key.purpose,
    createTime: timestamp(key.created),
    versionTemplate: { protectionLevel: key.protection, algorithm: key.algorithm },
    labels: key.labels,
    destroyScheduledDuration: { seconds: String(key.destroyMs / 1000) },
    ...(primary && { primary: versionMessage(key, primary) }),
    ...(key.nextRotation !== undefined && { nextRotationTime: timestamp(key.nextRotation) }),
    ...(key.rotationMs !== undefined && { rotationPeriod: { seconds: String(key.rotationMs / 1000) } }),
  };
}

/** `google.cloud.kms.v1.CryptoKeyVersion`. */
export function versionMessage(key: Key, version: Version): object {
  return {
    name: version.name,
    state: version.state,
    protectionLevel: key.protection,
    algorithm: version.algorithm,
    createTime: timestamp(version.created),
    ...(version.state !== 'PENDING_GENERATION' && { generateTime: timestamp(version.generated) }),
    ...(version.destroyAt !== undefined && { destroyTime: timestamp(version.destroyAt) }),
    ...(version.destroyedAt !== undefined && { destroyEventTime: timestamp(version.destroyedAt) }),
  };
}
