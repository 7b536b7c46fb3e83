// Runs the static checks one after the other, to the end even when one fails, and prints what each took.
import { spawnSync } from 'node:child_process';

const CHECKS = ['types', 'lint', 'boundaries', 'verify-paths', 'docs', 'lock', 'knip', 'pack-check'];

const failed = CHECKS.filter((name) => {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', name], { encoding: 'utf8' });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${name.padEnd(13)} ${seconds.padStart(5)} s`);
  const said = status === 0 ? '' : `${stdout}${stderr}`.trimEnd();
  if (said) console.log(said.replace(/^/gm, '     '));
  return status !== 0;
});
process.exitCode = failed.length > 0 ? 1 : 0;
