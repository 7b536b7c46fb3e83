import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { planted } from './plant.ts';

const RUN = join(import.meta.dirname, '../../.ci/run');

/** Runs the script with an npm that does nothing but end the tests with this summary. */
function run(summary: string, status = 0): Promise<ReturnType<typeof spawnSync>> {
  const npm = `#!/bin/sh\n[ "$1" = test ] || exit 0\nprintf '${summary}'\nexit ${status}\n`;
  return planted({ 'bin/npm': npm }, (root) => {
    chmodSync(join(root, 'bin/npm'), 0o755);
    const env = { ...process.env, PATH: `${root}/bin:${process.env['PATH']}` };
    return spawnSync('bash', [RUN], { encoding: 'utf8', env });
  });
}

test('a run without skips passes, and ends with the summary of the tests', async () => {
  const { status, stdout } = await run('ℹ pass 3\\nℹ skipped 0\\nℹ todo 0\\nℹ duration_ms 12\\n');
  assert.equal(status, 0);
  assert.match(String(stdout), /ℹ duration_ms 12\n$/);
});

for (const [what, summary, code] of [
  ['a skipped test', 'ℹ skipped 1\\nℹ todo 0\\n', 0],
  ['a test left to do', 'ℹ skipped 0\\nℹ todo 1\\n', 0],
  ['a run without a summary', '', 0],
  ['a failed run', 'ℹ skipped 0\\nℹ todo 0\\n', 1],
] as const)
  test(`${what} fails`, async () => {
    const { status } = await run(summary, code);
    assert.equal(status, 1);
  });
