import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type KeyInfo, verify } from 'hardkey';
import { observeSteps, type Step } from '../../../src/providers/file/steps.ts';
import { openKeys, scratch } from './support.ts';

const ROUNDS = Number(process.env['HARDKEY_CRASH_ROUNDS'] ?? 3);
const MESSAGE = new TextEncoder().encode('after the crash');
const OPERATIONS = ['create', 'import', 'rotate', 'setState', 'destroy'] as const;

type Operation = (typeof OPERATIONS)[number];

/** What the store holds: label and version to state. */
async function contents(store: string): Promise<Readonly<Record<string, string>>> {
  const keys = openKeys(store);
  const infos: KeyInfo[] = [];
  for await (const info of keys.list()) infos.push(info);
  for (const { ref, publicKey, state } of infos) {
    const key = await keys.open(ref);
    assert.equal(key.publicKey?.fingerprint, publicKey?.fingerprint);
    const current = ref.toString() === (await keys.open(`file:${key.label}`)).ref.toString();
    if (publicKey === undefined || state !== 'active' || !current) continue;
    await verify(publicKey, 'Ed25519', MESSAGE, await key.use('Ed25519').sign(MESSAGE));
  }
  return Object.fromEntries(infos.map(({ ref, state }) => [ref.toString(), state]));
}

const BEFORE = { 'file:old?version=1': 'active' };
const AFTER: Readonly<Record<Operation, Readonly<Record<string, string>>>> = {
  create: { ...BEFORE, 'file:new?version=1': 'active' },
  import: { ...BEFORE, 'file:new?version=1': 'active' },
  rotate: { 'file:old?version=2': 'active', 'file:old?version=1': 'active' },
  setState: { 'file:old?version=1': 'compromised' },
  destroy: {},
};

// Compiled once for all the processes.
const env = { ...process.env, NODE_COMPILE_CACHE: mkdtempSync(join(tmpdir(), 'hardkey-cache-')) };
after(() => rmSync(env.NODE_COMPILE_CACHE, { recursive: true, force: true }));

/** Runs one operation in a process that kills itself at a step. */
async function crash(store: string, operation: Operation, at: number): Promise<string> {
  const child = join(import.meta.dirname, 'crash-child.ts');
  const args = ['--conditions=@hk/source', child, store, operation, String(at)];
  const process_ = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env });
  let said = '';
  process_.stdout.on('data', (data: Uint8Array) => {
    said += String(data);
  });
  await new Promise((resolve) => process_.on('close', resolve));
  return said.trim();
}

test('whenever the process dies, the store holds all of an operation or none of it', async (t) => {
  const template = scratch(t);
  await openKeys(template).create('file:old', { algorithm: 'Ed25519' });
  const counts: Record<string, number> = {};
  const jobs = OPERATIONS.flatMap((operation) => Array.from({ length: ROUNDS }, () => operation));
  await eachAtOnce(jobs, 4, async (operation) => {
    for (let at = 0; ; at++) {
      const folder = mkdtempSync(join(tmpdir(), 'hardkey-crash-'));
      try {
        const store = join(folder, 'keys');
        cpSync(template, store, { recursive: true });
        chmodSync(store, 0o700);
        const said = await crash(store, operation, at);
        counts[`${operation}: ${said}`] = (counts[`${operation}: ${said}`] ?? 0) + 1;
        const found = await contents(store);
        if (said === 'acknowledged') return assert.deepEqual(found, AFTER[operation]);
        assert.match(said, /^killed /);
        const whole = [BEFORE, AFTER[operation]].some((expected) => same(found, expected));
        assert.ok(whole, `${operation} ${at} ${said}: ${JSON.stringify(found)}`);
        await openKeys(store).create('file:next', { algorithm: 'Ed25519' });
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
  });
  for (const [name, count] of Object.entries(counts).sort()) t.diagnostic(`${name}: ${count}`);
  for (const count of Object.values(counts)) assert.ok(count >= ROUNDS);
});

test('a file is durable before its name is, and the name before the acknowledgement', async (t) => {
  for (const operation of ['create', 'rotate', 'setState'] as const) {
    const steps = await recordSteps(t, operation, () => true);
    assert.deepEqual(undurable(steps), []);
    // The check itself: without the fsync it must speak up.
    const careless = await recordSteps(t, operation, (step) => step !== 'fsync-file');
    assert.notDeepEqual(undurable(careless), []);
  }
});

type Recorded = readonly (readonly [Step, string])[];

async function recordSteps(
  t: Parameters<typeof scratch>[0],
  operation: 'create' | 'rotate' | 'setState',
  keep: (step: Step) => boolean,
): Promise<Recorded> {
  const keys = openKeys(scratch(t));
  await keys.create('file:old', { algorithm: 'Ed25519' });
  const steps: [Step, string][] = [];
  observeSteps((step, path) => {
    const taken = keep(step);
    if (taken) steps.push([step, path]);
    return taken;
  });
  try {
    if (operation === 'create') await keys.create('file:new', { algorithm: 'Ed25519' });
    else if (operation === 'rotate') await keys.rotate('file:old');
    else await keys.setState('file:old', 'suspended');
  } finally {
    observeSteps(() => true);
  }
  return steps;
}

/**
 * What a file system that keeps nothing but what was synced would lose: contents published before
 * their fsync, and names not followed by an fsync of their folder before the next name or the end.
 */
function undurable(steps: Recorded): readonly string[] {
  const lost: string[] = [];
  let synced = false;
  let named: string | undefined;
  for (const [step, path] of steps) {
    if (step === 'write') synced = false;
    if (step === 'fsync-file') synced = true;
    if (step === 'publish') {
      if (!synced) lost.push(`contents of ${path}`);
      if (named !== undefined) lost.push(`name of ${named}`);
      named = path;
    }
    if (step === 'fsync-folder') named = undefined;
  }
  return named === undefined ? lost : [...lost, `name of ${named}`];
}

function same(a: object, b: object): boolean {
  return JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
}

async function eachAtOnce<T>(
  items: readonly T[],
  width: number,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await run(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
