/**
 * Key references: `scheme:body`, for example `pkcs11:token=prod;object=issuer`.
 *
 * @module
 */
import { Failure } from '../errors.ts';

const REF = /^(?<scheme>[a-z][a-z0-9-]*):(?<body>.*)$/s;

/** A parsed reference. It names one key and never carries a secret. */
export interface KeyRef {
  readonly scheme: string;
  readonly body: string;
  toString(): string;
}

/** Parses a reference. Throws `ARGUMENT_INVALID`, without quoting the text it was given. */
export function parseKeyRef(text: string): KeyRef {
  const { scheme, body } = REF.exec(text)?.groups ?? {};
  if (scheme === undefined || body === undefined) {
    throw new Failure('ARGUMENT_INVALID', 'a key reference is scheme:body', { field: 'ref' });
  }
  return keyRef(scheme, body);
}

/** Makes a reference of its parts, for providers that pin a version. */
export function keyRef(scheme: string, body: string): KeyRef {
  return Object.freeze({ scheme, body, toString: () => `${scheme}:${body}` });
}
