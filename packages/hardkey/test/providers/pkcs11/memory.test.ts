// What an application has in its memory after it has signed, and what of the worker may be written to disk.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { parseKeyRef, Secret } from 'hardkey';
import { foundInMemory, noMemory } from '../../support/memory.ts';
import { application, missingForTokens, PIN, softToken, type TestToken, workersOf } from './support.ts';

const skip = noMemory || (missingForTokens('softhsm2') ?? false);

/** What the application has on purpose, so that the search is seen to find it. */
const CONTROL = 'positive-control-5127';

/** An application that has signed with the key, and waits. */
async function signed(t: TestContext, token: TestToken): Promise<number> {
  const { pid, stdout } = application(t, token, 100, CONTROL);
  for (let said = ''; !said.includes('signed'); ) said += String((await once(stdout, 'data'))[0]);
  assert.ok(pid);
  return pid;
}

test('an application that signs has no PIN and no private byte, and the search would find them', {
  skip,
}, async (t) => {
  const token = softToken(t);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const material = new Secret(privateKey.export({ type: 'pkcs8', format: 'der' }));
  await token.provider().import?.(parseKeyRef(token.ref('issuer')), { material, algorithm: 'ES256' });
  const pid = await signed(t, token);
  const secrets = {
    control: Buffer.from(CONTROL),
    pin: Buffer.from(PIN),
    privateKey: Buffer.from(String(privateKey.export({ format: 'jwk' }).d), 'base64url'),
  };
  assert.deepEqual(foundInMemory(pid, secrets), ['control']);
});

test('a worker leaves no core file, and nothing that is its own in one', { skip }, async (t) => {
  const token = softToken(t);
  await token.provider().create?.(parseKeyRef(token.ref('issuer')), { algorithm: 'ES256' });
  const pid = await signed(t, token);
  const [worker] = workersOf(pid);
  assert.ok(worker);
  assert.match(readFileSync(`/proc/${worker}/limits`, 'utf8'), /Max core file size +0 +0/);
  assert.match(readFileSync(`/proc/${worker}/coredump_filter`, 'utf8'), /^0+\n$/);
  assert.doesNotMatch(readFileSync(`/proc/${worker}/cmdline`, 'utf8'), new RegExp(PIN));
  assert.doesNotMatch(readFileSync(`/proc/${worker}/environ`, 'utf8'), new RegExp(PIN));
});
