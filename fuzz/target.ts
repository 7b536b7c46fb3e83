/**
 * What is fuzzed: a decoder, inputs it accepts, and how it may fail.
 *
 * @module
 */
import type { FailureCode } from '../packages/hardkey/src/errors.ts';

/** How many bytes the decoder made of its input; nothing where that cannot be more than the input. */
export type Output = number | undefined;

/** One decoder. */
export interface Target {
  readonly name: string;
  /** Valid inputs, to be mutated. The saved corpus is added to them. */
  readonly seeds: () => readonly Uint8Array[] | Promise<readonly Uint8Array[]>;
  /**
   * Decodes. A `Failure` with one of `allowed` is how a decoder says no; anything else that is
   * thrown is a finding, so a target also throws where the decoder breaks a promise.
   */
  readonly run: (input: Uint8Array) => Output | Promise<Output>;
  readonly allowed: readonly FailureCode[];
  /** Pieces of the grammar, for decoders of text. */
  readonly words?: readonly Uint8Array[];
  /** The most a decoder may make of an input. Default 4,096 bytes and 16 for each of the input. */
  readonly outputLimit?: (inputLength: number) => number;
}

/** Throws unless `promise` holds: for what a target checks beyond the failure. */
export function promised(promise: boolean, message: string): void {
  if (!promise) throw new Error(`broken promise: ${message}`);
}
