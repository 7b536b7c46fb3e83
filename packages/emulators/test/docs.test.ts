import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startAzureKeyVault, startGcpKms } from '@hardkey/emulators';
import { OPERATIONS } from '../src/azure/operations.ts';

const page = readFileSync(new URL('../../../docs/emulators.md', import.meta.url), 'utf8');

test('the page names every operation of Azure that faults can name', () => {
  const missing = OPERATIONS.filter(({ name }) => !page.includes(`\`${name}\``));
  assert.deepEqual(missing, []);
});

test('every route that the page names is there', async () => {
  const rows = [...page.matchAll(/^\| `([A-Z]+)`?(?:, `([A-Z]+))? (\/emulator\/\w+)` \| (`(\w+)`)?/gm)];
  assert.ok(rows.length >= 8);
  const emulators = { gcp: await startGcpKms(), azure: await startAzureKeyVault() };
  for (const [, first = '', second, path, , only] of rows)
    for (const method of second === undefined ? [first] : [first, second])
      for (const [name, { url }] of Object.entries(emulators)) {
        const { status } = await fetch(url + path, { method });
        assert.equal(status === 404, only !== undefined && only !== name, `${name} ${method} ${path}`);
      }
  await Promise.all(Object.values(emulators).map((emulator) => emulator.close()));
});
