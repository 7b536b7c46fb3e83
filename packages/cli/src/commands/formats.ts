/**
 * The forms of a signature.
 *
 * @module
 */

/** `raw`, `der`, `base64` and `sshsig` are the signature alone; `jws` and `cose` may carry the content. */
export const FORMATS = ['raw', 'der', 'base64', 'jws', 'cose', 'sshsig'] as const;

/** One of {@link FORMATS}. */
export type Format = (typeof FORMATS)[number];
