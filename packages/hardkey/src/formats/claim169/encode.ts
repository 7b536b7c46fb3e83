/**
 * From an identity to a signed QR text.
 *
 * @module
 */
import { compress } from '#compression';
import { callOptionsOf } from '../../core/call-options.ts';
import { wrapperFor } from '../../core/content-keys.ts';
import type { CallOptions, Encryptor, Signer } from '../../core/operations.ts';
import { encodeBase45 } from '../../encoding/base45.ts';
import { Failure } from '../../errors.ts';
import { encryptTo } from '../cose/encrypt.ts';
import { encryptEncrypt0 } from '../cose/encrypt0.ts';
import type { Recipient } from '../cose/recipients.ts';
import { signSign1 } from '../cose/sign1.ts';
import { encodeCwt } from '../cwt/claims.ts';
import type { CompressionFormat } from './compression/types.ts';
import { identityLabel, type Meta } from './decode.ts';
import type { Warning } from './decode-identity.ts';
import { identityMap } from './encode-identity.ts';
import type { Identity } from './fields.ts';
import { compressionOf } from './layers.ts';
import { isUri } from './meta.ts';
import { qrVersion } from './qr-size.ts';

/** Options of encoding. */
export interface EncodeOptions extends CallOptions {
  readonly signer: Signer;
  /** The `kid`. Default: the short id of the signer's public key; `null` leaves it out. */
  readonly keyId?: string | Uint8Array | null;
  /**
   * Who may read: a symmetric key (COSE_Encrypt0), a wrapping key, or a public key, RSA or of an
   * agreement curve (COSE_Encrypt). Signed first, then encrypted.
   */
  readonly encryptTo?: Encryptor | Recipient;
  /** Default `smallest`: whichever of zlib and Brotli is. */
  readonly compression?: 'smallest' | CompressionFormat;
  readonly profile?: '1.2.1';
}

/** A credential as text for a QR code's alphanumeric mode. */
export interface Encoded {
  readonly text: string;
  /** The smallest QR version that holds it at error correction level L. */
  readonly qrVersion: number;
  readonly compression: CompressionFormat;
  readonly warnings: readonly Warning[];
}

/**
 * Encodes, signs and, if asked, encrypts an identity.
 *
 * Throws `ARGUMENT_INVALID` naming the field for what the format cannot hold, among it an issuer that
 * is no URI (1.2.1 §2), and passes through what the signer throws.
 */
export async function encode(identity: Identity, meta: Meta, options: EncodeOptions): Promise<Encoded> {
  checkMeta(meta);
  const { signer, keyId, encryptTo: reader, compression = 'smallest' } = options;
  const call = callOptionsOf(options);
  const payload = encodeCwt(meta, new Map([[identityLabel, identityMap(identity)]]));
  const signed = await signSign1(payload, { ...call, signer, ...(keyId === undefined ? {} : { keyId }) });
  const cose = reader === undefined ? signed : await encrypted(signed, reader, call);
  const chosen = await smallest(cose, compression);
  return { ...chosen, qrVersion: qrVersion(chosen.text), warnings: deprecated(identity) };
}

async function encrypted(
  signed: Uint8Array,
  reader: NonNullable<EncodeOptions['encryptTo']>,
  call: CallOptions,
): Promise<Uint8Array> {
  if ('encrypt' in reader) return encryptEncrypt0(signed, reader, call);
  const recipient = 'keyType' in reader && reader.keyType === 'RSA' ? wrapperFor(reader) : reader;
  return encryptTo(signed, [recipient], call);
}

interface Candidate {
  readonly text: string;
  readonly compression: CompressionFormat;
}

/** The shortest text; among candidates of nearly one length, one that is easy to hand on. */
async function smallest(cose: Uint8Array, wanted: 'smallest' | CompressionFormat): Promise<Candidate> {
  const formats: readonly CompressionFormat[] = wanted === 'smallest' ? ['zlib', 'brotli'] : [wanted];
  const candidates: Candidate[] = [];
  for (const compression of formats) {
    for (const bytes of await compress(compression, cose)) {
      // Brotli that begins like zlib would be read as zlib.
      if (compressionOf(bytes) === compression) candidates.push({ text: encodeBase45(bytes), compression });
    }
  }
  candidates.sort((a, b) => a.text.length - b.text.length);
  const [first] = candidates;
  if (first === undefined)
    throw new Failure('UNSUPPORTED', 'this runtime lacks the compression', { field: 'compression' });
  return candidates.find(({ text }) => isPlain(text) && text.length <= first.text.length + 8) ?? first;
}

/** Whether a text survives shells and forms: no leading dash, no space at either end. */
function isPlain(text: string): boolean {
  return !/^[- ]| $/.test(text);
}

const META: readonly string[] = ['issuer', 'subject', 'expiresAt', 'notBefore', 'issuedAt'];

function checkMeta(meta: Meta): void {
  for (const name of Object.keys(meta)) {
    if (!META.includes(name))
      throw new Failure('ARGUMENT_INVALID', 'no such field', { field: `meta.${name}` });
  }
  if (meta.issuer === undefined || !isUri(meta.issuer)) {
    throw new Failure('ARGUMENT_INVALID', 'the issuer is a URI', { field: 'meta.issuer' });
  }
}

function deprecated({ photo, photoFormat }: Identity): readonly Warning[] {
  if (photo === undefined && photoFormat === undefined) return [];
  return [{ code: 'deprecated-field', path: 'identity.photo', message: 'deprecated since 1.2.1: use face' }];
}
