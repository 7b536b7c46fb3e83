// Keys in files, programs in a folder of their own, and what is asked of both.
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createKeys, type Keys, type Policy, type Signer } from 'hardkey';
import { exec, type OnceConfig, type PersistentConfig, type SignerConfig } from 'hardkey/providers/exec';

export const EXAMPLES: string = join(import.meta.dirname, '../../../../../examples/signers');
export const PATH = '/usr/local/bin:/usr/bin:/bin';

const ODD_SIGNER = join(import.meta.dirname, 'odd-signer.mjs');

/** A folder that ends with the test. */
export function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-exec-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A private key in a file, and its public half as PEM. */
export interface Pair {
  readonly path: string;
  readonly publicKey: string;
}

const MAKERS = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  Ed25519: () => generateKeyPairSync('ed25519'),
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
} as const;

/** A new key in a file of the folder. */
export function keyPair(folder: string, algorithm: keyof typeof MAKERS = 'ES256'): Pair {
  const { privateKey, publicKey } = MAKERS[algorithm]();
  const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const path = join(folder, `${algorithm}-${publicPem.slice(-40, -30).replaceAll(/\W/g, '_')}.pem`);
  writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return { path, publicKey: publicPem };
}

/** An executable shell script. */
export function script(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o700 });
  return path;
}

/** OpenSSL behind one process per signature, unless the fields say otherwise. */
export function onceSigner(pair: Pair, fields: Partial<OnceConfig> = {}): OnceConfig {
  return {
    mode: 'once',
    command: [join(EXAMPLES, 'openssl.sh'), pair.path],
    algorithm: 'ES256',
    publicKey: pair.publicKey,
    stdin: 'raw',
    output: 'der',
    env: { PATH },
    ...fields,
  };
}

/** What the odd signer is to do wrong. */
export interface Oddity {
  /** A file that gets a line for each request, with the process that answered. */
  readonly count?: string;
  /** The hello in place of the right one. */
  readonly hello?: unknown;
  /** No hello at all. */
  readonly silent?: boolean;
  /** Ends with this status before its hello, or at a request. */
  readonly exitAt?: 'start' | 'request';
  /** Holds the replies back and gives them in the other direction, so many at a time. */
  readonly reverse?: number;
  /** Replies to messages that begin with `s` only when this file is there. */
  readonly gate?: string;
  /** Answers nothing. */
  readonly mute?: boolean;
  /** Members of each reply beside the number, in place of a signature. */
  readonly reply?: unknown;
  /** Bytes in hexadecimal that are written in place of each reply. */
  readonly raw?: string;
  /** Leaves a child behind that holds its pipes, and writes its number there. */
  readonly child?: string;
  /** Stays when its stdin ends. */
  readonly stays?: boolean;
}

/** A Node.js program with an oddity. */
export function oddSigner(
  pair: Pair,
  oddity: Oddity = {},
  fields: Partial<PersistentConfig> = {},
): PersistentConfig {
  return {
    mode: 'persistent',
    command: [process.execPath, ODD_SIGNER, pair.path, JSON.stringify(oddity)],
    algorithm: 'ES256',
    publicKey: pair.publicKey,
    key: 'issuer',
    ...fields,
  };
}

/** One signer as keys, without repetitions: what is counted are the calls that were made. */
export function keysOf(t: TestContext, issuer: SignerConfig, policy: Policy = {}): Keys {
  const keys = createKeys([exec({ signers: { issuer } })], {
    retry: { attempts: 0 },
    breaker: false,
    ...policy,
  });
  t.after(() => keys.close());
  return keys;
}

/** The signer of the configuration. */
export async function signerOf(t: TestContext, issuer: SignerConfig, policy?: Policy): Promise<Signer> {
  const key = await keysOf(t, issuer, policy).open('exec:issuer');
  return key.use(issuer.algorithm);
}

/** The lines of a file that a program writes, none when it wrote none. */
export function linesOf(path: string): readonly string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
}

/** What a shell script waits with until a file is there. */
export function waitFor(path: string): string {
  return `while [ ! -e ${path} ]; do sleep 0.02; done`;
}

/** Whether a process is there, and not only waiting to be buried. */
export function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Waits until it is so, by the system's time also where a test has stopped its own; false after a minute. */
export async function until(condition: () => boolean): Promise<boolean> {
  for (let looks = 0; looks < 6000 && !condition(); looks++) await sleep(10);
  return condition();
}
