import assert from 'node:assert/strict';
import { test } from 'node:test';
import { progressOn } from '../../src/commands/claim169/issue/progress.ts';
import type { Output } from '../../src/output.ts';

test('the first line says nothing of a rate: what came before it was the start, or an earlier part', () => {
  const lines: string[] = [];
  const progress = progressOn({ progress: (line: string) => lines.push(line) } as unknown as Output, 1000);
  progress.show({ done: 500, failed: 0, bytes: 500 });
  assert.deepEqual(lines, ['[##########          ] 50 %  500 done, 0/s']);
});
