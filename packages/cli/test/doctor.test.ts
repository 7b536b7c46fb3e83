// All backends at once: listed together, and looked after by the doctor.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ssh, sshFolder, sshPair, startAgent } from '../../hardkey/test/support/ssh.ts';
import { findMore } from '../src/commands/doctor/found.ts';
import { installedModules } from '../src/commands/doctor/modules.ts';
import { readEnvironment } from '../src/environment.ts';
import { openKeys } from '../src/keys.ts';
import { backendsIn } from './support/backends.ts';
import { sandbox } from './support/sandbox.ts';

const box = sandbox();
const { write, path } = box;
const backends = backendsIn(box);
const skip = [ssh.missing ?? false, ...backends.map((one) => one.skip)].find((one) => one !== false) ?? false;

/** What each backend is called in the settings, as it was started. */
const settings: Record<string, Readonly<Record<string, unknown>>> = {};
let env: Readonly<Record<string, string>> = {};
let socket = '';
const PASSPHRASE = ['--passphrase-file', 'passphrase'];

if (skip === false) {
  for (const { name, start } of backends) settings[name] = await start();
  const folder = sshFolder();
  const agent = await startAgent(join(folder, 'agent'));
  after(() => agent.stop());
  agent.add([sshPair(folder, 'ed25519', 'me@example.org').path]);
  socket = agent.socket;
  env = Object.assign({}, ...backends.map((one) => one.env()));
}

const hardkey = (...args: readonly string[]) => box.run([...args, ...PASSPHRASE], { env });

function writeSettings(name: string, ...parts: readonly object[]): readonly string[] {
  write(name, JSON.stringify(Object.assign({}, ...parts)));
  return ['--config', name];
}

function generate(config: readonly string[], backend: string, label: string): string {
  const made = ['key', 'generate', '--backend', backend, '--label', label, '--algorithm', 'ES256', '--json'];
  const { status, stdout, stderr } = hardkey(...made, ...config);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout).ref;
}

/** Settings with every backend, and a key in each; the agent is one that is not there. */
function everything(): readonly string[] {
  return writeSettings('all.json', ...Object.values(settings), { 'ssh-agent': { socket: '/none' } });
}

interface Row {
  readonly backend: string;
  readonly ref?: string;
  readonly label?: string;
  readonly error?: { readonly code: string };
}

