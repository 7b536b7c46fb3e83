// Takes a lock so many times and dies with the last in its hands. Says what it did, and whether it met somebody.
import { closeSync, openSync, readFileSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';

const [lock = '', inside = '', times = '0', module = ''] = process.argv.slice(2);
const { tryLockFile } = (await import(module)) as typeof import('../src/lock-file.ts');

function enter(): void {
  try {
    const descriptor = openSync(inside, 'wx');
    writeFileSync(descriptor, String(process.pid));
    closeSync(descriptor);
  } catch {
    const other = Number(readFileSync(inside, 'utf8'));
    if (isThere(other)) writeSync(1, 'met\n');
    writeFileSync(inside, String(process.pid));
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

for (let taken = 0; ; ) {
  const release = tryLockFile(lock);
  if (release === undefined) {
    await turn();
    continue;
  }
  enter();
  // Others look meanwhile.
  for (let i = 0; i < 20; i++) await turn();
  if (readFileSync(inside, 'utf8') !== String(process.pid)) writeSync(1, 'met\n');
  if (++taken === Number(times)) process.kill(process.pid, 'SIGKILL');
  unlinkSync(inside);
  release();
  writeSync(1, 'released\n');
}
