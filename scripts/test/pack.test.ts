import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { missingFiles } from '../pack/tarball.ts';
import { planted } from './plant.ts';

test('a promised file that is not in the tarball is found, under whatever condition', async () => {
  const manifest = {
    exports: {
      '.': { '@hk/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
    },
    imports: { '#crypto': { node: './dist/node.js', default: './dist/web.js' } },
    bin: { hardkey: './bin/hardkey.cjs' },
  };
  const files = {
    'package/package.json': manifest,
    'package/src/index.ts': '',
    'package/dist/index.js': '',
    'package/dist/node.js': '',
  };
  const missing = await planted(files, (root) => {
    const tarball = join(root, 'a.tgz');
    execFileSync('tar', ['-czf', tarball, '-C', root, 'package']);
    return missingFiles(tarball);
  });
  assert.deepEqual(missing, [
    'a.tgz: ./dist/index.d.ts is promised and not in it',
    'a.tgz: ./dist/web.js is promised and not in it',
    'a.tgz: ./bin/hardkey.cjs is promised and not in it',
  ]);
});
