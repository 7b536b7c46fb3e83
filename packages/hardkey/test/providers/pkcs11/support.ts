// Tokens in folders of their own, and a module that does what a test asks for on the way to them.
import { type ChildProcess, type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyProvider } from 'hardkey';
import type { Outage } from 'hardkey/conformance';
import { type Pkcs11Config, pkcs11 } from 'hardkey/providers/pkcs11';
import { secretFile } from 'hardkey/secrets';
import { component } from '../../../../../scripts/components/index.ts';
import { listens } from '../../support/listening.ts';

/** A token that is there until the test ends. */
export interface TestToken {
  readonly folder: string;
  /** Label of the token. */
  readonly label: string;
  readonly pin: string;
  /** A file that holds the PIN. */
  readonly pinFile: string;
  /** What a provider needs to know. */
  readonly config: Pkcs11Config;
  /** A provider over it, closed when the test ends. */
  provider(more?: Partial<Pkcs11Config>): KeyProvider;
  /** The reference of an object. */
  ref(object: string): string;
  /** Takes the token away and gives it back. */
  readonly outage: Outage;
}

/** A PIN that nothing else contains. */
export const PIN = '7301-canary-4465';

/** What loads modules: without it there is nothing to test. */
export function missingForTokens(...names: readonly Parameters<typeof component>[0][]): string | undefined {
  const missing = names.map((name) => component(name).missing).find((reason) => reason !== undefined);
  return missing ?? (includes() === undefined ? 'pkcs11js is not installed' : undefined);
}

/** What a SoftHSM2 token may have that others have not. */
export interface SoftOptions {
  /** Another module before it. */
  readonly through?: Pick<Forwarder, 'module' | 'env'>;
  /** The folder of another one, to begin with its keys. */
  readonly copyOf?: string | undefined;
  readonly label?: string;
}

