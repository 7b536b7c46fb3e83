// A TPM with keys in it, made once and copied, and a relay that counts what it is sent.

import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Algorithm, algorithm, type KeySpec, parseKeyRef, Secret } from 'hardkey';
import { tpm } from 'hardkey/providers/tpm';
import { type Swtpm, startSwtpm, swtpmFor } from '../../support/swtpm.ts';

/** A secret as a configuration takes it. */
export function secretOf(text: string): () => Promise<Secret> {
  return async () => new Secret(new TextEncoder().encode(text));
}

/** One key for each way to use one. */
export const ALGORITHMS = [
  'ES256',
  'ES384',
  'RS256',
  'PS384',
  'RSA-OAEP-256',
  'ECDH-ES+A128KW',
] as const satisfies readonly Algorithm[];

/** What makes a key for an algorithm; of RSA in the size that is made fastest. */
export function specOf(name: Algorithm): KeySpec {
  return algorithm(name).keyType === 'RSA' ? { algorithm: name, bits: 2048 } : { algorithm: name };
}

/** Where a key is, by its place in the list. */
export type Places = (at: number) => string;

/** The handle of a key. */
export const atHandle: Places = (at) => `handle=0x8100010${at}`;

/** State folders by what is in them, each made once. */
const made = new Map<string, Promise<string>>();

/** A TPM with a key for each algorithm, at the places of `kind`, all with this authorization value. */
export async function tpmWithKeys(
  t: TestContext,
  kind: 'handle' | 'file',
  pin: string,
): Promise<{ readonly swtpm: Swtpm; readonly folder: string; readonly places: Places }> {
  const what = `${kind} ${pin}`;
  const state = made.get(what) ?? makeState(kind, pin);
  made.set(what, state);
  const swtpm = await swtpmFor(t, { from: await state });
  const folder = join(swtpm.state, 'keys');
  return { swtpm, folder, places: kind === 'handle' ? atHandle : inFolder(folder) };
}

function inFolder(folder: string): Places {
  return (at) => `file=${folder}/${ALGORITHMS[at]}.pem`;
}

async function makeState(kind: 'handle' | 'file', pin: string): Promise<string> {
  const { swtpm, end } = await startSwtpm();
  const folder = join(swtpm.state, 'keys');
  mkdirSync(folder);
  const provider = tpm({ device: swtpm.device, auth: secretOf(pin) });
  const places = kind === 'handle' ? atHandle : inFolder(folder);
  for (const [at, name] of ALGORITHMS.entries()) {
    await provider.create?.(parseKeyRef(`tpm:${places(at)}`), specOf(name));
  }
  await provider.close();
  await swtpm.kill();
  const kept = mkdtempSync(join(tmpdir(), 'hardkey-tpm-kept-'));
  process.once('exit', () => rmSync(kept, { recursive: true, force: true }));
  cpSync(swtpm.state, kept, { recursive: true });
  await end();
  return kept;
}

/** Stands between a client and a TPM. */
export interface Relay {
  readonly device: string;
  /** Commands that came so far. */
  readonly commands: () => number;
}

/** What a relay does with what passes. */
export interface RelayOptions {
  /** What it returns is the answer, and the TPM never sees the command. */
  readonly onCommand?: (bytes: Uint8Array) => Uint8Array | undefined;
  /** Gives the response that is passed on. */
  readonly onResponse?: (bytes: Buffer) => Uint8Array;
}

/** Passes everything on, both ways, until the test ends. */
export async function relayTo(
  t: TestContext,
  device: string,
  { onCommand = () => undefined, onResponse = (bytes) => bytes }: RelayOptions = {},
): Promise<Relay> {
  const path = device.slice('unix:'.length);
  const sockets = new Set<Socket>();
  let commands = 0;
  const server: Server = createServer((from) => {
    const to = connect(path);
    for (const socket of [from, to]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
    // A client sends no command before it has the answer to the last.
    from.on('data', (bytes) => {
      commands += 1;
      const answer = onCommand(bytes);
      if (answer === undefined) to.write(bytes);
      else from.write(answer);
    });
    from.on('end', () => to.end());
    to.on('data', (bytes) => from.write(onResponse(bytes)));
    from.on('close', () => to.destroy());
    to.on('close', () => from.destroy());
    server.unref();
    from.unref();
    to.unref();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  return { device: `tcp:127.0.0.1:${port}`, commands: () => commands };
}
