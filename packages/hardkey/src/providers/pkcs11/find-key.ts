/**
 * The one key that a reference names.
 *
 * @module
 */
import type { CallOptions } from '../../core/operations.ts';
import { Failure, type FailureDetails } from '../../errors.ts';
import { type Address, ambiguous } from './address.ts';
import type { Client, Located } from './client.ts';
import { findKeys, type TokenKey } from './objects.ts';

/** A key, and the process that its handle is of. */
export interface FoundKey {
  readonly at: Located;
  readonly key: TokenKey;
}

/** Finds it. Throws `KEY_NOT_FOUND` for none and `ARGUMENT_INVALID` for several. */
export async function findKey(
  client: Client,
  address: Address,
  options: CallOptions,
  details: FailureDetails,
): Promise<FoundKey> {
  const began = performance.now();
  const found = await look(client, address, options, details);
  if (found !== undefined) return found;
  const at = await client.locate(options, details);
  if (at.worker.startedAt < began && (await isEmpty(client, options, details))) {
    // A token without a single key may be one that is gone: some modules go on as if it were there.
    client.begin(at);
    const again = await look(client, address, options, details);
    if (again !== undefined) return again;
  }
  throw new Failure('KEY_NOT_FOUND', 'the token has no such key', details);
}

async function look(
  client: Client,
  { uri }: Address,
  options: CallOptions,
  details: FailureDetails,
): Promise<FoundKey | undefined> {
  const { object: label, id, type } = uri;
  const name = {
    ...(label === undefined ? {} : { label }),
    ...(id === undefined ? {} : { id }),
    ...(type === undefined ? {} : { type }),
  };
  const { at, keys } = await findKeys(client, name, options, details);
  // A public key alone is a key only to those who ask for it, or see nothing else.
  const meant = keys.filter(({ kind }) => kind !== 'public' || type === 'public' || !at.loggedIn);
  const [key, ...others] = meant;
  if (others.length > 0) {
    const field = id === undefined ? 'pkcs11.object' : 'pkcs11.id';
    throw ambiguous(field, 'several keys fit: give the label, the id and the type', details);
  }
  return key && { at, key: type === undefined ? key : { ...key, type } };
}

async function isEmpty(client: Client, options: CallOptions, details: FailureDetails): Promise<boolean> {
  const { keys } = await findKeys(client, {}, options, details);
  return keys.length === 0;
}
