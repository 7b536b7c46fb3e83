/**
 * Labels: the names hardkey itself gives to keys.
 *
 * @module
 */
import { readAttributes } from './attributes.ts';
import { present, refuse } from './refuse.ts';

/** Letters, digits, `.`, `_` and `-`, at most 64, and neither hidden nor an option when it names a file. */
const LABEL = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/;

/** The largest version number of hardkey's own stores. */
const LAST_VERSION = 2 ** 31 - 1;

/** A key in a store of hardkey's own. */
export interface LabelRef {
  readonly label: string;
  /** From 1. Absent: the current version. */
  readonly version?: number;
}

/** Whether a text is a label. */
export function isLabel(text: string): boolean {
  return LABEL.test(text);
}

/** Parses `LABEL`. Throws `ARGUMENT_INVALID`. */
export function parseLabel(scheme: string, body: string): string {
  const { path } = readAttributes(scheme, body, { query: [] });
  if (isLabel(path) && path === body) return path;
  throw refuse(`${scheme}.label`, 'a label is 1 to 64 letters, digits, dots, hyphens and underscores', 0);
}

/** Parses `LABEL[?version=N]`. Throws `ARGUMENT_INVALID`. */
export function parseLabelRef(scheme: string, body: string): LabelRef {
  const attributes = readAttributes(scheme, body, { query: ['version'] });
  return present<LabelRef>({
    label: parseLabel(scheme, attributes.path),
    version: attributes.integer('version', 1, LAST_VERSION),
  });
}

/** Writes what {@link parseLabelRef} reads. */
export function formatLabelRef({ label, version }: LabelRef): string {
  return version === undefined ? label : `${label}?version=${version}`;
}
