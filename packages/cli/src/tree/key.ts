/**
 * `hardkey key …`.
 *
 * @module
 */
import type { ArgumentRow, GroupRow } from './command.ts';
import { ALGORITHM, FINGERPRINT, JSON_OUTPUT, OUT, STORE } from './options.ts';

const REF: ArgumentRow = { name: 'REF', help: 'reference, id or label of a key', completes: 'keys' };
const BACKEND = { name: 'backend', value: 'B', help: 'where to keep it (default: file)', choices: ['file'] };
const NEW_REF = { name: 'ref', value: 'REF', help: 'whole reference, in place of a label' };
const LABEL = {
  name: 'label',
  value: 'NAME',
  help: 'letters, digits, dots, hyphens and underscores, at most 64',
};

const DERIVATION = {
  name: 'derivation',
  value: 'D',
  help: 'from the passphrase, in a new store (default: pbkdf2)',
  choices: ['pbkdf2', 'scrypt'],
};

const KINDS = {
  ...ALGORITHM,
  help: 'what the key is for',
  choices: [
    ...(ALGORITHM.choices ?? []),
    'A128GCM',
    'A192GCM',
    'A256GCM',
    'ChaCha20-Poly1305',
    'A128KW',
    'A192KW',
    'A256KW',
    'RSA-OAEP-256',
    'ECDH-ES+A128KW',
    'ECDH-ES+A192KW',
    'ECDH-ES+A256KW',
    'HS256',
    'HS384',
    'HS512',
  ],
};

/** Makes, takes in, lists and ends keys. */
export const KEY_COMMANDS: GroupRow = {
  name: 'key',
  summary: 'make, take in, list and end keys',
  commands: [
    {
      name: 'generate',
      summary: 'make a key',
      arguments: [],
      options: [
        KINDS,
        NEW_REF,
        LABEL,
        BACKEND,
        { name: 'bits', value: 'N', help: 'RSA modulus', choices: ['2048', '3072', '4096'] },
        {
          name: 'curve',
          value: 'C',
          help: 'for ECDH-ES (default: P-256)',
          choices: ['P-256', 'P-384', 'P-521', 'X25519', 'X448'],
        },
        DERIVATION,
        ...STORE,
        JSON_OUTPUT,
      ],
      examples: [
        'key generate --algorithm Ed25519 --label issuer',
        'key generate --algorithm A256GCM --label readers --store keys --passphrase-file passphrase --json',
        "key generate --algorithm ES256 --ref 'pkcs11:token=prod;object=issuer?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/etc/pin'",
      ],
      load: () => import('../commands/key/generate.ts'),
    },
    {
      name: 'import',
      summary: 'take in a private or symmetric key from a file',
      arguments: [
        {
          name: 'FILE',
          help: 'PKCS #8, SEC 1, PKCS #1 or JWK, or the bytes of a symmetric key; - for standard input',
        },
      ],
      options: [
        NEW_REF,
        LABEL,
        { ...KINDS, help: 'what the key will be for; required for symmetric keys' },
        { name: 'key-passphrase-file', value: 'FILE', help: 'what opens FILE when it is encrypted' },
        BACKEND,
        DERIVATION,
        ...STORE,
        JSON_OUTPUT,
      ],
      examples: [
        'key import issuer.pem --label issuer',
        'key import aes.bin --label readers --algorithm A256GCM --json',
      ],
      load: () => import('../commands/key/import.ts'),
    },
    {
      name: 'list',
      summary: 'list keys, the current version of each first',
      arguments: [],
      options: [
        {
          name: 'names',
          help: 'write only what --key takes, one a line: no passphrase is asked, nothing is verified',
        },
        {
          name: 'ref',
          value: 'REF',
          help: 'only the keys of this token, agent or keyring, as a reference without a key',
        },
        ...STORE,
        JSON_OUTPUT,
      ],
      examples: ['key list', 'key list --store keys --passphrase-file passphrase --json'],
      load: () => import('../commands/key/list.ts'),
    },
    {
      name: 'show',
      summary: 'say what is known of one key',
      arguments: [REF],
      options: [FINGERPRINT, ...STORE, JSON_OUTPUT],
      examples: ['key show issuer', 'key show file:/etc/issuer.pem --json'],
      load: () => import('../commands/key/show.ts'),
    },
    {
      name: 'public',
      summary: 'write the public key as PEM',
      arguments: [REF],
      options: [
        { name: 'ssh', help: 'write it as the line that OpenSSH reads, instead of PEM' },
        FINGERPRINT,
        OUT,
        ...STORE,
        JSON_OUTPUT,
      ],
      examples: ['key public issuer', 'key public file:issuer --out issuer.pem', 'key public issuer --ssh'],
      load: () => import('../commands/key/public.ts'),
    },
    {
      name: 'set-default',
      summary: 'use a key where no --key is given',
      arguments: [REF],
      options: [FINGERPRINT, ...STORE, JSON_OUTPUT],
      examples: ['key set-default issuer'],
      load: () => import('../commands/key/set-default.ts'),
    },
    {
      name: 'rotate',
      summary: 'make a new version current; earlier ones still verify and decrypt',
      arguments: [REF],
      options: [...STORE, JSON_OUTPUT],
      examples: ['key rotate issuer'],
      load: () => import('../commands/key/rotate.ts'),
    },
    {
      name: 'state',
      summary: 'say whether a key may be used',
      arguments: [
        REF,
        {
          name: 'STATE',
          help: 'active, suspended or compromised',
          choices: ['active', 'suspended', 'compromised'],
        },
      ],
      options: [...STORE, JSON_OUTPUT],
      examples: ['key state issuer suspended', "key state 'file:issuer?version=1' compromised"],
      load: () => import('../commands/key/state.ts'),
    },
    {
      name: 'delete',
      summary: 'remove a key and all its versions for good',
      arguments: [REF],
      options: [{ name: 'yes', help: 'do not ask' }, ...STORE, JSON_OUTPUT],
      examples: ['key delete issuer', 'key delete file:issuer --yes'],
      load: () => import('../commands/key/delete.ts'),
    },
  ],
};
