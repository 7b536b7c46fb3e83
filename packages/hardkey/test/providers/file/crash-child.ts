// Writes to a store until it is killed at a named step, telling its parent what was acknowledged.
import { writeSync } from 'node:fs';
import { file } from 'hardkey/providers/file';
import { parseKeyRef } from '../../../src/core/key-ref.ts';
import { Secret } from '../../../src/core/secret.ts';
import { observeSteps } from '../../../src/providers/file/steps.ts';

const [store = '', operation = '', at = '0'] = process.argv.slice(2);
// The provider alone: hundreds of these processes start in one test.
const keys = file({ store, unencrypted: true });
const [old, created] = [parseKeyRef('file:old'), parseKeyRef('file:new')];
const ACTS: Readonly<Record<string, () => Promise<unknown> | undefined>> = {
  create: () => keys.create?.(created, { algorithm: 'Ed25519' }),
  import: () => keys.import?.(created, { material: new Secret(new Uint8Array(32)), algorithm: 'A256GCM' }),
  rotate: () => keys.rotate?.(old),
  setState: () => keys.setState?.(old, 'compromised'),
  destroy: () => keys.destroy?.(old),
};

await keys.open(old);
let taken = 0;
observeSteps((step) => {
  if (taken++ === Number(at)) {
    writeSync(1, `killed ${step}\n`);
    process.kill(process.pid, 'SIGKILL');
  }
  return true;
});
await ACTS[operation]?.();
writeSync(1, 'acknowledged\n');
