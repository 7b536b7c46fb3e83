import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { component } from '../../../../../scripts/components/index.ts';
import { vectors } from '../../../../../scripts/components/vectors.ts';
import { runInBrowser } from '../../support/browser.ts';
import { type Case, edgeCases, ownCases, WYCHEPROOF, wycheproofCases } from './cases.ts';
import type { Judged } from './judge.ts';
import type { Printed } from './run-module.ts';
import { forBrowsers, runOnNode, type WithSodium, writtenJson } from './runtimes.ts';

const [wycheproof, ed25519] = [vectors('wycheproof'), vectors('ed25519')];
const missing = wycheproof.missing ?? ed25519.missing;
const node22 = component('node-22');
const chromium = component('chromium');

const JUDGE = join(import.meta.dirname, 'judge.ts');
const cases: readonly Case[] = missing
  ? []
  : [...wycheproofCases(wycheproof.path), ...edgeCases(ed25519.path), ...ownCases()];
const input = writtenJson('cases.json', cases);

const byNodeCrypto = (node: string, sodium: WithSodium) => () => runOnNode(node, sodium, JUDGE, input);
const byWebCrypto = (node: string) => async () => runOnNode(node, 'with', await forBrowsers(JUDGE), input);

/** A runtime, and the library in it that verifies. */
interface Column {
  /** Why it cannot be asked here. */
  readonly missing?: string | undefined;
  /** How it names itself. */
  readonly runtime: RegExp;
  readonly lacks: readonly string[];
  /** What it may lack, where its version is not ours to choose. */
  readonly mayLack?: readonly string[];
  readonly judge: () => Promise<Printed>;
}

const ML_DSA = ['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'];

const COLUMNS = {
  'node:crypto of Node 24': {
    runtime: /^Node\.js 24\..* with OpenSSL 3\.5\./,
    lacks: [],
    judge: byNodeCrypto(process.execPath, 'without'),
  },
  'libsodium on Node 24': {
    runtime: /^Node\.js 24\./,
    lacks: [],
    judge: byNodeCrypto(process.execPath, 'with'),
  },
  'WebCrypto of Node 24': {
    runtime: /^WebCrypto of Node\.js\/24$/,
    lacks: ['ES256K'],
    judge: byWebCrypto(process.execPath),
  },
  'node:crypto of the oldest Node that is supported': {
    missing: node22.missing,
    runtime: /^Node\.js 22\.18\.0 with OpenSSL 3\.0\./,
    lacks: ML_DSA,
    judge: byNodeCrypto(node22.path, 'without'),
  },
  'libsodium on the oldest Node': {
    missing: node22.missing,
    runtime: /^Node\.js 22\.18\.0 /,
    lacks: ML_DSA,
    judge: byNodeCrypto(node22.path, 'with'),
  },
  'WebCrypto of the oldest Node': {
    missing: node22.missing,
    runtime: /^WebCrypto of Node\.js\/22$/,
    lacks: ['ES256K', ...ML_DSA],
    judge: byWebCrypto(node22.path),
  },
  Chromium: {
    missing: chromium.missing,
    runtime: /^WebCrypto of Mozilla\/.* \w*Chrome\/\d+/,
    lacks: ['ES256K'],
    mayLack: ['Ed448', ...ML_DSA],
    judge: async () => ({ result: await runInBrowser(chromium.path, JUDGE, cases) }),
  },
} as const satisfies Readonly<Record<string, Column>>;

type Name = keyof typeof COLUMNS;
const columns = Object.entries(COLUMNS) as readonly (readonly [Name, Column])[];
const REFERENCE = 'node:crypto of Node 24';

/** What the columns say, each asked once. */
const answers = new Map(
  columns
    .filter(([, column]) => missing === undefined && column.missing === undefined)
    .map(([name, column]) => [name, column.judge()]),
);
// One that cannot be asked fails the tests that are about it.
await Promise.allSettled(answers.values());

const skipped = (...reasons: readonly (string | undefined)[]) =>
  [missing, ...reasons].find((reason) => reason !== undefined) ?? false;

for (const [name, { runtime, missing: reason }] of columns) {
  test(`${name} says of every case what is to be said`, { skip: skipped(reason) }, async () => {
    const judged = await judgedBy(name);
    assert.match(judged.runtime, runtime);
    assert.equal(Object.keys(judged.verdicts).length, cases.length);
    const reference = await judgedBy(REFERENCE);
    for (const { name: title, algorithm, expected } of cases) {
      const verdict = judged.verdicts[title];
      if (algorithm in judged.lacking) assert.equal(verdict, 'UNSUPPORTED', title);
      else {
        assert.ok(
          expected.some((one) => one === verdict),
          `${title}: ${verdict}`,
        );
        assert.equal(verdict, reference.verdicts[title], title);
      }
    }
  });
}

for (const [name, { lacks, mayLack = [], missing: reason }] of columns) {
  test(`${name}: an algorithm that it lacks is UNSUPPORTED by its name`, {
    skip: skipped(reason),
  }, async () => {
    const { runtime, lacking } = await judgedBy(name);
    const certain = Object.keys(lacking).filter((algorithm) => !mayLack.includes(algorithm));
    assert.deepEqual(certain.sort(), [...lacks].sort());
    for (const [algorithm, message] of Object.entries(lacking)) {
      assert.ok(message.startsWith(`${runtime} has no ${algorithm.replace(/-\d\d$/, '')}`), message);
    }
  });
}

test('libsodium verifies where it is installed, and nowhere else', { skip: skipped() }, async () => {
  const calls = async (name: Name) => (await answers.get(name))?.sodiumCalls;
  const found = Number(await calls('libsodium on Node 24'));
  assert.ok(found > WYCHEPROOF.ed25519.good, String(found));
  assert.equal(await calls('node:crypto of Node 24'), undefined);
  // The bundle for browsers does not ask for it, though it is there.
  assert.equal(await calls('WebCrypto of Node 24'), 0);
});

test('and so it does on the oldest Node', { skip: skipped(node22.missing) }, async () => {
  const calls = async (name: Name) => (await answers.get(name))?.sodiumCalls;
  assert.equal(await calls('libsodium on the oldest Node'), await calls('libsodium on Node 24'));
  assert.equal(await calls('node:crypto of the oldest Node that is supported'), undefined);
});

test('every file of Wycheproof that is there is judged', { skip: skipped() }, () => {
  const files = readdirSync(wycheproof.path).filter((file) => file.endsWith('.json'));
  assert.deepEqual(
    files.sort(),
    Object.keys(WYCHEPROOF)
      .map((file) => `${file}_test.json`)
      .sort(),
  );
});

for (const [file, { total, good }] of Object.entries(WYCHEPROOF)) {
  test(`Wycheproof's ${file} is judged whole`, { skip: skipped() }, async () => {
    const { verdicts } = await judgedBy(REFERENCE);
    const found = Object.entries(verdicts).filter(([name]) => name.startsWith(`${file} `));
    assert.equal(found.length, total);
    assert.equal(found.filter(([, verdict]) => verdict === true).length, good);
  });
}

async function judgedBy(name: Name): Promise<Judged> {
  return (await answers.get(name))?.result as Judged;
}
