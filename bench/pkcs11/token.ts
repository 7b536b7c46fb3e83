// A SoftHSM2 token with two keys, and programs that sign with them.
import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { createKeys, type Keys, type Policy, Secret } from 'hardkey';
import { pkcs11 } from 'hardkey/providers/pkcs11';
import { component } from '../../scripts/components/index.ts';

/** What is signed. */
export const MESSAGE: Uint8Array = new Uint8Array(300).fill(0x5a);

/** The algorithms that are measured, with what a loop is told. */
export const ALGORITHMS = {
  ES256: { mechanism: '0x1041', length: '32' },
  Ed25519: { mechanism: '0x1057', length: String(MESSAGE.length) },
} as const;

const [LABEL, PIN] = ['bench', '1234'];

/** A token in a folder of its own. */
export interface Token {
  /** The reference of its key for an algorithm. */
  ref(algorithm: keyof typeof ALGORITHMS): string;
  /** The same for somebody who has no settings, in {@link env}. */
  wholeRef(algorithm: keyof typeof ALGORITHMS): string;
  /** What the module must find. */
  readonly env: Readonly<Record<string, string>>;
  /** Keys of it; through `module`, if there is one. */
  keys(policy: Policy, module?: Through): Keys;
  /** A loop in C, or in Node.js, over the key; or in C over a process that has it. */
  loop(by: 'c' | 'c apart' | 'node', algorithm: keyof typeof ALGORITHMS): Loop;
  /** A process in Node.js that has the key, and signs one message after the other. */
  apart(algorithm: keyof typeof ALGORITHMS): Apart;
  close(): void;
}

/** A module before the token's. */
export interface Through {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
  readonly sessions: number;
}

/** A program that signs as often as it is told. */
export interface Loop {
  /** Microseconds for one of so many calls. */
  time(calls: number): Promise<number>;
  close(): void;
}

/** A process that signs what it is told, and nothing more. */
export interface Apart {
  sign(given: Uint8Array): Promise<Uint8Array>;
  close(): void;
}

/** Makes the token and its keys. */
export async function makeToken(): Promise<Token> {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-bench-'));
  const env = { SOFTHSM2_CONF: join(folder, 'softhsm2.conf') };
  const library = component('softhsm2').path;
  mkdirSync(join(folder, 'tokens'));
  writeFileSync(env.SOFTHSM2_CONF, `directories.tokendir = ${folder}/tokens\nobjectstore.backend = file\n`);
  const init = ['--init-token', '--free', '--label', LABEL, '--pin', PIN, '--so-pin', '12345678'];
  execFileSync(SOFTHSM_UTIL, init, { env: { ...process.env, ...env }, stdio: 'ignore' });
  const c = compile(join(import.meta.dirname, 'loop.c'), join(folder, 'loop'));
  const keys = (policy: Policy, through?: Through): Keys => {
    const { path = library, env: more = {}, sessions = 4 } = through ?? {};
    const module = { path, env: { ...env, ...more }, maxSessions: sessions };
    const pin = async (): Promise<Secret> => new Secret(Buffer.from(PIN));
    return createKeys([pkcs11({ modules: { m: module }, pin })], policy);
  };
  const ref = (algorithm: string): string => `pkcs11:token=${LABEL};object=${algorithm}?module-name=m`;
  const own = keys({});
  for (const name of Object.keys(ALGORITHMS) as (keyof typeof ALGORITHMS)[]) {
    await own.create(ref(name), { algorithm: name });
  }
  await own.close();
  const words = (algorithm: keyof typeof ALGORITHMS): readonly string[] => {
    const { mechanism, length } = ALGORITHMS[algorithm];
    return [library, LABEL, algorithm, mechanism, length, PIN];
  };
  const inNode = [process.execPath, join(import.meta.dirname, 'raw.cjs')];
  const pinFile = join(folder, 'pin');
  writeFileSync(pinFile, PIN, { mode: 0o600 });
  return {
    ref,
    wholeRef: (algorithm) =>
      `pkcs11:token=${LABEL};object=${algorithm}?module-path=${library}&pin-source=file:${pinFile}`,
    env,
    keys,
    loop(by, algorithm) {
      const program = by === 'node' ? inNode : [c];
      return loopOf([...program, ...words(algorithm), ...(by === 'c apart' ? ['apart'] : [])], env);
    },
    apart: (algorithm) => apartFrom([...inNode, ...words(algorithm), 'apart'], env),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const SOFTHSM_UTIL = 'softhsm2-util';

/** Compiles a file of C: a program, or a library where the name ends in `.so`. */
export function compile(source: string, to: string): string {
  const headers = join(dirname(createRequire(import.meta.url).resolve('pkcs11js')), 'includes');
  const shared = to.endsWith('.so') ? ['-shared', '-fPIC'] : [];
  execFileSync(component('cc').path, ['-O2', ...shared, '-o', to, source, `-I${headers}`, '-ldl']);
  return to;
}

function loopOf([program = '', ...args]: readonly string[], env: Readonly<Record<string, string>>): Loop {
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return {
    time: (calls) =>
      new Promise((resolve) => {
        child.stdout.once('data', (line: Buffer) => resolve(Number(line)));
        child.stdin.write(`${calls}\n`);
      }),
    close: () => child.stdin.end(),
  };
}

function apartFrom([program = '', ...args]: readonly string[], env: Readonly<Record<string, string>>): Apart {
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  const socket = child.stdio[3] as Socket;
  let answered: (signature: Uint8Array) => void = () => {};
  socket.on('data', (signature: Uint8Array) => answered(signature));
  return {
    sign: (given) =>
      new Promise((resolve) => {
        answered = resolve;
        socket.write(given);
      }),
    close: () => socket.end(),
  };
}
