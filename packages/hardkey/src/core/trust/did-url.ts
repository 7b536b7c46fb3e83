/**
 * DID URLs (DID Core §3.2) of keys that the DID itself holds.
 *
 * @module
 */

/** The DID of a key by itself, where text is one or a DID URL of it. */
export function didOf(text: string): string | undefined {
  return /^did:(?:key|jwk):[^#?/]+/.exec(text)?.[0];
}
