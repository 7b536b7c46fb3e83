/**
 * A photo as large as a credential has room for.
 *
 * @module
 */
import { randomBytes } from '#crypto';
import type { Soon } from '../../../core/crypto/types.ts';
import { checkOptions, isCount, isFunction, type TableOf } from '../../../core/option-table.ts';
import { isJsonObject, isList } from '../../../core/trust/strict-json.ts';
import { Failure, invalid } from '../../../errors.ts';
import { optionsGiven } from '../../cose/options.ts';
import { biometricFormat } from '../codes.ts';
import type { Biometric, Identity } from '../fields.ts';
import type { Meta } from '../meta.ts';
import type { PrivateValues } from '../private-fields.ts';
import { qrCapacity } from '../qr-size.ts';
import { type EstimateOptions, measureSize, type SizeEstimate } from './estimate.ts';

/** How a photo is to be drawn. */
export interface PhotoSettings {
  /** Pixels of its longer side, at most. */
  readonly maxSide: number;
  /** 1 to 100, as libraries for images count. */
  readonly quality: number;
}

/** A library for images, or whatever makes smaller pictures: `sharpPhotos` is one. */
export interface PhotoEncoder {
  /** What it writes: one of `imageSubFormat`. */
  readonly subFormat: number;
  /** The photo drawn so, without metadata. */
  readonly encode: (photo: Uint8Array, settings: PhotoSettings) => Soon<Uint8Array>;
}

/** How much room there is: at least one of the two. */
export interface PhotoBudget {
  /** Bytes of the photo. */
  readonly maxBytes?: number;
  /** The largest QR version of the credential, 1 to 40, at the `errorLevel` of its options. */
  readonly maxQrVersion?: number;
}

/** Options of fitting a photo: those of `estimateSize` say what else is in the credential. */
export interface FitPhotoOptions<V extends PrivateValues = PrivateValues>
  extends EstimateOptions<V>,
    PhotoBudget {
  readonly encoder: PhotoEncoder;
  /** Sides that may be tried. Default 480 to 48 pixels. */
  readonly sides?: readonly number[];
  /** The least quality that a larger side is worth. Default 30. */
  readonly minQuality?: number;
  /** Default 90. */
  readonly maxQuality?: number;
}

/** A photo that fits. */
export interface FittedPhoto<V extends PrivateValues = PrivateValues> extends PhotoSettings {
  /** The identity with the photo as its only `face`. */
  readonly identity: Identity<V>;
  readonly bytes: number;
  /** Of the credential with it. */
  readonly size: SizeEstimate;
}

const SIDES: readonly number[] = [480, 400, 320, 256, 200, 160, 128, 96, 64, 48];

/**
 * Draws `photo` as large as there is room for: the largest side that fits at `minQuality`, then the best
 * quality at that side. Throws `ARGUMENT_INVALID`, field `photo`, when none fits, and passes on what the
 * encoder throws.
 */
export async function fitPhoto<V extends PrivateValues>(
  identity: Identity<V>,
  meta: Meta,
  photo: Uint8Array,
  options: FitPhotoOptions<V>,
): Promise<FittedPhoto<V>> {
  const {
    encoder,
    sides = SIDES,
    minQuality = 30,
    maxQuality = 90,
    maxBytes,
    maxQrVersion,
    ...rest
  } = optionsGiven(options);
  checkFitting({ encoder, sides, minQuality, maxQuality, maxBytes, maxQrVersion });
  const room = maxQrVersion === undefined ? undefined : qrCapacity(maxQrVersion, rest.errorLevel) - SPARE;
  const sizeWith = (data: Uint8Array): Promise<SizeEstimate> =>
    measureSize(withFace(identity, encoder, data), meta, rest, TRIALS);
  let budget = Math.min(maxBytes ?? Number.POSITIVE_INFINITY, await bytesFor(room, sizeWith));
  for (;;) {
    const found = await largestWithin(budget, photo, { encoder, sides, minQuality, maxQuality });
    if (found === undefined) throw new Failure('ARGUMENT_INVALID', 'no photo fits', { field: 'photo' });
    const size = await sizeWith(found.data);
    const over = room === undefined ? 0 : size.characters - room;
    const { data, ...settings } = found;
    if (over <= 0)
      return { ...settings, identity: withFace(identity, encoder, data), bytes: data.length, size };
    budget = data.length - bytesOf(over);
  }
}

