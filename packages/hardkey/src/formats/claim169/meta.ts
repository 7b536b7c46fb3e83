/**
 * What 1.2.1 asks of an issuer's name.
 *
 * @module
 */

/** Whether text is an absolute URI (RFC 3986 §4.3) with something after its scheme. */
export function isUri(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]+$/.test(text) && URL.canParse(text);
}