test('every key of every backend is listed, and one that is away has a row and hides none', { skip }, () => {
  const config = everything();
  for (const { name } of backends) generate(config, name, `key-${name}`);
  const { status, stdout } = hardkey('key', 'list', '--json', ...config);
  assert.equal(status, 0);
  const rows = JSON.parse(stdout) as readonly Row[];
  const kinds = rows.map(({ backend, label, error }) => [backend, label, error?.code]);
  assert.deepEqual(kinds, [
    ['file', 'key-file', undefined],
    ['pkcs11', 'key-pkcs11', undefined],
    ['tpm', 'key-tpm', undefined],
    ['keyring', 'key-keyring', undefined],
    ['ssh-agent', undefined, 'UNAVAILABLE'],
  ]);
  const text = hardkey('key', 'list', ...config).stdout;
  assert.match(text, /\nssh-agent: no agent answers on the socket: is it running\? \(UNAVAILABLE /);
  for (const { name } of backends) assert.ok(text.includes(`key-${name}`));
});

test('a token that is away hides nothing of the one that is there', { skip }, () => {
  const { pkcs11 } = settings['pkcs11'] ?? {};
  const { tokens } = pkcs11 as Readonly<Record<'tokens', readonly string[]>>;
  const away = tokens.map((one) => one.replace('token=T', 'token=U'));
  const config = writeSettings('two.json', settings['file'] ?? {}, {
    pkcs11: { tokens: [...away, ...tokens] },
  });
  const rows = JSON.parse(hardkey('key', 'list', '--json', ...config).stdout) as readonly Row[];
  const shown = rows.filter(({ backend }) => backend === 'pkcs11');
  assert.deepEqual(
    shown.map(({ label, ref, error }) => [label, error === undefined || ref]),
    [
      ['key-pkcs11', true],
      [undefined, away[0]],
    ],
  );
});

test('--min-custody ends with 1 and the weaker keys, and knows nothing of a backend that is away', {
  skip,
}, () => {
  const hard = writeSettings(
    'hard.json',
    { store: 'no-keys' },
    settings['pkcs11'] ?? {},
    settings['tpm'] ?? {},
  );
  const soft = writeSettings('soft.json', settings['file'] ?? {}, settings['pkcs11'] ?? {});
  const list = (least: string, config: readonly string[]) =>
    hardkey('key', 'list', '--min-custody', least, ...config);
  assert.deepEqual([list('attributed', hard).status, list('claimed', soft).status], [0, 0]);
  const weak = list('attributed', soft);
  assert.equal(weak.status, 1);
  assert.match(weak.stdout, /key-pkcs11/);
  assert.equal(weak.stderr, 'hardkey: custody is less than attributed: file:key-file?version=1\n');
  assert.equal(list('attested', hard).status, 1);
  const away = writeSettings('away.json', { store: 'no-keys' }, settings['pkcs11'] ?? {}, {
    'ssh-agent': { socket: '/none' },
  });
  const unknown = list('attributed', away);
  assert.equal(unknown.status, 75);
  assert.equal(unknown.stderr, 'hardkey: custody is not known: ssh-agent does not say\n');
  assert.equal(list('proven', hard).status, 64);
});

interface Report {
  readonly config: string;
  readonly backends: readonly {
    readonly backend: string;
    readonly well: boolean;
    readonly keys?: number;
    readonly error?: { readonly code: string; readonly message: string };
  }[];
  readonly found: readonly { readonly backend: string; readonly ref: string; readonly settings: object }[];
}

function doctor(config: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = box.run(['doctor', '--json', ...PASSPHRASE, ...config], {
    env: { ...env, ...more },
  });
  assert.equal(stderr, '');
  return { status, report: JSON.parse(stdout) as Report };
}

test('the doctor says of each backend whether it is well, and ends as the one that is not', { skip }, () => {
  const { status, report } = doctor(everything());
  assert.equal(status, 75);
  assert.equal(report.config, 'all.json');
  const rows = report.backends.map(({ backend, well, keys }) => [backend, well, keys]);
  assert.deepEqual(rows, [
    ['file', true, 1],
    ['pkcs11', true, 1],
    ['tpm', true, 1],
    ['keyring', true, 1],
    ['ssh-agent', false, undefined],
  ]);
  assert.match(report.backends.at(-1)?.error?.message ?? '', /is it running\?/);
  const text = hardkey('doctor', ...everything()).stdout;
  assert.match(text, /^file +well +1 key$/m);
  assert.match(text, /^ssh-agent +not well +no agent answers on the socket: is it running\? \(UNAVAILABLE/m);
});

test('settings that cannot work are found where they are', { skip }, () => {
  const wrong = {
    pkcs11: { tokens: ['pkcs11:object=a'] },
    tpm: { device: 'nonsense' },
    keyring: { services: 1 },
  };
  const { status, report } = doctor(writeSettings('wrong.json', settings['file'] ?? {}, wrong));
  assert.equal(status, 64);
  assert.deepEqual(
    report.backends.map(({ backend, well, error }) => [backend, well, error?.code]),
    [
      ['file', true, undefined],
      ['pkcs11', false, 'ARGUMENT_INVALID'],
      ['tpm', false, 'ARGUMENT_INVALID'],
      ['keyring', false, 'ARGUMENT_INVALID'],
    ],
  );
});

test('what it finds is well once the settings that it names are written', { skip }, () => {
  const around = { SSH_AUTH_SOCK: socket };
  const { status, report } = doctor(writeSettings('none.json', settings['file'] ?? {}), around);
  assert.equal(status, 0);
  const refs = report.found.map(({ backend, ref }) => [backend, ref]);
  const token = installedModules().find((module) => module.includes('softhsm'));
  for (const expected of [
    ['ssh-agent', `ssh-agent:?socket=${socket}`],
    ['keyring', 'keyring:'],
    ['pkcs11', `pkcs11:token=T?module-path=${token}`],
  ]) {
    assert.ok(
      refs.some((one) => one.join() === expected.join()),
      JSON.stringify(refs),
    );
  }
  const text = box.run(['doctor', '--config', 'none.json', ...PASSPHRASE], {
    env: { ...env, ...around },
  }).stdout;
  assert.match(text, /^keyring: +not in the settings +add "keyring":\{\} to none\.json$/m);
  assert.match(
    text,
    /not in the settings +add "pkcs11:token=T\?module-path=.*" to pkcs11\.tokens in none\.json$/m,
  );

  const named = writeSettings(
    'named.json',
    settings['file'] ?? {},
    ...report.found.map((one) => one.settings),
  );
  const after = doctor(named, around);
  assert.deepEqual([after.status, after.report.found], [0, []]);
  assert.ok(after.report.backends.length >= 4 && after.report.backends.every(({ well }) => well));
});

test('a TPM is found by its device, with why it cannot be used as it is', async () => {
  // A file is no device.
  write('tpm0', '');
  const environment = readEnvironment({ HOME: box.home, PATH: '/nowhere' });
  const context = { environment, interactive: false };
  const given = { args: [], text: () => undefined, list: () => [], has: () => false };
  const opened = await openKeys(given, context);
  await using _ = opened.keys;
  const found = await findMore(given, context, opened, ['/no/such/tpmrm0', path('tpm0')]);
  const tpms = found.filter(({ backend }) => backend === 'tpm');
  assert.deepEqual(
    tpms.map(({ ref, settings: named, failure }) => [ref, named, failure?.code]),
    [[`tpm:?device=${path('tpm0')}`, { tpm: { device: path('tpm0') } }, 'ARGUMENT_INVALID']],
  );
});
