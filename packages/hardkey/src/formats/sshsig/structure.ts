/**
 * What an SSH signature consists of, as bytes and in its armor (OpenSSH PROTOCOL.sshsig).
 *
 * @module
 */
import { encodeBase64 } from '../../encoding/base64.ts';
import { concat, equalBytes, utf8 } from '../../encoding/bytes.ts';
import { decodePem } from '../../encoding/pem.ts';
import { SshReader, sshString, sshUint32 } from '../../encoding/ssh.ts';
import { Failure } from '../../errors.ts';

/** The hash of what was signed, by its name in the structure. */
export type SshsigHash = 'sha256' | 'sha512';

/** Every {@link SshsigHash}. */
export const sshsigHashes: readonly SshsigHash[] = ['sha512', 'sha256'];

/** A signature with all that it says. */
export interface SshsigStructure {
  /** The public key as SSH has it. */
  readonly keyBytes: Uint8Array;
  /** What the signature is for, so that one made for a file is none for a commit. */
  readonly namespace: string;
  readonly hash: SshsigHash;
  /** The signature as SSH has it. */
  readonly signature: Uint8Array;
}

const MAGIC = utf8('SSHSIG');
const VERSION = 1;
const FIELD = 'sshsig';
const LABEL = 'SSH SIGNATURE';
/** OpenSSH's; a signature is 1 KiB, and four for the largest RSA key. */
const LINE = 70;
const LONGEST_TEXT = 64 * 1024;

/** The bytes that the key signs: content by its digest. */
export function signedBytes(
  { namespace, hash }: Pick<SshsigStructure, 'namespace' | 'hash'>,
  digest: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const reserved = sshString();
  return concat(MAGIC, sshString(namespace), reserved, sshString(hash), sshString(digest));
}

/** Writes a signature in its armor, with a line feed at its end. */
export function formatSshsig({ keyBytes, namespace, hash, signature }: SshsigStructure): string {
  const bytes = concat(
    MAGIC,
    sshUint32(VERSION),
    sshString(keyBytes),
    sshString(namespace),
    sshString(),
    sshString(hash),
    sshString(signature),
  );
  const lines = encodeBase64(bytes).match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return [`-----BEGIN ${LABEL}-----`, ...lines, `-----END ${LABEL}-----`, ''].join('\n');
}

/**
 * Reads a signature in its armor. Throws `MALFORMED`, and `UNSUPPORTED` for another version or a hash
 * that is not known.
 */
export function parseSshsig(text: string): SshsigStructure {
  if (text.length > LONGEST_TEXT) throw malformed('too long for a signature');
  // The armor begins the file: what comes before it would be shown, and signed by nobody.
  if (!text.startsWith('-----BEGIN ')) throw malformed('not an SSH signature in its armor');
  const [block, second] = decodePem(text, FIELD);
  if (block?.label !== LABEL || second !== undefined) throw malformed('not one SSH signature');
  return decodeSshsig(block.bytes);
}

function decodeSshsig(bytes: Uint8Array): SshsigStructure {
  const input = new SshReader(bytes, FIELD);
  if (!equalBytes(input.bytes(MAGIC.length), MAGIC)) throw input.malformed('not an SSH signature', 0);
  if (input.uint32() !== VERSION) {
    throw new Failure('UNSUPPORTED', 'another version of SSH signatures', { field: `${FIELD}.version` });
  }
  const keyBytes = input.string();
  const namespace = input.text();
  // No signature covers it: what stands there could have been put there by anybody.
  if (input.string().length > 0) throw malformed('the reserved field is not empty');
  const hash = hashOf(input.text());
  const signature = input.string();
  input.end();
  if (namespace === '') throw malformed('the namespace is empty');
  return { keyBytes, namespace, hash, signature };
}

function hashOf(name: string): SshsigHash {
  const hash = sshsigHashes.find((one) => one === name);
  if (hash !== undefined) return hash;
  throw new Failure('UNSUPPORTED', 'not a hash of SSH signatures', { field: `${FIELD}.hash` });
}

function malformed(message: string): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', message, { field: FIELD });
}
