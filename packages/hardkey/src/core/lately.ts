/**
 * What was made lately, so that making it again costs no more than looking it up.
 *
 * @module
 */

/** A few things by their names. */
export interface Lately<T> {
  get(name: string): T | undefined;
  /** Keeps one more, and forgets the one that has been kept longest where there are too many. */
  keep(name: string, value: T): T;
}

/** Keeps so many at most. */
export function lately<T>(most: number): Lately<T> {
  const kept = new Map<string, T>();
  return {
    get: (name) => kept.get(name),
    keep(name, value) {
      const [oldest] = kept.size >= most ? kept.keys() : [];
      if (oldest !== undefined) kept.delete(oldest);
      kept.set(name, value);
      return value;
    },
  };
}
