import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const PACKAGE = join(import.meta.dirname, '..');
const BIN = join(PACKAGE, 'bin/hardkey.cjs');
const { version } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as { version: string };

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

test('--version takes less than twice as long as Node itself', () => {
  const fastest = (...args: readonly string[]) =>
    Math.min(
      ...Array.from({ length: 7 }, () => {
        const started = performance.now();
        node(...args);
        return performance.now() - started;
      }),
    );
  assert.ok(fastest(BIN, '--version') < 2 * fastest('-e', '0'));
});
