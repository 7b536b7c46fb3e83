import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type AuditFile, auditFile, verifyAudit } from '../../src/audit/index.ts';
import { failsWith } from '../support/failures.ts';

function inFolder(t: { after(done: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-audit-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'audit.log');
}

function opened(t: { after(done: () => Promise<void>): void }, path: string): AuditFile {
  const log = auditFile({ path });
  t.after(() => log.close());
  return log;
}

/** Opens the log, appends a number of records at once and closes it. */
async function grow(path: string, count: number, text = ''): Promise<void> {
  const log = auditFile({ path });
  await Promise.all(Array.from({ length: count }, (_, i) => log.append({ operation: 'sign', i, text })));
  await log.close();
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const linesOf = (path: string): readonly string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1);

test('each line is the JSON of its record after its number and the SHA-256 of the line before', async (t) => {
  const path = inFolder(t);
  const log = opened(t, path);
  await log.append({ operation: 'sign', note: 'one\ntwo ü' });
  await log.append({});
  const first = `{"seq":1,"prev":"${'0'.repeat(64)}","operation":"sign","note":"one\\ntwo ü"}`;
  const second = `{"seq":2,"prev":"${sha256(first)}"}`;
  assert.equal(readFileSync(path, 'utf8'), `${first}\n${second}\n`);
  assert.deepEqual(log.head(), { sequence: 2, hash: sha256(second) });
});

test('the file is for its owner alone', async (t) => {
  const path = inFolder(t);
  const log = opened(t, path);
  await log.append({ a: 1 });
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(statSync(`${path}.lock`).mode & 0o777, 0o600);
});

test('a file that others may read is DENIED', (t) => {
  const path = inFolder(t);
  writeFileSync(path, '');
  chmodSync(path, 0o640);
  assert.throws(() => auditFile({ path }), failsWith('DENIED', { path }));
  assert.equal(existsSync(`${path}.lock`), false);
});

test('a symbolic link is not followed', (t) => {
  const path = inFolder(t);
  writeFileSync(`${path}.real`, '', { mode: 0o600 });
  symlinkSync(`${path}.real`, path);
  assert.throws(() => auditFile({ path }), failsWith('UNAVAILABLE', { path }));
});

test('unknown configuration and records that are not JSON objects are ARGUMENT_INVALID', async (t) => {
  const path = inFolder(t);
  assert.throws(
    () => auditFile({ path, mode: 0o644 } as never),
    failsWith('ARGUMENT_INVALID', { field: 'config.mode' }),
  );
  assert.throws(() => auditFile({ path: '' }), failsWith('ARGUMENT_INVALID', { field: 'config.path' }));
  const log = opened(t, path);
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  for (const record of [{ n: 1n }, circular, { toJSON: () => [] }, { toJSON: () => undefined }]) {
    await assert.rejects(log.append(record), failsWith('ARGUMENT_INVALID', { field: 'record' }));
  }
  await assert.rejects(log.append({ seq: 1 }), failsWith('ARGUMENT_INVALID', { field: 'record.seq' }));
  await assert.rejects(log.append({ prev: '' }), failsWith('ARGUMENT_INVALID', { field: 'record.prev' }));
  const tooLong = log.append({ text: 'ü'.repeat(40_000) });
  await assert.rejects(tooLong, failsWith('ARGUMENT_INVALID', { field: 'record' }));
  assert.equal(log.head().sequence, 0);
});

test('a record is read when it is appended, not when it is written', async (t) => {
  const path = inFolder(t);
  const log = opened(t, path);
  const record = { text: 'before' };
  const appended = log.append(record);
  record.text = 'after';
  await appended;
  assert.match(readFileSync(path, 'utf8'), /"before"/);
});

test('a log that is opened again goes on with its chain', async (t) => {
  const path = inFolder(t);
  for (let i = 1; i <= 3; i++) await grow(path, 10);
  assert.equal(opened(t, path).head().sequence, 30);
  assert.equal((await verifyAudit(path)).sequence, 30);
});

test('a log with lines of 60 KB is opened again at its end', async (t) => {
  const path = inFolder(t);
  for (let i = 1; i <= 3; i++) await grow(path, 5, 'x'.repeat(60_000));
  assert.equal((await verifyAudit(path)).sequence, 15);
});

test('concurrent records are written in the order they were appended', async (t) => {
  const path = inFolder(t);
  const log = opened(t, path);
  const seen: number[] = [];
  const append = async (i: number): Promise<void> => {
    await log.append({ i });
    seen.push(i);
    assert.ok(log.head().sequence > i, 'acknowledged before it was durable');
  };
  await Promise.all(Array.from({ length: 2000 }, (_, i) => append(i)));
  assert.deepEqual(
    linesOf(path).map((line) => (JSON.parse(line) as { i: number }).i),
    Array.from({ length: 2000 }, (_, i) => i),
  );
  assert.deepEqual(
    seen,
    [...seen].sort((a, b) => a - b),
  );
});

test('an unfinished last line is removed, and a record says so', async (t) => {
  const path = inFolder(t);
  await grow(path, 2);
  appendFileSync(path, '{"seq":3,"prev":"00');
  const log = opened(t, path);
  assert.equal(log.head().sequence, 3);
  await log.append({ operation: 'sign' });
  const recovered = JSON.parse(linesOf(path)[2] ?? '') as Record<string, unknown>;
  assert.deepEqual([recovered['operation'], recovered['discardedBytes']], ['recover', 19]);
  assert.equal((await verifyAudit(path)).sequence, 4);
});

test('a log whose last lines do not chain is not opened', async (t) => {
  const path = inFolder(t);
  await grow(path, 5);
  const lines = linesOf(path);
  const [first = '', , third = ''] = lines;
  const damage: readonly (readonly [string, string])[] = [
    [`${lines.join('\n')}\n`.replace('"i":3', '"i":9'), 'chain'],
    [`${lines.toSpliced(2, 1).join('\n')}\n`, 'sequence'],
    [`${first}\nno record\n`, 'format'],
    [`${third}\n`, 'sequence'],
    ['x'.repeat(100_000), 'format'],
  ];
  for (const [text, check] of damage) {
    writeFileSync(path, text);
    assert.throws(() => auditFile({ path }), failsWith('VERIFICATION_FAILED', { check, path }));
  }
});

test('a second writer is UNAVAILABLE until the first has closed', async (t) => {
  const path = inFolder(t);
  const first = auditFile({ path });
  assert.throws(() => auditFile({ path }), failsWith('UNAVAILABLE', { field: 'lock' }));
  await first.close();
  await first.close();
  const second = opened(t, path);
  await second.append({ a: 1 });
  await assert.rejects(first.append({ a: 1 }), failsWith('UNAVAILABLE', { path }));
});

test('the lock of a process that has ended is taken over, one that cannot be looked at is not', async (t) => {
  const path = inFolder(t);
  const lock = `${path}.lock`;
  const log = auditFile({ path });
  const own = JSON.parse(readFileSync(lock, 'utf8')) as Record<string, unknown>;
  await log.close();
  // No process has this number: it is above the largest that Linux gives.
  const ended = { pid: 2 ** 22 + 1 };
  const gone = [ended, { boot: 'another' }, { started: '1' }];
  for (const difference of gone) {
    writeFileSync(lock, JSON.stringify({ ...own, ...difference }));
    await auditFile({ path }).close();
    assert.equal(existsSync(lock), false);
  }
  const hidden = [
    { ...own, ...ended, host: `not-${hostname()}` },
    { ...own, ...ended, namespace: 'pid:[1]' },
    'no lock of ours',
  ];
  for (const content of hidden) {
    writeFileSync(lock, JSON.stringify(content));
    assert.throws(() => auditFile({ path }), failsWith('UNAVAILABLE', { field: 'lock', path: lock }));
  }
});

test('a log that somebody else touched takes no more records', async (t) => {
  for (const touch of [
    (path: string) => appendFileSync(path, 'x'),
    (path: string) => renameSync(path, `${path}.1`),
    (path: string) => {
      const content = readFileSync(path);
      renameSync(path, `${path}.2`);
      writeFileSync(path, content, { mode: 0o600 });
    },
  ]) {
    const path = inFolder(t);
    const log = opened(t, path);
    await log.append({ a: 1 });
    touch(path);
    await assert.rejects(log.append({ a: 2 }), failsWith('UNAVAILABLE', { path }));
    await assert.rejects(log.append({ a: 3 }), failsWith('UNAVAILABLE', { path }));
    assert.equal(log.head().sequence, 1);
  }
});

test('closing waits for what was appended', async (t) => {
  const path = inFolder(t);
  const log = auditFile({ path });
  const appended = Promise.all(Array.from({ length: 50 }, (_, i) => log.append({ i })));
  await log.close();
  await appended;
  assert.equal((await verifyAudit(path)).sequence, 50);
});
