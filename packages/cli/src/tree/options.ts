/**
 * Options that more than one command takes.
 *
 * @module
 */
import type { OptionRow } from './command.ts';

/** Results, and failures on standard error, as JSON. */
export const JSON_OUTPUT: OptionRow = { name: 'json', help: 'write JSON, failures too' };

/** For commands whose result has a form of its own. */
export const JSON_FAILURES: OptionRow = { name: 'json', help: 'write failures as JSON' };

/** Where settings are. */
const CONFIG: OptionRow = {
  name: 'config',
  value: 'FILE',
  help: 'settings (default: hardkey/config.json in $XDG_CONFIG_HOME)',
};

/** What opens keys of devices. */
export const DEVICE: readonly OptionRow[] = [
  {
    name: 'pin-file',
    value: 'FILE',
    help: 'file that holds the PIN of the token, or the authorization value of the key',
  },
  { name: 'pin-fd', value: 'N', help: 'open file descriptor that gives it' },
  { name: 'pin-credential', value: 'NAME', help: 'systemd credential that is it' },
  {
    name: 'pin-keyring',
    value: 'REF',
    help: 'entry of the desktop keyring that is it: keyring:service=S;account=A',
  },
  { name: 'pin-prompt', help: 'ask for it at the terminal, for a new key of a TPM too' },
  { name: 'pcrs', value: 'LIST', help: 'registers that a key of a TPM is bound to, as sha256:0,7' },
];

/** What reaching a key takes: in the file store, or in a device or token. */
export const STORE: readonly OptionRow[] = [
  { name: 'store', value: 'DIR', help: 'file store (default: hardkey/keys in $XDG_DATA_HOME)' },
  { name: 'passphrase-file', value: 'FILE', help: 'file that holds the passphrase' },
  { name: 'passphrase-fd', value: 'N', help: 'open file descriptor that gives the passphrase' },
  {
    name: 'passphrase-credential',
    value: 'NAME',
    help: 'systemd credential that is the passphrase (of $CREDENTIALS_DIRECTORY)',
  },
  { name: 'no-passphrase', help: 'the store is, or is to be, without a passphrase' },
  { name: 'audit', value: 'FILE', help: 'record what is done with keys, before results leave' },
  CONFIG,
  ...DEVICE,
];

/** The key that signs or decrypts. */
export const KEY: OptionRow = {
  name: 'key',
  value: 'REF',
  help: 'reference, id or label (default: the one of `key set-default`)',
  completes: 'keys',
};

/** What a key in software may do that stands in for one in hardware. */
export const ALLOW_SOFTWARE: OptionRow = {
  name: 'allow-software',
  help: 'sign also what cannot say that a software key stands in for one in hardware',
};

/** Pins a key. */
export const FINGERPRINT: OptionRow = {
  name: 'fingerprint',
  value: 'sha256:HEX',
  help: 'refuse any other key than this one',
};

/** Keys that a service wraps with in its own way. */
export const ALLOW_SERVICE: OptionRow = {
  name: 'allow-service',
  help: "also a service's own way of wrapping, which has no registered algorithm",
};

/** Which algorithm. */
export const ALGORITHM: OptionRow = {
  name: 'algorithm',
  value: 'A',
  help: 'where the key has several',
  choices: [
    'Ed25519',
    'Ed448',
    'ES256',
    'ES384',
    'ES512',
    'ES256K',
    'PS256',
    'PS384',
    'PS512',
    'RS256',
    'RS384',
    'RS512',
    'ML-DSA-44',
    'ML-DSA-65',
    'ML-DSA-87',
  ],
};

/** Whose signatures count. */
export const TRUST: OptionRow = {
  name: 'trust',
  value: 'FILE',
  help: 'PEM, certificate, JWK, JWK Set, COSE_Key, trusted_keys.json, SSH public keys, ed25519:HEX, p256:HEX, did:key or did:jwk; repeatable',
  repeat: true,
};

/** Where a result goes. */
export const OUT: OptionRow = { name: 'out', value: 'FILE', help: 'write to a file, replacing it' };

/** The version of the Claim 169 specification. */
export const PROFILE: OptionRow = {
  name: 'profile',
  value: 'P',
  help: 'dialect of the credential (default: 1.2.1)',
  choices: ['1.2.1', 'claim169-0.3', 'mosip'],
};
