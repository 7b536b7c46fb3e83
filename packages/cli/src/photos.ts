/**
 * Photos as large as a credential has room for, drawn by sharp, which the user installs.
 *
 * @module
 */
import { Failure, isFailure } from 'hardkey';
import {
  type EncodeOptions,
  type FittedPhoto,
  fitPhoto,
  type Identity,
  type Meta,
  type PhotoEncoder,
  sharpPhotos,
} from 'hardkey/formats/claim169';
import { choice, type Given } from './given.ts';
import { sizedAs } from './software.ts';

/** How photos are to be fitted: plain values. */
export interface PhotoChoice {
  readonly format: (typeof FORMATS)[number];
  readonly grey: boolean;
  readonly maxQrVersion?: number;
  readonly maxBytes?: number;
}

/** Puts a photo into an identity. Failures are of the photo, unless they are of the identity itself. */
export type Fit = (identity: Identity, meta: Meta, photo: Uint8Array) => Promise<FittedPhoto>;

const FORMATS = ['webp', 'jpeg', 'avif'] as const;
/** A code of 117 modules on a side, which telephones still read from paper. */
const USUAL_QR_VERSION = 25;
const LARGEST_QR_VERSION = 40;
const MOST_BYTES = 3000;
/** More than cameras have. What unpacks to more than this is meant to fill the memory. */
const MOST_PIXELS = 200_000_000;

const OPTIONS = ['fit-qr', 'fit-bytes', 'photo-format', 'photo-grey'];

/** Reads the options about photos; undefined without `option`, which says that there are any. */
export function photoChoice(given: Given, option: string): PhotoChoice | undefined {
  if (given.text(option) === undefined) {
    const stray = OPTIONS.find((name) => given.has(name) || given.text(name) !== undefined);
    if (stray === undefined) return undefined;
    throw new Failure('ARGUMENT_INVALID', `--${stray} is for --${option}`, { field: stray });
  }
  const maxBytes = numberOf(given, 'fit-bytes', MOST_BYTES);
  const asked = numberOf(given, 'fit-qr', LARGEST_QR_VERSION);
  const maxQrVersion = asked ?? (maxBytes === undefined ? USUAL_QR_VERSION : undefined);
  return {
    format: choice(given.text('photo-format') ?? 'webp', 'photo-format', FORMATS),
    grey: given.has('photo-grey'),
    ...(maxQrVersion === undefined ? {} : { maxQrVersion }),
    ...(maxBytes === undefined ? {} : { maxBytes }),
  };
}

/** Fits photos into credentials that are encoded so. Throws `UNSUPPORTED` where sharp is not installed. */
export async function photoFitter(
  { format, grey, ...budget }: PhotoChoice,
  { signer, ...encoding }: EncodeOptions,
): Promise<Fit> {
  const encoder = readable(await sharpEncoder(format, grey));
  const size = sizedAs(signer);
  return (identity, meta, photo) =>
    fitPhoto(identity, meta, photo, { ...encoding, ...budget, ...size, encoder });
}

async function sharpEncoder(format: PhotoChoice['format'], grey: boolean): Promise<PhotoEncoder> {
  const { default: sharp } = await import('sharp').catch((cause: unknown) => {
    throw new Failure(
      'UNSUPPORTED',
      'photos take the image library sharp: npm install sharp, with --global where hardkey was installed so',
      { field: 'photo' },
      cause,
    );
  });
  // One photo is in work in each thread, and none a second time.
  sharp.concurrency(1);
  sharp.cache(false);
  return sharpPhotos((photo) => sharp(photo, { limitInputPixels: MOST_PIXELS }), { format, grey });
}

/** What the library throws is wrong with the picture; its words say nothing that the user could do. */
function readable({ subFormat, encode }: PhotoEncoder): PhotoEncoder {
  return {
    subFormat,
    async encode(photo, settings) {
      try {
        return await encode(photo, settings);
      } catch (cause) {
        if (isFailure(cause)) throw cause;
        const message = isJpeg2000(photo)
          ? 'sharp as it is installed reads no JPEG 2000: convert the picture to PNG or JPEG'
          : 'not a picture that can be read';
        throw new Failure('MALFORMED', message, { field: 'photo' }, cause);
      }
    },
  };
}

/** ISO/IEC 15444-1 I.5.1, and A.4.1 for a codestream without its file. What enrols people often writes it. */
const JPEG_2000: readonly (readonly number[])[] = [
  [0x00, 0x00, 0x00, 0x0c, 0x6a, 0x50, 0x20, 0x20],
  [0xff, 0x4f, 0xff, 0x51],
];

function isJpeg2000(picture: Uint8Array): boolean {
  return JPEG_2000.some((begins) => begins.every((byte, at) => byte === picture[at]));
}

function numberOf(given: Given, name: string, most: number): number | undefined {
  const text = given.text(name);
  if (text === undefined) return undefined;
  const number = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= most) return number;
  throw new Failure('ARGUMENT_INVALID', `--${name} is a number from 1 to ${most}`, { field: name });
}
