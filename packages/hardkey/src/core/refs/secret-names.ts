/**
 * Attribute names that would carry a secret. A reference ends up in logs, configuration and signed
 * records, so none of them is ever accepted, by any scheme.
 *
 * @module
 */

/** By what the failure names. Names are compared without case and punctuation. */
const SECRETS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['pin-value', /^(user|so|admin)?pin(value|code)?$/],
  ['password', /^pass$|^pwd$|pass(word|wd|phrase|code)/],
  ['token-value', /tokenvalue$|(access|auth|bearer|session|api|refresh|client|vault|bao)token$/],
  ['management-key', /(management|private|access|account|shared|api)key(value)?$/],
  ['auth-value', /auth(value|orization)$|(owner|parent|hierarchy)auth$/],
  ['credentials', /credentials?$|^(seed|mnemonic)$/],
  ['secret', /secret/],
];

/** A place where a secret is kept may be named: `pin-source`, `management-key-source`. */
const PLACE = /(source|file|path)$/;

/** The kind of secret that an attribute of this name would carry, if any. */
export function secretKind(name: string): string | undefined {
  const compact = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  if (PLACE.test(compact)) return undefined;
  return SECRETS.find(([, pattern]) => pattern.test(compact))?.[0];
}
