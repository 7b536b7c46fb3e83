// What an application has in its memory after it has signed, and what of the worker may be written to disk.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseKeyRef, Secret } from 'hardkey';
import { memoryOf, noMemory, piecesOf, secretsIn } from '../../support/memory.ts';
import {
  application,
  missingForTokens,
  PIN,
  softToken,
  type TestToken,
  until,
  workersOf,
} from './support.ts';

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

/** The file of such a name in a folder, once it is whole. */
async function written(folder: string, name: RegExp, isWhole: (path: string) => boolean): Promise<string> {
  const path = (): string => join(folder, readdirSync(folder).find((one) => name.test(one)) ?? 'none');
  await until(() => existsSync(path()) && isWhole(path()));
  return path();
}

/** A picture of a heap is JSON. */
function isObject(path: string): boolean {
  return readFileSync(path, 'latin1').trimEnd().endsWith('}');
}

/** A key that somebody knows, so that it can be looked for. */
async function importedKey(token: TestToken): Promise<Readonly<Record<string, Uint8Array>>> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const material = new Secret(privateKey.export({ type: 'pkcs8', format: 'der' }));
  await token.provider().import?.(parseKeyRef(token.ref('issuer')), { material, algorithm: 'ES256' });
  return {
    control: Buffer.from(CONTROL),
    pin: Buffer.from(PIN),
    privateKey: Buffer.from(String(privateKey.export({ format: 'jwk' }).d), 'base64url'),
  };
}

test('an application that signs has no PIN and no private byte, and the search would find them', {
  skip,
}, async (t) => {
  const token = softToken(t);
  const secrets = await importedKey(token);
  const pid = await signed(t, token);
  assert.deepEqual(secretsIn(memoryOf(pid), secrets), ['control']);
  process.kill(pid, 'SIGUSR2');
  const heap = await written(token.folder, /heapsnapshot$/, isObject);
  assert.deepEqual(secretsIn(piecesOf(heap), secrets), ['control']);
});

test('nor has its core file', { skip: skip || noCore() }, async (t) => {
  const token = softToken(t);
  const secrets = await importedKey(token);
  const pid = await signed(t, token);
  process.kill(pid, 'SIGABRT');
  const core = await written(token.folder, /^core/, () => !existsSync(`/proc/${pid}/mem`));
  assert.deepEqual(secretsIn(piecesOf(core), secrets), ['control']);
});

test('a worker has the PIN, and there the search finds it', { skip }, async (t) => {
  const token = softToken(t);
  const secrets = await importedKey(token);
  const [worker] = workersOf(await signed(t, token));
  assert.ok(worker);
  assert.ok(secretsIn(memoryOf(worker), secrets).includes('pin'));
});

/** Why no core file can be looked for. */
function noCore(): string | false {
  if (process.platform !== 'linux') return 'only Linux is asked for core files';
  const pattern = readFileSync('/proc/sys/kernel/core_pattern', 'utf8');
  return /^core/.test(pattern) ? false : 'core files go elsewhere on this machine';
}

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
  const cwd = readlinkSync(`/proc/${worker}/cwd`);
  const before = readdirSync(cwd);
  process.kill(worker, 'SIGSEGV');
  await until(() => !workersOf(pid).includes(worker));
  assert.deepEqual(readdirSync(cwd), before);
});
