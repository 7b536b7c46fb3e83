// Credentials with one bit changed, and what becomes of them.
import assert from 'node:assert/strict';
import { type FailureCode, isFailure } from 'hardkey';
import type { Decoded } from 'hardkey/formats/claim169';
import { withBit } from '../support.ts';

/** Some bits take seconds for every algorithm together: all of them where this is set, as in CI. */
export const everyBit: boolean = process.env['HARDKEY_EVERY_BIT'] === '1';

/** Which changes are tried, and what is asked of each. */
export interface Flips {
  readonly bytes: Uint8Array;
  readonly decode: (changed: Uint8Array) => Promise<Decoded>;
  /** The bytes that a signature, a code or a ciphertext covers or is. */
  readonly covered: ReadonlySet<number>;
  readonly which?: (byte: number, bit: number) => boolean;
}

/** What was let through: the same content, with warnings. */
export interface Unrefused {
  readonly bit: number;
  readonly decoded: Decoded;
}

/** What became of the changes. */
export interface Outcome {
  readonly codes: ReadonlySet<FailureCode>;
  readonly unrefused: readonly Unrefused[];
}

/**
 * Changes bits in turn. A covered one is refused; another is refused too, or gives the same identity,
 * claims, status and key.
 */
export async function flip({ bytes, decode, covered, which = () => true }: Flips): Promise<Outcome> {
  const { identity, meta, verification } = await decode(bytes);
  const codes = new Set<FailureCode>();
  const unrefused: Unrefused[] = [];
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    if (!which(bit >> 3, bit & 7)) continue;
    try {
      const decoded = await decode(withBit(bytes, bit));
      assert.ok(!covered.has(bit >> 3), `bit ${bit} is covered, and its change was accepted`);
      assert.deepEqual(
        [decoded.identity, decoded.meta, { ...decoded.verification, checks: [] }],
        [identity, meta, { ...verification, checks: [] }],
        `bit ${bit}`,
      );
      unrefused.push({ bit, decoded });
    } catch (error) {
      if (!isFailure(error)) throw error;
      codes.add(error.code);
    }
  }
  return { codes, unrefused };
}

/** How many parameters a decoded credential says nothing covers. */
export function reported({ warnings }: Decoded): number {
  return warnings.filter(({ code }) => code === 'unprotected-header').length;
}

/** The place of some bytes that are a view of others. */
export function rangeOf(part: Uint8Array, whole: Uint8Array): readonly [start: number, end: number] {
  const start = part.byteOffset - whole.byteOffset;
  return [start, start + part.length];
}
