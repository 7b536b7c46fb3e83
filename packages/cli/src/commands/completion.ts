/**
 * `hardkey completion`: scripts for shells, made from the tree. They look at the words of the command
 * line, and for the names of keys into the store.
 *
 * @module
 */
import { argument, choice } from '../given.ts';
import type { Run } from '../tree/command.ts';
import { TREE } from '../tree/index.ts';
import { bash } from './completion/bash.ts';
import { fish } from './completion/fish.ts';
import { leavesOf } from './completion/leaves.ts';
import { zsh } from './completion/zsh.ts';

const SHELLS = { bash, zsh, fish };

/** See the tree. */
export const run: Run = async (given, { output }) => {
  const shell = choice(argument(given), 'SHELL', ['bash', 'zsh', 'fish']);
  await output.write(SHELLS[shell](leavesOf(TREE)));
  return 0;
};
