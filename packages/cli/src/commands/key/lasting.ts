/**
 * What the settings keep of the key that is used from now on.
 *
 * @module
 */
import { resolve } from 'node:path';
import { type KeyInfo, parseKeyRef } from 'hardkey';
import { wholeKey } from 'hardkey/key-manager';

/**
 * The reference that names the same key tomorrow, after a rotation and from any folder: the pinned one of its
 * provider, unless that is of one version of several, with its path from the root.
 */
export function lastingRef(named: string, { ref }: KeyInfo): string {
  const isOneOfSeveral = wholeKey(ref) !== String(ref) || ALIAS.test(named);
  return fromRoot(isOneOfSeveral ? named : String(ref));
}

/** In AWS KMS a version is a key of its own, and the alias goes from one to the next. */
const ALIAS = /^awskms:.*[/:]alias\//;

/** Up to a path, the path where it is relative, and the rest. */
const RELATIVE: readonly RegExp[] = [/^(file:)(\.\.?\/.*)()$/, /^(tpm:file=)([^/?][^?]*)(.*)$/];

function fromRoot(text: string): string {
  const ref = String(parseKeyRef(text));
  const [, start, path, rest] = RELATIVE.flatMap((form) => form.exec(ref) ?? []);
  if (start === undefined || path === undefined || rest === undefined) return ref;
  return start + encodeURIComponent(resolve(decodeURIComponent(path))).replaceAll('%2F', '/') + rest;
}
