/**
 * How large a credential will be, before anything is signed.
 *
 * @module
 */
import { decompress } from '#compression';
import { randomBytes } from '#crypto';
import type { SignatureAlgorithm } from '../../../core/algorithms.ts';
import type { CallOptions } from '../../../core/operations.ts';
import { isPublicKey } from '../../../core/option-table.ts';
import type { PublicKey } from '../../../core/public-key.ts';
import { isText } from '../../../core/trust/strict-json.ts';
import { decodeBase45 } from '../../../encoding/base45.ts';
import { encodeHex } from '../../../encoding/hex.ts';
import { invalid } from '../../../errors.ts';
import { optionsGiven } from '../../cose/options.ts';
import { signSign1 } from '../../cose/sign1.ts';
import type { SignatureName } from '../callbacks/contracts.ts';
import { signatureAlgorithmOf } from '../callbacks/names.ts';
import { type Encoded, type EncodeOptions, finishCredential } from '../encode.ts';
import type { Identity } from '../fields.ts';
import type { Meta } from '../meta.ts';
import type { PrivateValues } from '../private-fields.ts';
import { unsignedCredential } from '../unsigned.ts';
import { standInReaders, standInSigner } from './stand-ins.ts';

/** The options of `encode`, without a key. */
export interface EstimateOptions<V extends PrivateValues = PrivateValues>
  extends Omit<EncodeOptions<V>, 'signer' | keyof CallOptions> {
  readonly algorithm: SignatureName | SignatureAlgorithm;
  /** Needed for RSA, and with certificates. Without it the `kid` is taken to be as long as an id. */
  readonly publicKey?: PublicKey;
  /** The backend that a key in software stands in for: it says so in the header. */
  readonly softwareInsteadOf?: string;
}

/** Sizes, in bytes unless they say otherwise. */
export interface SizeEstimate {
  /** The claims with the identity in them: what the signature covers. Exact. */
  readonly claimsBytes: number;
  /** What the signature adds: itself, the headers, and certificates among them. Exact. */
  readonly signatureBytes: number;
  /** What encryption adds: nonce and tag, and for recipients the wrapped keys. Exact. */
  readonly envelopeBytes: number;
  /** The sum: the COSE structure before it is compressed. */
  readonly coseBytes: number;
  /**
   * Characters of the text: the largest of several tries, because one signature compresses better than
   * another. Beside a photo, or encrypted, credentials come out as large or a few characters smaller;
   * beside text alone up to twenty, and a few of them are a little larger.
   */
  readonly characters: number;
  /** What encryption adds to them: also what can no longer be compressed. */
  readonly envelopeCharacters: number;
  /** The smallest QR version for so many characters at the error correction level that was asked for, or L. */
  readonly qrVersion: number;
}

/** Signatures of chance that are tried: what follows them in the text compresses with them, more or less. */
const TRIALS = 16;
/** Ciphertext does not compress at all. */
const ENCRYPTED_TRIALS = 2;

/**
 * The size of what `encode` will make with the same options. No key is used: in place of signatures and
 * ciphertexts there are random bytes of their length. Failures are those of `encode`, among them
 * `ARGUMENT_INVALID`, field `identity`, for what no QR code holds; `UNSUPPORTED`, field `encryptTo`, for
 * a service that wraps in a way of its own.
 */
export async function estimateSize<V extends PrivateValues>(
  identity: Identity<V>,
  meta: Meta,
  options: EstimateOptions<V>,
): Promise<SizeEstimate> {
  return measureSize(identity, meta, options, TRIALS);
}

/** The same, with so many signatures of chance. */
export async function measureSize<V extends PrivateValues>(
  identity: Identity<V>,
  meta: Meta,
  options: EstimateOptions<V>,
  trials: number,
): Promise<SizeEstimate> {
  const { algorithm: name, publicKey, softwareInsteadOf, encryptTo, ...rest } = optionsGiven(options);
  if (publicKey !== undefined && !isPublicKey(publicKey))
    throw invalid('a public key is needed', 'publicKey');
  if (softwareInsteadOf !== undefined && !isText(softwareInsteadOf)) {
    throw invalid('text is needed', 'softwareInsteadOf');
  }
  const signer = standInSigner(signatureAlgorithmOf(name), publicKey, softwareInsteadOf);
  // Eight bytes in hexadecimal, as the short id of a key is.
  const keyId = rest.keyId === undefined ? (publicKey?.id ?? encodeHex(randomBytes(8))) : rest.keyId;
  const given = { ...rest, keyId };
  const { payload, sign1 } = await unsignedCredential(identity, meta, {
    ...given,
    signer,
    ...(encryptTo !== undefined && { encryptTo }),
  });
  const sign = (): Promise<Uint8Array> => signSign1(payload, { signer, ...sign1 });
  const open = await largest(trials, async () => finishCredential(await sign(), [], rest));
  const readers = encryptTo && standInReaders(encryptTo);
  const closed =
    readers === undefined
      ? open
      : await largest(ENCRYPTED_TRIALS, async () =>
          finishCredential(await sign(), [], { ...rest, encryptTo: readers }),
        );
  const [signedBytes, coseBytes] = [await coseLength(open), await coseLength(closed)];
  return {
    claimsBytes: payload.length,
    signatureBytes: signedBytes - payload.length,
    envelopeBytes: coseBytes - signedBytes,
    coseBytes,
    characters: closed.text.length,
    envelopeCharacters: closed.text.length - open.text.length,
    qrVersion: closed.qrVersion,
  };
}

async function largest(trials: number, make: () => Promise<Encoded>): Promise<Encoded> {
  let found = await make();
  for (let trial = 1; trial < trials; trial++) {
    const next = await make();
    if (next.text.length > found.text.length) found = next;
  }
  return found;
}

async function coseLength({ text, compression }: Encoded): Promise<number> {
  return (await decompress(compression, decodeBase45(text), Number.MAX_SAFE_INTEGER)).length;
}
