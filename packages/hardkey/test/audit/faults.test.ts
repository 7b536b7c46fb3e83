// What the log promises about the disk, with the system's own calls made slow or failing.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { failsWith } from '../support/failures.ts';

type Done = (error: Error | null, value?: number) => void;

const system = { fdatasync: fs.fdatasync, write: fs.write, ftruncate: fs.ftruncate };
/** Replaced by tests; they call the system themselves. */
const disk = {
  sync: (descriptor: number, done: Done): void => system.fdatasync(descriptor, done),
  write: (descriptor: number, bytes: Uint8Array, from: number, length: number, done: Done): void =>
    system.write(descriptor, bytes, from, length, null, done),
  truncate: (descriptor: number, size: number, done: Done): void => system.ftruncate(descriptor, size, done),
};
const usual = { ...disk };

Object.assign(fs, {
  fdatasync: (descriptor: number, done: Done) => disk.sync(descriptor, done),
  ftruncate: (descriptor: number, size: number, done: Done) => disk.truncate(descriptor, size, done),
  // promisify would name its results after the real one: the log asks for bytesWritten.
  write: Object.assign(() => {}, {
    [Symbol.for('nodejs.util.promisify.custom')]: (
      descriptor: number,
      bytes: Uint8Array,
      from: number,
      length: number,
    ) =>
      new Promise((resolve, reject) => {
        disk.write(descriptor, bytes, from, length, (error, bytesWritten) =>
          error === null ? resolve({ bytesWritten }) : reject(error),
        );
      }),
  }),
});
syncBuiltinESMExports();
const { auditFile, verifyAudit } = await import('../../src/audit/index.ts');

function subject(t: { after(done: () => void): void }): string {
  const folder = fs.mkdtempSync(join(tmpdir(), 'hardkey-audit-'));
  t.after(() => {
    Object.assign(disk, usual);
    fs.rmSync(folder, { recursive: true, force: true });
  });
  return join(folder, 'audit.log');
}

test('no record is acknowledged before the disk was synchronised, and waiting records share it', async (t) => {
  const path = subject(t);
  const pending: (() => void)[] = [];
  disk.sync = (descriptor, done) => void pending.push(() => system.fdatasync(descriptor, done));
  const log = auditFile({ path });
  const acknowledged: number[] = [];
  const appended = Array.from({ length: 100 }, (_, i) => log.append({ i }).then(() => acknowledged.push(i)));
  for (let i = 0; i < 50; i++) await turn();
  appended.push(log.append({ i: 100 }).then(() => acknowledged.push(100)));
  while (pending.length === 0) await turn();
  assert.deepEqual(acknowledged, []);
  assert.equal(log.head().sequence, 0);
  assert.ok(fs.statSync(path).size > 0, 'the test waits for a synchronisation that was asked for');

  pending.shift()?.();
  while (pending.length === 0) await turn();
  assert.equal(acknowledged.length, 100);
  pending.shift()?.();
  await Promise.all(appended);
  assert.deepEqual([acknowledged.length, pending.length], [101, 0]);
  await log.close();
});

test('a disk that cannot synchronise ends the log: nothing more is acknowledged', async (t) => {
  const path = subject(t);
  const log = auditFile({ path });
  await log.append({ i: 0 });
  disk.sync = (_descriptor, done) => done(Object.assign(new Error('EIO'), { code: 'EIO' }));
  await assert.rejects(log.append({ i: 1 }), failsWith('UNAVAILABLE', { path }));
  Object.assign(disk, usual);
  await assert.rejects(log.append({ i: 2 }), failsWith('UNAVAILABLE', { path }));
  assert.equal(log.head().sequence, 1);
  await log.close();
  // What was written all the same is still a chain.
  const again = auditFile({ path });
  await again.append({ i: 3 });
  assert.equal((await verifyAudit(path)).sequence, 3);
  await again.close();
});

test('a full disk withholds the records, and the log goes on when there is room', async (t) => {
  const path = subject(t);
  const log = auditFile({ path });
  await log.append({ i: 0 });
  let calls = 0;
  disk.write = (descriptor, bytes, from, length, done) => {
    calls += 1;
    if (calls > 1) return done(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }));
    return usual.write(descriptor, bytes, from, Math.min(length, 10), done);
  };
  await assert.rejects(log.append({ i: 1 }), failsWith('UNAVAILABLE', { path }));
  assert.equal(calls, 2);
  Object.assign(disk, usual);
  await log.append({ i: 2 });
  assert.equal((await verifyAudit(path, { head: log.head() })).sequence, 2);
  await log.close();
});

test('a full disk on which the part that was written cannot be taken back ends the log', async (t) => {
  const path = subject(t);
  const log = auditFile({ path });
  const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
  disk.write = (_descriptor, _bytes, _from, _length, done) => done(full);
  disk.truncate = (_descriptor, _size, done) => done(full);
  await assert.rejects(log.append({ i: 1 }), failsWith('UNAVAILABLE', { path }));
  Object.assign(disk, usual);
  await assert.rejects(log.append({ i: 2 }), failsWith('UNAVAILABLE', { path }));
  await log.close();
});

test('a system that writes less than it is asked is asked again', async (t) => {
  const path = subject(t);
  disk.write = (descriptor, bytes, from, length, done) =>
    usual.write(descriptor, bytes, from, Math.min(length, 7), done);
  const log = auditFile({ path });
  await Promise.all([log.append({ i: 0 }), log.append({ i: 1 })]);
  assert.deepEqual(await verifyAudit(path, { head: log.head() }), log.head());
  await log.close();
});
