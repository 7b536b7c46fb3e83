/**
 * Fuzzed bytes as text. Nothing is refused here: what is not UTF-8 becomes half a surrogate pair now
 * and then, which a decoder of text must also survive.
 *
 * @module
 */

const decoder = new TextDecoder();

/** The text of an input. */
export function textOf(input: Uint8Array): string {
  return decoder.decode(input).replaceAll('\ufffd\ufffd', '\ud800');
}
