// A TPM 2.0 in a process of its own, with state in a folder that ends with the test.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { component } from '../../../../scripts/components/index.ts';
import { listens } from './listening.ts';
import { freePorts } from './ports.ts';

/** A TPM that runs, or can be started again with the state that it has. */
export interface Swtpm {
  /** What a reference names it by. */
  readonly device: string;
  /** For tpm2-tools and tpm2-openssl, which take TCP. */
  readonly env: Readonly<Record<string, string>>;
  readonly state: string;
  start(): Promise<void>;
  /** Ends it between two instructions, as a power failure would. */
  kill(): Promise<void>;
  /** Lets it accept commands and answer none. */
  stop(): void;
  resume(): void;
}

/** Where a program of tpm2-tools is. */
export function tpm2(name: string): string {
  return join(dirname(component('tpm2-tools').path), `tpm2_${name}`);
}

/** Where a program that comes with swtpm is. */
export function beside(name: string): string {
  return join(dirname(component('swtpm').path), name);
}

/** How it is reached, and what it starts with. */
export interface SwtpmOptions {
  readonly transport?: 'tcp' | 'unix';
  /** A state folder, which is copied. */
  readonly from?: string;
}

/** Starts a TPM that ends with the test. */
export async function swtpmFor(t: Pick<TestContext, 'after'>, options: SwtpmOptions = {}): Promise<Swtpm> {
  const { swtpm, end } = await startSwtpm(options);
  t.after(end);
  return swtpm;
}

/** Starts a TPM, and gives what ends it and removes its folder. */
export async function startSwtpm({ transport = 'unix', from }: SwtpmOptions = {}): Promise<{
  readonly swtpm: Swtpm;
  readonly end: () => Promise<void>;
}> {
  const state = mkdtempSync(join(tmpdir(), 'hardkey-tpm-'));
  if (from !== undefined) cpSync(from, state, { recursive: true });
  const place = transport === 'unix' ? unixPlace(state) : await tcpPlace();
  let running: ChildProcess | undefined;
  const swtpm: Swtpm = {
    ...place,
    state,
    async start() {
      running = spawn(
        component('swtpm').path,
        [
          'socket',
          '--tpm2',
          '--tpmstate',
          `dir=${state}`,
          ...place.args,
          '--flags',
          'not-need-init,startup-clear',
        ],
        { stdio: 'ignore' },
      );
      await place.ready();
    },
    async kill() {
      const ending = running;
      running = undefined;
      if (ending === undefined || ending.exitCode !== null) return;
      const ended = new Promise((resolve) => ending.once('exit', resolve));
      ending.kill('SIGKILL');
      await ended;
      place.clear();
    },
    stop: () => void running?.kill('SIGSTOP'),
    resume: () => void running?.kill('SIGCONT'),
  };
  await swtpm.start();
  const end = async (): Promise<void> => {
    await swtpm.kill();
    rmSync(state, { recursive: true, force: true });
  };
  return { swtpm, end };
}

interface Place {
  readonly device: string;
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly ready: () => Promise<void>;
  readonly clear: () => void;
}

function unixPlace(state: string): Place {
  const path = join(state, 'socket');
  return {
    device: `unix:${path}`,
    env: {},
    args: ['--server', `type=unixio,path=${path}`, '--ctrl', `type=unixio,path=${path}.ctrl`],
    ready: () => until(() => listens({ path })),
    clear: () => rmSync(path, { force: true }),
  };
}

async function tcpPlace(): Promise<Place> {
  const port = await freePorts();
  const at = 'bindaddr=127.0.0.1';
  return {
    device: `tcp:127.0.0.1:${port}`,
    env: {
      TPM2TOOLS_TCTI: `swtpm:host=127.0.0.1,port=${port}`,
      TPM2OPENSSL_TCTI: `swtpm:host=127.0.0.1,port=${port}`,
    },
    // Other programs expect the control channel at the next port.
    args: ['--server', `type=tcp,port=${port},${at}`, '--ctrl', `type=tcp,port=${port + 1},${at}`],
    ready: () => until(() => listens({ port, host: '127.0.0.1' })),
    clear: () => undefined,
  };
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let looks = 0; looks < 1000; looks++) {
    if (await condition()) return;
    await sleep(10);
  }
  throw new Error('swtpm did not start');
}

/** A state folder of a TPM whose maker certified its endorsement keys, and the certificates of that maker. */
export function manufacture(folder: string): { readonly state: string; readonly roots: string } {
  const at = (name: string): string => join(folder, name);
  const state = at('state');
  const authority = at('authority');
  for (const one of [state, authority]) mkdirSync(one);
  const lines = (name: string, values: Readonly<Record<string, string>>): string => {
    writeFileSync(
      at(name),
      Object.entries(values)
        .map(([key, value]) => `${key}=${value}\n`)
        .join(''),
    );
    return at(name);
  };
  const options = at('options');
  writeFileSync(options, '--platform-manufacturer Test\n--platform-version 1\n--platform-model Test\n');
  const config = lines('setup.conf', {
    create_certs_tool: '/usr/bin/swtpm_localca',
    create_certs_tool_config: lines('authority.conf', {
      statedir: authority,
      signingkey: join(authority, 'signkey.pem'),
      issuercert: join(authority, 'issuercert.pem'),
      certserial: join(authority, 'certserial'),
    }),
    create_certs_tool_options: options,
  });
  const setup = ['--tpm2', '--tpmstate', state, '--create-ek-cert', '--config', config, '--overwrite'];
  execFileSync(beside('swtpm_setup'), setup, { stdio: 'ignore' });
  const certificates = ['swtpm-localca-rootca-cert.pem', 'issuercert.pem'];
  return { state, roots: certificates.map((name) => readFileSync(join(authority, name), 'utf8')).join('') };
}
