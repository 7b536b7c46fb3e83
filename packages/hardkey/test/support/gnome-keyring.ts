// A bus and a keyring of a test's own: the daemon of a GNOME desktop, unlocked, in a home of its own.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { component } from '../../../../scripts/components/index.ts';
import { listens } from './listening.ts';

/** gnome-keyring, or why it is not there. */
export const gnomeKeyring = component('gnome-keyring');

const PASSWORD = 'login-password-5c11';
const SECRETS = 'org.freedesktop.secrets';
const PATH = '/org/freedesktop/secrets';

/** A session with a keyring in it. */
export interface Session {
  /** What a program needs to find it. */
  readonly env: Readonly<Record<'HOME' | 'XDG_RUNTIME_DIR' | 'DBUS_SESSION_BUS_ADDRESS', string>>;
  /** Starts the daemon again: unlocked, or locked as it is before anybody logged in. */
  start(password?: string): Promise<void>;
  /** Ends the daemon; nobody answers on the bus. */
  stop(): Promise<void>;
  /** Locks what is unlocked. */
  lock(): void;
  /** The daemon is stopped where it stands, or goes on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** What secret-tool says, another program that knows the keyring. */
  secretTool(args: readonly string[], input?: string): string;
  end(): Promise<void>;
}

// No service is started by the bus itself: a keyring that is ended stays ended.
const CONFIG = (
  bus: string,
): string => `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=${bus}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
  </policy>
</busconfig>`;

/** Starts a bus and a keyring. */
export async function startSession(): Promise<Session> {
  const folder = mkdtempSync(join(tmpdir(), 'hk-keyring-'));
  const [home, runtime, bus] = ['home', 'run', 'bus'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const one of [home, runtime]) mkdirSync(one, { mode: 0o700 });
  const env = { HOME: home, XDG_RUNTIME_DIR: runtime, DBUS_SESSION_BUS_ADDRESS: `unix:path=${bus}` };
  const surroundings = { ...process.env, ...env };
  const tool = (name: string): string => join(dirname(gnomeKeyring.path), name);
  const dbusSend = (...args: string[]): string =>
    execFileSync(tool('dbus-send'), ['--session', '--print-reply', ...args], {
      env: surroundings,
      encoding: 'utf8',
      stdio: 'pipe',
      timeout: 10_000,
    });
  writeFileSync(join(folder, 'bus.conf'), CONFIG(bus));
  const daemonOfBus = spawn(
    tool('dbus-daemon'),
    ['--nofork', '--nopidfile', `--config-file=${folder}/bus.conf`],
    {
      stdio: 'ignore',
    },
  );
  while (!(await listens({ path: bus })) && daemonOfBus.exitCode === null) await sleep(5);
  let daemon: ChildProcess | undefined;

  const isThere = (): boolean => {
    try {
      return dbusSend(
        '--dest=org.freedesktop.DBus',
        '/',
        'org.freedesktop.DBus.NameHasOwner',
        `string:${SECRETS}`,
      ).includes('true');
    } catch {
      return false;
    }
  };
  const session: Session = {
    env,
    async start(password) {
      await session.stop();
      const unlock = password === undefined ? [] : ['--unlock'];
      const child = spawn(gnomeKeyring.path, ['--foreground', '--components=secrets', ...unlock], {
        env: surroundings,
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      child.stdin.end(password ?? '');
      daemon = child;
      // Once in some fifty runs version 42 ends by itself, in GLib. A session starts it again.
      child.once('exit', () => {
        if (daemon !== child) return;
        daemon = undefined;
        void session.start(password);
      });
      while (!isThere() && daemon === child) await sleep(20);
    },
    async stop() {
      const ending = daemon;
      daemon = undefined;
      if (ending === undefined) return;
      const ended = new Promise((resolve) => ending.once('exit', resolve));
      ending.kill('SIGCONT');
      ending.kill('SIGKILL');
      await ended;
    },
    lock: () =>
      void dbusSend(
        `--dest=${SECRETS}`,
        PATH,
        'org.freedesktop.Secret.Service.Lock',
        `array:objpath:${PATH}/collection/login`,
      ),
    signal: (signal) => void daemon?.kill(signal),
    secretTool: (args, input = '') =>
      execFileSync(tool('secret-tool'), args, { env: surroundings, encoding: 'utf8', input, stdio: 'pipe' }),
    async end() {
      await session.stop();
      const ended = new Promise((resolve) => daemonOfBus.once('exit', resolve));
      daemonOfBus.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await session.start(PASSWORD);
  return session;
}

/** What unlocks the keyring. */
export const password = PASSWORD;
