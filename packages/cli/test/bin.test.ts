import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

const PACKAGE = join(import.meta.dirname, '..');
const BIN = join(PACKAGE, 'bin/hardkey.cjs');
const MANIFEST = join(PACKAGE, 'package.json');
const { version } = JSON.parse(readFileSync(MANIFEST, 'utf8')) as { version: string };

/** Writes the address of every module that is loaded, Node's own among them, a line feed before each. */
const HOOKS = `
  const { registerHooks } = require('node:module');
  const { appendFileSync, writeFileSync } = require('node:fs');
  writeFileSync(process.env.SEEN, '');
  registerHooks({
    load(url, context, next) {
      appendFileSync(process.env.SEEN, '\\n' + url);
      return next(url, context);
    },
  });`;

const node = (...args: readonly string[]) => spawnSync(process.execPath, args, { encoding: 'utf8' });

/** The bin under a Node that says it is another. */
function under(claimed: string) {
  const pretend = `Object.defineProperty(process.versions, 'node', { value: '${claimed}' })`;
  return node('-e', `${pretend}; require(${JSON.stringify(BIN)})`, '--', '--version');
}

for (const old of ['20.20.2', '22.17.1', '8.0.0'])
  test(`Node ${old} is told what to do and exits 69`, () => {
    const { status, stdout, stderr } = under(old);
    assert.equal(status, 69);
    assert.equal(stdout, '');
    assert.match(stderr, /^hardkey needs Node\.js 22\.18 or newer and found .*install a newer one.*\n$/);
  });

for (const flag of ['--version', '-V'])
  test(`${flag} alone prints the version`, () => {
    const { status, stdout, stderr } = node(BIN, flag);
    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: `${version}\n`, stderr: '' });
  });

test('--version loads the bin and the manifest and nothing else, so that it takes hardly longer than Node itself', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-bin-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [hooks, seen] = [join(folder, 'hooks.cjs'), join(folder, 'seen')];
  writeFileSync(hooks, HOOKS);
  const loaded = (...args: readonly string[]): readonly string[] => {
    const env = { ...process.env, SEEN: seen };
    spawnSync(process.execPath, ['--require', hooks, BIN, ...args], { env, encoding: 'utf8' });
    return readFileSync(seen, 'utf8').split('\n').slice(1);
  };
  assert.deepEqual(
    loaded('--version'),
    [BIN, MANIFEST].map((path) => pathToFileURL(path).href),
  );
  assert.ok(loaded('--help').length > 2, 'the hooks see what is loaded');
});
