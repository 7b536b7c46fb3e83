// Ends what was begun for the tests of a file. Benchmarks begin the same, and end it themselves.
import { after } from 'node:test';

/**
 * Runs `end` when the tests of this process have ended. Where it runs none, nothing is asked of the test runner,
 * which would from then on watch over every promise.
 */
export function afterTests(end: () => void | Promise<void>): void {
  if (process.argv[1]?.endsWith('.test.ts')) after(end);
}
