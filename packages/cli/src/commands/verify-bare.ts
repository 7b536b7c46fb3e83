/**
 * Signatures that stand alone: nothing in them says which key made them, or how.
 *
 * @module
 */
import {
  algorithm,
  Failure,
  isFailure,
  type SignatureAlgorithm,
  type Trust,
  type Trusted,
  verifyTrusted,
} from 'hardkey';
import { decodeSignature } from '../signature-forms.ts';

/** A signature that is genuine, and under which algorithm. */
export interface Verified extends Trusted {
  readonly algorithm: SignatureAlgorithm;
}

/**
 * Verifies with the algorithm that was asked for, or with each that the trusted keys have. Throws
 * `VERIFICATION_FAILED`, and `MALFORMED` when the signature is not in its format.
 */
export async function verifyBare(
  format: 'raw' | 'der' | 'base64',
  message: Uint8Array,
  file: Uint8Array,
  trust: Trust,
  asked?: SignatureAlgorithm,
): Promise<Verified> {
  const candidates = candidatesOf(format, trust, asked);
  const failures: Failure[] = [];
  for (const name of candidates) {
    try {
      const signature = decodeSignature(format, file, name);
      const trusted = await verifyTrusted(trust, { algorithm: name, message, signature, at: new Date() });
      return { ...trusted, algorithm: name };
    } catch (error) {
      // What is no signature of one curve may be one of another.
      if (!isFailure(error, 'VERIFICATION_FAILED') && !isFailure(error, 'MALFORMED')) throw error;
      failures.push(error);
    }
  }
  const refused = failures.filter((failure) => failure.code === 'VERIFICATION_FAILED');
  throw refused.find(saysMore) ?? refused[0] ?? failures[0] ?? unknownKey();
}

function candidatesOf(
  format: string,
  { keys }: Trust,
  asked?: SignatureAlgorithm,
): readonly SignatureAlgorithm[] {
  const all = asked === undefined ? [...new Set(keys.flatMap((key) => key.algorithms))] : [asked];
  const fitting = format === 'der' ? all.filter((name) => algorithm(name).keyType === 'EC') : all;
  if (all.length === 0 || fitting.length > 0) return fitting;
  throw new Failure('ARGUMENT_INVALID', 'der is a form of ECDSA signatures', { field: 'format' });
}

/** That the key was revoked says more than that another key did not sign. */
function saysMore({ details }: Failure): boolean {
  return !['signature', 'key.known', 'key.algorithm'].includes(details.check ?? '');
}

function unknownKey(): Failure {
  return new Failure('VERIFICATION_FAILED', 'no trusted key signs', { check: 'key.known' });
}
