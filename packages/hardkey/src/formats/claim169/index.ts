/**
 * Claim 169: identity credentials in a QR code (specification 1.2.1).
 *
 * @module
 */
import { callOptionsOf } from '../../core/call-options.ts';
import type { CallOptions } from '../../core/operations.ts';
import { callTable, checkOptions, type TableOf } from '../../core/option-table.ts';
import { isFlag } from '../../core/trust/strict-json.ts';
import { type Decoded, type DecodeOptions, decodeTable, decodeText } from './decode.ts';
import { isOpeningKeys, type OpeningKeys, openerOf } from './open-with.ts';
import type { PrivateValues } from './private-fields.ts';
import { openSeveral } from './several.ts';
import type { Means } from './signed.ts';

export { decodeBase45, encodeBase45 } from '../../encoding/base45.ts';
export type { CborValue } from '../../encoding/cbor/index.ts';
export type { OpeningKey } from '../cose/open-encrypted.ts';
export * from './callbacks/index.ts';
export { identityFromCells } from './cells.ts';
export type { PreparedDocument } from './ceremony/document.ts';
export {
  type CompleteOptions,
  type Prepared,
  type PrepareOptions,
  prepare,
  readPrepared,
} from './ceremony/prepare.ts';
export type { Summary } from './ceremony/summary.ts';
export {
  biometricFormat,
  type CodeOf,
  finger,
  gender,
  imageSubFormat,
  maritalStatus,
  photoFormat,
  soundSubFormat,
  templateSubFormat,
} from './codes.ts';
export type { Effort } from './compress-text.ts';
export type { CompressionFormat } from './compression/types.ts';
export type { Decoded, DecodeOptions, Meta, Status, Verification } from './decode.ts';
export { type Encoded, type EncodeOptions, encode } from './encode.ts';
export {
  type EncodeAllOptions,
  type EncodedRecord,
  encodeAll,
  type FailedRecord,
  type IdentityRecord,
  type RecordSource,
} from './encode-all.ts';
export type { Biometric, Identity } from './fields.ts';
export { type Inspected, inspect } from './inspect.ts';
export { identityFromJson, identityToJson, metaToJson } from './json.ts';
export type { TextLimits } from './layers.ts';
export { photoToFace } from './photo.ts';
export {
  createPrivateFields,
  type PrivateField,
  type PrivateFields,
  type PrivateType,
  type PrivateValues,
  privateType,
  type ValuesOf,
} from './private-fields.ts';
export { type Profile, profiles } from './profile.ts';
export { type QrErrorLevel, qrCapacity, qrErrorLevels, qrVersion } from './qr-size.ts';
export type { SignatureTrust } from './signed.ts';
export { type EstimateOptions, estimateSize, type SizeEstimate } from './size/estimate.ts';
export {
  type FitPhotoOptions,
  type FittedPhoto,
  fitPhoto,
  type PhotoBudget,
  type PhotoEncoder,
  type PhotoSettings,
} from './size/fit-photo.ts';
export { type Sharp, type SharpImage, type SharpOptions, sharpPhotos } from './size/sharp.ts';
export type { Warning, WarningCode } from './warnings.ts';

/** Options of decoding with a key for what is encrypted. */
export interface DecodeWithKeyOptions<V extends PrivateValues = PrivateValues>
  extends DecodeOptions<V>,
    CallOptions {
  /**
   * Opens a COSE_Encrypt0 (an Aead) or a COSE_Encrypt (a KeyWrapper or a KeyAgreement); of several keys,
   * whichever it is.
   */
  readonly decryptWith?: OpeningKeys;
  /** Also open what a service wrapped in a way that has no registered algorithm. Default false. */
  readonly allowService?: boolean;
}

/**
 * Decodes, decrypts if needed, and verifies a QR text. Decryption comes first and proves nothing: the
 * signature inside must verify all the same.
 *
 * Throws `MALFORMED` with the layer in `field` (`base45`, `compression`, `cose`, `cwt`, `claim169`),
 * and with `actual` where another profile reads it; `DECRYPTION_FAILED`; `VERIFICATION_FAILED` with the
 * check that failed; and `EXPIRED` or `NOT_YET_VALID` for a genuine credential out of its time, unless
 * `time: 'report'` asks to have it returned. Without `trust`, `issuers` or `allowUnsigned` it is
 * `ARGUMENT_INVALID`.
 */
export async function decode<V extends PrivateValues>(
  text: string,
  options: DecodeWithKeyOptions<V>,
): Promise<Decoded<V>> {
  if (options?.decryptWith === undefined) return await decodeText(text, options, PLAIN);
  checkOptions(options, TABLE);
  const { decryptWith, allowService } = options;
  const asking = { ...callOptionsOf(options), ...(allowService && { allowService }) };
  return await decodeText(text, options, { ...PLAIN, open: openerOf(decryptWith, asking) });
}

const TABLE: TableOf<DecodeWithKeyOptions> = {
  ...decodeTable,
  ...callTable,
  decryptWith: isOpeningKeys,
  allowService: isFlag,
};
const PLAIN: Means = { several: openSeveral, table: TABLE };
