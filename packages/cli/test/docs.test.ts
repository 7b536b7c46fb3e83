import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { failureCodes, failureRow } from 'hardkey';
import type { CommandRow, LeafRow } from '../src/tree/command.ts';
import { TREE } from '../src/tree/index.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/cli.md'), 'utf8');

function leaves(row: CommandRow, words: readonly string[] = []): readonly (readonly [string, LeafRow])[] {
  if (!('commands' in row)) return [[words.join(' '), row]];
  return row.commands.flatMap((child) => leaves(child, [...words, child.name]));
}

test('docs/cli.md names every command and option', () => {
  for (const [words, { options }] of leaves(TREE)) {
    assert.ok(page.includes(words), words);
    for (const { name } of options) assert.ok(page.includes(`--${name}`), `${words} --${name}`);
  }
});

test('docs/cli.md names no option that there is not', () => {
  const known = new Set(leaves(TREE).flatMap(([, { options }]) => options.map(({ name }) => name)));
  for (const [, name = ''] of page.matchAll(/(?<![\w-])--([a-z][a-z-]+)/g))
    assert.ok(known.has(name) || ['help', 'slot'].includes(name), name);
});

test('docs/cli.md has a row for every exit status', () => {
  const statuses = new Set([0, 70, ...failureCodes.map((code) => failureRow(code).exit)]);
  const rows = [...page.matchAll(/^\| (\d+) \| /gm)].map(([, status]) => Number(status));
  assert.deepEqual(
    rows,
    [...statuses].sort((a, b) => a - b),
  );
});
