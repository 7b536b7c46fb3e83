// Why the product has a table of its own before any library: what runtimes say of the edge cases by
// themselves. Whoever publishes a key of small order can show a signature for any message; of the
// identity, anyone can.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { component } from '../../../../../scripts/components/index.ts';
import { vectors } from '../../../../../scripts/components/vectors.ts';
import { runInBrowser } from '../../support/browser.ts';
import { edgeCases } from './cases.ts';
import { forBrowsers, runOnNode, writtenJson } from './runtimes.ts';

const ed25519 = vectors('ed25519');
const node22 = component('node-22');
const chromium = component('chromium');
const RAW = join(import.meta.dirname, 'raw-web.ts');
const IDENTITY = 10;

const edges = ed25519.missing ? [] : edgeCases(ed25519.path);
const input = writtenJson('edges.json', edges);

async function said(node: string): Promise<unknown> {
  return (await runOnNode(node, 'without', await forBrowsers(RAW), input)).result;
}

function accepted(verdicts: unknown): readonly number[] {
  return (verdicts as readonly unknown[]).flatMap((verdict, at) => (verdict === true ? [at] : []));
}

test('Node 24 by itself accepts one edge case, as hardkey does', {
  skip: ed25519.missing ?? false,
}, async () => {
  assert.deepEqual(accepted(await said(process.execPath)), [3]);
});

test('the oldest Node by itself accepts keys of small order, the identity among them', {
  skip: ed25519.missing ?? node22.missing ?? false,
}, async () => {
  assert.deepEqual(accepted(await said(node22.path)), [0, 1, 2, 3, IDENTITY]);
});

// When this fails Chromium has become stricter: the table stays, for the browsers that people still have.
test('Chromium by itself accepts a key equal to the identity', {
  skip: ed25519.missing ?? chromium.missing ?? false,
}, async () => {
  assert.ok(accepted(await runInBrowser(chromium.path, RAW, edges)).includes(IDENTITY));
});
