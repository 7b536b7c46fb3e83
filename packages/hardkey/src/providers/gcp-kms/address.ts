/**
 * `gcpkms:` references: which key, and which of its versions.
 *
 * @module
 */
import { type KeyRef, keyRef } from '../../core/key-ref.ts';
import { formatGcpKeyName, type GcpKeyName, parseGcpKeyName } from '../../core/refs/gcp.ts';
import { invalid } from '../../errors.ts';

/** A key as Google names it. */
export interface Address extends GcpKeyName {
  /** `projects/P/locations/L/keyRings/R`. */
  readonly ringName: string;
  /** `…/cryptoKeys/K`. */
  readonly keyName: string;
}

/** The key a reference names; with an empty body, that of the configuration. Throws `ARGUMENT_INVALID`. */
export function readAddress({ body }: KeyRef, configured: GcpKeyName | undefined): Address {
  if (body !== '') return addressOf(parseGcpKeyName(body));
  if (configured !== undefined) return addressOf(configured);
  throw invalid(
    'the reference names no key, and none is configured: the command takes A1_GCP_KEY',
    'gcpkms.key',
  );
}

/** The names that go with a key. */
export function addressOf(name: GcpKeyName): Address {
  const { version: _, ...key } = name;
  const keyName = formatGcpKeyName(key).slice(2);
  return { ...name, keyName, ringName: keyName.slice(0, keyName.lastIndexOf('/cryptoKeys/')) };
}

/** The name of a version of a key. */
export function versionName(keyName: string, version: string): string {
  return `${keyName}/cryptoKeyVersions/${version}`;
}

/** The number at the end of the name of a version. */
export function numberOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** Names a version for good. */
export function pinnedRef(name: string): KeyRef {
  return keyRef('gcpkms', `//${name}`);
}
