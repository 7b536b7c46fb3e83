/**
 * `exec:NAME`: the signer of that name in the configuration.
 *
 * @module
 */
import type { KeyRef } from '../../core/key-ref.ts';
import { parseLabel } from '../../core/refs/labels.ts';
import { Failure } from '../../errors.ts';

/** What a reference names. Throws `ARGUMENT_INVALID` for no label and `KEY_NOT_FOUND` for no signer. */
export function findSigner<S>(signers: ReadonlyMap<string, S>, ref: KeyRef): S {
  const found = signers.get(parseLabel('exec', ref.body));
  if (found !== undefined) return found;
  throw new Failure('KEY_NOT_FOUND', 'no signer program of this name', {
    ref: String(ref),
    provider: 'exec',
  });
}
