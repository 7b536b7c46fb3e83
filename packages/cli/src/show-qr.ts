/**
 * A QR code before somebody's eyes.
 *
 * @module
 */
import type { QrErrorLevel } from 'hardkey/formats/claim169';
import type { Context } from './context.ts';
import { drawOnTerminal } from './qr.ts';

/** Draws a code. On a terminal too narrow for it, it remarks on that: lines that wrap are no code. */
export async function showQr(
  text: string,
  { output, environment }: Context,
  level?: QrErrorLevel,
): Promise<void> {
  const drawn = drawOnTerminal(text, output.terminal && environment.color, level);
  // A character is two modules high and one wide, and every code has an odd number of them on a side.
  const width = drawn.trimEnd().split('\n').length * 2 - 1;
  const { columns } = output;
  if (columns !== undefined && columns < width) {
    await output.note(`hardkey: warning: the code needs ${width} columns, and the terminal has ${columns}`);
  }
  await output.write(drawn);
}
