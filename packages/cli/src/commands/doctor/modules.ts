/**
 * PKCS #11 modules that are installed: those that p11-kit was told of, and those where their packages put
 * them.
 *
 * @module
 */
import { accessSync, constants, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

/** Where p11-kit looks for the files that name modules. */
const REGISTRIES = ['/etc/pkcs11/modules', '/usr/share/p11-kit/modules'];

const TRIPLETS: Readonly<Partial<Record<NodeJS.Architecture, string>>> = {
  x64: 'x86_64-linux-gnu',
  arm64: 'aarch64-linux-gnu',
};

/** Names in the folders of libraries. */
const NAMES = [
  'softhsm/libsofthsm2.so',
  'pkcs11/opensc-pkcs11.so',
  'opensc-pkcs11.so',
  'pkcs11/libtpm2_pkcs11.so',
  'libtpm2_pkcs11.so.1',
  'pkcs11/yubihsm_pkcs11.so',
  'libykcs11.so.2',
  'opencryptoki/libopencryptoki.so',
];

/** Where makers of HSMs put theirs. */
const ELSEWHERE = [
  '/opt/cloudhsm/lib/libcloudhsm_pkcs11.so',
  '/opt/nfast/toolkits/pkcs11/libcknfast.so',
  '/usr/safenet/lunaclient/lib/libCryptoki2_64.so',
];

/** Their paths, each library once. */
export function installedModules(registries: readonly string[] = REGISTRIES): readonly string[] {
  const named = registries.flatMap(modulesIn);
  const usual = libraryFolders().flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const byLibrary = new Map<string, string>();
  for (const path of [...named, ...usual, ...ELSEWHERE]) {
    if (!isReadable(path)) continue;
    const library = realpathSync(path);
    if (!byLibrary.has(library)) byLibrary.set(library, path);
  }
  return [...byLibrary.values()];
}

function libraryFolders(): readonly string[] {
  const triplet = TRIPLETS[process.arch];
  return [
    ...(triplet === undefined ? [] : [`/usr/lib/${triplet}`]),
    '/usr/lib64',
    '/usr/lib',
    '/usr/local/lib',
  ];
}

/** The modules that the files of a folder name. pkcs11.conf(5): a relative path begins where modules are. */
function modulesIn(registry: string): readonly string[] {
  if (!isReadable(registry)) return [];
  const files = readdirSync(registry).map((name) => join(registry, name));
  return files.filter(isModuleFile).flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    const [, module] = /^module:[ \t]*(\S+)/m.exec(text) ?? [];
    // Certificates that are trusted, and no keys.
    if (module === undefined || /^trust-policy:[ \t]*yes/m.test(text)) return [];
    if (isAbsolute(module)) return [module];
    return libraryFolders().map((folder) => join(folder, 'pkcs11', module));
  });
}

function isModuleFile(file: string): boolean {
  return file.endsWith('.module') && isReadable(file);
}

/** What this user may not read is no module of his. */
function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
