/**
 * Public keys in the files of OpenSSH: its own lines, and files of allowed signers.
 *
 * @module
 */
import { Failure, type TrustSource } from 'hardkey';

/** What a file of allowed signers is read for. */
export interface Expected {
  readonly namespace: string;
  /** Who is to have signed; anybody in the file by default. */
  readonly identity?: string | undefined;
}

/** A name, base64 that begins as all of these do, and before it who has the key, where the file says it. */
const KEY = /^(?:(?:ssh|ecdsa|sk)-\S+[ \t]+AAAA)/;
const SIGNER = /[ \t](?:ssh|ecdsa|sk)-\S+[ \t]+AAAA/;

/**
 * The keys of a text, where it is one of OpenSSH's; undefined otherwise. Only with `expected` it may be a
 * file of allowed signers.
 */
export async function sshSources(
  source: string | Uint8Array,
  expected?: Expected,
): Promise<readonly TrustSource[] | undefined> {
  const lines = linesOf(source);
  if (lines.length > 0 && lines.every((line) => KEY.test(line))) {
    if (expected?.identity !== undefined) throw nobody();
    const { importSshPublicKey } = await import('hardkey/formats/sshsig');
    return Promise.all(lines.map(importSshPublicKey));
  }
  if (expected !== undefined && lines.some((line) => SIGNER.test(line))) {
    const { parseAllowedSigners, trustedSigners } = await import('hardkey/formats/sshsig');
    const { namespace, identity } = expected;
    const signers = await parseAllowedSigners(lines.join('\n'));
    return trustedSigners(signers, { namespace, ...(identity === undefined ? {} : { identity }) });
  }
  if (expected?.identity !== undefined) throw nobody();
  return undefined;
}

function linesOf(source: string | Uint8Array): readonly string[] {
  // What is not text has no line that looks like a key.
  const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
  return text.split('\n').flatMap((line) => (/^\s*(?:#|$)/.test(line) ? [] : [line.trim()]));
}

function nobody(): Failure<'ARGUMENT_INVALID'> {
  return new Failure('ARGUMENT_INVALID', '--identity is for files of allowed signers', { field: 'identity' });
}
