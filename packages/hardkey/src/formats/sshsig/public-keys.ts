/**
 * SSH public keys as text: the lines of `id_ed25519.pub`, of `authorized_keys`, of what a server shows.
 *
 * @module
 */
import { publicKeyOf } from '../../core/import-public-key.ts';
import { isPublicKey } from '../../core/option-table.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { decodeSshKey, encodeSshKey } from '../../core/ssh/public-key.ts';
import { decodeBase64, encodeBase64 } from '../../encoding/base64.ts';
import { SshReader } from '../../encoding/ssh.ts';
import { Failure, invalid } from '../../errors.ts';

const FIELD = 'sshKey';

/** Whether text begins as an SSH public key does: with the name of a kind and a space. */
export function isSshPublicKey(text: string): boolean {
  return typeof text === 'string' && /^\s*(?:ssh|ecdsa|sk|rsa)-[a-z0-9@.-]+[ \t]+AAAA/.test(text);
}

/** Reads one line: kind, base64 and perhaps a comment. Throws `MALFORMED`, and `UNSUPPORTED` for other kinds. */
export async function importSshPublicKey(line: string): Promise<PublicKey> {
  if (typeof line !== 'string') throw invalid('text is needed', FIELD);
  const [name = '', base64 = ''] = line.trim().split(/[ \t]+/);
  if (/[\r\n]/.test(line.trim())) throw malformed('more than one line');
  return sshPublicKeyOf(name, base64);
}

/** The key of a kind and its base64, which must be of that kind. */
export async function sshPublicKeyOf(name: string, base64: string): Promise<PublicKey> {
  const bytes = decodeBase64(base64, FIELD);
  if (new SshReader(bytes, FIELD).text() !== name)
    throw malformed('the key is of another kind than its line says');
  return publicKeyOf(decodeSshKey(bytes, FIELD));
}

/**
 * The line of a public key, without a line end. Throws `UNSUPPORTED` for a kind that SSH has no name for,
 * and `ARGUMENT_INVALID` for a comment that would be more than one.
 */
export function formatSshPublicKey(key: PublicKey, comment = ''): string {
  if (!isPublicKey(key)) throw invalid('a public key is needed', 'key');
  if (typeof comment !== 'string' || /\p{Cc}/u.test(comment))
    throw invalid('a comment is one line', 'comment');
  const bytes = encodeSshKey(key);
  const name = new SshReader(bytes, FIELD).text();
  return [name, encodeBase64(bytes), comment].filter((part) => part !== '').join(' ');
}

function malformed(message: string): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', message, { field: FIELD });
}
