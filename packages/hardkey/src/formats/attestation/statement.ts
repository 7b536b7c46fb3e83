/**
 * What every statement of a TPM is held to, whatever it is about.
 *
 * @module
 */
import { digest } from '#crypto';
import type { Hash, SignatureAlgorithm } from '../../core/algorithms.ts';
import { publicKeyOf } from '../../core/import-public-key.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { isJsonObject } from '../../core/trust/strict-json.ts';
import { createTrust, type Trust, type TrustSource } from '../../core/trust/trust.ts';
import { type Check, verifyTrusted } from '../../core/trust/verify-trusted.ts';
import { concat, equalBytes } from '../../encoding/bytes.ts';
import { Failure, invalid } from '../../errors.ts';
import { type Attest, attest } from '../../protocols/tpm/attest.ts';
import { hasAttribute, type ObjectAttribute } from '../../protocols/tpm/attributes.ts';
import { decodeTpm, encodeTpm, u32 } from '../../protocols/tpm/codec.ts';
import { decodeEvidence, type TpmEvidence } from '../../protocols/tpm/evidence.ts';
import { hash, permanent, type TpmHash } from '../../protocols/tpm/identifiers.ts';
import { type PublicArea, publicArea } from '../../protocols/tpm/public-area.ts';
import { keyPartsOf, signatureBytes } from '../../protocols/tpm/public-key.ts';
import { signature as signatureCodec } from '../../protocols/tpm/structures.ts';

/** Whose word counts, and when. */
export interface StatementOptions {
  /** What whoever asked for the evidence chose, and nobody could know before. */
  readonly nonce: Uint8Array;
  /**
   * Who is believed: public keys that attest, each known to be in a TPM, or certificates of authorities
   * that certify such keys.
   */
  readonly roots: Trust | TrustSource | readonly TrustSource[];
  /** The verifier's time. Default: now. */
  readonly now?: Date;
}

/** A statement that holds. */
export interface Statement {
  readonly evidence: TpmEvidence;
  readonly attest: Attest;
  readonly attestationKey: PublicKey;
  readonly checks: readonly Check[];
}

/** An object that a statement is about. */
export interface StatedObject {
  readonly area: PublicArea;
  readonly name: Uint8Array;
}

/** TCG OID Registry, tcg-kp-AIKCertificate: certificates for keys that attest. */
const ATTESTATION_PURPOSE = '2.23.133.8.3';

/** Throws the failure of a check. */
export function refuse(check: string, message: string): never {
  throw new Failure('VERIFICATION_FAILED', message, { check: `attestation.${check}` });
}

/**
 * Checks a statement: its nonce, the key that made it, its signature, and that this key is one of
 * `roots` or is certified by one. Throws `VERIFICATION_FAILED` with `details.check`.
 */
export async function verifyStatement(bytes: Uint8Array, options: StatementOptions): Promise<Statement> {
  if (!isJsonObject(options)) throw invalid('options are an object', 'options');
  if (!(bytes instanceof Uint8Array)) throw invalid('bytes are needed', 'evidence');
  if (!(options.nonce instanceof Uint8Array)) throw invalid('bytes are needed', 'nonce');
  const evidence = decodeEvidence(bytes);
  const stated = decodeTpm(attest, evidence.attest, 'evidence.attest');
  if (options.nonce.length === 0 || !equalBytes(stated.extraData, options.nonce)) {
    refuse('nonce', 'the evidence is for another nonce');
  }
  const signer = await objectOf(evidence.attestationKey, 'evidence.attestationKey');
  await checkSigner(signer, stated);
  const attestationKey = await keyOf(signer.area);
  const { algorithm, signature } = signatureOf(evidence, signer.area);
  const trust = await trustOf(options.roots);
  // An endorsement certificate may lead to them; it speaks for another key than the one that attests.
  if (trust.keys.length === 0 && evidence.certificates === undefined) {
    refuse('root', 'the roots are authorities, and none of them certified the key that attests');
  }
  const trusted = await verifyTrusted(trust, {
    algorithm,
    message: evidence.attest,
    signature,
    at: options.now ?? new Date(),
    ...(evidence.certificates === undefined ? {} : { x5chain: evidence.certificates }),
  });
  if (trusted.key.publicKey.fingerprint !== attestationKey.fingerprint) {
    refuse('attestation-key', 'another key made the statement than the one that it comes with');
  }
  const passed = ['attestation.nonce', 'attestation.attestation-key'].map((name) => ({ name, passed: true }));
  return { evidence, attest: stated, attestationKey, checks: [...passed, ...trusted.checks] };
}

