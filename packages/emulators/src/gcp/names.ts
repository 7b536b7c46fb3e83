/**
 * Resource names of Cloud KMS.
 *
 * @module
 */
import { refuse } from './rules.ts';

const ID = '[a-zA-Z0-9_-]{1,63}';
const LOCATION = 'projects/[^/]+/locations/[^/]+';

/** The kinds of names. */
export type NameKind = 'location' | 'keyRing' | 'key' | 'version';

const FORMS: Readonly<Record<NameKind, RegExp>> = {
  location: new RegExp(`^${LOCATION}$`),
  keyRing: new RegExp(`^${LOCATION}/keyRings/${ID}$`),
  key: new RegExp(`^${LOCATION}/keyRings/${ID}/cryptoKeys/${ID}$`),
  version: new RegExp(`^${LOCATION}/keyRings/${ID}/cryptoKeys/${ID}/cryptoKeyVersions/[0-9]+$`),
};

/** The name, when it has the form of its kind. */
export function parseName(kind: NameKind, name: string | undefined): string {
  if (name !== undefined && FORMS[kind].test(name)) return name;
  throw refuse('name of another form', `${name ?? ''} is not the name of a ${kind}`);
}

/** Whether a name has the form of a kind. */
export function isName(kind: NameKind, name: string | undefined): boolean {
  return name !== undefined && FORMS[kind].test(name);
}

/** The id, when it may be one. */
export function parseId(id: string | undefined): string {
  if (id !== undefined && new RegExp(`^${ID}$`).test(id)) return id;
  throw refuse('id of another form', 'an id is 1 to 63 letters, digits, hyphens and underscores');
}

/** `…/cryptoKeys/k` of `…/cryptoKeys/k/cryptoKeyVersions/1`. */
export function parentOf(name: string): string {
  return name.split('/').slice(0, -2).join('/');
}
