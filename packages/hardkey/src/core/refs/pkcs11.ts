/**
 * `pkcs11:` references (RFC 7512), and the two dialects of them in use: cosign's, with `;` in the
 * query, and smallstep's, with the module in the path and a hexadecimal id.
 *
 * @module
 */
import { decodeHex } from '../../encoding/hex.ts';
import { isFailure } from '../../errors.ts';
import { type Attributes, readAttributes, writeAttributes } from './attributes.ts';
import { formatKeyringRef, type KeyringRef, parseKeyringRef } from './keyring.ts';
import { formatFileUri, isAbsolutePath, parseFileUri } from './paths.ts';
import { percentEncode, UNRESERVED } from './percent.ts';
import { present, refuse } from './refuse.ts';

const OBJECT_TYPES = ['public', 'private', 'cert', 'secret-key', 'data'] as const;

/** The class of a PKCS #11 object (RFC 7512 §2.3, `type`). */
export type Pkcs11ObjectType = (typeof OBJECT_TYPES)[number];

/** A PKCS #11 URI. An absent attribute matches anything. */
export interface Pkcs11Uri {
  readonly token?: string;
  readonly manufacturer?: string;
  readonly serial?: string;
  readonly model?: string;
  readonly libraryManufacturer?: string;
  readonly libraryVersion?: { readonly major: number; readonly minor: number };
  readonly libraryDescription?: string;
  /** CKA_LABEL. */
  readonly object?: string;
  readonly type?: Pkcs11ObjectType;
  /** CKA_ID: any bytes. */
  readonly id?: Uint8Array;
  readonly slotManufacturer?: string;
  readonly slotDescription?: string;
  readonly slotId?: number;
  /** The name of the module without folder, prefix or suffix. Never together with `modulePath`. */
  readonly moduleName?: string;
  /** Absolute, so that no working folder decides which library is loaded. */
  readonly modulePath?: string;
  /** How many sessions the provider may open. Not of RFC 7512. */
  readonly maxSessions?: number;
  /** Where the PIN is: the absolute path of a file, or `keyring:service=S;account=A`. */
  readonly pinSource?: string;
}

const PATH = [
  ...['token', 'manufacturer', 'serial', 'model'],
  ...['library-manufacturer', 'library-version', 'library-description'],
  ...['object', 'type', 'id', 'slot-manufacturer', 'slot-description', 'slot-id'],
];
const QUERY = ['module-name', 'module-path', 'max-sessions', 'pin-source'];

// smallstep reads every attribute on either side of the question mark, as a form.
const SMALLSTEP = { path: [...PATH, ...QUERY], query: [...PATH, ...QUERY], form: true };

// RFC 7512 §2.3 has a keyring reference percent-encoded. Who types it as it is elsewhere has a semicolon in it.
const SEPARATOR = /&|;(?!(?<=(?:^|[&;])pin-source=keyring:[^&;]*;)(?:service|account)=)/;
const RFC_7512 = { path: PATH, query: QUERY, separator: SEPARATOR };

/** Parses what follows `pkcs11:`. Throws `ARGUMENT_INVALID` with the attribute in `field`. */
export function parsePkcs11Uri(body: string): Pkcs11Uri {
  const smallstep = /^[^?]*?(^|;)(module-path|max-sessions)=/.test(body);
  const a = readAttributes('pkcs11', body, smallstep ? SMALLSTEP : RFC_7512);
  const uri = present<Pkcs11Uri>({
    token: a.text('token'),
    manufacturer: a.text('manufacturer'),
    serial: a.text('serial'),
    model: a.text('model'),
    libraryManufacturer: a.text('library-manufacturer'),
    libraryVersion: version(a),
    libraryDescription: a.text('library-description'),
    object: a.text('object'),
    type: objectType(a),
    id: smallstep ? smallstepId(a) : a.bytes('id'),
    slotManufacturer: a.text('slot-manufacturer'),
    slotDescription: a.text('slot-description'),
    slotId: a.integer('slot-id', 0, Number.MAX_SAFE_INTEGER),
    moduleName: a.text('module-name', (text) => /^[\w.+-]+$/.test(text), 'a module name has no folder'),
    modulePath: a.text('module-path', isAbsolutePath, 'a module path is absolute'),
    maxSessions: a.integer('max-sessions', 1, 65_535),
    pinSource: pinSource(a),
  });
  // RFC 7512 §2.4 leaves the meaning of both together to each implementation.
  if (uri.moduleName === undefined || uri.modulePath === undefined) return uri;
  throw refuse('pkcs11.module-name', 'name the module or give its path, not both');
}

