/**
 * Where a new key goes: `--backend` and `--label`, or `--ref`.
 *
 * @module
 */
import { join } from 'node:path';
import { Failure, keyRef, parseKeyRef } from 'hardkey';
import type { Derivation } from 'hardkey/providers/file';
import { newAzureRef } from '../../azure.ts';
import { tpmFolder } from '../../backends.ts';
import type { Config } from '../../config.ts';
import type { Surroundings } from '../../context.ts';
import { privateFolder } from '../../files.ts';
import { keyRingOf } from '../../gcp.ts';
import { choice, type Given, onlyOne, required } from '../../given.ts';
import type { OpeningOptions } from '../../keys.ts';

/** The backends that make keys, by the schemes of their references. */
const BACKENDS = [
  'file',
  'pkcs11',
  'tpm',
  'keyring',
  'awskms',
  'gcpkms',
  'azurekms',
  'hashivault',
  'openbao',
] as const;

/** A backend that makes keys. */
export type Backend = (typeof BACKENDS)[number];

/** The backend that was asked for; undefined where it is in the reference. Throws `UNSUPPORTED`. */
export function backendOption(given: Given): Backend | undefined {
  onlyOne(given, ['ref', 'backend']);
  onlyOne(given, ['ref', 'label']);
  if (given.text('ref') !== undefined) return undefined;
  const name = given.text('backend') ?? 'file';
  if (isBackend(name)) return name;
  throw new Failure('UNSUPPORTED', `keys are made in ${BACKENDS.join(', ')}, and in no other backend`, {
    field: 'backend',
  });
}

/** Whether keys are made in backends of this scheme. */
export function isBackend(scheme: string): scheme is Backend {
  return BACKENDS.some((one) => one === scheme);
}

/** The reference of a key that is to be made: as it is given, or of a label in a backend. */
export function newRef(given: Given, context: Surroundings, config: Config): string {
  const backend = backendOption(given);
  if (backend === undefined) return required(given, 'ref');
  const label = labelOption(given);
  return REFS[backend](label, config, context);
}

/** `--label`. Throws `ARGUMENT_INVALID`. */
export function labelOption(given: Given): string {
  const label = required(given, 'label');
  // A label with more in it could name a file, or a version.
  if (/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/.test(label)) return label;
  throw new Failure('ARGUMENT_INVALID', 'a label is 1 to 64 letters, digits, dots, hyphens and underscores', {
    field: 'label',
  });
}

type RefOf = (label: string, config: Config, context: Surroundings) => string;

const REFS: Readonly<Record<Backend, RefOf>> = {
  file: (label) => `file:${label}`,
  pkcs11(label, { pkcs11: { tokens = [] } = {} }) {
    checkList(tokens, 'pkcs11.tokens');
    const [token, ...others] = tokens;
    if (token === undefined) throw noToken('no token is configured');
    if (others.length > 0) throw noToken('several tokens are configured');
    const [path = '', query] = parseKeyRef(token).body.split('?');
    const named = [...path.split(';').filter((one) => one !== ''), `object=${label}`].join(';');
    return String(keyRef('pkcs11', query === undefined ? named : `${named}?${query}`));
  },
  tpm(label, config, context) {
    const folder = tpmFolder(context, config);
    privateFolder(folder);
    return `tpm:file=${encodeURIComponent(join(folder, `${label}.pem`)).replaceAll('%2F', '/')}`;
  },
  keyring(label, { keyring: { services = [] } = {} }) {
    checkList(services, 'keyring.services');
    const [service = 'hardkey'] = services;
    return `keyring:service=${encodeURIComponent(service)};account=${label}`;
  },
  awskms(label) {
    // AWS KMS, CreateAlias: letters, digits and / _ -.
    if (!label.includes('.')) return `awskms:///alias/${label}`;
    throw new Failure('ARGUMENT_INVALID', 'an alias of AWS KMS has no dots', { field: 'label' });
  },
  hashivault: (label) => `hashivault://${label}`,
  openbao: (label) => `openbao://${label}`,
  azurekms: newAzureRef,
  gcpkms(label, config, context) {
    // CreateCryptoKeyRequest.crypto_key_id: [a-zA-Z0-9_-]{1,63}.
    if (/^[\w-]{1,63}$/.test(label)) return `gcpkms://${keyRingOf(context, config)}/cryptoKeys/${label}`;
    const message = 'a key of Google Cloud KMS has no dots, and 63 characters at most';
    throw new Failure('ARGUMENT_INVALID', message, { field: 'label' });
  },
};

/** The provider, which checks the settings, is asked only once there is a reference. */
function checkList(list: unknown, field: string): void {
  if (Array.isArray(list) && list.every((one) => typeof one === 'string')) return;
  throw new Failure('ARGUMENT_INVALID', 'the field is a list of text', { field: `config.${field}` });
}

function noToken(what: string): Failure {
  const mend =
    "name it as pkcs11.tokens in the settings, or the key as --ref 'pkcs11:token=…;object=…?module-path=…'";
  return new Failure('ARGUMENT_INVALID', `${what}: ${mend}`, { field: 'config.pkcs11.tokens' });
}

const DERIVATIONS: readonly Derivation[] = ['pbkdf2', 'scrypt'];

/** How the store is made, if it is new. */
export function storeOptions(given: Given): OpeningOptions {
  const derivation = given.text('derivation');
  return derivation === undefined ? {} : { derivation: choice(derivation, 'derivation', DERIVATIONS) };
}
