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
    await until(() => existsSync(socket));
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
  readonly outage: Outage;
}

/** The token of a module. */
export function testToken(
  t: TestContext,
  folder: string,
  label: string,
  { module, env = {}, parameters, outage }: Behind,
): TestToken {
  const pinFile = join(folder, 'pin');
  writeFileSync(pinFile, `${PIN}\n`, { mode: 0o600 });
  const query = '?module-name=m';
  const token = `pkcs11:token=${encodeURIComponent(label)}`;
  const config: Pkcs11Config = {
    modules: { m: { path: module, env, ...(parameters === undefined ? {} : { parameters }) } },
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

/** Another application that signs with the key `issuer` so many times; with `stays`, until it is ended. */
export function application(
  t: TestContext,
  token: TestToken,
  times: number,
  stays?: string,
): ChildProcessByStdio<null, Readable, null> {
  const script = join(import.meta.dirname, 'signing-child.ts');
  const args = [JSON.stringify(token.config), token.ref('issuer'), String(times)];
  const child = spawn(
    process.execPath,
    ['--conditions=@hk/source', script, ...args, ...(stays === undefined ? [] : [stays])],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { HARDKEY_TEST_PIN_FILE: token.pinFile } },
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
