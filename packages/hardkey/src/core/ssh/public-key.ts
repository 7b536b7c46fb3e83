/**
 * Public keys as SSH has them: RFC 4253 §6.6 (RSA), RFC 5656 §3.1 (ECDSA), RFC 8709 §4 (Ed25519).
 *
 * @module
 */
import { digest } from '#crypto';
import { encodeBase64 } from '../../encoding/base64.ts';
import { concat } from '../../encoding/bytes.ts';
import { SshReader, sshString, sshUnsigned } from '../../encoding/ssh.ts';
import { Failure } from '../../errors.ts';
import { algorithm } from '../algorithms.ts';
import type { PublicKey } from '../public-key.ts';
import { decodeRsaKey, encodeRsaKey } from '../rsa-key.ts';
import { checkParts, type KeyParts } from '../spki.ts';
import { keyFits } from '../verify.ts';
import { type SshAlgorithm, sshAlgorithms, sshRowOf, sshRowOfKeyName } from './algorithms.ts';

/**
 * Reads a public key. Each key has one encoding: what is read is what {@link encodeSshKey} writes.
 * Throws `MALFORMED`, and `UNSUPPORTED` for kinds that are not known here: certificates, keys of
 * security keys, DSA.
 */
export function decodeSshKey(bytes: Uint8Array, field = 'sshKey'): KeyParts {
  const input = new SshReader(bytes, field);
  const row = sshRowOfKeyName(input.text());
  if (row === undefined) throw unsupported(field);
  const parts = row.keyName === 'ssh-rsa' ? rsaParts(input) : curveParts(input, row);
  input.end();
  return checkParts(parts);
}

/** Writes a public key. Throws `UNSUPPORTED` for a kind that SSH has no name for. */
export function encodeSshKey(key: PublicKey): Uint8Array<ArrayBuffer> {
  const name = sshAlgorithms.find((one) => keyFits(key, algorithm(one)));
  const row = name === undefined ? undefined : sshRowOf(name);
  if (row === undefined) throw unsupported('publicKey');
  if (key.keyType === 'RSA') {
    const { modulus, exponent } = decodeRsaKey(key.toRaw());
    return concat(sshString(row.keyName), sshUnsigned(exponent), sshUnsigned(modulus));
  }
  const curve = row.curveName === undefined ? [] : [sshString(row.curveName)];
  return concat(sshString(row.keyName), ...curve, sshString(key.toRaw()));
}

/** The fingerprint of an encoded key as OpenSSH prints it: `SHA256:` and base64 without padding. */
export async function sshFingerprint(bytes: Uint8Array): Promise<string> {
  return `SHA256:${encodeBase64(await digest('SHA-256', bytes)).replace(/=+$/, '')}`;
}

function rsaParts(input: SshReader): KeyParts {
  const exponent = input.unsigned();
  const modulus = input.unsigned();
  const raw = encodeRsaKey({ modulus, exponent });
  decodeRsaKey(raw);
  return { keyType: 'RSA', raw };
}

function curveParts(input: SshReader, { curveName, algorithm: name }: SshAlgorithm): KeyParts {
  const { keyType, curves } = algorithm(name);
  const [curve] = curves;
  if (curve === undefined || (keyType !== 'OKP' && keyType !== 'EC')) throw unsupported('sshKey');
  if (curveName !== undefined && input.text() !== curveName) {
    throw input.malformed('the curve is not the one of the key type');
  }
  const raw = input.string();
  // RFC 5656 §3.1 lets points be compressed; OpenSSH does not, and a key has one encoding here.
  if (keyType === 'EC' && raw[0] !== 4) throw input.malformed('the point is not in its uncompressed form');
  return { keyType, curve, raw };
}

function unsupported(field: string): Failure<'UNSUPPORTED'> {
  return new Failure('UNSUPPORTED', 'not a kind of SSH key that is known here', { field });
}
