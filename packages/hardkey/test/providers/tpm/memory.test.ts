// What an application has in its memory after a TPM has signed for it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { component } from '../../../../../scripts/components/index.ts';
import { memoryOf, noMemory, secretsIn } from '../../support/memory.ts';
import { swtpmFor } from '../../support/swtpm.ts';

const skip = noMemory || (component('swtpm').missing ?? false);
const PIN = 'a-pin-that-goes-away-7c3e';
const CONTROL = 'positive-control-91d2';
const REF = 'tpm:handle=0x81000100';

test('an application that makes a key and signs keeps no authorization value, and the search would find it', {
  skip,
}, async (t) => {
  const swtpm = await swtpmFor(t);
  const pinFile = join(swtpm.state, 'pin');
  writeFileSync(pinFile, PIN);
  const script = join(import.meta.dirname, 'signing-child.ts');
  const args = ['--conditions=@hk/source', script, swtpm.device, REF, '100', pinFile, CONTROL];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  assert.ok(child.pid !== undefined);
  const secrets = { control: Buffer.from(CONTROL), pin: Buffer.from(PIN) };
  assert.deepEqual(secretsIn(memoryOf(child.pid), secrets), ['control']);
});
