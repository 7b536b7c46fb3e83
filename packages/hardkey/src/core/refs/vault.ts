/**
 * `hashivault:` and `openbao:` references in sigstore's form, with the mount and the version that
 * sigstore leaves to its environment.
 *
 * @module
 */
import { readAttributes, writeAttributes } from './attributes.ts';
import { percentEncode, UNRESERVED } from './percent.ts';
import { present, refuse } from './refuse.ts';

/** A key of a Transit engine of Vault or OpenBao. Where the server is, the provider knows. */
export interface VaultKeyName {
  readonly key: string;
  /** Path of the Transit engine. Absent: the provider's own, usually `transit`. */
  readonly mount?: string;
  /** Absent: the latest. */
  readonly version?: number;
  /** Which of the keys that are derived from this one. Not a secret: the server writes it in its log. */
  readonly context?: Uint8Array;
}

/** Parses `//KEY[?mount=PATH&version=N&context=BYTES]` of the scheme given. Throws `ARGUMENT_INVALID`. */
export function parseVaultKeyName(
  body: string,
  scheme: 'hashivault' | 'openbao' = 'hashivault',
): VaultKeyName {
  const attributes = readAttributes(scheme, body, { query: ['mount', 'version', 'context'] });
  const [, key] = /^\/\/(\w(?:[\w.-]*\w)?)$/.exec(attributes.path) ?? [];
  if (key === undefined) throw refuse(scheme, 'not of the form hashivault://key[?mount=…&version=…]');
  const context = attributes.bytes('context');
  if (context?.length === 0) throw refuse(`${scheme}.context`, 'a context has a byte or more');
  return present<VaultKeyName>({
    key,
    mount: attributes.text('mount', isMount, 'a mount is a path of names'),
    version: attributes.integer('version', 1, 2 ** 31 - 1),
    context,
  });
}

/** No empty segment, and none that would step out of the mount in a URL. */
function isMount(text: string): boolean {
  return /^[\w.-]+(\/[\w.-]+)*$/.test(text) && !text.split('/').some((part) => /^\.+$/.test(part));
}

/** Writes what {@link parseVaultKeyName} reads. */
export function formatVaultKeyName({ key, mount, version, context }: VaultKeyName): string {
  return `//${key}${writeAttributes(
    [],
    [
      ['mount', mount],
      ['version', version?.toString()],
      ['context', context && percentEncode(context, UNRESERVED)],
    ],
  )}`;
}