/** RFC 7512 §2.3: `M` means `M.0`; each is one byte. */
function version(attributes: Attributes): Pkcs11Uri['libraryVersion'] {
  const text = attributes.text('library-version', isVersion, 'a library version is M or M.N, each to 255');
  if (text === undefined) return undefined;
  const [major, minor = 0] = text.split('.').map(Number);
  return { major: major ?? 0, minor };
}

function isVersion(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3})?$/.test(text) && text.split('.').every((part) => Number(part) <= 255);
}

function objectType(attributes: Attributes): Pkcs11ObjectType | undefined {
  const text = attributes.text(
    'type',
    (type) => OBJECT_TYPES.some((known) => known === type),
    'unknown type',
  );
  return OBJECT_TYPES.find((known) => known === text);
}

/** Hexadecimal, or percent-encoded bytes unless those are themselves hexadecimal digits. */
function smallstepId(attributes: Attributes): Uint8Array | undefined {
  const isHex = (text: string) => /^([0-9A-Fa-f]{2})+$/.test(text);
  if (!attributes.raw('id')?.includes('%')) {
    const text = attributes.text('id', isHex, 'beside a module-path in the path, an id is hexadecimal');
    return text === undefined ? undefined : decodeHex(text);
  }
  const id = attributes.bytes('id') ?? new Uint8Array();
  if (!isHex(String.fromCharCode(...id))) return id;
  throw refuse('pkcs11.id', 'the id reads as hexadecimal and as bytes');
}

function pinSource(attributes: Attributes): string | undefined {
  // RFC 7512 §2.4 lets an implementation run "|command"; a reference that runs programs is refused.
  const noCommand = (text: string) => !text.startsWith('|');
  const text = attributes.text('pin-source', noCommand, 'a pin-source never runs a command');
  if (text?.startsWith(KEYRING)) {
    const raw = attributes.raw('pin-source') ?? '';
    return keyringEntry(raw.includes(';') ? raw : text);
  }
  const path = text?.startsWith('file:') ? parseFileUri(text.slice(5), 'pkcs11.pin-source') : text;
  if (path === undefined || isAbsolutePath(path)) return path;
  throw refuse(
    'pkcs11.pin-source',
    'a pin-source is file:/path, an absolute path or keyring:service=S;account=A',
  );
}

const KEYRING = 'keyring:';

/** The entry as `keyring:` references name it. */
function keyringEntry(text: string): string {
  const entry = parsedEntry(text.slice(KEYRING.length));
  if (entry.service !== undefined && entry.account !== undefined) return KEYRING + formatKeyringRef(entry);
  throw refuse('pkcs11.pin-source', 'a secret in a keyring has a service and an account');
}

/** Offsets are those of another text, which may have been encoded. */
function parsedEntry(body: string): KeyringRef {
  try {
    return parseKeyringRef(body);
  } catch (error) {
    throw isFailure(error) ? refuse('pkcs11.pin-source', error.message) : error;
  }
}

// RFC 7512 §2.3, pk11-path-res-avail and pk11-query-res-avail: what needs no encoding.
const KEEP_PATH = `${UNRESERVED}:[]@!$'()*+,=&`;
const KEEP_QUERY = `${UNRESERVED}:[]@!$'()*+,=/?|`;

/** Writes what {@link parsePkcs11Uri} reads, attributes in one order, with no more encoding than needed. */
export function formatPkcs11Uri(uri: Pkcs11Uri): string {
  const { libraryVersion, id, pinSource } = uri;
  return writeAttributes(
    [
      ['token', inPath(uri.token)],
      ['manufacturer', inPath(uri.manufacturer)],
      ['serial', inPath(uri.serial)],
      ['model', inPath(uri.model)],
      ['library-manufacturer', inPath(uri.libraryManufacturer)],
      ['library-version', libraryVersion && `${libraryVersion.major}.${libraryVersion.minor}`],
      ['library-description', inPath(uri.libraryDescription)],
      ['object', inPath(uri.object)],
      ['type', uri.type],
      // RFC 7512 §2.3: the whole of an id is percent-encoded.
      ['id', id && percentEncode(id, '')],
      ['slot-manufacturer', inPath(uri.slotManufacturer)],
      ['slot-description', inPath(uri.slotDescription)],
      ['slot-id', uri.slotId?.toString()],
    ],
    [
      ['module-name', inQuery(uri.moduleName)],
      ['module-path', inQuery(uri.modulePath)],
      ['max-sessions', uri.maxSessions?.toString()],
      ['pin-source', pinSource && inQuery(sourceUri(pinSource))],
    ],
  );
}

function sourceUri(pinSource: string): string {
  return pinSource.startsWith(KEYRING) ? pinSource : `file:${formatFileUri(pinSource)}`;
}

const inPath = (text: string | undefined): string | undefined => text && percentEncode(text, KEEP_PATH);
const inQuery = (text: string | undefined): string | undefined => text && percentEncode(text, KEEP_QUERY);
