// examples/vault.ts as a process of its own, against a server of its own.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { missingBao, startBao } from '../support/openbao.ts';

const PROGRAM = join(import.meta.dirname, '../../../../examples/vault.ts');

test('a credential and an envelope are made and read with keys of Vault, twice', {
  skip: missingBao() ?? false,
}, async (t) => {
  const bao = await startBao(t);
  const env = { PATH: process.env['PATH'], VAULT_ADDR: bao.address, VAULT_TOKEN: bao.root };
  for (let run = 0; run < 2; run++) {
    const args = ['--conditions=@hk/source', PROGRAM];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
    assert.equal(stderr, '');
    assert.equal(
      stdout,
      'for the readers: Ada Example true\nby the functions: Ada Example true\nthe envelope: a photo\n',
    );
  }
});
