import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { verifyAudit } from '../../src/audit/index.ts';
import type { FailureDetails } from '../../src/errors.ts';
import { failsWith } from '../support/failures.ts';

// The hashes were made with sha256sum.
const LOG = [
  '{"seq":1,"prev":"0000000000000000000000000000000000000000000000000000000000000000","operation":"sign","ref":"memory:a","outcome":"OK"}',
  '{"seq":2,"prev":"900d7a89955457a479c1b1fbf19e973673015a9841a7a62f36b0cab2b72ec0a2","operation":"open","ref":"memory:ü","outcome":"KEY_NOT_FOUND"}',
  '{"seq":3,"prev":"0f748f91fc128e4dfe15c3423c08016456aa8c45f01f6ca8630dd1df2e9fb90a","operation":"sign","ref":"memory:a","outcome":"OK"}',
];
const HEAD = { sequence: 3, hash: '22c8275969af242ae0f17ad31b6d3a259f43b06091338b8b1deff6688edbc940' };
const SECOND = { sequence: 2, hash: '0f748f91fc128e4dfe15c3423c08016456aa8c45f01f6ca8630dd1df2e9fb90a' };

const bytesOf = (lines: readonly string[]): Uint8Array[] => [
  new TextEncoder().encode(lines.map((line) => `${line}\n`).join('')),
];

test('a whole log verifies, and gives its head', async () => {
  assert.deepEqual(await verifyAudit(bytesOf(LOG)), HEAD);
  assert.deepEqual(await verifyAudit([]), { sequence: 0, hash: '0'.repeat(64) });
});

test('a log verifies in pieces of any size, and from a file', async (t) => {
  const [bytes = new Uint8Array()] = bytesOf(LOG);
  for (const size of [1, 2, 7, 134, 135, 136]) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    );
    assert.deepEqual(await verifyAudit(pieces), HEAD, `pieces of ${size}`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-audit-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'audit.log'), bytes);
  assert.deepEqual(await verifyAudit(join(folder, 'audit.log')), HEAD);
  const missing = join(folder, 'missing.log');
  await assert.rejects(verifyAudit(missing), failsWith('UNAVAILABLE', { path: missing }));
});

const DAMAGE: readonly (readonly [string, readonly string[], FailureDetails])[] = [
  [
    'a changed record',
    LOG.with(1, LOG[1]?.replace('KEY_NOT_FOUND', 'OK') ?? ''),
    { check: 'chain', field: 'line.3' },
  ],
  ['a removed line', LOG.toSpliced(1, 1), { check: 'sequence', field: 'line.2', offset: 135 }],
  ['a removed first line', LOG.slice(1), { check: 'sequence', field: 'line.1', offset: 0 }],
  [
    'two lines in the other order',
    LOG.toSpliced(1, 2, LOG[2] ?? '', LOG[1] ?? ''),
    { check: 'sequence', field: 'line.2' },
  ],
  ['a repeated line', LOG.toSpliced(1, 0, LOG[0] ?? ''), { check: 'sequence', field: 'line.2' }],
  [
    'a removed and renumbered line',
    LOG.toSpliced(1, 2, LOG[2]?.replace('"seq":3', '"seq":2') ?? ''),
    { check: 'chain', field: 'line.2' },
  ],
  ['a line that is no record', LOG.with(2, 'null'), { check: 'format', field: 'line.3' }],
  ['an empty line', LOG.toSpliced(1, 0, ''), { check: 'format', field: 'line.2' }],
  [
    'a line without end',
    [`${LOG.join('\n')}\n${LOG[0]?.slice(0, 20)}`],
    { check: 'format', field: 'line.4' },
  ],
];
for (const [name, lines, details] of DAMAGE) {
  test(`${name} is VERIFICATION_FAILED with the check ${details.check}`, async () => {
    await assert.rejects(verifyAudit(bytesOf(lines)), failsWith('VERIFICATION_FAILED', details));
  });
}

test('a last line without its line feed is no record', async () => {
  const [bytes = new Uint8Array()] = bytesOf(LOG);
  const details = { check: 'end', field: 'line.3' };
  await assert.rejects(verifyAudit([bytes.subarray(0, -1)]), failsWith('VERIFICATION_FAILED', details));
});

test('every changed bit is found when the head is known', async () => {
  const [bytes = new Uint8Array()] = bytesOf(LOG);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Uint8Array.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    await assert.rejects(
      verifyAudit([changed], { head: HEAD }),
      failsWith('VERIFICATION_FAILED'),
      `bit ${bit}`,
    );
  }
});

test('a log that was cut off fits its chain, and not its head', async () => {
  assert.deepEqual(await verifyAudit(bytesOf(LOG.slice(0, 2))), SECOND);
  const cut = verifyAudit(bytesOf(LOG.slice(0, 2)), { head: HEAD });
  await assert.rejects(cut, failsWith('VERIFICATION_FAILED', { check: 'head', field: 'line.3' }));
  const emptied = verifyAudit([], { head: HEAD });
  await assert.rejects(emptied, failsWith('VERIFICATION_FAILED', { check: 'head', field: 'line.1' }));
});

test('a changed last record fits its chain, and not its head', async () => {
  const changed = bytesOf(LOG.with(2, LOG[2]?.replace('"OK"', '"DENIED"') ?? ''));
  assert.equal((await verifyAudit(changed)).sequence, 3);
  const details = { check: 'head', field: 'line.3' };
  await assert.rejects(verifyAudit(changed, { head: HEAD }), failsWith('VERIFICATION_FAILED', details));
});

test('a log that grew since its head was kept still fits it', async () => {
  assert.deepEqual(await verifyAudit(bytesOf(LOG), { head: SECOND }), HEAD);
});

test('an unknown option is ARGUMENT_INVALID', async () => {
  const details = { field: 'options.heads' };
  await assert.rejects(verifyAudit([], { heads: HEAD } as never), failsWith('ARGUMENT_INVALID', details));
});
