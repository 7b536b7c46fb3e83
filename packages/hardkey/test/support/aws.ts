// Servers of AWS KMS written by others, on loopback, each started once for a file of tests.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { component } from '../../../../scripts/components/index.ts';
import { atEnd } from './at-end.ts';

/** The servers, or why they are not there. */
export const awsServers = component('aws-servers');

/** The region of the tests, and credentials that every server takes: ministack reads an account out of them. */
export const REGION = 'eu-central-1';
export const AWS_ENV: Readonly<Record<string, string>> = {
  AWS_REGION: REGION,
  AWS_ACCESS_KEY_ID: '123456789012',
  AWS_SECRET_ACCESS_KEY: 'canary-secret-access-key',
  AWS_SESSION_TOKEN: 'canary-session-token',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/nonexistent/config',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
};

/** Gives this process the surroundings of {@link AWS_ENV}, and nothing else of AWS. */
export function useAwsEnvironment(): void {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, AWS_ENV);
}

/** How long a server may take on a machine that has other things to do: the first answer loads what it serves. */
export const PATIENT = { timeoutMs: 60_000 } as const;

interface Program {
  readonly ready: string;
  readonly args: (port: number, target: string) => readonly string[];
  readonly env?: (port: number) => Readonly<Record<string, string>>;
}

const PROGRAMS = {
  ministack: {
    ready: '/_ministack/ready',
    args: () => [],
    // It would listen on every interface, and open MQTT and SFTP besides.
    env: (port) => ({
      GATEWAY_PORT: String(port),
      BIND_HOST: '127.0.0.1',
      IOT_MTLS_ENABLED: '0',
      SFTP_ENABLED: '0',
    }),
  },
  moto_server: { ready: '/moto-api/', args: (port) => ['-H', '127.0.0.1', '-p', String(port)] },
  microburst: {
    ready: '/_microburst/rules',
    args: (port, target) => ['-u', target, '--host', '127.0.0.1', '-p', String(port)],
  },
} as const satisfies Record<string, Program>;

const running = new Map<string, Promise<string>>();
const children: ChildProcess[] = [];
let folder: string | undefined;

atEnd(stopServers);

/** Stops what was started: where no test runner does. */
export async function stopServers(): Promise<void> {
  await Promise.all(children.map(stop));
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}

/** The URL of ministack: keys of every kind, signatures, codes, import, states. */
export function ministack(): Promise<string> {
  return once('ministack', () => start('ministack'));
}

/** The URL of moto: ciphertexts, and rotation. */
export function moto(): Promise<string> {
  return once('moto', () => start('moto_server'));
}

/** The URL of a proxy before ministack that fails as it is told. */
export function microburst(): Promise<string> {
  return once('microburst', async () => start('microburst', await ministack()));
}

function once(name: string, begin: () => Promise<string>): Promise<string> {
  const known = running.get(name) ?? begin();
  running.set(name, known);
  return known;
}

async function start(name: keyof typeof PROGRAMS, target = ''): Promise<string> {
  const program: Program = PROGRAMS[name];
  const port = await freePort();
  folder ??= mkdtempSync(join(tmpdir(), 'hk-aws-'));
  const surroundings = { ...process.env, HOME: folder, TMPDIR: folder, ...program.env?.(port) };
  const child = spawn(join(dirname(awsServers.path), name), program.args(port, target), {
    stdio: 'ignore',
    env: surroundings,
  });
  children.push(child);
  const url = `http://127.0.0.1:${port}`;
  for (let looks = 0; looks < 600; looks++) {
    if (child.exitCode !== null) break;
    if (await answers(url + program.ready)) return url;
    await sleep(50);
  }
  throw new Error(`${name} did not start`);
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
  await ended;
  clearTimeout(timer);
}
