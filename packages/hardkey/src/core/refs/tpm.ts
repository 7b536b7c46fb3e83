/**
 * `tpm:` references: a persistent handle, or a TSS2 key file, and the device that can use it.
 *
 * @module
 */
import { readAttributes, writeAttributes } from './attributes.ts';
import { parseHost } from './hosts.ts';
import { isAbsolutePath, isFilePath } from './paths.ts';
import { percentEncode, UNRESERVED } from './percent.ts';
import { present, refuse } from './refuse.ts';

/** A key of a TPM 2.0; neither handle nor file names the device alone, as listing wants. */
export interface TpmRef {
  /** A persistent handle: 0x81000000 to 0x81ffffff. Never together with `file`. */
  readonly handle?: number;
  /** Path of a TSS2 PEM file. */
  readonly file?: string;
  /** A device path, `tcp:HOST:PORT` or `unix:/path`. Absent: the provider's own. */
  readonly device?: string;
}

/** TPM 2.0 Structures, clause 7.5: the most significant octet of a persistent handle. */
const PERSISTENT = 0x81;

/** Parses `handle=0x81…` or `file=PATH`, each with `?device=…`. Throws `ARGUMENT_INVALID`. */
export function parseTpmRef(body: string): TpmRef {
  const attributes = readAttributes('tpm', body, { path: ['handle', 'file'], query: ['device'] });
  const handle = attributes.text(
    'handle',
    isHandle,
    'a persistent handle is 0x81 and six hexadecimal digits',
  );
  const file = attributes.text('file', isFilePath, 'the path names no file');
  const device = attributes.text('device', isDevice, 'a device is /dev/…, tcp:host:port or unix:/path');
  if (handle !== undefined && file !== undefined) throw refuse('tpm.file', 'a handle or a file, not both');
  return present<TpmRef>({ handle: handle === undefined ? undefined : Number(handle), file, device });
}

function isHandle(text: string): boolean {
  return /^0x[0-9A-Fa-f]{8}$/.test(text) && Number(text) >>> 24 === PERSISTENT;
}

function isDevice(text: string): boolean {
  if (text.startsWith('tcp:')) return isTcp(text.slice(4));
  return isAbsolutePath(text.startsWith('unix:') ? text.slice(5) : text);
}

function isTcp(address: string): boolean {
  if (!/:[0-9]+$/.test(address)) return false;
  try {
    return parseHost(address, 'tpm.device') === address;
  } catch {
    return false;
  }
}

const KEEP = `${UNRESERVED}:[]/`;

/** Writes what {@link parseTpmRef} reads. */
export function formatTpmRef({ handle, file, device }: TpmRef): string {
  return writeAttributes(
    [
      ['handle', handle === undefined ? undefined : `0x${handle.toString(16).padStart(8, '0')}`],
      ['file', file === undefined ? undefined : percentEncode(file, KEEP)],
    ],
    [['device', device === undefined ? undefined : percentEncode(device, KEEP)]],
  );
}
