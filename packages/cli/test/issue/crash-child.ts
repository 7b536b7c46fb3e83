// The command, killed at a step.
import { writeSync } from 'node:fs';
import { main } from '@hardkey/cli';
import { observeSteps } from '../../src/commands/claim169/issue/steps.ts';

const [at = '0', ...args] = process.argv.slice(2);
let taken = 0;
observeSteps((step) => {
  if (taken++ !== Number(at)) return;
  writeSync(2, `killed ${step}\n`);
  process.kill(process.pid, 'SIGKILL');
});
process.exitCode = await main(args);
