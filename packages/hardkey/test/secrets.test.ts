import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  type SecretSource,
  secretBytes,
  secretCredential,
  secretDescriptor,
  secretFile,
} from 'hardkey/secrets';
import { failsWith } from './support/failures.ts';

const NEW_SESSION = '/usr/bin/setsid';

async function textOf(source: SecretSource): Promise<string> {
  return (await source()).use((bytes) => Buffer.from(bytes).toString('latin1'));
}

function fileWith(t: TestContext, content: string | Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-secret-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'secret');
  writeFileSync(path, content);
  return path;
}

test('a file gives its content without one line end, and what it holds by then', async (t) => {
  for (const [content, secret] of [
    ['a', 'a'],
    ['a\n', 'a'],
    ['a\r\n', 'a'],
    ['a\n\n', 'a\n'],
    ['a\r', 'a\r'],
    [' a ', ' a '],
    ['\0\n', '\0'],
  ] as const) {
    assert.equal(await textOf(secretFile(fileWith(t, content))), secret);
  }
  const path = fileWith(t, 'before');
  const source = secretFile(path);
  assert.equal(await textOf(source), 'before');
  writeFileSync(path, 'after');
  assert.equal(await textOf(source), 'after');
});

test('a descriptor is read once, and gives the same again', async (t) => {
  const descriptor = openSync(fileWith(t, 'secret\n'), 'r');
  t.after(() => closeSync(descriptor));
  const source = secretDescriptor(descriptor);
  assert.deepEqual([await textOf(source), await textOf(source)], ['secret', 'secret']);
});

test('what is given is a copy: erasing it does not erase the source', async () => {
  const source = secretBytes(Buffer.from('secret'));
  (await source())[Symbol.dispose]();
  assert.equal(await textOf(source), 'secret');
});

test('what is empty, too long or without end is MALFORMED, and what cannot be read UNAVAILABLE', async (t) => {
  for (const path of [
    fileWith(t, ''),
    fileWith(t, '\n'),
    fileWith(t, new Uint8Array(65_537).fill(97)),
    '/dev/zero',
  ]) {
    await assert.rejects(secretFile(path)(), failsWith('MALFORMED', { path }));
  }
  assert.equal((await secretFile(fileWith(t, new Uint8Array(65_536).fill(97)))()).length, 65_536);
  for (const path of ['/nowhere/secret', tmpdir()]) {
    await assert.rejects(secretFile(path)(), failsWith('UNAVAILABLE', { path }));
  }
  await assert.rejects(secretDescriptor(99)(), failsWith('UNAVAILABLE', { path: 'descriptor 99' }));
});

test('a credential is a file of the folder, and of no other', async (t) => {
  const path = fileWith(t, 'secret');
  assert.equal(await textOf(secretCredential('secret', join(path, '..'))), 'secret');
  for (const name of ['', '.', '..', '../secret', '/etc/passwd', 'a/b', '.hidden', 'a b', 'a\0b']) {
    assert.throws(
      () => secretCredential(name, '/run'),
      failsWith('ARGUMENT_INVALID', { field: 'credential' }),
    );
  }
});

test('where there is no terminal to ask at it is UNAVAILABLE', () => {
  const script = `
    import { secretPrompt } from 'hardkey/secrets';
    await secretPrompt('? ')().catch(({ code }) => process.stdout.write(code));
  `;
  // A session of its own has no terminal.
  const args = [process.execPath, '--conditions=@hk/source', '--input-type=module', '--eval', script];
  const { stdout } = spawnSync(NEW_SESSION, ['--wait', ...args], { cwd: import.meta.dirname });
  assert.equal(String(stdout), 'UNAVAILABLE');
});
