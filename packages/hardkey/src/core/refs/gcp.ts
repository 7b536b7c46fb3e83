/**
 * `gcpkms:` references in sigstore's form: `gcpkms://` and the resource name of a key or a version.
 *
 * @module
 */
import { readAttributes } from './attributes.ts';
import { present, refuse } from './refuse.ts';

/** A key of Google Cloud KMS. */
export interface GcpKeyName {
  readonly project: string;
  readonly location: string;
  readonly keyRing: string;
  readonly key: string;
  /** A decimal number. Absent: whatever the service calls current. */
  readonly version?: string;
}

const ID = '[A-Za-z0-9_-]{1,63}';
const RESOURCE = new RegExp(
  '^projects/(?<project>([a-z0-9][a-z0-9.-]*:)?[a-z0-9][a-z0-9-]{0,62})' +
    `/locations/(?<location>[a-z0-9-]{1,63})/keyRings/(?<keyRing>${ID})/cryptoKeys/(?<key>${ID})` +
    '(/(cryptoKeyVersions|versions)/(?<version>[1-9][0-9]{0,18}))?$',
);

/** Parses `//projects/P/locations/L/keyRings/R/cryptoKeys/K[/cryptoKeyVersions/V]`. Throws `ARGUMENT_INVALID`. */
export function parseGcpKeyName(body: string): GcpKeyName {
  const { path } = readAttributes('gcpkms', body, { query: [] });
  if (!path.startsWith('//')) throw refuse('gcpkms', 'not of the form gcpkms://projects/…');
  return parseGcpResource(path.slice(2));
}

/** Parses a resource name alone, as Google's own tools write it. Throws `ARGUMENT_INVALID`. */
export function parseGcpResource(text: string): GcpKeyName {
  const { project, location, keyRing, key, version } = RESOURCE.exec(text)?.groups ?? {};
  if (project === undefined || location === undefined || keyRing === undefined || key === undefined) {
    throw refuse('gcpkms', 'not the resource name of a key or of a key version');
  }
  return present<GcpKeyName>({ project, location, keyRing, key, version });
}

/** Writes what {@link parseGcpKeyName} reads: the resource name behind two slashes. */
export function formatGcpKeyName({ project, location, keyRing, key, version }: GcpKeyName): string {
  const name = `//projects/${project}/locations/${location}/keyRings/${keyRing}/cryptoKeys/${key}`;
  return version === undefined ? name : `${name}/cryptoKeyVersions/${version}`;
}
