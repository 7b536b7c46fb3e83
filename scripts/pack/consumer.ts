// Somebody else's program: outside the repository, so that nothing of the workspace can be found by accident.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

const PROGRAM = `import { createKeys, isFailure, verify } from 'hardkey';
import * as claim169 from 'hardkey/formats/claim169';
import { memory } from 'hardkey/providers/memory';

await using keys = createKeys([memory()]);
const key = await keys.create('memory:consumer', { algorithm: 'Ed25519' });
const signer = key.use('Ed25519');
const message = new TextEncoder().encode('hello');
await verify(signer.publicKey, 'Ed25519', message, await signer.sign(message));
if (Object.keys(claim169).length === 0 || isFailure(undefined)) throw new Error('nothing was imported');
console.log('signed and verified');
`;

const TSCONFIG = {
  compilerOptions: {
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable', 'dom'],
    module: 'nodenext',
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
    skipLibCheck: false,
  },
  files: ['program.ts'],
};

/** Installs the tarballs in a new folder, type-checks a program against them and runs it. */
export function consume(tarballs: readonly string[], folder: string): readonly string[] {
  mkdirSync(folder);
  const own = { private: true, type: 'module', allowScripts: {} };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(own));
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  writeFileSync(join(folder, 'program.ts'), PROGRAM);
  const tsc = resolve('node_modules/typescript/bin/tsc');
  const types = '@types/node@24.19.2';
  const steps: readonly (readonly [string, readonly string[]])[] = [
    ['npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', types, ...tarballs]],
    [process.execPath, [tsc, '--pretty', 'false', '-p', '.']],
    [process.execPath, ['program.ts']],
    [process.execPath, ['node_modules/@hardkey/cli/bin/hardkey.cjs', '--help']],
  ];
  for (const [command, args] of steps) {
    const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
    if (error) throw error;
    if (status !== 0)
      return [`consumer: ${basename(command)} ${args[0]}: exit ${status}\n${stdout}${stderr}`];
  }
  return [];
}