async function trustOf(roots: StatementOptions['roots']): Promise<Trust> {
  const options = { extKeyUsage: ATTESTATION_PURPOSE };
  if (typeof roots !== 'object' || !('roots' in roots && 'keys' in roots && 'size' in roots)) {
    return createTrust(roots as TrustSource, options);
  }
  return { ...(roots as Trust), ...options };
}

/** Reads a public area, and computes the name of the object. Throws `MALFORMED` or `UNSUPPORTED`. */
export async function objectOf(bytes: Uint8Array, field: string): Promise<StatedObject> {
  const area = decodeTpm(publicArea, bytes, field);
  return { area, name: await tpmDigest(area.nameAlg, bytes) };
}

/** The hash of bytes with its algorithm before it, as names have it (Part 1 §16). */
async function tpmDigest(name: TpmHash, bytes: Uint8Array): Promise<Uint8Array> {
  return concat(encodeTpm(hash, name), await digest(supported(name), bytes));
}

/** The hash of bytes alone. */
export async function hashOf(name: TpmHash, ...parts: readonly Uint8Array[]): Promise<Uint8Array> {
  return digest(supported(name), concat(...parts));
}

function supported(name: TpmHash): Hash {
  if (name !== 'SHA-1') return name;
  throw new Failure('UNSUPPORTED', 'SHA-1 proves nothing', { field: 'evidence' });
}

/** What a key that attests must be (Part 1 §31.3): restricted, or it signs what it is given. */
const SIGNER: readonly ObjectAttribute[] = [
  'fixedTPM',
  'fixedParent',
  'sensitiveDataOrigin',
  'restricted',
  'sign',
];

/** That the key says of itself that it attests, and that the statement says that it made it. */
async function checkSigner({ area, name }: StatedObject, { qualifiedSigner }: Attest): Promise<void> {
  const isSound = SIGNER.every((one) => hasAttribute(area.objectAttributes, one));
  if (!isSound || hasAttribute(area.objectAttributes, 'decrypt')) {
    refuse('attestation-key', 'the key that made the statement also signs what is no statement of a TPM');
  }
  // Part 1 §16: the qualified name of a primary key is made of its hierarchy and its name.
  const expected = await tpmDigest(area.nameAlg, concat(encodeTpm(u32, permanent.endorsement), name));
  if (!equalBytes(qualifiedSigner, expected)) {
    refuse('attestation-key', 'the statement is of another key than the one that it comes with');
  }
}

/** The public key of an object. Throws `UNSUPPORTED` for what is none. */
export async function keyOf(area: PublicArea): Promise<PublicKey> {
  const parts = keyPartsOf(area);
  if (parts !== undefined) return publicKeyOf(parts);
  throw new Failure('UNSUPPORTED', 'the object is no key pair', { field: 'evidence.publicArea' });
}

const ALGORITHMS: Readonly<Record<string, SignatureAlgorithm>> = {
  'ECDSA SHA-256': 'ES256',
  'ECDSA SHA-384': 'ES384',
  'ECDSA SHA-512': 'ES512',
  'RSASSA SHA-256': 'RS256',
  'RSASSA SHA-384': 'RS384',
  'RSASSA SHA-512': 'RS512',
  'RSAPSS SHA-256': 'PS256',
  'RSAPSS SHA-384': 'PS384',
  'RSAPSS SHA-512': 'PS512',
};

const LENGTHS: Readonly<Partial<Record<SignatureAlgorithm, number>>> = { ES256: 64, ES384: 96, ES512: 132 };

/** The signature by our names. Its scheme is the one that the key is bound to. */
function signatureOf(
  evidence: TpmEvidence,
  area: PublicArea,
): { readonly algorithm: SignatureAlgorithm; readonly signature: Uint8Array } {
  const made = decodeTpm(signatureCodec, evidence.signature, 'evidence.signature');
  const algorithm = ALGORITHMS[`${made.algorithm} ${made.hash}`];
  const { scheme } = area;
  const isBound = scheme.scheme === made.algorithm && 'hash' in scheme && scheme.hash === made.hash;
  if (algorithm === undefined || !isBound) {
    refuse('attestation-key', 'the signature is of another scheme than the key');
  }
  const length = LENGTHS[algorithm] ?? ('keyBits' in area ? area.keyBits / 8 : 0);
  return { algorithm, signature: signatureBytes(made, length) };
}
