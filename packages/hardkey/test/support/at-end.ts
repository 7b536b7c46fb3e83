// What was begun for a file of tests ends with it.
import { after } from 'node:test';

/**
 * Does something when the tests of this file are over. Elsewhere, whoever began it ends it: the test runner, once it is
 * asked for anything, watches every promise of the process, which a benchmark must not have.
 */
export function atEnd(end: () => void | Promise<void>): void {
  if (process.argv[1]?.endsWith('.test.ts')) after(end);
}
