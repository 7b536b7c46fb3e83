import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { tryLockFile } from '../src/lock-file.ts';

const MODULE = import.meta.resolve('../src/lock-file.ts');
const ROUNDS = Number(process.env['HARDKEY_CRASH_ROUNDS'] ?? 2);
const LANES = 4;
const TIMES = 5;
const CHILD = join(import.meta.dirname, 'lock-child.ts');

function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-lock-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs a process that takes the lock until it dies with it; what it said. */
async function contend(folder: string): Promise<string> {
  const args = [CHILD, join(folder, 'lock'), join(folder, 'inside'), String(TIMES), MODULE];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (data: Uint8Array) => {
    said += String(data);
  });
  const signal = await new Promise((resolve) => child.on('close', (_code, by) => resolve(by)));
  assert.equal(signal, 'SIGKILL');
  return said;
}

test('two never hold a lock at once, however many die with it in their hands, and none is left', async (t) => {
  const folder = scratch(t);
  const lane = async (): Promise<string> => {
    let said = '';
    for (let i = 0; i < ROUNDS; i++) said += await contend(folder);
    return said;
  };
  const said = (await Promise.all(Array.from({ length: LANES }, lane))).join('');
  assert.equal(said, 'released\n'.repeat(LANES * ROUNDS * (TIMES - 1)));
  t.diagnostic(`${LANES * ROUNDS} processes died with the lock, each after ${TIMES - 1} releases`);
  const release = tryLockFile(join(folder, 'lock'));
  assert.ok(release);
  release();
  assert.deepEqual(readdirSync(folder), ['inside']);
});

/** What a process leaves that dies with the lock in its hands. */
function dieWith(lock: string): void {
  const script = `
    import { tryLockFile } from ${JSON.stringify(MODULE)};
    if (!tryLockFile(${JSON.stringify(lock)})) process.exit(3);
    process.kill(process.pid, 'SIGKILL');
  `;
  const { signal } = spawnSync(process.execPath, ['--input-type=module', '--eval', script]);
  assert.equal(signal, 'SIGKILL');
}

test('a lock that was left behind is followed by one, and by one only', (t) => {
  const lock = join(scratch(t), 'lock');
  dieWith(lock);
  dieWith(lock);
  assert.equal(readdirSync(join(lock, '..')).length, 2);
  const release = tryLockFile(lock);
  assert.ok(release);
  assert.equal(tryLockFile(lock), undefined);
  release();
  assert.deepEqual(readdirSync(join(lock, '..')), []);
});

test('what a process leaves in the middle of taking or releasing is removed by the next', (t) => {
  const folder = scratch(t);
  const lock = join(folder, 'lock');
  const [follower, half, fresh] = ['0123456789abcdef', 'fedcba9876543210.new', '00112233445566aa.new'].map(
    (end) => `${lock}.${end}`,
  ) as [string, string, string];
  dieWith(follower);
  writeFileSync(half, '');
  utimesSync(half, 0, 0);
  // Its process may be about to write it.
  writeFileSync(fresh, '');
  writeFileSync(`${lock}.txt`, 'of somebody else');
  tryLockFile(lock)?.();
  assert.deepEqual(readdirSync(folder).sort(), ['lock.00112233445566aa.new', 'lock.txt']);
});

test('whoever looked at a lock that was let go and taken anew meanwhile does not have it', (t) => {
  const lock = join(scratch(t), 'lock');
  dieWith(lock);
  let taken: (() => void) | undefined;
  // The question whether the process of a lock is there comes between looking and following.
  t.mock.method(process, 'kill', (pid: number, signal: number) => {
    t.mock.restoreAll();
    tryLockFile(lock)?.();
    taken = tryLockFile(lock);
    return process.kill(pid, signal);
  });
  assert.equal(tryLockFile(lock), undefined);
  assert.ok(taken);
  assert.deepEqual(readdirSync(join(lock, '..')), ['lock']);
  taken();
  assert.deepEqual(readdirSync(join(lock, '..')), []);
});
