/**
 * QR codes (ISO/IEC 18004): drawn on a terminal, as PNG and as SVG. Each has the smallest version that
 * holds the text at its error correction level, which is L unless another is asked for.
 *
 * @module
 */
import type { QrErrorLevel } from 'hardkey/formats/claim169';
import { PNG } from 'pngjs';
import { type ErrorCorrection, encodeQR } from 'qr';

/** ISO/IEC 18004 §9.1: light modules on every side. */
const QUIET_ZONE = 4;
/** Pixels on each side of a module. */
const SCALE = 8;
/** The levels as the drawing library names them. */
const LEVELS: Readonly<Record<QrErrorLevel, ErrorCorrection>> = {
  L: 'low',
  M: 'medium',
  Q: 'quartile',
  H: 'high',
};

/**
 * Two modules a character. With colours the code is black on white; without, light modules are the
 * drawn ones, which is right on a dark terminal.
 */
export function drawOnTerminal(text: string, color: boolean, level: QrErrorLevel = 'L'): string {
  const modules = modulesOf(text, level);
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
export function drawPng(text: string, level: QrErrorLevel = 'L'): Uint8Array {
  const modules = modulesOf(text, level);
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
export function drawSvg(text: string, level: QrErrorLevel = 'L'): string {
  const modules = modulesOf(text, level);
  const side = modules.length;
  const path = darkOf(modules)
    .map(([x, y]) => `M${x} ${y}h1v1h-1z`)
    .join('');
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${side}v${side}H0z"/><path d="${path}"/></svg>\n`
  );
}

function modulesOf(text: string, level: QrErrorLevel): readonly (readonly boolean[])[] {
  return encodeQR(text, 'raw', { ecc: LEVELS[level], encoding: 'alphanumeric', border: QUIET_ZONE });
}

function darkOf(modules: readonly (readonly boolean[])[]): readonly (readonly [x: number, y: number])[] {
  return modules.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [[x, y] as const] : [])));
}
