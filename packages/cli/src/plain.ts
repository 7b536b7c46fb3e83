/**
 * Command lines that have nothing to explain: read against the tree alone, so that they do not wait for the
 * parser that suggests, refuses and helps.
 *
 * @module
 */
import { givenOf } from './given.ts';
import type { Asked, GroupRow, LeafRow } from './tree/command.ts';

/**
 * The command, and what it is given. Undefined for a line with anything in it that the tree does not have
 * word for word: what is to be said of that, the parser says.
 */
export function readPlain([name, ...rest]: readonly string[], { commands }: GroupRow): Asked | undefined {
  const row = commands.find((one) => one.name === name);
  if (row === undefined) return undefined;
  return 'commands' in row ? readPlain(rest, row) : readLeaf(rest, row);
}

function readLeaf(words: readonly string[], leaf: LeafRow): Asked | undefined {
  const args: string[] = [];
  const values = new Map<string, readonly string[]>();
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (isPositional(word)) {
      args.push(word);
      continue;
    }
    const option = leaf.options.find(({ name }) => `--${name}` === word);
    if (option === undefined) return undefined;
    const before = values.get(option.name);
    if (option.value === undefined) {
      values.set(option.name, []);
      continue;
    }
    const value = words[++at];
    if (value === undefined || !isPositional(value) || (before !== undefined && !option.repeat))
      return undefined;
    values.set(option.name, [...(before ?? []), value]);
  }
  if (args.length !== leaf.arguments.length) return undefined;
  return { leaf, given: givenOf(leaf, args, (name) => values.get(name)) };
}

/** A dash alone is standard input. */
function isPositional(word: string): boolean {
  return word === '-' || !word.startsWith('-');
}
