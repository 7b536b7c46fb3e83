/**
 * From an identity to a signed QR text.
 *
 * @module
 */
import type { AeadAlgorithm } from '../../core/algorithms.ts';
import { callOptionsOf } from '../../core/call-options.ts';
import type { CallOptions, Encryptor, Signer } from '../../core/operations.ts';
import { Failure } from '../../errors.ts';
import { encryptTo } from '../cose/encrypt.ts';
import { encryptEncrypt0 } from '../cose/encrypt0.ts';
import { headerLabel } from '../cose/headers.ts';
import type { Recipient } from '../cose/recipients.ts';
import { signSign1 } from '../cose/sign1.ts';
import { keyIdBytes, type SigningKey } from '../cose/signer-headers.ts';
import type { CertificateList, SignerCertificates } from '../cose/x509-write.ts';
import { tagCwt } from '../cwt/tag.ts';
import { type Compressed, compressText, type Effort } from './compress-text.ts';
import type { CompressionFormat } from './compression/types.ts';
import type { Identity } from './fields.ts';
import type { Meta } from './meta.ts';
import type { PrivateFields, PrivateValues } from './private-fields.ts';
import { type Profile, type ProfileRules, rulesOf } from './profile.ts';
import { type QrErrorLevel, qrVersion } from './qr-size.ts';
import { unsignedCredential } from './unsigned.ts';
import type { Warning } from './warnings.ts';

/** Options of encoding. `S` is what signs: a Signer, or the public half of one that is elsewhere. */
export interface EncodeOptions<V extends PrivateValues = PrivateValues, S extends SigningKey = Signer>
  extends CallOptions {
  readonly signer: S;
  /** The `kid`. Default: the short id of the signer's public key; `null` leaves it out. */
  readonly keyId?: string | Uint8Array | null;
  /**
   * The certificate of the signer and those after it, DER or PEM, for readers who know only the root.
   * For many credentials, what `signerCertificates` made of them: it is checked once.
   */
  readonly certificates?: CertificateList | SignerCertificates;
  /**
   * Who may read: a symmetric key (COSE_Encrypt0), or any number of wrapping keys and public keys, RSA
   * or of an agreement curve (COSE_Encrypt, under a content key of its own for each credential). Signed
   * first, then encrypted.
   */
  readonly encryptTo?: Encryptor | Recipient | readonly Recipient[];
  /** The `kid` of a COSE_Encrypt0, protected. Default: the id of the key; `null` leaves it out. */
  readonly encryptionKeyId?: string | Uint8Array | null;
  /** What encrypts the content for recipients. Default A256GCM. */
  readonly contentAlgorithm?: AeadAlgorithm;
  /** Also wrap by a service whose wrapping has no registered algorithm. Default false. */
  readonly allowService?: boolean;
  /** Default `smallest`: whichever of those the profile has is. `fast`: zlib, at once. */
  readonly compression?: Effort | CompressionFormat;
  /** The error correction level that {@link Encoded.qrVersion} is for. Default L. */
  readonly errorLevel?: QrErrorLevel;
  /** Whose dialect to write. Default `1.2.1`. */
  readonly profile?: Profile;
  /** Names and types of private fields. */
  readonly privateFields?: PrivateFields<V>;
}

/** The options that matter once it is signed. */
export interface FinishOptions
  extends CallOptions,
    Pick<
      EncodeOptions,
      'encryptTo' | 'encryptionKeyId' | 'contentAlgorithm' | 'allowService' | 'compression' | 'errorLevel'
    > {}

/** A credential as text for a QR code's alphanumeric mode. */
export interface Encoded extends Compressed {
  /** The smallest QR version that holds it at the error correction level that was asked for, or L. */
  readonly qrVersion: number;
  readonly warnings: readonly Warning[];
}

/**
 * Encodes, signs and, if asked, encrypts an identity.
 *
 * Throws `ARGUMENT_INVALID` naming the field for what the profile cannot hold, among it an issuer that
 * is no URI (1.2.1 §2); `UNSUPPORTED` for an algorithm the profile's readers do not know;
 * `SIGNER_MISMATCH` for certificates of another key; and passes through what the signer throws.
 */
export async function encode<V extends PrivateValues>(
  identity: Identity<V>,
  meta: Meta,
  options: EncodeOptions<V>,
): Promise<Encoded> {
  const { payload, sign1, warnings } = await unsignedCredential(identity, meta, options);
  const signed = await signSign1(payload, { ...callOptionsOf(options), signer: options.signer, ...sign1 });
  return finishCredential(signed, warnings, options);
}

/** What is done with a COSE_Sign1: it is encrypted if asked, compressed and written as text. */
export async function finishCredential(
  signed: Uint8Array,
  warnings: readonly Warning[],
  options: Omit<EncodeOptions, 'signer' | 'privateFields'>,
): Promise<Encoded> {
  const rules = rulesOf(options.profile);
  const inner = options.encryptTo === undefined ? signed : await encrypted(signed, rules, options);
  // RFC 8392 §6: the tag of a CWT stands before that of its outermost structure.
  const cose = rules.wrapped ? tagCwt(inner) : inner;
  const compressed = await compressText(cose, options.compression, rules);
  return { ...compressed, qrVersion: qrVersion(compressed.text, options.errorLevel), warnings };
}

async function encrypted(
  signed: Uint8Array,
  rules: ProfileRules,
  options: Omit<EncodeOptions, 'signer' | 'privateFields'>,
): Promise<Uint8Array> {
  const { encryptTo: reader, contentAlgorithm, allowService } = options;
  const call = callOptionsOf(options);
  if (reader !== undefined && 'encrypt' in reader) {
    const keyId = encryptionKeyId(reader, rules, options.encryptionKeyId);
    // Protected, so that what names the key cannot be changed without the reader's notice.
    const protectedHeaders = new Map(keyId && [[headerLabel.keyId, keyId]]);
    return encryptEncrypt0(signed, reader, { ...call, protectedHeaders });
  }
  if (rules.plainEncryption) {
    throw new Failure('UNSUPPORTED', 'the profile has no recipients', { field: 'encryptTo' });
  }
  const recipients = isList(reader) ? reader : reader === undefined ? [] : [reader];
  return encryptTo(signed, recipients, {
    ...call,
    ...(contentAlgorithm && { contentAlgorithm }),
    ...(allowService && { allowService }),
  });
}

/** A key that only a callback reaches has an id that names nothing outside of this process. */
function encryptionKeyId(
  { key }: Encryptor,
  { plainEncryption }: ProfileRules,
  asked: string | Uint8Array | null | undefined,
): Uint8Array | undefined {
  const nameless = plainEncryption || key.ref.scheme === 'callback';
  return keyIdBytes(asked === undefined && !nameless ? key.id : asked);
}

function isList(reader: EncodeOptions['encryptTo']): reader is readonly Recipient[] {
  return Array.isArray(reader);
}
