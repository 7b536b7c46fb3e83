import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readPages } from '../../../scripts/docs/pages.ts';

const ROOT = join(import.meta.dirname, '../../..');
const blocks = readPages(ROOT).find(({ file }) => file === 'docs/start.md')?.blocks ?? [];

/** The command on the source, so that no build is needed. */
const COMMAND = `#!/bin/sh
exec '${process.execPath}' --conditions=@hk/source '${join(import.meta.dirname, 'support/hardkey.ts')}' "$@"
`;

test('the commands of docs/start.md run in an empty folder, in their order', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-start-'));
  try {
    mkdirSync(join(folder, 'bin'));
    mkdirSync(join(folder, 'work'));
    writeFileSync(join(folder, 'bin/hardkey'), COMMAND);
    chmodSync(join(folder, 'bin/hardkey'), 0o755);
    const script = blocks.filter(({ language }) => language === 'sh').map(({ code }) => code);
    assert.ok(script.length > 0);
    const env = { HOME: folder, PATH: `${folder}/bin:${process.env['PATH']}` };
    const { status, stdout, stderr } = spawnSync('sh', ['-eu', '-c', script.join('\n')], {
      cwd: join(folder, 'work'),
      encoding: 'utf8',
      env,
    });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /"status":\s*"verified"/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the programs of docs/start.md run', () => {
  const programs = blocks.filter(({ language }) => language === 'ts');
  assert.ok(programs.length > 0);
  for (const { code, line } of programs) {
    const args = ['--conditions=@hk/source', '--input-type=module-typescript', '--eval', code];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
    assert.equal(status, 0, `docs/start.md:${line}: ${stderr}`);
  }
});
