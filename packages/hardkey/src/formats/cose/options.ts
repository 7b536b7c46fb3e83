/**
 * What the functions of this format have in common in their options, checked where they come in.
 *
 * @module
 */
import { invalid } from '../../errors.ts';
import type { TagRule } from './structure.ts';

/** How strictly a COSE structure is read. */
export interface ReadOptions {
  /** Whether the CBOR tag must be there (RFC 9052 §2). Default `optional`. */
  readonly tag?: TagRule;
  /** Accept only the core deterministic encoding (RFC 8949 §4.2.1), headers included. Default false. */
  readonly deterministic?: boolean;
  /** Labels of parameters that the caller processes itself, so that `crit` may name them. */
  readonly understood?: readonly (number | string)[];
}

/** Names of {@link ReadOptions}. */
export const readOptions: readonly string[] = ['tag', 'deterministic', 'understood', 'externalAad'];

const TAG_RULES: readonly unknown[] = ['required', 'optional', 'forbidden'];

/** `options`, if they are an object: callers whose compiler checks nothing leave them out. */
export function optionsGiven<T extends object>(options: T, field = 'options'): T {
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) return options;
  throw invalid('an object is needed', field);
}

/** Throws `ARGUMENT_INVALID` for an option that is not in `known`, and for options that are none. */
export function checkNames(options: object, known: readonly string[]): void {
  optionsGiven(options);
  for (const name in options) {
    if (!known.includes(name)) throw invalid('no such option', name);
  }
}

/** Throws `ARGUMENT_INVALID` for an option that is not in `known`, or is not of its type. */
export function checkReadOptions(options: ReadOptions & BoundTo, known: readonly string[]): void {
  checkNames(options, known);
  const { tag, deterministic, understood } = options;
  checkTagRule(tag, 'tag');
  if (deterministic !== undefined && typeof deterministic !== 'boolean') {
    throw invalid('true or false is needed', 'deterministic');
  }
  if (understood !== undefined && !Array.isArray(understood)) throw invalid('not a list', 'understood');
}

/** Throws `ARGUMENT_INVALID` for a rule that is none: it would be taken for the loosest. */
export function checkTagRule(rule: TagRule | undefined, field: string): void {
  if (rule !== undefined && !TAG_RULES.includes(rule)) throw invalid('no such rule', field);
}

/** What a signature, a code or a ciphertext is bound to from outside. */
export interface BoundTo {
  /** Bytes that both sides know and the structure does not carry (RFC 9052 §4.3). Default none. */
  readonly externalAad?: Uint8Array;
}

const NOTHING = new Uint8Array();

/** The external data, which may be left out. */
export function externalAadOf({ externalAad = NOTHING }: BoundTo): Uint8Array {
  return bytesGiven(externalAad, 'externalAad');
}

/** `value`, if it is bytes: text in its place would be encoded as text, and signed as something else. */
export function bytesGiven(value: Uint8Array, field: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw invalid('bytes are needed', field);
}

/** `key`, if it is bound to an algorithm: nobody signs or encrypts by default. */
export function keyGiven<K extends { readonly algorithm: string }>(key: K, field: string): K {
  if (typeof (key as Partial<K> | null | undefined)?.algorithm === 'string') return key;
  throw invalid('a key bound to an algorithm is needed', field);
}

/** A payload that is attached, or that the caller brings. Throws `ARGUMENT_INVALID` where it is both or neither. */
export function payloadOf(attached: Uint8Array | undefined, given: Uint8Array | undefined): Uint8Array {
  if (attached !== undefined && given !== undefined) throw invalid('the payload is attached', 'payload');
  const found = attached ?? given;
  if (found === undefined) throw invalid('the payload is detached and was not given', 'payload');
  return bytesGiven(found, 'payload');
}
