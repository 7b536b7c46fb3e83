// An OpenBao server in memory, in a process of its own that ends with the tests.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { component } from '../../../../scripts/components/index.ts';
import { freePorts } from './ports.ts';

/** A server that is unsealed and has a Transit engine at `transit`. */
export interface Bao {
  readonly address: string;
  /** The token that may do everything. */
  readonly root: string;
  /** With TLS: the certificate that it is checked against. */
  readonly ca: string;
  /** Asks as the operator does, in his namespace where one is given. */
  admin(method: string, path: string, body?: unknown, namespace?: string): Promise<BaoAnswer>;
}

/** What the server says, as far as tests read it. */
export interface BaoAnswer {
  readonly status: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly auth: { readonly client_token: string; readonly accessor: string };
  readonly wrap_info: { readonly token: string };
}

/** Why no server can be started. */
export function missingBao(): string | undefined {
  return component('openbao').missing;
}

/** Where there is none, for tests that are skipped. */
export const noBao: Bao = {
  address: 'http://127.0.0.1:1',
  root: '',
  ca: '',
  admin: async () => ({
    status: 0,
    data: {},
    auth: { client_token: '', accessor: '' },
    wrap_info: { token: '' },
  }),
};

/** Starts a server, which takes a third of a second. */
export async function startBao(
  t: { after(end: () => void | Promise<void>): void },
  { tls = false }: { readonly tls?: boolean } = {},
): Promise<Bao> {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-bao-'));
  // The port after it is for other servers of a cluster.
  const port = await freePorts();
  const root = 'root-of-the-test';
  const running = spawn(
    component('openbao').path,
    [
      'server',
      '-dev',
      `-dev-root-token-id=${root}`,
      `-dev-listen-address=127.0.0.1:${port}`,
      '-dev-no-store-token',
      ...(tls ? ['-dev-tls', `-dev-tls-cert-dir=${folder}`] : []),
    ],
    { stdio: 'ignore', env: { HOME: folder, PATH: process.env['PATH'] } },
  );
  t.after(async () => {
    await end(running);
    rmSync(folder, { recursive: true, force: true });
  });
  const local = `127.0.0.1:${port}`;
  if (tls) {
    await until(running, () => connects(`https://${local}/v1/sys/health`));
    const ca = readFileSync(join(folder, 'vault-ca.pem'), 'utf8');
    const admin = (): never => {
      throw new Error('ask a server without TLS');
    };
    return { address: `https://${local}`, root, ca, admin };
  }
  const address = `http://${local}`;
  const admin: Bao['admin'] = async (method, path, body, namespace) => {
    const response = await fetch(`${address}/v1/${path}`, {
      method,
      headers: {
        'x-vault-token': root,
        ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { ...(text === '' ? {} : (JSON.parse(text) as BaoAnswer)), status: response.status } as BaoAnswer;
  };
  await until(
    running,
    async () => (await fetch(`${address}/v1/sys/health`).catch(() => undefined))?.ok === true,
  );
  await admin('POST', 'sys/mounts/transit', { type: 'transit' });
  return { address, root, ca: '', admin };
}

/** Whether somebody answers, trusted or not. */
async function connects(address: string): Promise<boolean> {
  try {
    await fetch(address);
    return true;
  } catch (error) {
    const { cause } = error as { readonly cause?: { readonly code?: string } };
    return cause?.code !== 'ECONNREFUSED';
  }
}

/** Waits until the condition holds, of a server that goes on running. */
export async function until(running: ChildProcess, condition: () => Promise<boolean>): Promise<void> {
  for (let looks = 0; looks < 600; looks++) {
    if (running.exitCode !== null) throw new Error('OpenBao ended');
    if (await condition()) return;
    await sleep(25);
  }
  throw new Error('OpenBao did not start');
}

/** Ends a server, and waits until it has ended. */
export async function end(running: ChildProcess): Promise<void> {
  if (running.exitCode !== null) return;
  const ended = new Promise((resolve) => running.once('exit', resolve));
  running.kill();
  await ended;
}
