/**
 * File paths in references: as text, as `file:` URIs, and as attribute values.
 *
 * @module
 */
import { percentDecodeText, percentEncode, UNRESERVED } from './percent.ts';
import { refuse } from './refuse.ts';

// RFC 3986 §3.3: pchar and "/".
const KEEP = `${UNRESERVED}!$&'()*+,;=:@/`;

/** Whether `path` names a file: not empty, no folder, and nothing that would end or break the name. */
export function isFilePath(path: string): boolean {
  // A NUL would truncate the name where it is handed to C.
  return /^[^\p{Cc}]+$/u.test(path) && !/[\\/]$/.test(path) && !/(^|[\\/])\.\.?$/.test(path);
}

/** The same, and from the root: of Unix, or of a drive. */
export function isAbsolutePath(path: string): boolean {
  return /^(\/|[A-Za-z]:[\\/])/.test(path) && isFilePath(path);
}

/**
 * The path of what follows `file:` (RFC 8089): `/path`, `///path`, `//localhost/path`, and, beyond
 * the RFC, `./path` and `../path`. Throws `ARGUMENT_INVALID` for another host, a query or a fragment;
 * `offset` is where the text starts in the body, where that can be said.
 */
export function parseFileUri(text: string, field: string, offset?: number): string {
  const at = (index: number) => (offset === undefined ? undefined : offset + index);
  const raw = text.replace(/^\/\/(localhost)?(?=\/)/i, '');
  if (text.startsWith('//') && raw === text) throw refuse(field, 'the file is on another host', at(0));
  const stop = text.search(/[?#]/);
  if (stop !== -1) throw refuse(field, 'percent-encode ? and # in a path', at(stop));
  const path = percentDecodeText(raw, field, at(text.length - raw.length));
  if (isFilePath(path)) return path;
  throw refuse(field, 'the path names no file', at(0));
}

/** What follows `file:` for an absolute path, or one that starts with `./` or `../`. */
export function formatFileUri(path: string): string {
  // A path that starts with two slashes would read as a host.
  return (path.startsWith('//') ? '//' : '') + percentEncode(path, KEEP);
}
