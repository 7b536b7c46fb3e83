/**
 * What signing and verifying have in common in their options, checked where they come in.
 *
 * @module
 */
import { digest } from '#crypto';
import { invalid } from '../../errors.ts';
import { type SshsigHash, sshsigHashes } from './structure.ts';

/** A namespace that can be signed for and accepted: text without control characters, and not empty. */
export function checkNamespace(namespace: unknown, field: string): void {
  const right = typeof namespace === 'string' && /^[^\p{Cc}\p{Cs}]{1,255}$/u.test(namespace);
  if (!right) throw invalid('a namespace is text of 1 to 255 characters', field);
}

/** Throws `ARGUMENT_INVALID` for what is no hash of this format. */
export function checkHash(hash: unknown, field: string): void {
  if (!sshsigHashes.some((one) => one === hash)) throw invalid('the hash is sha256 or sha512', field);
}

/** Throws `ARGUMENT_INVALID` unless content is bytes: text in its place would be signed as something else. */
export function checkContent(content: unknown): void {
  if (!(content instanceof Uint8Array)) throw invalid('bytes are needed', 'content');
}

/** The digest of content. */
export function digestOf(hash: SshsigHash, content: Uint8Array): Promise<Uint8Array> {
  return Promise.resolve(digest(hash === 'sha256' ? 'SHA-256' : 'SHA-512', content));
}