/** A SoftHSM2 token. */
export function softToken(t: TestContext, options: SoftOptions = {}): TestToken {
  const { through, copyOf, label = 'hardkey test' } = options;
  const folder = folderFor(t);
  const tokens = join(folder, 'tokens');
  const conf = join(folder, 'softhsm2.conf');
  writeFileSync(conf, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  mkdirSync(tokens);
  if (copyOf === undefined) initToken(conf, label);
  else cpSync(join(copyOf, 'tokens'), tokens, { recursive: true });
  const library = component('softhsm2').path;
  const away = `${tokens}.away`;
  return testToken(t, folder, label, {
    module: through?.module ?? library,
    env: { SOFTHSM2_CONF: conf, FORWARD_TO: library, ...through?.env },
    outage: { begin: () => renameSync(tokens, away), end: () => renameSync(away, tokens) },
  });
}

const SOFTHSM_UTIL = 'softhsm2-util';

/** Puts a token into the folder of a configuration. */
export function initToken(conf: string, label: string, pin: string = PIN): void {
  const args = ['--init-token', '--free', '--label', label, '--pin', pin, '--so-pin', '12345678'];
  execFileSync(SOFTHSM_UTIL, args, { env: { ...process.env, SOFTHSM2_CONF: conf }, stdio: 'ignore' });
}

/** The token of NSS, as Firefox and certutil keep it. */
export function nssToken(t: TestContext, copyOf?: string): TestToken {
  const folder = folderFor(t);
  const db = join(folder, 'db');
  if (copyOf === undefined) {
    mkdirSync(db);
    const pin = join(folder, 'pin');
    writeFileSync(pin, PIN);
    execFileSync(CERTUTIL, ['-N', '-d', `sql:${db}`, '-f', pin], { stdio: 'ignore' });
  } else cpSync(join(copyOf, 'db'), db, { recursive: true });
  return testToken(t, folder, 'NSS Certificate DB', {
    module: component('nss').path,
    parameters: `configdir='sql:${db}' certPrefix='' keyPrefix='' secmod='secmod.db' flags=`,
    outage: { begin: () => renameSync(db, `${db}.away`), end: () => renameSync(`${db}.away`, db) },
  });
}

const CERTUTIL = 'certutil';

/** A SoftHSM2 token of another process, through p11-kit's remoting. */
export async function remoteToken(t: TestContext, copyOf?: string): Promise<TestToken> {
  const { folder, label, config } = softToken(t, { copyOf });
  const socket = join(folder, 'socket');
  const server = ['server', '--foreground', '--name', socket, '--provider', component('softhsm2').path];
  let running: ChildProcess | undefined;
  const begin = async (): Promise<void> => {
    const env = { ...process.env, ...config.modules?.['m']?.env };
    running = spawn(P11_KIT, [...server, 'pkcs11:'], { env, stdio: 'ignore' });
    while (!(await listens({ path: socket })) && running.exitCode === null) await sleep(10);
  };
  const end = async (): Promise<void> => {
    const ended = running && once(running, 'exit');
    running?.kill();
    await ended;
    rmSync(socket, { force: true });
  };
  t.after(end);
  await begin();
  return testToken(t, folder, label, {
    module: component('p11-kit').path,
    env: { P11_KIT_SERVER_ADDRESS: `unix:path=${socket}` },
    outage: { begin: end, end: begin },
  });
}

const P11_KIT = 'p11-kit';

/**
 * A token of tpm2-pkcs11 in a TPM of its own, with the resource manager that a kernel has for real ones.
 * It bears one session, and three wrong PINs lock it.
 */
export async function tpmToken(t: TestContext, copyOf?: string): Promise<TestToken> {
  const folder = folderFor(t);
  const [state, store] = [join(folder, 'state'), join(folder, 'store')];
  if (copyOf === undefined) {
    for (const one of [state, store]) mkdirSync(one);
    const setup = ['--tpm2', '--tpmstate', state, '--createek', '--overwrite'];
    execFileSync(SWTPM_SETUP, setup, { stdio: 'ignore' });
  } else cpSync(copyOf, folder, { recursive: true });
  const bus = await startBus(t);
  const module = component('tpm2-pkcs11').path;
  const env = {
    DBUS_SESSION_BUS_ADDRESS: bus,
    TPM2_PKCS11_STORE: store,
    TPM2_PKCS11_TCTI: 'tabrmd:bus_type=session',
    TSS2_LOG: 'all+NONE',
  };
  const tool = (...words: readonly string[]): void => {
    const options = { env, stdio: 'ignore' as const };
    execFileSync(component('pkcs11-tool').path, ['--module', module, ...words], options);
  };
  const tpm = tpmProcesses(state, bus, async () => tool('--list-slots'));
  t.after(tpm.begin);
  await tpm.end();
  if (copyOf === undefined) {
    tool('--slot-index', '0', '--init-token', '--label', 'in a TPM', '--so-pin', '12345678');
    const officer = ['--login', '--login-type', 'so', '--so-pin', '12345678'];
    tool('--token-label', 'in a TPM', ...officer, '--init-pin', '--pin', PIN);
  }
  return testToken(t, folder, 'in a TPM', { module, env, maxSessions: 1, outage: tpm });
}

/** Starts a bus that ends with the test; its address. */
export async function startBus(t: TestContext): Promise<string> {
  const daemon = spawn(DBUS, ['--session', '--nofork', '--print-address'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.after(() => daemon.kill('SIGKILL'));
  return String((await once(daemon.stdout, 'data'))[0]).trim();
}

/** The TPM and its resource manager, until they are asked to end. */
function tpmProcesses(state: string, bus: string, ready: () => Promise<void>): Outage {
  let running: readonly ChildProcess[] = [];
  return {
    async begin() {
      const ended = running.map((one) => one.exitCode === null && once(one, 'exit'));
      for (const one of running) one.kill('SIGKILL');
      await Promise.all(ended);
      running = [];
    },
    async end() {
      const [port, control] = await freePorts();
      const at = (flag: string, where: number): readonly string[] => [
        flag,
        `type=tcp,port=${where},bindaddr=127.0.0.1`,
      ];
      const flags = ['--flags', 'not-need-init,startup-clear'];
      const args = [
        'socket',
        '--tpm2',
        '--tpmstate',
        `dir=${state}`,
        ...at('--server', port),
        ...at('--ctrl', control),
      ];
      const tpm = spawn(component('swtpm').path, [...args, ...flags], { stdio: 'ignore' });
      await until(() => isListening(port));
      const words = ['--session', '--allow-root', `--tcti=swtpm:host=127.0.0.1,port=${port}`];
      const env = { ...process.env, DBUS_SESSION_BUS_ADDRESS: bus };
      const manager = spawn(component('tpm2-abrmd').path, words, { env, stdio: 'ignore' });
      running = [manager, tpm];
      await eventually(ready);
    },
  };
}

/** Does it until it works; throws what it throws after a minute. */
async function eventually(act: () => Promise<void>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return await act();
    } catch (error) {
      if (tries > 600) throw error;
      await sleep(100);
    }
  }
}

const DBUS = 'dbus-daemon';
const SWTPM_SETUP = 'swtpm_setup';

/** Two ports in a row that nobody has: the library finds the second by the first. */
async function freePorts(): Promise<readonly [number, number]> {
  for (;;) {
    const first = createServer().listen(0, '127.0.0.1');
    await once(first, 'listening');
    const { port } = first.address() as AddressInfo;
    const second = createServer().listen(port + 1, '127.0.0.1');
    const free = await once(second, 'listening').then(
      () => true,
      () => false,
    );
    for (const one of [first, second]) one.close();
    if (free) return [port, port + 1];
  }
}

/** By the kernel's list: who connects to see whether somebody listens is taken for a client. */
function isListening(port: number): boolean {
  const wanted = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A`;
  return readFileSync('/proc/net/tcp', 'utf8').includes(wanted);
}

/** Waits until it is so; throws after a minute. */
export async function until(condition: () => boolean): Promise<void> {
  for (let looks = 0; !condition(); looks++) {
    if (looks > 6000) throw new Error('it never became so');
    await sleep(10);
  }
}

interface Behind {
  readonly module: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly parameters?: string;
  readonly maxSessions?: number;
  readonly outage: Outage;
}

/** The token of a module. */
export function testToken(
  t: TestContext,
  folder: string,
  label: string,
  { module, outage, ...more }: Behind,
): TestToken {
  const pinFile = join(folder, 'pin');
  writeFileSync(pinFile, `${PIN}\n`, { mode: 0o600 });
  const query = '?module-name=m';
  const token = `pkcs11:token=${encodeURIComponent(label)}`;
  const config: Pkcs11Config = {
    modules: { m: { path: module, ...more } },
    tokens: [token + query],
    pin: secretFile(pinFile),
  };
  return {
    folder,
    label,
    pin: PIN,
    pinFile,
    config,
    outage,
    ref: (object) => `${token};object=${object}${query}`,
    provider(more = {}) {
      const made = pkcs11({ ...config, ...more });
      t.after(() => made.close());
      return made;
    },
  };
}

/** A module that a test controls, on the way to another. */
export interface Forwarder {
  readonly module: string;
  readonly env: Readonly<Record<string, string>>;
  /** How often a function of the module was called. */
  calls(name?: string): number;
  /** From now on a function hangs, crashes or gives an error. */
  fault(name: string, what: string): void;
  heal(name: string): void;
}

/** Compiles it, once for all tests, and gives it a folder of its own. */
export function forwarder(t: TestContext, env: Readonly<Record<string, string>> = {}): Forwarder {
  const folder = folderFor(t);
  const log = join(folder, 'calls');
  const faults = join(folder, 'faults');
  mkdirSync(faults);
  return {
    module: compiled(join(import.meta.dirname, 'forwarder.c')),
    env: { FORWARD_LOG: log, FORWARD_FAULTS: faults, ...env },
    calls(name) {
      const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : [];
      return lines.filter((line) => name === undefined || line === name).length;
    },
    fault: (name, what) => writeFileSync(join(faults, name), what),
    heal: (name) => rmSync(join(faults, name), { force: true }),
  };
}

/** A shared library made of a file of C, kept beside others of the same text. */
export function compiled(source: string): string {
  const hash = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 16);
  const library = join(tmpdir(), `hardkey-test-${hash}.so`);
  if (existsSync(library)) return library;
  const made = `${library}.${process.pid}`;
  execFileSync(component('cc').path, [
    '-Wall',
    '-O2',
    '-shared',
    '-fPIC',
    '-o',
    made,
    source,
    `-I${includes()}`,
    '-ldl',
  ]);
  renameSync(made, library);
  return library;
}

/** The headers that pkcs11js brings. */
function includes(): string | undefined {
  try {
    const entry = createRequire(import.meta.url).resolve('pkcs11js');
    return join(dirname(entry), 'includes');
  } catch {
    return undefined;
  }
}

/** A folder that ends with the test. */
export function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-pkcs11-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Another application that signs with the key `issuer` so many times; with `stays`, until it is ended. It
 * writes a core file when it is aborted, and a picture of its heap for SIGUSR2, into the folder of the token.
 */
export function application(
  t: TestContext,
  token: TestToken,
  times: number,
  stays?: string,
): ChildProcessByStdio<null, Readable, null> {
  const script = join(import.meta.dirname, 'signing-child.ts');
  const args = [JSON.stringify(token.config), token.ref('issuer'), String(times)];
  const node = [process.execPath, '--conditions=@hk/source', '--heapsnapshot-signal=SIGUSR2'];
  const child = spawn(
    '/bin/sh',
    [
      '-c',
      'ulimit -c unlimited; exec "$@"',
      'sh',
      ...node,
      script,
      ...args,
      ...(stays === undefined ? [] : [stays]),
    ],
    {
      cwd: token.folder,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { HARDKEY_TEST_PIN_FILE: token.pinFile },
    },
  );
  t.after(() => child.kill('SIGKILL'));
  return child;
}

/** The worker processes that a process started, this one by default. */
export function workersOf(parent: number = process.pid): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const [, state, ppid] =
          /^\d+ \(.*\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return Number(ppid) === parent && state !== 'Z' && /worker\/process\.[jt]s/.test(command);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** What each thread of a process is doing, in the letters of proc_pid_stat(5). */
export function threadStates(pid: number): readonly string[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    return /^\d+ \(.*\) (\S)/.exec(stat)?.[1] ?? '';
  });
}
