/**
 * Which kind of picture bytes are, and how large they say it is: before anything decodes them.
 *
 * @module
 */

/** A kind of picture that is read. */
export interface PictureKind {
  readonly name: 'png' | 'jpeg';
  readonly begins: readonly number[];
  /** Width times height, as the head of the picture says; 0 where it does not. */
  readonly pixels: (bytes: Uint8Array) => number;
}

const KINDS: readonly PictureKind[] = [
  // PNG 3 §5.2.
  { name: 'png', begins: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], pixels: pngPixels },
  // ITU-T T.81 §B.1.1.3: start of image, and the first byte of the next marker.
  { name: 'jpeg', begins: [0xff, 0xd8, 0xff], pixels: jpegPixels },
];

/** The kind of a picture; undefined for bytes that do not begin like one. */
export function pictureKind(bytes: Uint8Array): PictureKind | undefined {
  return KINDS.find(({ begins }) => begins.every((byte, index) => bytes[index] === byte));
}

/** PNG 3 §11.2.1: width and height come first. */
function pngPixels(bytes: Uint8Array): number {
  return bytes.length >= 24 ? viewOf(bytes).getUint32(16) * viewOf(bytes).getUint32(20) : 0;
}

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

/** Start of frame: the markers from C0 to CF but the tables among them (T.81 table B.1). */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
