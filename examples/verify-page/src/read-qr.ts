// From pictures to the text of a code.
import { decodeQR } from 'qr/decode.js';

/** Larger pictures are made smaller before they are searched: no code needs more. */
const MOST_PIXELS = 4_000_000;

const canvas = document.createElement('canvas');
const context = canvas.getContext('2d', { willReadFrequently: true });

/** The text of the code in a picture; undefined where none is found within `patienceMs`. */
export function readQr(
  source: CanvasImageSource,
  { width, height }: { readonly width: number; readonly height: number },
  patienceMs: number,
): string | undefined {
  const scale = Math.min(1, Math.sqrt(MOST_PIXELS / (width * height)));
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  context?.drawImage(source, 0, 0, canvas.width, canvas.height);
  const image = context?.getImageData(0, 0, canvas.width, canvas.height);
  try {
    return image && decodeQR(image, { timeLimit: patienceMs });
  } catch {
    // The library throws where there is no code to be found: most pictures of a camera.
    return undefined;
  }
}

/** The text of the code in a picture file. */
export async function readPicture(file: Blob): Promise<string | undefined> {
  const bitmap = await createImageBitmap(file);
  try {
    return readQr(bitmap, bitmap, 5000);
  } finally {
    bitmap.close();
  }
}
