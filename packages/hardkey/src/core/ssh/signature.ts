/**
 * Signatures as SSH has them: a name, and bytes whose form it says (RFC 4253 §6.6).
 *
 * @module
 */
import { concat } from '../../encoding/bytes.ts';
import { SshReader, sshString, sshUnsigned } from '../../encoding/ssh.ts';
import { Failure } from '../../errors.ts';
import { algorithm, type SignatureAlgorithm } from '../algorithms.ts';
import { sshRowOf, sshRowOfName } from './algorithms.ts';

/** A signature, r‖s for ECDSA, and its algorithm. */
export interface SshSignature {
  readonly algorithm: SignatureAlgorithm;
  readonly signature: Uint8Array;
}

/** Writes a signature. Throws `UNSUPPORTED` for an algorithm that SSH has no name for. */
export function encodeSshSignature({ algorithm: name, signature }: SshSignature): Uint8Array<ArrayBuffer> {
  const row = sshRowOf(name);
  if (row === undefined) {
    throw new Failure('UNSUPPORTED', 'SSH has no such signatures', { algorithm: name });
  }
  if (row.curveName === undefined) return concat(sshString(row.name), sshString(signature));
  const half = signature.length / 2;
  const numbers = concat(sshUnsigned(signature.subarray(0, half)), sshUnsigned(signature.subarray(half)));
  return concat(sshString(row.name), sshString(numbers));
}

/**
 * Reads a signature. Throws `MALFORMED`, and `UNSUPPORTED` for an algorithm that is not known here:
 * SHA-1 with RSA among them.
 */
export function decodeSshSignature(bytes: Uint8Array, field = 'signature'): SshSignature {
  const input = new SshReader(bytes, field);
  const row = sshRowOfName(input.text());
  if (row === undefined) {
    throw new Failure('UNSUPPORTED', 'not a signature algorithm of SSH that is known here', { field });
  }
  const numbers = input.enter();
  input.end();
  if (row.curveName === undefined) {
    return { algorithm: row.algorithm, signature: numbers.bytes(numbers.left).slice() };
  }
  const { signatureLength = 0 } = algorithm(row.algorithm);
  const signature = new Uint8Array(signatureLength);
  // RFC 5656 §3.1.2: r and s.
  for (const end of [signatureLength / 2, signatureLength]) {
    const number = numbers.unsigned();
    if (number.length > signatureLength / 2) throw numbers.malformed('the number is too large for its curve');
    signature.set(number, end - number.length);
  }
  numbers.end();
  return { algorithm: row.algorithm, signature };
}
