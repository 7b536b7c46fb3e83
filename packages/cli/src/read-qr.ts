// The types of the reader name globals of Emscripten.
/// <reference types="emscripten" />
/**
 * QR codes in pictures: PNG and JPEG, turned, skewed and noisy ones too.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Failure } from 'hardkey';
import { PNG } from 'pngjs';
import { prepareZXingModule, type ReaderOptions, readBarcodes } from 'zxing-wasm/reader';
import { mostPixels, pictureKind } from './pictures.ts';

/** What differs from the reader's defaults, which try turned and inverted codes too. */
const OPTIONS: ReaderOptions = {
  // Not the whole family: a Micro QR has next to no error detection, and is seen in one code of 3,000.
  formats: ['QRCodeModel2'],
  tryDenoise: true,
  // Small pictures too: noise on single pixels goes away in a smaller one.
  downscaleThreshold: 100,
  // Two are enough to know that there is not one.
  maxNumberOfSymbols: 2,
};

/**
 * The text of the QR code in a picture. Throws `MALFORMED`, field `png` or `jpeg`, for a picture that
 * is broken, larger than 40 million pixels or unpacks to more than it shows, and field `qr` where it
 * shows no code or several.
 */
export async function readQr(bytes: Uint8Array): Promise<string> {
  const kind = pictureKind(bytes);
  if (kind === undefined) throw malformed('neither a PNG nor a JPEG', 'qr');
  const pixels = kind.pixels(bytes);
  // Before anything is allocated for them.
  if (pixels === 0 || pixels > mostPixels) {
    throw malformed('not a picture of 1 to 40 million pixels', kind.name);
  }
  const excess = kind.excess(bytes);
  if (excess !== undefined) throw malformed(excess, kind.name);
  const input = kind.name === 'png' ? onWhite(decodePng(bytes)) : bytes;
  await reader();
  const found = await readBarcodes(input, OPTIONS);
  if (found.some(({ isValid }) => !isValid)) throw malformed('the picture is broken', kind.name);
  const [text, ...others] = new Set(found.map((one) => one.text));
  if (text === undefined) throw malformed('no QR code can be read in the picture', 'qr');
  if (others.length > 0) throw malformed('the picture shows several QR codes', 'qr');
  return text;
}

let loading: Promise<unknown> | undefined;

/** Loads the reader, from its package: left to itself it would fetch it from a network. */
function reader(): Promise<unknown> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function load(): Promise<unknown> {
  const path = fileURLToPath(import.meta.resolve('zxing-wasm/reader/zxing_reader.wasm'));
  const { buffer: wasmBinary } = Uint8Array.from(await readFile(path));
  return prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
}

/** The slice of ImageData that the reader takes. */
interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and opacity of each. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

function decodePng(bytes: Uint8Array): PNG {
  try {
    return PNG.sync.read(Buffer.from(bytes));
  } catch (cause) {
    throw new Failure('MALFORMED', 'the picture is not a PNG', { field: 'png' }, cause);
  }
}

/** What is transparent is light: programs that draw leave the background out. */
function onWhite({ width, height, data }: PNG): ImageData {
  const opaque = Uint8ClampedArray.from(data);
  for (let at = 0; at < opaque.length; at += 4) {
    const opacity = (data[at + 3] ?? 255) / 255;
    if (opacity === 1) continue;
    for (let channel = at; channel < at + 3; channel++) {
      opaque[channel] = Math.round((data[channel] ?? 0) * opacity + 255 * (1 - opacity));
    }
    opaque[at + 3] = 255;
  }
  return { width, height, data: opaque } satisfies Pixels as ImageData;
}

function malformed(message: string, field: string): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', message, { field });
}
