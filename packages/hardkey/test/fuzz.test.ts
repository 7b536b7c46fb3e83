// The fuzzer is a test, and a test that cannot fail is a defect: bugs are planted, and it finds them.
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { readCorpus } from '../../../fuzz/corpus.ts';
import { fuzz, replay } from '../../../fuzz/engine.ts';
import type { Target } from '../../../fuzz/target.ts';
import { cbor } from '../../../fuzz/targets/cbor.ts';
import { targets } from '../../../fuzz/targets/index.ts';
import { Failure } from '../src/errors.ts';

const SOURCE = join(import.meta.dirname, '../src');
const EXECUTIONS = 20_000;
const SEED = 169;

const plantings = [
  {
    bug: 'a length that is not compared with what is left',
    check: 'if (length * width <= this.#bytes.length - this.#offset) return length;',
    by: 'return length;',
    what: /RangeError/,
  },
  {
    bug: 'a key that is not compared with those before it',
    check: 'if (isComposite(key)) composites = this.#composite(composites, key, keyAt);',
    by: '',
    what: /fails as ARGUMENT_INVALID cbor: a map key is there twice/,
  },
  {
    bug: 'a break that is taken for a value',
    check: "if (first === BREAK) throw this.#malformed('a break with nothing to end', at);",
    by: 'if (first === BREAK) { this.#offset = at + 1; return UNTIL_BREAK; }',
    what: /TypeError|RangeError|fails as/,
  },
];

for (const { bug, check, by, what } of plantings) {
  test(`the fuzzer finds ${bug}, in ${EXECUTIONS} executions`, async (t) => {
    const { findings } = await fuzz(await copyOfCbor(t, check, by), { seed: SEED, executions: EXECUTIONS });
    ok(findings.length > 0);
    match(findings.map((finding) => finding.what).join('\n'), what);
  });
}

test('the same copy without a bug has no findings', async (t) => {
  const outcome = await fuzz(await copyOfCbor(t, '', ''), { seed: SEED, executions: EXECUTIONS });
  deepStrictEqual(outcome.findings, []);
  strictEqual(outcome.executions, EXECUTIONS);
  ok(outcome.endings.size >= 10, 'hardly anything was reached');
});

test('an input that takes too long is a finding, and the last', async () => {
  const { findings } = await fuzz(
    planted((input) => {
      const end = performance.now() + (input.length > 3 ? 260 : 0);
      while (performance.now() < end);
      return 0;
    }),
    { seed: SEED, executions: 1000 },
  );
  strictEqual(findings.length, 1);
  match(findings[0]?.what ?? '', /^takes \d+ ms for \d+ bytes$/);
});

test('an output that grows out of proportion is a finding', async () => {
  const grows = planted((input) => (input.includes(0xff) ? 100_000 : input.length));
  const { findings } = await fuzz(grows, { seed: SEED, executions: 2000 });
  match(findings[0]?.what ?? '', /^makes 100000 bytes of \d+$/);
});

test('a failure is allowed by its code, and only by that', async () => {
  const fails = (code: 'MALFORMED' | 'DENIED'): Target =>
    planted(() => {
      throw new Failure(code, 'no', { field: 'x' });
    });
  const effort = { seed: SEED, executions: 10 };
  deepStrictEqual((await fuzz(fails('MALFORMED'), effort)).findings, []);
  deepStrictEqual(
    (await fuzz(fails('DENIED'), effort)).findings.map(({ what }) => what),
    ['fails as DENIED x: no'],
  );
});

test('a promise that is rejected is judged like what is thrown', async () => {
  const rejects: Target = { ...planted(() => 0), run: () => Promise.reject(new TypeError('planted')) };
  const { findings } = await fuzz(rejects, { seed: SEED, executions: 10 });
  match(findings[0]?.what ?? '', /TypeError: planted/);
});

test('one seed gives one run, another seed another', async () => {
  const inputs = async (seed: number): Promise<string> => {
    const seen: string[] = [];
    await fuzz(cbor, { seed, executions: 500, announce: (input) => seen.push(input.join()) });
    return seen.join('\n');
  };
  strictEqual(await inputs(1), await inputs(1));
  ok((await inputs(1)) !== (await inputs(2)));
});

test('every target accepts its seeds, and nothing saved is a finding any more', async () => {
  for (const target of targets) {
    const seeds = await target.seeds();
    ok(seeds.length > 0 && readCorpus(target.name).length > 0, `${target.name} has nothing to begin with`);
    for (const seed of seeds) deepStrictEqual(await replay(target, seed), { name: 'accepted' }, target.name);
    for (const input of readCorpus(target.name)) {
      strictEqual((await replay(target, input)).wrong, undefined, target.name);
    }
  }
});

function planted(run: (input: Uint8Array) => number): Target {
  return { name: 'planted', allowed: ['MALFORMED'], seeds: () => [Uint8Array.of(1, 2, 3)], run };
}

/** A target of a copy of our CBOR reader and writer, in which one check is another. */
async function copyOfCbor(t: TestContext, check: string, by: string): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-fuzz-'));
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(join(SOURCE, 'encoding'), join(folder, 'encoding'), { recursive: true });
  cpSync(join(SOURCE, 'errors.ts'), join(folder, 'errors.ts'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const reader = join(folder, 'encoding/cbor/reader.ts');
  const source = readFileSync(reader, 'utf8');
  ok(source.includes(check), 'the check to be removed is not there any more');
  writeFileSync(reader, source.replace(check, by));
  const copy = (await import(pathToFileURL(join(folder, 'encoding/cbor/index.ts')).href)) as CborModule;
  return { ...cbor, run: (input) => copy.encodeCbor(copy.decodeCbor(input)).length };
}

type CborModule = typeof import('../src/encoding/cbor/index.ts');
