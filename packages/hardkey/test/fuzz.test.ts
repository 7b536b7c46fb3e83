// The fuzzer is a test, and a test that cannot fail is a defect: bugs are planted, and it finds them.
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

const ROOT = join(import.meta.dirname, '../../..');
/** What the targets are made of. */
const COPIED = [
  'package.json',
  'fuzz',
  'packages/hardkey/package.json',
  'packages/hardkey/src',
  'packages/hardkey/test/support',
  'packages/cli/package.json',
  'packages/cli/src',
];
const SEED = 169;

/** A bug: in which file of `src` what stands in the place of what, and the target that finds it. */
interface Planting {
  readonly bug: string;
  readonly target: string;
  readonly file: string;
  readonly check: string;
  readonly by: string;
  readonly what: RegExp;
  readonly executions?: number;
}

const READER = 'encoding/cbor/reader.ts';
const plantings: readonly Planting[] = [
  {
    bug: 'a length that is not compared with what is left',
    target: 'cbor',
    file: READER,
    check: 'if (length * width <= this.#bytes.length - this.#offset) return length;',
    by: 'return length;',
    what: /RangeError/,
    executions: 20_000,
  },
  {
    bug: 'a key that is not compared with those before it',
    target: 'cbor',
    file: READER,
    check: "if (!keys.add(key)) throw this.#malformed('a map key is there twice', keyAt);",
    by: '',
    what: /fails as ARGUMENT_INVALID cbor: a map key is there twice/,
    executions: 20_000,
  },
  {
    bug: 'a break that is taken for a value',
    target: 'cbor',
    file: READER,
    check: "if (first === BREAK) throw this.#malformed('a break with nothing to end', at);",
    by: 'if (first === BREAK) { this.#offset = at + 1; return UNTIL_BREAK; }',
    what: /TypeError|RangeError|fails as/,
    executions: 20_000,
  },
  {
    bug: 'a PEM block that is passed over',
    target: 'pem',
    file: 'encoding/pem.ts',
    check: 'if (follows !== -1 && follows < next)',
    by: 'if (false)',
    what: /broken promise: every block that begins is there/,
    executions: 20_000,
  },
  {
    bug: 'a certificate that nobody’s signature is asked of',
    target: 'x509',
    file: 'core/x509/build-path.ts',
    check: 'if (!(await isIssuedBy(certificate, issuer))) {',
    by: 'if (false) {',
    what: /broken promise: only the signer has a path to the root/,
    executions: 20_000,
  },
  {
    bug: 'bytes after a stream of Brotli that are passed over',
    target: 'brotli',
    file: 'encoding/brotli/decode.ts',
    check: 'bits.end();',
    by: '',
    what: /broken promise: node:zlib reads the same/,
  },
  {
    bug: 'a rest of a frame that begins one byte late',
    target: 'frames',
    file: 'protocols/signer/frames.ts',
    check: 'Uint8Array.from(bytes.subarray(at));',
    by: 'Uint8Array.from(bytes.subarray(at + 1));',
    what: /broken promise: a stream is cut in one way/,
  },
  {
    bug: 'a file whose summary is not held against the bytes',
    target: 'prepared',
    file: 'formats/claim169/ceremony/document.ts',
    check: 'if (wrong !== undefined) throw differs(wrong);',
    by: '',
    what: /Expected values to be strictly deep-equal/,
  },
  {
    bug: 'a signature that is not looked at',
    target: 'jws',
    file: 'core/trust/judge.ts',
    check: '{ name: SIGNATURE.name, passed });',
    by: '{ name: SIGNATURE.name, passed: true });',
    what: /broken promise: what comes out was put in/,
  },
  {
    bug: 'a magic number that is not looked at',
    target: 'tpm',
    file: 'protocols/tpm/codec.ts',
    check: "if (input.unsigned(size) !== value) throw input.malformed('not what it must begin with');",
    by: 'input.unsigned(size);',
    what: /broken promise: one encoding for one value/,
  },
  {
    bug: 'a name that is not compared with that of the statement',
    target: 'attestation',
    file: 'formats/attestation/verify.ts',
    check: 'if (!equalBytes(await statedName(attest, evidence, object), object.name)) {',
    by: 'if (false) {',
    what: /broken promise: what was stated is what was signed/,
    executions: 20_000,
  },
];

for (const { bug, target, file, check, by, what, executions = 5000 } of plantings) {
  test(`the fuzzer finds ${bug}, in ${executions} executions`, async (t) => {
    const planted = await copyOf(t, target, [file, check, by]);
    const { findings } = await fuzz(planted, { seed: SEED, executions });
    match(findings.map((finding) => finding.what).join('\n'), what);
  });
}

test('the same copies without a bug have no findings', async (t) => {
  const copies = await copiesOf(t);
  for (const name of new Set(plantings.map(({ target }) => target))) {
    const executions = 1000;
    const outcome = await fuzz(named(copies, name), { seed: SEED, executions });
    deepStrictEqual([outcome.findings, outcome.executions], [[], executions], name);
    ok(outcome.endings.size >= 3, `${name}: hardly anything was reached`);
  }
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

/** A target of a copy of everything, in which one check is another. */
async function copyOf(t: TestContext, name: string, planting: Replacement): Promise<Target> {
  return named(await copiesOf(t, planting), name);
}

type Replacement = readonly [file: string, check: string, by: string];

/** The targets of a copy of everything. */
async function copiesOf(t: TestContext, planting?: Replacement): Promise<readonly Target[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-fuzz-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const filter = (path: string): boolean => !/corpus|findings/.test(path);
  for (const part of COPIED) cpSync(join(ROOT, part), join(folder, part), { recursive: true, filter });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  if (planting !== undefined) {
    const [file, check, by] = planting;
    const path = join(folder, 'packages/hardkey/src', file);
    const source = readFileSync(path, 'utf8');
    ok(source.includes(check), 'the check to be removed is not there any more');
    writeFileSync(path, source.replace(check, by));
  }
  const copy = (await import(pathToFileURL(join(folder, 'fuzz/targets/index.ts')).href)) as Targets;
  return copy.targets;
}

function named(all: readonly Target[], name: string): Target {
  const found = all.find((target) => target.name === name);
  ok(found !== undefined, `no target ${name}`);
  return found;
}

type Targets = typeof import('../../../fuzz/targets/index.ts');
