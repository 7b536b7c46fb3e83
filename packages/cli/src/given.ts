/**
 * What the user gave a command, parsed against its row.
 *
 * @module
 */
import { Failure } from 'hardkey';
import type { LeafRow } from './tree/command.ts';

/** Arguments and options of one call. */
export interface Given {
  readonly args: readonly string[];
  /** The value of an option, when it was given. */
  text(name: string): string | undefined;
  /** The values of an option that may be repeated. */
  list(name: string): readonly string[];
  /** Whether an option without a value was given. */
  has(name: string): boolean;
}

/**
 * What was given to a command. `valuesOf` says the values of one of its options by its name: none for one
 * that takes none and was given, undefined for one that was not.
 */
export function givenOf(
  row: LeafRow,
  args: readonly string[],
  valuesOf: (name: string) => readonly string[] | undefined,
): Given {
  const values = (name: string): readonly string[] | undefined => {
    if (row.options.some((option) => option.name === name)) return valuesOf(name);
    throw new Error(`--${name} is not an option of ${row.name}`);
  };
  return {
    args,
    text: (name) => values(name)?.[0],
    list: (name) => values(name) ?? [],
    has: (name) => values(name)?.length === 0,
  };
}

/** The value of an option that must be given. */
export function required(given: Given, name: string): string {
  const value = given.text(name);
  if (value !== undefined) return value;
  throw new Failure('ARGUMENT_INVALID', `--${name} is missing`, { field: name });
}

/** One of several values, of an option or of an ARGUMENT. */
export function choice<T extends string>(value: string, name: string, choices: readonly T[]): T {
  const found = choices.find((one) => one === value);
  if (found !== undefined) return found;
  const shown = /^[A-Z]/.test(name) ? name : `--${name}`;
  throw new Failure('ARGUMENT_INVALID', `${shown} is one of ${choices.join(', ')}`, { field: name });
}

/** Refuses options that contradict each other. */
export function onlyOne(given: Given, names: readonly string[]): void {
  const present = names.filter((name) => given.has(name) || given.text(name) !== undefined);
  if (present.length < 2) return;
  const listed = names.map((name) => `--${name}`).join(', ');
  throw new Failure('ARGUMENT_INVALID', `only one of ${listed}`, { field: present[1] ?? '' });
}

/** The argument at a place; the parser has seen to it that it is there. */
export function argument(given: Given, index = 0): string {
  return given.args[index] ?? '';
}
