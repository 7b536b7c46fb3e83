// Does what it is told on a store, when it is told, and says how each ended.
import { writeSync } from 'node:fs';
import { createKeys, type Failure, isFailure } from 'hardkey';
import { Secret } from '../../../src/core/secret.ts';
import { observeSteps } from '../../../src/providers/file/steps.ts';
import { PATIENT, providerOf } from './operations.ts';
import type { Act, Task } from './race.ts';

const { acts, dies, ...where } = JSON.parse(process.argv[2] ?? '') as Task;
const keys = createKeys([providerOf(where)], PATIENT);
const spec = { algorithm: 'Ed25519' } as const;

/** Does one thing, and gives the public key that it made, if any. */
async function perform([what, ref, state]: Act): Promise<string> {
  if (what === 'create') return (await keys.create(ref, spec)).publicKey?.fingerprint ?? '';
  if (what === 'rotate') return (await keys.rotate(ref)).publicKey?.fingerprint ?? '';
  if (what === 'import') {
    const material = new Secret(crypto.getRandomValues(new Uint8Array(32)));
    return (await keys.import(ref, { material, algorithm: 'A256KW' })).id;
  }
  if (what === 'destroy') await keys.destroy(ref);
  else await keys.setState(ref, state ?? 'active');
  return state ?? '';
}

if (dies !== undefined) {
  let taken = 0;
  observeSteps(() => {
    if (taken++ === dies) process.kill(process.pid, 'SIGKILL');
    return true;
  });
}

writeSync(1, 'ready\n');
await new Promise((resolve) => process.stdin.once('data', resolve));
process.stdin.destroy();
for (const act of acts) {
  const ended = await perform(act).then(
    (made) => `done ${made}`,
    (error: Failure) => `failed ${isFailure(error) ? error.code : String(error)}`,
  );
  writeSync(1, `${act[0]} ${act[1]} ${ended}\n`);
}
