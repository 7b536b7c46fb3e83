// The linters with the rules of this repository: what decides whether a verification is waited for.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { planted } from './plant.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const CONFIG = ['.oxlintrc.json', 'biome.json'];
const PROJECT = { 'tsconfig.json': { compilerOptions: { strict: true, noEmit: true }, include: ['*.ts'] } };
const VERIFY = 'export declare function verify(): Promise<boolean>;\n';

/** What a linter says of a file, and how it ends. */
function lint(command: string, args: readonly string[], source: string) {
  const config = CONFIG.map((name) => [name, readFileSync(join(ROOT, name), 'utf8')]);
  const files = { ...PROJECT, ...Object.fromEntries(config), 'planted.ts': source };
  return planted(files, (root) => {
    const bin = join(ROOT, 'node_modules/.bin');
    const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}` };
    const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, env, encoding: 'utf8' });
    return { status, said: stdout + stderr };
  });
}

const promises = (source: string) =>
  lint('oxlint', ['--type-aware', '--tsconfig', 'tsconfig.json', 'planted.ts'], VERIFY + source);
const syntax = (source: string) => lint('biome', ['lint', '--error-on-warnings', 'planted.ts'], source);

for (const [what, source, rule] of [
  ['a verification without await', 'verify();', 'no-floating-promises'],
  ['one as a condition', 'if (verify()) throw new Error();', 'no-misused-promises'],
  ['one in forEach', '[1].forEach(async () => { await verify(); });', 'no-misused-promises'],
  ['an await of what is there', "await 'now';", 'await-thenable'],
] as const)
  test(`${what} is found`, async () => {
    const { status, said } = await promises(source);
    assert.notEqual(status, 0);
    assert.ok(said.includes(rule), said);
  });

for (const [what, source, rule] of [
  ['any', 'export const a: any = 1;', 'noExplicitAny'],
  ['an assertion that something is there', 'export const a = [1].at(0)!;', 'noNonNullAssertion'],
  ['a built-in without its prefix', "export * from 'fs';", 'useNodejsImportProtocol'],
] as const)
  test(`${what} is found`, async () => {
    const { status, said } = await syntax(source);
    assert.notEqual(status, 0);
    assert.ok(said.includes(rule), said);
  });

test('code without any of it passes', async () => {
  assert.equal((await promises('if (!(await verify())) throw new Error();\n')).status, 0);
  assert.equal((await syntax("export * from 'node:fs';\n")).status, 0);
});
