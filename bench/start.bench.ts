/**
 * What the built command takes of a processor, from nothing to its end: alone, and for one signature by a key of each cloud,
 * against Node.js and the SDK, with the same calls and without.
 *
 * Node.js keeps what it compiles where it is told to: that is measured too, and the call that writes it.
 *
 * It is processor time, user's and system's, as Linux counts it: a start is nothing else, and the clock on a machine
 * that others use says more of them.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Question, TimesItself } from './runner.ts';
import { type Place, startPlaces } from './start-places.ts';

const ROOT = join(import.meta.dirname, '..');
const COMMAND = join(ROOT, 'packages/cli/bin/hardkey.cjs');

/** A home, with something to sign in it, and the places of keys. */
interface Setting {
  readonly folder: string;
  readonly content: string;
}

/** The questions of this program. */
export async function questions(): Promise<readonly Question[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-start-'));
  const content = join(folder, 'content');
  writeFileSync(content, 'content');
  const setting: Setting = { folder, content };
  const places = await startPlaces();
  const all = [alone(setting), ...places.map((place) => cloud(setting, place))];
  // One home serves all of them, and ends with the last.
  const close = async (): Promise<void> => {
    for (const place of places) await place.close();
    rmSync(folder, { recursive: true });
  };
  return all.map((question) => (question === all.at(-1) ? { ...question, close } : question));
}

function alone(setting: Setting): Question {
  const make = ['key', 'generate', '--label', 'start', '--algorithm', 'ES256', '--no-passphrase'];
  const { status } = spawnSync(process.execPath, [COMMAND, ...make], { env: { HOME: setting.folder } });
  if (status !== 0) throw new Error('no key was made');
  const candidates = [
    processOf('node -e 0', setting, ['-e', '0']),
    processOf('hardkey --version', setting, [COMMAND, '--version']),
    processOf('hardkey --help', setting, [COMMAND, '--help']),
    processOf('hardkey key list --names', setting, [COMMAND, 'key', 'list', '--names']),
    ...signing(setting, 'file:start', {}),
  ];
  return { name: 'from nothing to the answer', baseline: 'node -e 0', candidates };
}

function cloud(setting: Setting, { name, ref, env, load, calls }: Place): Question {
  const module = ['--input-type=module', '-e'];
  const baseline = 'node, with what the service takes';
  const candidates = [
    processOf(baseline, setting, [...module, load], env),
    processOf('the same, and the same calls', setting, [...module, load + calls], env),
    ...signing(setting, ref, env),
  ];
  return { name: `${name}, from nothing to the signature`, baseline, candidates };
}

/** One signature by the command: as it is, and with what Node.js compiled of it in a folder. */
function signing(
  setting: Setting,
  ref: string,
  env: Readonly<Record<string, string>>,
): readonly TimesItself[] {
  const args = [COMMAND, 'sign', setting.content, '--key', ref];
  const [kept, fresh] = [join(setting.folder, 'kept'), join(setting.folder, 'fresh')];
  return [
    processOf('hardkey sign', setting, args, env),
    processOf('hardkey sign, compiled before', setting, args, { ...env, NODE_COMPILE_CACHE: kept }),
    processOf('hardkey sign, kept for the next', setting, args, { ...env, NODE_COMPILE_CACHE: fresh }, () =>
      rmSync(fresh, { recursive: true, force: true }),
    ),
  ];
}

/** Processes, one after the other. */
function processOf(
  name: string,
  { folder }: Setting,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  before?: () => void,
): TimesItself {
  return {
    name,
    async time(calls) {
      const start = spentByChildren();
      for (let call = 0; call < calls; call++) {
        before?.();
        const { status, stderr } = spawnSync(process.execPath, args, {
          cwd: ROOT,
          env: { HOME: folder, ...env },
        });
        if (status !== 0) throw new Error(`${name}: exit status ${status}: ${stderr}`);
      }
      return (spentByChildren() - start) / calls;
    },
  };
}

/** Microseconds. proc_pid_stat(5): fields 16 and 17 are of children that ended, in hundredths of a second. */
function spentByChildren(): number {
  const [, fields = ''] = readFileSync('/proc/self/stat', 'utf8').split(') ');
  const [user = '', system = ''] = fields.split(' ').slice(13, 15);
  return (Number(user) + Number(system)) * 10_000;
}
