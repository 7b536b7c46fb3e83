/**
 * Random numbers that can be drawn again: nothing here is secret.
 *
 * @module
 */

/** A source of choices. */
export interface Random {
  /** A whole number from 0 to below `limit`, which is at least 1. */
  below(limit: number): number;
  /** One of them. */
  pick<T>(from: readonly [T, ...T[]]): T;
  pick<T>(from: readonly T[]): T | undefined;
}

/** Mulberry32: small, fast, and the same everywhere. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
  return { below, pick: <T>(from: readonly T[]) => from[below(from.length)] as T };
}
