/**
 * Object identifiers: the contents of their DER (X.690 §8.19) ↔ dotted text.
 *
 * @module
 */

/** The dotted text, or `undefined` where the contents are not the only encoding of one. */
export function oidText(contents: Uint8Array): string | undefined {
  const arcs: number[] = [];
  let arc = 0;
  let inside = false;
  for (const byte of contents) {
    // X.690 §8.19.2: an arc does not begin with 80, which would add nothing to it.
    if (!inside && byte === 0x80) return undefined;
    arc = arc * 128 + (byte & 0x7f);
    if (!Number.isSafeInteger(arc)) return undefined;
    inside = byte >= 0x80;
    if (inside) continue;
    arcs.push(arc);
    arc = 0;
  }
  const [head, ...rest] = arcs;
  if (head === undefined || inside) return undefined;
  // X.690 §8.19.4: the first two arcs share one number.
  const first = Math.min(2, Math.floor(head / 40));
  return [first, head - first * 40, ...rest].join('.');
}

/** The contents for a dotted text. */
export function oidContents(text: string): Uint8Array<ArrayBuffer> {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  return Uint8Array.from([first * 40 + second, ...rest].flatMap(arcBytes));
}

function arcBytes(arc: number): number[] {
  const out = [arc % 128];
  for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
    out.unshift((left % 128) + 128);
  }
  return out;
}
