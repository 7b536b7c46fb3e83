import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPlain } from '../src/plain.ts';
import { read } from '../src/program.ts';
import type { Asked, CommandRow, LeafRow } from '../src/tree/command.ts';
import { TREE } from '../src/tree/index.ts';

const SILENT = { terminal: false, write: async () => undefined, note: async () => undefined };

function leaves(row: CommandRow, words: readonly string[] = []): readonly (readonly [string[], LeafRow])[] {
  if (!('commands' in row)) return [[[...words], row]];
  return row.commands.flatMap((child) => leaves(child, [...words, child.name]));
}

/** Everything that a command can be told of what it was given. */
function saysOf(asked: Asked | number | undefined) {
  assert.ok(typeof asked === 'object');
  const { leaf, given } = asked;
  const options = leaf.options.map(({ name }) => [name, given.text(name), given.list(name), given.has(name)]);
  return { name: leaf.name, args: given.args, options };
}

/** Command lines of a command: without options, with each alone before or after, with all, and repeated. */
function linesOf(words: readonly string[], { arguments: expected, options }: LeafRow): readonly string[][] {
  const args = expected.map((_, index) => (index === 0 ? '-' : `argument ${index}`));
  const each = options.map(({ name, value }) =>
    value === undefined ? [`--${name}`] : [`--${name}`, 'a=b:c'],
  );
  const repeated = options
    .filter(({ repeat }) => repeat)
    .map(({ name }) => [`--${name}`, 'x', `--${name}`, '']);
  const twice = options
    .filter(({ value }) => value === undefined)
    .map(({ name }) => [`--${name}`, `--${name}`]);
  return [
    [...words, ...args],
    ...each.flatMap((one) => [
      [...words, ...one, ...args],
      [...words, ...args, ...one],
    ]),
    [...words, ...each.flat(), ...args],
    ...[...repeated, ...twice].map((one) => [...words, ...one, ...args]),
  ];
}

test('a command line without errors is read by the tree alone as the parser reads it', async () => {
  for (const [words, row] of leaves(TREE)) {
    for (const line of linesOf(words, row)) {
      const alone = saysOf(readPlain(line, TREE));
      assert.deepEqual(alone, saysOf(await read(line, SILENT, '')), line.join(' '));
    }
  }
});

for (const line of [
  [],
  ['key'],
  ['nope'],
  ['--help'],
  ['sign', '--help'],
  ['sign', '-h', 'a'],
  ['sign'],
  ['sign', 'a', 'b'],
  ['sign', 'a', '--nope'],
  ['sign', 'a', '--key'],
  ['sign', 'a', '--key', '--json'],
  ['sign', 'a', '--key', '-'.repeat(2)],
  ['sign', 'a', '--key', 'b', '--key', 'c'],
  ['sign', 'a', '--key=b'],
  ['sign', '--', 'a'],
  ['sign', 'a', '--no-key'],
  ['claim169', 'decode', '-A B'],
])
  test(`hardkey ${line.join(' ')} is left to the parser`, () => {
    assert.equal(readPlain(line, TREE), undefined);
  });

test('an option that a command does not have cannot be asked for', () => {
  const asked = readPlain(['doctor'], TREE);
  assert.throws(() => asked?.given.text('nope'), /--nope is not an option of doctor/);
});
