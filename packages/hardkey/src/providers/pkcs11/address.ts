/**
 * `pkcs11:` references: which module, token and object they name.
 *
 * @module
 */
import { type KeyRef, keyRef } from '../../core/key-ref.ts';
import { formatPkcs11Uri, type Pkcs11Uri, parsePkcs11Uri } from '../../core/refs/pkcs11.ts';
import { Failure, type FailureDetails, invalid } from '../../errors.ts';
import type { ModuleSettings, Settings } from './config.ts';
import type { TokenInfo } from './wire.ts';

/** A reference with everything that the configuration adds to it. */
export interface Address {
  /** As it was given, completed by the token of the configuration that it names. */
  readonly uri: Pkcs11Uri;
  readonly module: ModuleSettings;
  readonly pinSource?: string;
  /**
   * What addresses with one worker have in common. A login is of a process: references that differ in
   * where the PIN is do not share one, or a wrong PIN would do as well as the right one.
   */
  readonly workerKey: string;
}

/** Completes a reference. Throws `ARGUMENT_INVALID` for one that names no module, or one that is not allowed. */
export function readAddress(settings: Settings, given: Pkcs11Uri): Address {
  // RFC 7512 §2.3 has it. The same number is another token once one more is plugged in.
  if (given.slotId !== undefined) {
    throw invalid('name the token by its label or serial number, not by its slot', 'pkcs11.slot-id');
  }
  const uri = completed(settings, given);
  const module = moduleOf(settings, uri);
  const { pinSource } = uri;
  const workerKey = JSON.stringify([module.path, module.parameters, module.maxSessions, pinSource]);
  return { uri, module, workerKey, ...(pinSource === undefined ? {} : { pinSource }) };
}

/** The address of a key. Throws `ARGUMENT_INVALID` for what names no key. */
export function readKeyAddress(settings: Settings, ref: KeyRef): Address {
  const uri = parsePkcs11Uri(ref.body);
  if (uri.object === undefined && uri.id === undefined) {
    throw invalid('name the key by its object or id', 'pkcs11.object');
  }
  if (uri.object === '' || uri.id?.length === 0) throw invalid('a name has characters', 'pkcs11.object');
  if (uri.type === 'cert' || uri.type === 'data') throw invalid('not the type of a key', 'pkcs11.type');
  return readAddress(settings, uri);
}

/** A reference without a module is one to a token of the configuration, if it is one to just one of them. */
function completed({ tokens }: Settings, uri: Pkcs11Uri): Pkcs11Uri {
  const fitting = tokens.filter((token) => isWithin(uri, token));
  const [known, ...others] = fitting;
  if (known === undefined || others.length > 0) return uri;
  return { ...known, ...uri };
}

const TOKEN = ['token', 'serial', 'manufacturer', 'model', 'moduleName', 'modulePath'] as const;

/** Whether what a reference says of its token and module is what a known token has. */
function isWithin(uri: Pkcs11Uri, token: Pkcs11Uri): boolean {
  return TOKEN.every((name) => uri[name] === undefined || uri[name] === token[name]);
}

function moduleOf({ modules, anyModule, env, maxSessions }: Settings, uri: Pkcs11Uri): ModuleSettings {
  const { moduleName, modulePath } = uri;
  const found =
    moduleName === undefined
      ? [...modules.values()].find(({ path }) => path === modulePath)
      : modules.get(moduleName);
  const module =
    found ?? (anyModule && modulePath !== undefined ? { path: modulePath, env, maxSessions } : undefined);
  if (module !== undefined) return { ...module, maxSessions: uri.maxSessions ?? module.maxSessions };
  if (modulePath !== undefined) throw invalid('not a module of the configuration', 'pkcs11.module-path');
  if (moduleName !== undefined) throw invalid('no module of this name', 'pkcs11.module-name');
  throw invalid('the reference names no module: add ?module-path=/…', 'pkcs11.module-path');
}

/** Whether a token is the one that is meant. An attribute that is not given fits any. */
export function isToken(uri: Pkcs11Uri, token: TokenInfo): boolean {
  const { libraryVersion: version } = uri;
  return (
    [
      [uri.token, token.label],
      [uri.serial, token.serial],
      [uri.manufacturer, token.manufacturer],
      [uri.model, token.model],
      [uri.libraryManufacturer, token.libraryManufacturer],
      [uri.libraryDescription, token.libraryDescription],
      [uri.slotManufacturer, token.slotManufacturer],
      [uri.slotDescription, token.slotDescription],
      [version?.major, token.libraryVersion.major],
      [version?.minor, token.libraryVersion.minor],
    ] as const
  ).every(([asked, found]) => asked === undefined || asked === found);
}

/** What names an object. */
export interface ObjectName {
  readonly label?: string;
  readonly id?: Uint8Array;
  /** Where the name alone fits objects of more than one class. */
  readonly type?: Pkcs11Uri['type'];
}

/** The reference of exactly this object: with both names, and with its token, however it was asked for. */
export function pinnedRef({ uri }: Address, token: TokenInfo, { label, id, type }: ObjectName): KeyRef {
  const { object: _object, id: _id, type: _type, ...rest } = uri;
  const named = uri.token !== undefined || uri.serial !== undefined;
  return keyRef(
    'pkcs11',
    formatPkcs11Uri({
      ...rest,
      ...(named ? {} : token.label === '' ? { serial: token.serial } : { token: token.label }),
      ...(label === undefined ? {} : { object: label }),
      ...(id === undefined ? {} : { id }),
      ...(type === undefined ? {} : { type }),
    }),
  );
}

/** The failure for a name that fits several. */
export function ambiguous(
  field: string,
  message: string,
  details: FailureDetails,
): Failure<'ARGUMENT_INVALID'> {
  return new Failure('ARGUMENT_INVALID', message, { ...details, field });
}
