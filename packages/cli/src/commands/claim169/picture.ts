/**
 * A credential as a file of its own.
 *
 * @module
 */
import type { QrErrorLevel } from 'hardkey/formats/claim169';

/** What such a file can be. */
export type Picture = 'png' | 'svg' | 'txt';

/** Draws the code of a text, or gives the text. */
export async function draw(
  picture: Picture,
  text: string,
  level: QrErrorLevel = 'L',
): Promise<string | Uint8Array> {
  // Without a line end: not every reader takes it off, and it is no part of the text.
  if (picture === 'txt') return text;
  const { drawPng, drawSvg } = await import('../../qr.ts');
  return picture === 'png' ? drawPng(text, level) : drawSvg(text, level);
}
