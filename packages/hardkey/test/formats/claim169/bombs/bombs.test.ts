import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { bombs } from './bombs.ts';

interface Report {
  readonly found: Readonly<Record<string, readonly [decoded: string, inspected: string, unpacked: string]>>;
  readonly grown: number;
}

/** More would be one of the bombs that went off: the least of them unpacks to as much. */
const MOST_MEMORY = 64 * 1024 * 1024;
/** A process that is still busy then is one that would never end. */
const HANG_MS = 300_000;

const report = (async (): Promise<Report> => {
  const args = [
    '--conditions=@hk/source',
    '--no-warnings',
    '--max-old-space-size=96',
    join(import.meta.dirname, 'child.ts'),
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    timeout: HANG_MS,
    maxBuffer: 2 ** 20,
  });
  return JSON.parse(stdout) as Report;
})();
await Promise.allSettled([report]);

for (const { name, expected } of bombs) {
  test(`${name}: ${expected}`, async () => {
    assert.equal((await report).found[name]?.[0], expected);
  });
}

test('`inspect` ends on every one of them, and names a layer of those that it refuses', async () => {
  for (const [name, [, inspected]] of Object.entries((await report).found)) {
    assert.match(
      inspected,
      /^(decoded|MALFORMED (base45|compression|cose|cwt|claim169)|UNSUPPORTED cose)/,
      name,
    );
  }
});

test('what browsers unpack with refuses what the others refuse', async () => {
  const { found } = await report;
  const refused = Object.entries(found).filter(([, [decoded]]) => decoded === 'MALFORMED compression');
  assert.ok(refused.length >= 3);
  for (const [name, [, , unpacked]] of refused) assert.equal(unpacked, 'MALFORMED compression', name);
});

test('none of them takes memory', async (t) => {
  const { grown } = await report;
  t.diagnostic(`${Math.round(grown / 1e6)} MB`);
  assert.ok(grown < MOST_MEMORY, `${grown}`);
});
