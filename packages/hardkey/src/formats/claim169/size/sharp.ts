/**
 * Photos drawn by sharp, where the caller has it. The library is an argument: nothing here imports it.
 *
 * @module
 */
import { checkOptions, type TableOf } from '../../../core/option-table.ts';
import { isFlag, isText } from '../../../core/trust/strict-json.ts';
import { invalid } from '../../../errors.ts';
import { imageSubFormat } from '../codes.ts';
import type { PhotoEncoder } from './fit-photo.ts';

/** The part of an image of sharp that is used. */
export interface SharpImage {
  /** Turns it as its metadata says, which are then left out. */
  rotate(): SharpImage;
  resize(options: { width: number; height: number; fit: 'inside'; withoutEnlargement: boolean }): SharpImage;
  greyscale(grey: boolean): SharpImage;
  jpeg(options: { quality: number; mozjpeg: boolean }): SharpImage;
  webp(options: { quality: number; effort: number }): SharpImage;
  avif(options: { quality: number; effort: number }): SharpImage;
  toBuffer(): Promise<Uint8Array>;
}

/** What `import sharp from 'sharp'` gives. */
export type Sharp = (photo: Uint8Array) => SharpImage;

/** How photos are drawn. */
export interface SharpOptions {
  /** Default `webp`, the smallest that nearly every reader shows. AVIF is smaller still, and slower to make. */
  readonly format?: 'jpeg' | 'webp' | 'avif';
  /** Without colours. Default false. */
  readonly grey?: boolean;
}

const TABLE: TableOf<SharpOptions> = {
  format: (value) => isText(value) && Object.hasOwn(WRITERS, value),
  grey: isFlag,
};

/** The encoder for `fitPhoto`: `sharpPhotos(sharp)`. */
export function sharpPhotos(sharp: Sharp, options: SharpOptions = {}): PhotoEncoder {
  if (typeof sharp !== 'function') throw invalid('the library is needed', 'sharp');
  checkOptions(options, TABLE);
  const { format = 'webp', grey = false } = options;
  return {
    subFormat: imageSubFormat[format],
    async encode(photo, { maxSide, quality }) {
      const size = { width: maxSide, height: maxSide, fit: 'inside', withoutEnlargement: true } as const;
      const image = sharp(photo).rotate().resize(size).greyscale(grey);
      return Uint8Array.from(await WRITERS[format](image, quality).toBuffer());
    },
  };
}

const WRITERS: Readonly<
  Record<NonNullable<SharpOptions['format']>, (image: SharpImage, quality: number) => SharpImage>
> = {
  jpeg: (image, quality) => image.jpeg({ quality, mozjpeg: true }),
  webp: (image, quality) => image.webp({ quality, effort: 6 }),
  avif: (image, quality) => image.avif({ quality, effort: 4 }),
};
