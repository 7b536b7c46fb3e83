import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import type { CommandRow } from '../src/tree/command.ts';
import { TREE } from '../src/tree/index.ts';
import { sandbox } from './support/sandbox.ts';

const { ok, write, path } = sandbox();
write('bash.sh', ok(['completion', 'bash']));

/** What bash offers after some words, the last of which is being typed. */
function offered(...words: readonly string[]): readonly string[] {
  const script = `source '${path('bash.sh')}'
COMP_WORDS=(hardkey "$@"); COMP_CWORD=$#; _hardkey; printf '%s\\n' "\${COMPREPLY[@]}"`;
  // With a pipe for its input and no shell above it, bash takes itself for a remote one and reads settings.
  const args = ['--norc', '-u', '-c', script, 'bash', ...words];
  const { stdout, stderr } = spawnSync('bash', args, { encoding: 'utf8' });
  assert.equal(stderr, '');
  return stdout.split('\n').filter((word) => word !== '');
}

for (const [words, expected] of [
  [['cl'], ['claim169']],
  [
    ['key', 's'],
    ['show', 'set-default', 'state'],
  ],
  [['key', 'state', 'issuer', 's'], ['suspended']],
  [['sign', '--fo'], ['--format']],
  [['sign', 'file', '--format', 'j'], ['jws']],
  [
    ['key', 'generate', '--algorithm', 'Ed'],
    ['Ed25519', 'Ed448'],
  ],
  [
    ['claim169', 'decode', '--st'],
    ['--strict', '--store'],
  ],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish', '--help'],
  ],
  // A value of the user's own is left to bash, which completes the names of files.
  [['verify', '--trust', ''], []],
] as const)
  test(`bash completes hardkey ${words.join(' ')}`, () => assert.deepEqual(offered(...words), expected));

/** Every word of the tree. */
function words(row: CommandRow): readonly string[] {
  if ('commands' in row) return [row.name, ...row.commands.flatMap(words)];
  return [row.name, ...row.options.map(({ name }) => name)];
}

for (const shell of ['bash', 'zsh', 'fish'])
  test(`the script for ${shell} names every command and option`, () => {
    const script = ok(['completion', shell]);
    for (const word of words(TREE)) assert.ok(script.includes(word), word);
  });
