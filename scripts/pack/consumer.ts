// Somebody else's program: outside the repository, so that nothing of the workspace can be found by accident.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { COMPONENTS } from '../components/table.ts';

const PROGRAM = new URL('program.ts', import.meta.url);

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

/**
 * Installs the tarballs in a new folder, type-checks a program against them and runs it and the command:
 * on this Node, and on the oldest that is supported where it is installed.
 */
export function consume(tarballs: readonly string[], folder: string): readonly string[] {
  mkdirSync(folder);
  const own = { private: true, type: 'module', allowScripts: {} };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(own));
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  copyFileSync(PROGRAM, join(folder, 'program.ts'));
  const tsc = resolve('node_modules/typescript/bin/tsc');
  const types = '@types/node@24.19.2';
  const oldest = COMPONENTS['node-22'].find();
  const nodes = oldest === undefined ? [process.execPath] : [process.execPath, oldest];
  const steps: readonly (readonly [string, readonly string[]])[] = [
    ['npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', types, ...tarballs]],
    [process.execPath, [tsc, '--pretty', 'false', '-p', '.']],
    ...nodes.flatMap((node) => [
      [node, ['program.ts']] as const,
      [node, ['node_modules/@hardkey/cli/bin/hardkey.cjs', '--help']] as const,
      [node, ['node_modules/@hardkey/emulators/bin/hardkey-emulator.cjs', '--help']] as const,
    ]),
  ];
  for (const [command, args] of steps) {
    const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
    if (error) throw error;
    if (status !== 0)
      return [`consumer: ${basename(command)} ${args[0]}: exit ${status}\n${stdout}${stderr}`];
  }
  return [];
}
