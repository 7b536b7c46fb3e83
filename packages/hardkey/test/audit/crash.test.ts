// The writer is killed while many records are under way: what it acknowledged must be there.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { auditFile, verifyAudit } from '../../src/audit/index.ts';

const ROUNDS = 8;
const WRITER = join(import.meta.dirname, 'writer.ts');

test('kill -9 amid concurrent records loses nothing acknowledged, and the chain goes on', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-audit-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'audit.log');
  const acknowledged: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const names = await killedWriter(path, round, 100 + round * 37);
    assert.ok(names.length >= 100, 'the writer had begun');
    acknowledged.push(...names);
  }
  // Opening repairs a torn line, as it did for every writer but the first.
  await auditFile({ path }).close();

  const records = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  const written = new Set(records.map((line) => (JSON.parse(line) as { name?: string }).name));
  const lost = acknowledged.filter((name) => !written.has(name));
  assert.deepEqual(lost, []);
  assert.equal((await verifyAudit(path)).sequence, records.length);
  t.diagnostic(`${acknowledged.length} acknowledged, ${records.length} written, ${ROUNDS} kills`);
});

/** Starts a writer, kills it after some acknowledgements and returns every one that came. */
async function killedWriter(path: string, round: number, after: number): Promise<readonly string[]> {
  const args = ['--conditions=@hk/source', WRITER, path, String(round)];
  const writer = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = ending(writer);
  const names: string[] = [];
  for await (const name of createInterface({ input: writer.stdout })) {
    names.push(name);
    if (names.length === after) writer.kill('SIGKILL');
  }
  assert.equal(await ended, 'SIGKILL');
  return names;
}

function ending(child: ChildProcess): Promise<NodeJS.Signals | null> {
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('exit', (_code, signal) => resolve(signal));
  });
}
