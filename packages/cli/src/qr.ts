/**
 * QR codes (ISO/IEC 18004): drawn on a terminal, as PNG and SVG, and read from PNG.
 *
 * @module
 */
import { Failure } from 'hardkey';
import { PNG } from 'pngjs';
import { encodeQR } from 'qr';
import { decodeQR } from 'qr/decode.js';

/** ISO/IEC 18004 §9.1: light modules on every side. */
const QUIET_ZONE = 4;
/** Pixels on each side of a module. */
const SCALE = 8;
/** The largest picture that is read, in pixels. */
const MOST_PIXELS = 40_000_000;
/** How long a picture that is hard to read is tried, in milliseconds. */
const PATIENCE_MS = 3000;

/** Whether bytes begin like a PNG (PNG 3 §5.2). */
export function isPng(bytes: Uint8Array): boolean {
  return [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a].every((byte, index) => bytes[index] === byte);
}

/**
 * Two modules a character. With colours the code is black on white; without, light modules are the
 * drawn ones, which is right on a dark terminal.
 */
export function drawOnTerminal(text: string, color: boolean): string {
  const modules = modulesOf(text);
  const lines: string[] = [];
  for (let row = 0; row < modules.length; row += 2) {
    const upper = modules[row] ?? [];
    const characters = upper.map((dark, column) => {
      // Below the last row of an odd number it is light.
      const below = modules[row + 1]?.[column] ?? false;
      return BLOCKS[Number(dark === color) * 2 + Number(below === color)] ?? '';
    });
    const line = characters.join('');
    lines.push(color ? `\u001b[38;5;16;48;5;231m${line}\u001b[0m` : line);
  }
  return `${lines.join('\n')}\n`;
}

/** Nothing, lower, upper, both. */
const BLOCKS = [' ', '▄', '▀', '█'];

/** A picture in grey, 8 pixels a module. */
export function drawPng(text: string): Uint8Array {
  const modules = modulesOf(text);
  const side = modules.length * SCALE;
  const png = new PNG({ width: side, height: side, colorType: 0, inputColorType: 0 });
  const grey = new Uint8Array(side * side).fill(255);
  for (const [x, y] of darkOf(modules)) {
    for (let line = 0; line < SCALE; line++) {
      const start = (y * SCALE + line) * side + x * SCALE;
      grey.fill(0, start, start + SCALE);
    }
  }
  png.data = Buffer.from(grey.buffer);
  return PNG.sync.write(png, { colorType: 0, inputColorType: 0 });
}

/** A drawing, one unit a module. */
export function drawSvg(text: string): string {
  const modules = modulesOf(text);
  const side = modules.length;
  const path = darkOf(modules)
    .map(([x, y]) => `M${x} ${y}h1v1h-1z`)
    .join('');
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${side}v${side}H0z"/><path d="${path}"/></svg>\n`
  );
}

/** The text of the QR code in a PNG. Throws `MALFORMED`, field `png` or `qr`. */
export function readPng(bytes: Uint8Array): string {
  const { width, height, data } = onWhite(decodePng(bytes));
  try {
    return decodeQR({ width, height, data }, { format: 'RGBA', effort: 3, timeLimit: PATIENCE_MS });
  } catch (cause) {
    throw new Failure('MALFORMED', 'no QR code can be read in the picture', { field: 'qr' }, cause);
  }
}

function modulesOf(text: string): readonly (readonly boolean[])[] {
  return encodeQR(text, 'raw', { ecc: 'low', encoding: 'alphanumeric', border: QUIET_ZONE });
}

function darkOf(modules: readonly (readonly boolean[])[]): readonly (readonly [x: number, y: number])[] {
  return modules.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [[x, y] as const] : [])));
}

interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and opacity of each pixel. */
  readonly data: Uint8Array;
}

function decodePng(bytes: Uint8Array): Picture {
  checkSize(bytes);
  try {
    return PNG.sync.read(Buffer.from(bytes));
  } catch (cause) {
    throw new Failure('MALFORMED', 'the picture is not a PNG', { field: 'png' }, cause);
  }
}

/** PNG 3 §11.2.1: width and height come first, and say what will be allocated. */
function checkSize(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pixels = isPng(bytes) && bytes.length >= 24 ? view.getUint32(16) * view.getUint32(20) : 0;
  if (pixels > 0 && pixels <= MOST_PIXELS) return;
  throw new Failure('MALFORMED', 'not a picture of 1 to 40 million pixels', { field: 'png' });
}

/** What is transparent is light: programs that draw leave the background out. */
function onWhite({ width, height, data }: Picture): Picture {
  const opaque = Uint8Array.from(data);
  for (let at = 0; at < opaque.length; at += 4) {
    const opacity = (data[at + 3] ?? 255) / 255;
    if (opacity === 1) continue;
    for (let channel = at; channel < at + 3; channel++) {
      opaque[channel] = Math.round((data[channel] ?? 0) * opacity + 255 * (1 - opacity));
    }
    opaque[at + 3] = 255;
  }
  return { width, height, data: opaque };
}
