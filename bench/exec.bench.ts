/**
 * A signer program that stays, through the provider, against the same frames without hardkey.
 *
 * @module
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { createKeys, type KeyProvider, type Keys, parseKeyRef, verify } from 'hardkey';
import { exec, type PersistentConfig } from 'hardkey/providers/exec';
import type { Question } from './runner.ts';

const PROGRAM = join(import.meta.dirname, '../examples/signers/signer.mjs');
const MESSAGE = new Uint8Array(300).fill(0x5a);
const AT_ONCE = 16;

type Sign = (message: Uint8Array) => Promise<Uint8Array>;

/** The questions of this program. */
export async function questions(): Promise<readonly Question[]> {
  return [
    await question('one call at a time', (signOne) => () => signOne(MESSAGE)),
    await question(
      `${AT_ONCE} calls at a time`,
      (signOne) => () => Promise.all(Array.from({ length: AT_ONCE }, () => signOne(MESSAGE))),
    ),
  ];
}

async function question(name: string, load: (signOne: Sign) => () => unknown): Promise<Question> {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-bench-'));
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const path = join(folder, 'key.pem');
  writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const config: PersistentConfig = {
    mode: 'persistent',
    command: [process.execPath, PROGRAM, 'issuer', path],
    algorithm: 'Ed25519',
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
  const frames = rawFrames(config.command);
  const bare = exec({ signers: { issuer: config } });
  const keys = createKeys([exec({ signers: { issuer: config } })]);
  const unverified = createKeys([exec({ signers: { issuer: config } })], { releaseUnverified: true });
  const { publicKey: pinned } = (await keys.open('exec:issuer')).use('Ed25519');
  const candidates: readonly (readonly [string, Sign])[] = [
    ['raw frames', frames.sign],
    ['the provider alone', await signerOf(bare)],
    ['createKeys, not verified', await guarded(unverified)],
    ['createKeys', await guarded(keys)],
  ];
  for (const [, signOne] of candidates) {
    await verify(pinned, 'Ed25519', MESSAGE, await signOne(MESSAGE));
  }
  return {
    name: `exec: Ed25519 of ${MESSAGE.length} bytes by a Node.js program, ${name}`,
    baseline: 'raw frames',
    candidates: [
      ...candidates.map(([label, signOne]) => ({ name: label, run: load(signOne) })),
      { name: 'node:crypto in this process', run: load(async (message) => sign(null, message, privateKey)) },
    ],
    async close() {
      frames.close();
      await Promise.all([bare.close(), keys.close(), unverified.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function signerOf(provider: KeyProvider): Promise<Sign> {
  const signer = (await provider.open(parseKeyRef('exec:issuer'))).use('Ed25519');
  return (message) => signer.sign(message);
}

async function guarded(keys: Keys): Promise<Sign> {
  const signer = (await keys.open('exec:issuer')).use('Ed25519');
  return (message) => signer.sign(message);
}

/** The least that speaks the same frames: no limits, no checks, no failures. */
function rawFrames([path = '', ...args]: readonly string[]): { readonly sign: Sign; close(): void } {
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(path, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = new Map<number, (signature: Uint8Array) => void>();
  let rest: Buffer = Buffer.alloc(0);
  let lastId = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE()) {
      const end = 4 + rest.readUInt32BE();
      const { id, s } = JSON.parse(rest.toString('utf8', 4, end)) as { id?: number; s?: string };
      waiting.get(id ?? 0)?.(Buffer.from(s ?? '', 'base64'));
      waiting.delete(id ?? 0);
      rest = rest.subarray(end);
    }
  });
  return {
    sign: (message) =>
      new Promise((resolve) => {
        const id = ++lastId;
        waiting.set(id, resolve);
        const m = Buffer.from(message).toString('base64');
        const body = Buffer.from(JSON.stringify({ id, op: 'sign', key: 'issuer', alg: 'Ed25519', m }));
        const head = Buffer.alloc(4);
        head.writeUInt32BE(body.length);
        child.stdin.write(Buffer.concat([head, body]));
      }),
    close: () => child.stdin.end(),
  };
}
