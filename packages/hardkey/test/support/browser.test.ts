import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { component } from '../../../../scripts/components/index.ts';
import { openPage, runInBrowser } from './browser.ts';

const chromium = component('chromium');
const skip = chromium.missing ?? false;

/** Runs a program of one line in the browser. */
async function inPage(program: string, input?: unknown): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-browser-'));
  try {
    writeFileSync(join(folder, 'program.ts'), program);
    return await runInBrowser(chromium.path, join(folder, 'program.ts'), input);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('a program in the page gets its input and its result comes back', { skip }, async () => {
  const program =
    'export const run = async (given: number[]) => [given, location.hostname, isSecureContext, typeof process]';
  assert.deepEqual(await inPage(program, [1, 2]), [[1, 2], '127.0.0.1', true, 'undefined']);
});

test('what goes wrong in the page fails the test', { skip }, async () => {
  await assert.rejects(
    inPage('export const run = () => { throw new Error("thrown by run") }'),
    /thrown by run/,
  );
  const aside =
    'setTimeout(() => { throw new Error("thrown aside") }); await new Promise((r) => setTimeout(r, 50))';
  await assert.rejects(inPage(`export const run = async () => { ${aside} }`), /thrown aside/);
  await assert.rejects(inPage('import "node:fs"; export const run = () => 1'), /node:fs/);
});

test('a page is served as it was given, and goes on without its server', { skip }, async () => {
  const index =
    '<!doctype html><link rel="icon" href="data:,"><title>a page</title><script src="/a.js"></script>';
  const files = new Map([
    ['/index.html', index],
    ['/a.js', 'globalThis.loaded = true'],
  ]);
  const { page, origin, requests, problems, stopServing, close } = await openPage(chromium.path, files);
  try {
    assert.deepEqual([await page.title(), await page.evaluate('loaded')], ['a page', true]);
    assert.deepEqual([requests, problems], [['/', '/a.js'], []]);
    assert.equal((await page.request.get(`${origin}/gone`)).status(), 404);
    await stopServing();
    assert.equal(await page.title(), 'a page');
    await assert.rejects(page.reload());
  } finally {
    await close();
  }
});
