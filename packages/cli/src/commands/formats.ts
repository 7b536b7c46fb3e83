/**
 * The forms of a signature.
 *
 * @module
 */

/** `raw`, `der` and `base64` are the signature alone; `jws` and `cose` may carry the content. */
export const FORMATS = ['raw', 'der', 'base64', 'jws', 'cose'] as const;

/** One of {@link FORMATS}. */
export type Format = (typeof FORMATS)[number];
