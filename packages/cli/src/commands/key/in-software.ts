/**
 * `--allow-software`: a key in the file store, where the backend that was asked for is not there.
 *
 * @module
 */
import { Failure, isFailure, parseKeyRef } from 'hardkey';
import { isSetting } from '../../config.ts';
import type { Given } from '../../given.ts';
import { backendOption, isBackend, labelOption } from './backend.ts';

/**
 * The reference that the key has then; undefined where it is not allowed, or where a file was asked for in
 * the first place. Throws `ARGUMENT_INVALID` where it would have no label.
 */
export function softwareRef(given: Given): string | undefined {
  if (!given.has('allow-software')) return undefined;
  const ref = given.text('ref');
  if (ref === undefined) return backendOption(given) === 'file' ? undefined : `file:${labelOption(given)}`;
  const { scheme, body } = parseKeyRef(ref);
  if (scheme === 'file' || !isBackend(scheme)) return undefined;
  const [, label] =
    /(?:(?:^|;)(?:object|account)=|\/(?:alias|cryptoKeys)\/)([A-Za-z0-9_][A-Za-z0-9._-]{0,63})(?:[;?]|$)/.exec(
      body,
    ) ?? [];
  if (label !== undefined) return `file:${label}`;
  throw new Failure('ARGUMENT_INVALID', 'a software key needs a label: give --backend and --label', {
    field: 'allow-software',
  });
}

/**
 * Whether a software key may take the place of one in a backend that failed so: one that is not there, or
 * is not set up. Not of one that refuses, or that has no keys of this kind.
 */
export function takesItsPlace(given: Given, failure: Failure): boolean {
  if (isFailure(failure, 'UNAVAILABLE')) return true;
  if (isFailure(failure, 'UNSUPPORTED')) return failure.details.algorithm === undefined;
  // What somebody types into a reference, or as the registers, is no setting.
  const isTyped = given.text('ref') !== undefined || given.text('pcrs') !== undefined;
  return isFailure(failure, 'ARGUMENT_INVALID') && !isTyped && isSetting(failure.details.field);
}
