/**
 * The reference of a key with all its versions.
 *
 * @module
 */
import type { KeyInfo } from '../key.ts';
import type { KeyRef } from '../key-ref.ts';

/** Where a reference says which of several keys of one name it is, and what of that stays. */
const IN_QUERY = [/([?&])version=\d+(?:&|$)/, '$1'] as const;

const VERSIONED: Readonly<Record<string, readonly [version: RegExp, rest: string]>> = {
  file: IN_QUERY,
  hashivault: IN_QUERY,
  openbao: IN_QUERY,
  gcpkms: [/\/(?:cryptoKeyVersions|versions)\/\d+$/, ''],
  azurekms: [/^(azurekms:\/\/[^/]+\/[^/]+)\/[^/]*$/, '$1'],
};

/** The reference without its version, in the schemes whose keys have versions under one name. */
export function wholeKey(ref: KeyRef): string {
  const [version, rest] = VERSIONED[ref.scheme] ?? [];
  return version === undefined || rest === undefined
    ? String(ref)
    : String(ref).replace(version, rest).replace(/[?&]$/, '');
}

/**
 * The reference that a label stands for. In AWS KMS every version is a key of its own, and all have the label:
 * the alias says which of them is meant.
 */
export function labelledKey({ ref, label }: Pick<KeyInfo, 'ref' | 'label'>): string {
  return ref.scheme === 'awskms' && label !== undefined ? `awskms:///alias/${label}` : wholeKey(ref);
}
