/**
 * `hardkey key …`.
 *
 * @module
 */
import type { ArgumentRow, GroupRow } from './command.ts';
import { ALGORITHM, ALLOW_SOFTWARE, DEVICE, FINGERPRINT, JSON_OUTPUT, OUT, STORE } from './options.ts';

const REF: ArgumentRow = { name: 'REF', help: 'reference, id or label of a key', completes: 'keys' };
const BACKEND = {
  name: 'backend',
  value: 'B',
  help: 'where to keep it (default: file)',
  choices: ['file', 'pkcs11', 'tpm', 'keyring', 'awskms', 'gcpkms', 'azurekms', 'hashivault', 'openbao'],
};
const MADE_AT = {
  name: 'ref',
  value: 'REF',
  help: 'full reference of the key to be made, instead of --label',
};
const IN_SOFTWARE = {
  ...ALLOW_SOFTWARE,
  help: 'where the backend is not there: keep the key in a file, and say so in all it signs',
};
const NONCE = { name: 'nonce', value: 'HEX', help: 'what the verifier chose: 1 to 64 bytes' };
const FORCE = { name: 'force', help: 'also at a TPM handle that is for endorsement keys' };
const FOREIGN = { name: 'force', help: 'also a key of a cloud that was not made here' };
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
    'A128KWP',
    'A192KWP',
    'A256KWP',
    'RSA-OAEP-256',
    'ECDH-ES+A128KW',
    'ECDH-ES+A192KW',
    'ECDH-ES+A256KW',
    'HS256',
    'HS384',
    'HS512',
    'service',
  ],
};

/** Makes, takes in, lists and ends keys. */
export const KEY_COMMANDS: GroupRow = {
  name: 'key',
  summary: 'make, take in, list, attest and end keys',
  commands: [
    {
      name: 'generate',
      summary: 'make a key',
      arguments: [],
      options: [
        KINDS,
        LABEL,
        BACKEND,
        MADE_AT,
        IN_SOFTWARE,
        FORCE,
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
        'key generate --algorithm ES256 --label issuer --backend keyring',
        'key generate --algorithm ES256 --label issuer --backend tpm --allow-software',
        'key generate --algorithm ES256 --ref tpm:handle=0x81000100',
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
        LABEL,
        { ...KINDS, help: 'what the key will be for; required for symmetric keys' },
        { name: 'key-passphrase-file', value: 'FILE', help: 'what opens FILE when it is encrypted' },
        BACKEND,
        DERIVATION,
        MADE_AT,
        IN_SOFTWARE,
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
      summary: 'list the keys of every backend, the current version of each first',
      arguments: [],
      options: [
        {
          name: 'names',
          help: 'write only what --key takes, one a line: no passphrase is asked, nothing is verified',
        },
        {
          name: 'ref',
          value: 'REF',
          help: 'only the keys of this device, token, agent, keyring or cloud, as a reference without a key',
        },
        {
          name: 'min-custody',
          value: 'LEVEL',
          help: 'exit 1 when a key is held less well than this',
          choices: ['claimed', 'attributed', 'attested'],
        },
        ...STORE,
        JSON_OUTPUT,
      ],
      examples: [
        'key list',
        'key list --store keys --passphrase-file passphrase --json',
        "key list --ref 'tpm:?device=/dev/tpmrm0'",
        'key list --min-custody attributed',
      ],
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
      name: 'check',
      summary: 'say whether a key can be used now: permission, state and algorithm',
      arguments: [REF],
      options: [{ ...KINDS, help: 'what it must be usable with' }, FINGERPRINT, ...STORE, JSON_OUTPUT],
      examples: ['key check awskms:///alias/issuer --algorithm ES256 --json'],
      load: () => import('../commands/key/check.ts'),
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
      options: [FOREIGN, ...STORE, JSON_OUTPUT],
      examples: ['key rotate issuer', 'key rotate awskms:///alias/issuer'],
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
      options: [FOREIGN, ...STORE, JSON_OUTPUT],
      examples: ['key state issuer suspended', "key state 'file:issuer?version=1' compromised"],
      load: () => import('../commands/key/state.ts'),
    },
    {
      name: 'attest',
      summary: 'write evidence of where a key lives, for whoever chose the nonce',
      arguments: [REF],
      options: [
        NONCE,
        {
          name: 'certificate',
          value: 'FILE',
          help: 'certificates of the key that attests, PEM, its own first',
        },
        FINGERPRINT,
        OUT,
        ...STORE,
        JSON_OUTPUT,
      ],
      examples: ['key attest tpm:handle=0x81000100 --nonce 5f0c9d4e6a7b8190 --out issuer.evidence'],
      load: () => import('../commands/key/attest.ts'),
    },
    {
      name: 'attestation-key',
      summary: 'write the public key that attests for the keys of a TPM, as PEM',
      arguments: [{ ...REF, help: 'reference of a key in the TPM, or of its device' }],
      options: [OUT, ...DEVICE, JSON_OUTPUT],
      examples: ["key attestation-key 'tpm:?device=/dev/tpmrm0' --out tpm7.pem"],
      load: () => import('../commands/key/attestation-key.ts'),
    },
    {
      name: 'verify-attestation',
      summary: 'verify evidence of where a key lives; exit 1 when it does not prove it',
      arguments: [{ name: 'FILE', help: 'the evidence; - for standard input' }],
      options: [
        { name: 'key', value: 'PUBLIC', help: 'public key that the evidence must be about' },
        NONCE,
        {
          name: 'root',
          value: 'FILE',
          help: 'public keys that attest, or certificates of authorities that certify such keys; repeatable',
          repeat: true,
        },
        JSON_OUTPUT,
      ],
      examples: [
        'key verify-attestation issuer.evidence --key issuer.pem --nonce 5f0c9d4e6a7b8190 --root tpm7.pem --json',
      ],
      load: () => import('../commands/key/verify-attestation.ts'),
    },
    {
      name: 'delete',
      summary: 'remove a key and all its versions for good',
      arguments: [REF],
      options: [
        { name: 'yes', help: 'do not ask' },
        {
          ...FORCE,
          help: 'also a storage key of a TPM, or one at a handle for endorsement keys, or a key of a cloud that was not made here',
        },
        ...STORE,
        JSON_OUTPUT,
      ],
      examples: ['key delete issuer', 'key delete file:issuer --yes'],
      load: () => import('../commands/key/delete.ts'),
    },
  ],
};
