/**
 * Which kind of picture bytes are, and how much work they say it is: before anything decodes them.
 *
 * @module
 */
import { inflateSync } from 'node:zlib';

/** A kind of picture that is read. */
export interface PictureKind {
  readonly name: 'png' | 'jpeg';
  readonly begins: readonly number[];
  /** Width times height, as the head of the picture says; 0 where it does not. */
  readonly pixels: (bytes: Uint8Array) => number;
  /** Why decoding it would take more than its size lets expect; undefined where it would not. */
  readonly excess: (bytes: Uint8Array) => string | undefined;
}

/** The largest picture that is read, in pixels. */
export const mostPixels = 40_000_000;
/** Bytes that a PNG unpacks to: those of the largest picture in colour. */
const MOST_UNPACKED = 4 * mostPixels;
/** Pixels of a JPEG, counted once for each of its scans: a scan of a few bytes goes over all of them. */
const MOST_SCANNED = 25 * mostPixels;

const KINDS: readonly PictureKind[] = [
  // PNG 3 §5.2.
  {
    name: 'png',
    begins: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    pixels: pngPixels,
    excess: pngExcess,
  },
  // ITU-T T.81 §B.1.1.3: start of image, and the first byte of the next marker.
  { name: 'jpeg', begins: [0xff, 0xd8, 0xff], pixels: jpegPixels, excess: jpegExcess },
];

/** The kind of a picture; undefined for bytes that do not begin like one. */
export function pictureKind(bytes: Uint8Array): PictureKind | undefined {
  return KINDS.find(({ begins }) => begins.every((byte, index) => bytes[index] === byte));
}

/** PNG 3 §11.2.1: width and height come first. */
function pngPixels(bytes: Uint8Array): number {
  return bytes.length >= 24 ? viewOf(bytes).getUint32(16) * viewOf(bytes).getUint32(20) : 0;
}

/** Samples of a pixel, by the type of colour (PNG 3 table 8). */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** What a PNG unpacks to is as much as its size and depth say. The library looks only where it is not interlaced. */
function pngExcess(bytes: Uint8Array): string | undefined {
  // PNG 3 §11.2.1: depth, type of colour, compression, filter and interlace follow the height.
  const [depth = 0, colour = 0, , , interlace = 0] = bytes.subarray(24, 29);
  const view = viewOf(bytes);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const row = Math.ceil((width * depth * (SAMPLES[colour] ?? 4)) / 8);
  // A byte before each row; each of the seven passes has rows of its own, and bits that fill them (§8.1).
  const most = interlace === 0 ? (row + 1) * height : (row + 7 * 2) * height;
  if (most > MOST_UNPACKED) return 'the picture unpacks to more than 160 million bytes';
  return interlace === 0 || unpacksTo(bytes, most) ? undefined : 'the picture unpacks to more than it shows';
}

/** Whether the data of a PNG unpack to no more bytes than `most`; also where they are broken, which the library tells. */
function unpacksTo(bytes: Uint8Array, most: number): boolean {
  try {
    inflateSync(pngData(bytes), { maxOutputLength: most });
    return true;
  } catch (cause) {
    return !(cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE');
  }
}

/** PNG 3 §5.3: chunks are a length, a type, the data and a check; the image is in those of type IDAT. */
function pngData(bytes: Uint8Array): Uint8Array {
  const view = viewOf(bytes);
  const parts: Uint8Array[] = [];
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    if (view.getUint32(at + 4) === IDAT) parts.push(bytes.subarray(at + 8, at + 8 + view.getUint32(at)));
  }
  return Buffer.concat(parts);
}

const IDAT = 0x49444154;

/** Of the first frame. Segments follow the start of the image: FF, a marker, and a length that counts itself. */
function jpegPixels(bytes: Uint8Array): number {
  const view = viewOf(bytes);
  for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1] ?? 0;
    if (isFrame(marker)) return view.getUint16(at + 5) * view.getUint16(at + 7);
    // T.81 §B.1.1.2: any number of FF may stand before a marker.
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
  return 0;
}

/**
 * Each scan goes over the whole picture, however few bytes it has. What looks like the start of one is
 * counted wherever it stands, so that no decoder finds more.
 */
function jpegExcess(bytes: Uint8Array): string | undefined {
  let scans = 0;
  for (let at = bytes.indexOf(0xff); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    if (bytes[at + 1] === 0xda) scans++;
  }
  return scans * jpegPixels(bytes) > MOST_SCANNED ? 'the picture has too many scans' : undefined;
}

/** Start of frame: the markers from C0 to CF but the tables among them (T.81 table B.1). */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
