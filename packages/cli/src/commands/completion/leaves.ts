/**
 * The tree as the places where a shell can complete.
 *
 * @module
 */
import type { CommandRow, GroupRow } from '../../tree/command.ts';

/** A place: the words before it, and what can follow. */
export interface Place {
  /** The names of commands that lead here, without `hardkey`; `key generate`. */
  readonly path: string;
  /** What can stand here: commands, or values of the argument. */
  readonly words: readonly Word[];
  /** The argument names a key. */
  readonly keys: boolean;
  readonly options: readonly CompletedOption[];
}

/** A word that can be completed. */
export interface Word {
  readonly text: string;
  readonly help: string;
}

/** An option, with its dashes. */
export interface CompletedOption extends Word {
  /** It takes a value. */
  readonly takesValue: boolean;
  /** What the value can be; empty where it is the user's own: a file, as a rule. */
  readonly values: readonly string[];
  /** The value names a key. */
  readonly keys: boolean;
}

const NO_VALUE = { takesValue: false, values: [], keys: false };
const HELP: CompletedOption = { text: '--help', help: 'print help', ...NO_VALUE };

/** Every place of the tree. */
export function leavesOf(group: GroupRow): readonly Place[] {
  const version = { ...HELP, text: '--version', help: 'print the version' };
  const root: Place = { path: '', words: wordsOf(group), keys: false, options: [HELP, version] };
  return [root, ...group.commands.flatMap((child) => placesOf(child, ''))];
}

function placesOf(row: CommandRow, parent: string): readonly Place[] {
  const path = parent === '' ? row.name : `${parent} ${row.name}`;
  if ('commands' in row) {
    const place = { path, words: wordsOf(row), keys: false, options: [HELP] };
    return [place, ...row.commands.flatMap((child) => placesOf(child, path))];
  }
  const words = row.arguments.flatMap(({ choices = [], help }) => choices.map((text) => ({ text, help })));
  const options = row.options.map(({ name, value, help, choices = [], completes }) => ({
    text: `--${name}`,
    help,
    takesValue: value !== undefined,
    values: choices,
    keys: completes === 'keys',
  }));
  const keys = row.arguments.some(({ completes }) => completes === 'keys');
  return [{ path, words, keys, options: [...options, HELP] }];
}

function wordsOf({ commands }: GroupRow): readonly Word[] {
  return commands.map(({ name, summary }) => ({ text: name, help: summary }));
}
