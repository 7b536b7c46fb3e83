/**
 * The headers of one signature, as its signer writes them.
 *
 * @module
 */
import { algorithm } from '../../core/algorithms.ts';
import type { CallOptions, Signer } from '../../core/operations.ts';
import { STAND_IN, standsInFor } from '../../core/stand-in.ts';
import { utf8 } from '../../encoding/bytes.ts';
import type { CborValue } from '../../encoding/cbor/index.ts';
import { Failure, invalid } from '../../errors.ts';
import { coseIdentifier, encodeHeaders, type HeaderMap, headerLabel, withMore } from './headers.ts';
import { bytesGiven, keyGiven } from './options.ts';
import type { SignerCertificates } from './x509-write.ts';

/** One signature and what stands beside it. */
export interface SignatureOptions<S = Signer> {
  readonly signer: S;
  /** The `kid`, protected: text stands for its UTF-8. Default: the public key's short id; `null` for none. */
  readonly keyId?: string | Uint8Array | null;
  /** The certificates of the signer, protected. Made by `signerCertificates`. */
  readonly certificates?: SignerCertificates;
  /** More protected parameters. */
  readonly protectedHeaders?: HeaderMap;
  readonly unprotectedHeaders?: HeaderMap;
}

/** Names of {@link SignatureOptions}. */
export const signatureOptions: readonly string[] = [
  'signer',
  'keyId',
  'certificates',
  'protectedHeaders',
  'unprotectedHeaders',
];

/** The part of a signer that headers are made of. */
export type SigningKey = Pick<Signer, 'algorithm' | 'publicKey'> & Partial<Pick<Signer, 'key'>>;

/**
 * Both buckets. Throws `ARGUMENT_INVALID` for parameters that have an option of their own or do not go
 * together, and `SIGNER_MISMATCH` for the certificates of another key.
 */
export function signerHeaders(options: SignatureOptions<SigningKey>): ReturnType<typeof encodeHeaders> {
  const { signer, certificates, protectedHeaders: more, unprotectedHeaders } = options;
  keyGiven(signer, 'signer');
  const headers = new Map<CborValue, CborValue>([[headerLabel.algorithm, coseIdentifier(signer.algorithm)]]);
  const keyId = keyIdBytes(options.keyId === undefined ? signer.publicKey.id : options.keyId);
  if (keyId !== undefined) headers.set(headerLabel.keyId, keyId);
  if (certificates !== undefined) {
    checkCertificates(certificates, signer);
    for (const [label, value] of certificates.parameters) headers.set(label, value);
  }
  const standIn = standsInFor(signer.key);
  if (standIn !== undefined) headers.set(STAND_IN, standIn);
  return encodeHeaders(withMore(headers, more), unprotectedHeaders);
}

/** A `kid` as bytes. Throws `ARGUMENT_INVALID` for what is neither text nor bytes. */
export function keyIdBytes(keyId: string | Uint8Array | null | undefined): Uint8Array | undefined {
  if (typeof keyId === 'string') return utf8(keyId);
  return keyId === undefined || keyId === null ? undefined : bytesGiven(keyId, 'keyId');
}

/** What the signer answers. Throws `SIGNER_MISMATCH` for a length that its algorithm does not have. */
export async function signed(signer: Signer, message: Uint8Array, call: CallOptions): Promise<Uint8Array> {
  const signature = await signer.sign(message, call);
  const { signatureLength } = algorithm(signer.algorithm);
  // An algorithm without a fixed length still has no empty signature.
  const length = signature instanceof Uint8Array ? signature.length : 0;
  if (length > 0 && (signatureLength ?? length) === length) return signature;
  throw new Failure('SIGNER_MISMATCH', 'the signer returned something else than a signature', {
    algorithm: signer.algorithm,
    ref: String(signer.key.ref),
  });
}

/** `certificates`, if they are what `signerCertificates` makes. */
export function certificatesGiven(certificates: SignerCertificates): SignerCertificates {
  if ((certificates as Partial<SignerCertificates> | null)?.parameters instanceof Map) return certificates;
  throw invalid('what signerCertificates makes is needed', 'certificates');
}

function checkCertificates(certificates: SignerCertificates, { publicKey }: SigningKey): void {
  const { fingerprint } = certificatesGiven(certificates);
  if (fingerprint === undefined || fingerprint === publicKey.fingerprint) return;
  throw new Failure('SIGNER_MISMATCH', 'the certificates are of another key', {
    field: 'certificates',
    expected: fingerprint,
    actual: publicKey.fingerprint,
  });
}
