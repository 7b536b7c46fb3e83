/**
 * Signatures of a TPM: through the provider, by the same bytes from C, and by tpm2_sign. Each has an
 * emulator of its own, because one that is connected to serves nobody else.
 *
 * @module
 */
import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { createKeys, parseKeyRef, verify } from 'hardkey';
import { tpm } from 'hardkey/providers/tpm';
import { type Swtpm, startSwtpm } from '../packages/hardkey/test/support/swtpm.ts';
import { component } from '../scripts/components/index.ts';
import type { Question } from './runner.ts';

const HANDLE = '0x81000100';
const REF = `tpm:handle=${HANDLE}`;
/** How a TPM is told of an algorithm: scheme and hash (Part 2 §6.3). RSA of 2048 bits, which every TPM has. */
const ALGORITHMS = [
  { name: 'ES256', scheme: '18', hash: '0b' },
  { name: 'ES384', scheme: '18', hash: '0c' },
  { name: 'RS256', scheme: '14', hash: '0b', bits: 2048 },
  { name: 'PS256', scheme: '16', hash: '0b', bits: 2048 },
] as const;
type Row = (typeof ALGORITHMS)[number];
const MESSAGE = new Uint8Array(300).fill(0x5a);
/** So many in one call that what it takes to ask another process for them does not count. */
const AT_ONCE = 16;

/** The questions of this program. */
export async function questions(): Promise<readonly Question[]> {
  const missing = (['swtpm', 'tpm2-tools', 'cc'] as const)
    .map((name) => component(name).missing)
    .find(Boolean);
  if (missing !== undefined) {
    console.error(missing);
    return [];
  }
  const questions: Question[] = [];
  for (const row of ALGORITHMS) questions.push(await againstC(row));
  return [...questions, await againstTool(ALGORITHMS[0])];
}

async function againstC(row: Row): Promise<Question> {
  const { name } = row;
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-bench-'));
  const [forC, ours, inSessions, guarded] = [
    await prepared(row),
    await prepared(row),
    await prepared(row),
    await prepared(row),
  ];
  const loop = compiled(folder, forC.swtpm, row);
  const provider = tpm({ device: ours.swtpm.device });
  const always = tpm({ device: inSessions.swtpm.device, sessions: 'always' });
  const unverified = createKeys([tpm({ device: guarded.swtpm.device })], { releaseUnverified: true });
  const verified = createKeys([tpm({ device: guarded.swtpm.device })]);
  const bare = (await provider.open(parseKeyRef(REF))).use(name);
  const inSession = (await always.open(parseKeyRef(REF))).use(name);
  const open = (await unverified.open(REF)).use(name);
  const closed = (await verified.open(REF)).use(name);
  for (const signer of [bare, inSession, open, closed]) {
    await verify(signer.publicKey, name, MESSAGE, await signer.sign(MESSAGE));
  }
  const times = (sign: (message: Uint8Array) => Promise<Uint8Array>) => async (): Promise<void> => {
    for (let i = 0; i < AT_ONCE; i++) await sign(MESSAGE);
  };
  return {
    name: `tpm: ${AT_ONCE} signatures ${name}, one after the other`,
    baseline: 'the same bytes from C',
    candidates: [
      { name: 'the same bytes from C', run: loop.run },
      { name: 'the provider alone', run: times(bare.sign) },
      { name: 'the provider alone, always in a session', run: times(inSession.sign) },
      { name: 'createKeys, not verified', run: times((message) => open.sign(message)) },
      { name: 'createKeys', run: times((message) => closed.sign(message)) },
    ],
    async close() {
      loop.close();
      await Promise.all([provider.close(), always.close(), unverified.close(), verified.close()]);
      for (const { end } of [forC, ours, inSessions, guarded]) await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function againstTool(row: Row): Promise<Question> {
  const { name } = row;
  const [ours, theirs] = [await prepared(row), await prepared(row, 'tcp')];
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-bench-'));
  writeFileSync(join(folder, 'message'), MESSAGE);
  const keys = createKeys([tpm({ device: ours.swtpm.device })]);
  const signer = (await keys.open(REF)).use(name);
  const args = ['-c', HANDLE, '-g', 'sha256', '-f', 'plain', '-o', 'signature', 'message'];
  const options = { cwd: folder, env: { ...process.env, ...theirs.swtpm.env } };
  return {
    name: 'tpm: one signature ES256',
    baseline: 'createKeys',
    candidates: [
      { name: 'createKeys', run: () => signer.sign(MESSAGE) },
      { name: 'tpm2_sign', run: () => execFileSync(component('tpm2-tools').path, args, options) },
    ],
    async close() {
      await keys.close();
      for (const { end } of [ours, theirs]) await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** An emulator with a key at the handle. */
async function prepared(
  { name, ...row }: Row,
  transport: 'unix' | 'tcp' = 'unix',
): Promise<{
  readonly swtpm: Swtpm;
  readonly end: () => Promise<void>;
}> {
  const started = await startSwtpm({ transport });
  const provider = tpm({ device: started.swtpm.device });
  await provider.create?.(parseKeyRef(REF), {
    algorithm: name,
    ...('bits' in row ? { bits: row.bits } : {}),
  });
  await provider.close();
  return started;
}

/** The loop in C, compiled, and asked for its signatures. */
function compiled(
  folder: string,
  { device }: Swtpm,
  { scheme, hash }: Row,
): { readonly run: () => Promise<void>; readonly close: () => void } {
  const program = join(folder, 'tpm-sign');
  execFileSync(component('cc').path, ['-O2', '-o', program, join(import.meta.dirname, 'tpm-sign.c')]);
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(
    program,
    [device.slice('unix:'.length), HANDLE, scheme, hash],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  return {
    run: () =>
      new Promise((resolve, reject) => {
        child.once('exit', reject);
        child.stdout.once('data', () => {
          child.off('exit', reject);
          resolve();
        });
        child.stdin.write(Uint8Array.of(AT_ONCE));
      }),
    close: () => child.stdin.end(),
  };
}
