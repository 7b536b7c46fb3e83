// An OpenBao server that keeps what it has on disk, sealed, so that it can be ended and started again.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { component } from '../../../../scripts/components/index.ts';
import { end, until } from './openbao.ts';
import { freePorts } from './ports.ts';

/** A server that runs, unsealed, with a Transit engine and a key `issuer` of Ed25519. */
export interface BaoOnDisk {
  readonly address: string;
  readonly root: string;
  /** Starts it where it was ended. It is sealed then. */
  start(): Promise<void>;
  stop(): Promise<void>;
  unseal(): Promise<void>;
}

/** Starts one that ends with the test. */
export async function startBaoOnDisk(t: { after(end: () => Promise<void>): void }): Promise<BaoOnDisk> {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-bao-disk-'));
  const port = await freePorts();
  const address = `http://127.0.0.1:${port}`;
  const config = join(folder, 'server.json');
  mkdirSync(join(folder, 'data'));
  writeFileSync(config, JSON.stringify(configOf(address, port, join(folder, 'data'))));
  let running: ChildProcess | undefined;

  const stop = async (): Promise<void> => {
    if (running !== undefined) await end(running);
  };
  const start = async (): Promise<void> => {
    const env = { HOME: folder, PATH: process.env['PATH'] };
    const started = spawn(component('openbao').path, ['server', `-config=${config}`], {
      stdio: 'ignore',
      env,
    });
    running = started;
    await until(started, () => isAt(address, () => true));
  };
  t.after(async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  });
  await start();
  const { keys, root_token: root } = await ask<Initialised>(address, 'sys/init', {
    secret_shares: 1,
    secret_threshold: 1,
  });
  const unseal = async (): Promise<void> => {
    await ask(address, 'sys/unseal', { key: keys[0] });
    const unsealed = running;
    // It is the only one of its cluster, and still has to find that out.
    if (unsealed !== undefined) await until(unsealed, () => isAt(address, ({ status }) => status === 200));
  };
  await unseal();
  await ask(address, 'sys/mounts/transit', { type: 'transit' }, root);
  await ask(address, 'transit/keys/issuer', { type: 'ed25519' }, root);
  return { address, root, start, stop, unseal };
}

interface Initialised {
  readonly keys: readonly string[];
  readonly root_token: string;
}

function configOf(address: string, port: number, path: string): object {
  return {
    storage: { raft: { path, node_id: 'one' } },
    listener: { tcp: { address: `127.0.0.1:${port}`, tls_disable: true } },
    api_addr: address,
    cluster_addr: `http://127.0.0.1:${port + 1}`,
  };
}

async function isAt(address: string, condition: (answer: Response) => boolean): Promise<boolean> {
  const answer = await fetch(`${address}/v1/sys/health`).catch(() => undefined);
  return answer !== undefined && condition(answer);
}

async function ask<T>(address: string, path: string, body: object, token = ''): Promise<T> {
  const headers = { 'x-vault-token': token };
  const answer = await fetch(`${address}/v1/${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`OpenBao answers ${path} with ${answer.status}`);
  return (text === '' ? {} : JSON.parse(text)) as T;
}
