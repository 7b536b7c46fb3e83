/**
 * `keyring:service=S;account=A[?store=NAME]`: an entry of the keyring.
 *
 * @module
 */
import type { KeyRef } from '../../core/key-ref.ts';
import { formatKeyringRef, parseKeyringRef } from '../../core/refs/keyring.ts';
import { Failure, invalid } from '../../errors.ts';

/** Where a key is. */
export interface Address {
  readonly service: string;
  readonly account: string;
}

/** Behind the name of a service, where what is public of its keys is kept. */
const PUBLIC = ' (public keys)';

/** The service under which what is public of the keys of a service is. */
export function publicService(service: string): string {
  return `${service}${PUBLIC}`;
}

/** Throws `ARGUMENT_INVALID` for a service that could be the public side of another. */
export function checkService(service: string, field: string): void {
  if (service === '' || service.endsWith(PUBLIC)) throw invalid('not the name of a service', field);
}

/**
 * What a reference names. Throws `ARGUMENT_INVALID` where it does not name one key, and `UNSUPPORTED` for
 * another store than the one there is.
 */
export function readAddress(ref: KeyRef, store: string): Address {
  const { service, account, store: named = store } = parseKeyringRef(ref.body);
  if (service === undefined) throw invalid('the service is missing', 'keyring.service');
  if (account === undefined) throw invalid('the account is missing', 'keyring.account');
  checkService(service, 'keyring.service');
  if (named === store) return { service, account };
  throw new Failure('UNSUPPORTED', 'no such keyring on this system', {
    ref: String(ref),
    field: 'keyring.store',
  });
}

/** The body of the reference of a key. */
export function bodyOf({ service, account }: Address): string {
  return formatKeyringRef({ service, account });
}
