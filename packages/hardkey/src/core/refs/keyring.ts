/**
 * `keyring:` references: an entry of the operating system's keyring.
 *
 * @module
 */
import { readAttributes, writeAttributes } from './attributes.ts';
import { percentEncode, UNRESERVED } from './percent.ts';
import { present } from './refuse.ts';

/** An entry, or, where service or account is absent, all that fit. */
export interface KeyringRef {
  readonly service?: string;
  readonly account?: string;
  /** Which keyring, as the provider names it. */
  readonly store?: string;
}

/** Parses `service=S;account=A[?store=NAME]`. Throws `ARGUMENT_INVALID`. */
export function parseKeyringRef(body: string): KeyringRef {
  const attributes = readAttributes('keyring', body, { path: ['service', 'account'], query: ['store'] });
  return present<KeyringRef>({
    service: attributes.text('service', isName, 'a name without control characters'),
    account: attributes.text('account', isName, 'a name without control characters'),
    store: attributes.text('store', (text) => /^[a-z][a-z0-9-]*$/.test(text), 'not the name of a store'),
  });
}

function isName(text: string): boolean {
  return /^[^\p{Cc}]+$/u.test(text);
}

const KEEP = `${UNRESERVED}:@/`;

/** Writes what {@link parseKeyringRef} reads. */
export function formatKeyringRef({ service, account, store }: KeyringRef): string {
  return writeAttributes(
    [
      ['service', service === undefined ? undefined : percentEncode(service, KEEP)],
      ['account', account === undefined ? undefined : percentEncode(account, KEEP)],
    ],
    [['store', store]],
  );
}