function withFace<V extends PrivateValues>(
  identity: Identity<V>,
  { subFormat }: PhotoEncoder,
  data: Uint8Array,
): Identity<V> {
  const face: Biometric = { data, format: biometricFormat.image, subFormat };
  return { ...identity, face: [face] };
}

/** Base45 (RFC 9285): three characters for two bytes. What is over counts whole. */
function bytesOf(characters: number): number {
  return Math.ceil((characters * 2) / 3);
}

/** Signatures of chance that are tried: beside a photo they make a difference of a character or two. */
const TRIALS = 2;
/** Characters that are left free: another signature may compress worse than those that were tried. */
const SPARE = 12;
/** Long enough that its own length is written as that of any photo. */
const PROBE = 300;

/** About how many bytes of a photo there is room for: they do not compress, so a line through one size will do. */
async function bytesFor(
  room: number | undefined,
  sizeWith: (data: Uint8Array) => Promise<SizeEstimate>,
): Promise<number> {
  if (room === undefined) return Number.POSITIVE_INFINITY;
  const { characters } = await sizeWith(randomBytes(PROBE));
  return PROBE - bytesOf(characters - room);
}

interface Found extends PhotoSettings {
  readonly data: Uint8Array;
}

type Search = Required<Pick<FitPhotoOptions, 'encoder' | 'sides' | 'minQuality' | 'maxQuality'>>;

async function largestWithin(
  budget: number,
  photo: Uint8Array,
  { encoder, sides, minQuality, maxQuality }: Search,
): Promise<Found | undefined> {
  if (budget <= 0) return undefined;
  const draw = async (maxSide: number, quality: number): Promise<Found | undefined> => {
    const data = await encoder.encode(photo, { maxSide, quality });
    if (!(data instanceof Uint8Array) || data.length === 0) {
      throw new Failure('ARGUMENT_INVALID', 'the encoder answers with bytes', { field: 'encoder' });
    }
    return data.length <= budget ? { data, maxSide, quality } : undefined;
  };
  const ascending = sides.toSorted((a, b) => a - b);
  const side = await lastOf(ascending.length, (at) => draw(ascending[at] ?? 0, minQuality));
  if (side === undefined) return undefined;
  const better = await lastOf(maxQuality - minQuality, (more) => draw(side.maxSide, minQuality + 1 + more));
  return better ?? side;
}

/** The last of `count` steps that is found. Sizes rise with the steps, if not strictly: what is found fits. */
async function lastOf(
  count: number,
  find: (step: number) => Promise<Found | undefined>,
): Promise<Found | undefined> {
  let found: Found | undefined;
  for (let low = 0, high = count - 1; low <= high; ) {
    const middle = (low + high) >> 1;
    const next = await find(middle);
    if (next === undefined) high = middle - 1;
    else {
      found = next;
      low = middle + 1;
    }
  }
  return found;
}

/** The options that are this function's own. */
type Fitting = { readonly [K in Exclude<keyof FitPhotoOptions, keyof EstimateOptions>]: unknown };

const TABLE: TableOf<Fitting> = {
  encoder: (value) =>
    isJsonObject(value) && isFunction(value['encode']) && Number.isInteger(value['subFormat']),
  sides: (value) => isList(value) && value.length > 0 && value.every(isCount),
  minQuality: isQuality,
  maxQuality: isQuality,
  maxBytes: isCount,
  maxQrVersion: (value) => isCount(value) && value <= 40,
};

function isQuality(value: unknown): boolean {
  return isCount(value) && value <= 100;
}

function checkFitting(fitting: Fitting): void {
  checkOptions(fitting, TABLE);
  const { encoder, minQuality, maxQuality, maxBytes, maxQrVersion } = fitting;
  if (encoder === undefined) throw invalid('an encoder is needed', 'encoder');
  if (maxBytes === undefined && maxQrVersion === undefined) {
    throw invalid('maxBytes or maxQrVersion says how much room there is', 'maxBytes');
  }
  if (Number(minQuality) > Number(maxQuality)) throw invalid('more than the most', 'minQuality');
}
