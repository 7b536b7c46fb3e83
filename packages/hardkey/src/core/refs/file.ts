/**
 * `file:` references: a label in the store, or the path of a PEM file.
 *
 * @module
 */
import { formatLabelRef, type LabelRef, parseLabelRef } from './labels.ts';
import { formatFileUri, parseFileUri } from './paths.ts';

/** Where the key of a `file:` reference is. */
export type FileRef =
  | ({ readonly kind: 'label' } & LabelRef)
  | {
      readonly kind: 'path';
      /** Absolute, or relative to the working folder and then starting with `./` or `../`. */
      readonly path: string;
    };

/** Parses `LABEL[?version=N]`, `/path`, `///path`, `./path` or `../path`. Throws `ARGUMENT_INVALID`. */
export function parseFileRef(body: string): FileRef {
  if (/^\.{0,2}\//.test(body)) return { kind: 'path', path: parseFileUri(body, 'file.path', 0) };
  return { kind: 'label', ...parseLabelRef('file', body) };
}

/** Writes what {@link parseFileRef} reads; a bare relative path gets its `./`. */
export function formatFileRef(ref: FileRef): string {
  if (ref.kind === 'label') return formatLabelRef(ref);
  return formatFileUri(/^\.{0,2}\//.test(ref.path) ? ref.path : `./${ref.path}`);
}
