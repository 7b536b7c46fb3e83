// OpenSSH's own programs: keys in files, an agent of a test's own, and what ssh-keygen says.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { component } from '../../../../scripts/components/index.ts';
import { listens } from './listening.ts';

/** OpenSSH, or why it is not there. */
export const ssh = component('ssh');

/** The path of one of its programs. */
export function sshProgram(name: 'ssh-agent' | 'ssh-add' | 'ssh-keygen'): string {
  return join(dirname(ssh.path), name);
}

/** A folder that ends with the tests of the file. Short, for the path of a socket has at most 107 bytes. */
export function sshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hk-ssh-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** How ssh-keygen calls a kind of key. */
export type SshKind = 'ed25519' | 'ecdsa-256' | 'ecdsa-384' | 'ecdsa-521' | 'rsa-2048' | 'rsa-1024';

/** A key that ssh-keygen made: a private file, and the public line beside it. */
export interface SshPair {
  readonly path: string;
  readonly line: string;
  readonly comment: string;
  readonly fingerprint: string;
}

/** Makes a key without a passphrase. */
export function sshPair(folder: string, kind: SshKind, comment: string = kind): SshPair {
  const path = join(folder, `${kind}-${comment.replaceAll(/\W/g, '_')}`);
  const [type = '', bits] = kind.split('-');
  const size = bits === undefined ? [] : ['-b', bits];
  keygen(['-q', '-t', type, ...size, '-N', '', '-C', comment, '-f', path]);
  const line = readFileSync(`${path}.pub`, 'utf8').trim();
  const [, fingerprint = ''] = keygen(['-l', '-f', path]).split(' ');
  return { path, line, comment, fingerprint };
}

/** What ssh-keygen writes. */
export function keygen(args: readonly string[], input = ''): string {
  return execFileSync(sshProgram('ssh-keygen'), args, {
    encoding: 'utf8',
    input,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** An agent that runs. */
export interface Agent {
  readonly socket: string;
  readonly process: ChildProcess;
  /** Runs ssh-add against it. */
  add(args: readonly string[], env?: Readonly<Record<string, string>>): void;
  stop(): Promise<void>;
}

/** Starts an agent on a socket. `env` may have the program that confirms signatures. */
export async function startAgent(socket: string, env: Readonly<Record<string, string>> = {}): Promise<Agent> {
  const child = spawn(sshProgram('ssh-agent'), ['-D', '-a', socket], {
    stdio: 'ignore',
    env: { ...process.env, ...env },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  while (!(await listens({ path: socket })) && child.exitCode === null) await sleep(5);
  return {
    socket,
    process: child,
    add(args, own = {}) {
      const surroundings = { ...process.env, SSH_AUTH_SOCK: socket, ...own };
      execFileSync(sshProgram('ssh-add'), args, { env: surroundings, stdio: 'pipe' });
    },
    async stop() {
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      await ended;
      rmSync(socket, { force: true });
    },
  };
}
