/**
 * `hardkey claim169 …`.
 *
 * @module
 */
import type { ArgumentRow, GroupRow, OptionRow } from './command.ts';
import {
  ALGORITHM,
  ALLOW_SERVICE,
  FINGERPRINT,
  JSON_FAILURES,
  JSON_OUTPUT,
  KEY,
  OUT,
  PROFILE,
  STORE,
  TRUST,
} from './options.ts';

const QR: ArgumentRow = {
  name: 'TEXT',
  help: 'text of a QR code, a file with the text, or a PNG or JPEG that shows it; - for standard input',
  text: true,
};

const EXPIRES_IN: OptionRow = {
  name: 'expires-in',
  value: 'TIME',
  help: 'such as 90s, 15m, 12h, 30d or 1y, which is 365 days',
};
const ENCRYPT_WITH: OptionRow = {
  name: 'encrypt-with',
  value: 'REF',
  help: 'for whoever has this key: reference, id or label',
  completes: 'keys',
};
const ENCRYPT_TO: OptionRow = {
  name: 'encrypt-to',
  value: 'PUBLIC',
  help: 'for the owner of this public key',
};
const ENCRYPT_ALGORITHM: OptionRow = {
  name: 'encrypt-algorithm',
  value: 'A',
  help: 'what the owner reads with (default: RSA-OAEP-256 or ECDH-ES+A128KW)',
  choices: ['RSA-OAEP-256', 'ECDH-ES+A128KW', 'ECDH-ES+A192KW', 'ECDH-ES+A256KW'],
};

const CERTIFICATE: OptionRow = {
  name: 'certificate',
  value: 'CHAIN.pem',
  help: "the signer's certificate and those after it, for readers who trust their root",
};

const IDENTITY: ArgumentRow = { name: 'IDENTITY', help: 'JSON file, or JSON; - for standard input' };
const ISSUER: OptionRow = { name: 'issuer', value: 'URI', help: 'who issues' };
const SUBJECT: OptionRow = { name: 'subject', value: 'S', help: 'about whom' };
const AUDIENCE: OptionRow = { name: 'audience', value: 'NAME', help: 'who is to accept it' };
const ERROR_LEVEL: OptionRow = {
  name: 'error-level',
  value: 'L',
  help: 'how much of the code may be damaged, from 7 % to 30 %; the more, the larger (default: L)',
  choices: ['L', 'M', 'Q', 'H'],
};
const COMPRESSION: OptionRow = {
  name: 'compression',
  value: 'C',
  help: 'smallest, or fast: larger codes in an eighth of the time (default: smallest)',
  choices: ['smallest', 'fast'],
};
/** How photos are fitted. */
const FIT: readonly OptionRow[] = [
  {
    name: 'fit-qr',
    value: 'VERSION',
    help: 'the largest QR version that the credential may have with its photo (default: 25)',
  },
  { name: 'fit-bytes', value: 'N', help: 'the most bytes that the photo may have' },
  {
    name: 'photo-format',
    value: 'F',
    help: 'how photos are drawn: webp, jpeg or avif (default: webp)',
    choices: ['webp', 'jpeg', 'avif'],
  },
  { name: 'photo-grey', help: 'draw photos without colours: the same bytes show more' },
];
const CREDENTIAL_OUT: OptionRow = {
  name: 'out',
  value: 'FILE',
  help: 'write .png, .svg or .txt, replacing it',
};
const TO_BE_SIGNED: OptionRow = {
  name: 'to-be-signed',
  value: 'FILE',
  help: 'also write the bytes that the key signs, replacing it',
};

/** Identity credentials in QR codes. */
export const CLAIM169_COMMANDS: GroupRow = {
  name: 'claim169',
  summary: 'identity credentials in QR codes',
  commands: [
    {
      name: 'encode',
      summary: 'sign an identity; draw its QR code on a terminal, write its text elsewhere',
      arguments: [IDENTITY],
      options: [
        KEY,
        FINGERPRINT,
        ALGORITHM,
        ISSUER,
        SUBJECT,
        AUDIENCE,
        EXPIRES_IN,
        PROFILE,
        CERTIFICATE,
        COMPRESSION,
        ENCRYPT_WITH,
        ENCRYPT_TO,
        ENCRYPT_ALGORITHM,
        ALLOW_SERVICE,
        ERROR_LEVEL,
        { name: 'photo', value: 'FILE', help: 'a picture to be drawn as large as there is room for' },
        ...FIT,
        CREDENTIAL_OUT,
        { name: 'dry-run', help: 'say how large the code will be; sign and write nothing' },
        ...STORE,
        JSON_OUTPUT,
      ],
      examples: [
        'claim169 encode identity.json --key issuer --issuer https://id.example.org --expires-in 1y',
        'claim169 encode identity.json --key file:/etc/issuer.pem --issuer https://id.example.org --out credential.png',
        'claim169 encode identity.json --key issuer --issuer https://id.example.org --certificate chain.pem',
        'claim169 encode identity.json --key issuer --issuer https://id.example.org --photo ana.jpg --fit-qr 20 --out ana.png',
      ],
      load: () => import('../commands/claim169/encode.ts'),
    },
    {
      name: 'issue',
      summary: 'sign the identities of a file, one credential each; exit 65 when some have none',
      arguments: [],
      options: [
        { name: 'in', value: 'FILE', help: '.ndjson, or .csv under names of fields; - for standard input' },
        KEY,
        FINGERPRINT,
        ALGORITHM,
        ISSUER,
        { name: 'subject-field', value: 'FIELD', help: 'the field that is also the subject, such as id' },
        EXPIRES_IN,
        PROFILE,
        CERTIFICATE,
        COMPRESSION,
        ENCRYPT_WITH,
        ENCRYPT_TO,
        ENCRYPT_ALGORITHM,
        ALLOW_SERVICE,
        ERROR_LEVEL,
        {
          name: 'photo-column',
          value: 'NAME',
          help: 'the column, or field of NDJSON, that names the file of a photo',
        },
        { name: 'photos', value: 'DIR', help: 'where these files are (default: the folder of --in)' },
        ...FIT,
        { name: 'out', value: 'PATH', help: 'a folder, or a file that ends in .ndjson or .csv' },
        {
          name: 'format',
          value: 'F',
          help: 'of the files in a folder: png, svg or txt (default: png)',
          choices: ['png', 'svg', 'txt'],
        },
        {
          name: 'concurrency',
          value: 'N',
          help: 'threads for a key in a file (default: one a core), calls for others (default: 16)',
        },
        { name: 'resume', help: 'go on with a run that was stopped' },
        { name: 'dry-run', help: 'report what is wrong and the largest code; sign and write nothing' },
        ...STORE,
        JSON_OUTPUT,
      ],
      examples: [
        'claim169 issue --in people.csv --issuer https://id.example.org --dry-run',
        'claim169 issue --in people.csv --key issuer --issuer https://id.example.org --expires-in 1y --out codes',
        'claim169 issue --in people.ndjson --key issuer --issuer https://id.example.org --out codes.ndjson --resume',
        'claim169 issue --in people.csv --key issuer --issuer https://id.example.org --photo-column picture --fit-qr 22 --out codes',
      ],
      load: () => import('../commands/claim169/issue.ts'),
    },
    {
      name: 'prepare',
      summary: 'write what a key elsewhere is to sign, in a file that people can read',
      arguments: [IDENTITY],
      options: [
        {
          name: 'public-key',
          value: 'PUBLIC',
          help: 'of the key that will sign: no other signature completes',
        },
        { ...ALGORITHM, help: 'where the key has several' },
        { name: 'key-id', value: 'ID', help: "the key's name in the credential (default: its id)" },
        ISSUER,
        SUBJECT,
        AUDIENCE,
        EXPIRES_IN,
        PROFILE,
        CERTIFICATE,
        TO_BE_SIGNED,
        OUT,
        JSON_FAILURES,
      ],
      examples: [
        'claim169 prepare identity.json --public-key root.pem --issuer https://id.example.org --out ana.json',
        'claim169 prepare identity.json --public-key root.pem --issuer https://id.example.org --to-be-signed ana.bin > ana.json',
      ],
      load: () => import('../commands/claim169/prepare.ts'),
    },
    {
      name: 'complete',
      summary: 'make the credential of what was prepared and its signature; or review what is to be signed',
      arguments: [{ name: 'FILE', help: 'what prepare wrote; - for standard input' }],
      options: [
        { name: 'review', help: 'check the file, show what would be signed, and do nothing else' },
        { name: 'signature', value: 'FILE', help: 'the signature of the bytes that were to be signed' },
        {
          name: 'format',
          value: 'F',
          help: 'of the signature: raw, der, base64 or hex (default: raw)',
          choices: ['raw', 'der', 'base64', 'hex'],
        },
        TO_BE_SIGNED,
        ENCRYPT_WITH,
        ENCRYPT_TO,
        ENCRYPT_ALGORITHM,
        ALLOW_SERVICE,
        ERROR_LEVEL,
        CREDENTIAL_OUT,
        ...STORE,
        JSON_OUTPUT,
      ],
      examples: [
        'claim169 complete ana.json --review --to-be-signed ana.bin',
        'claim169 complete ana.json --signature ana.sig --format der --out ana.png',
      ],
      load: () => import('../commands/claim169/complete.ts'),
    },
    {
      name: 'decode',
      summary: 'verify a credential and write its content; exit 1 when it is not genuine or out of its time',
      arguments: [QR],
      options: [
        TRUST,
        { name: 'decrypt-with', value: 'REF', help: 'the key that opens it', completes: 'keys' },
        { name: 'decrypt-key', value: 'FILE', help: 'AES key as bytes, hexadecimal or base64' },
        ALLOW_SERVICE,
        FINGERPRINT,
        PROFILE,
        { name: 'strict', help: 'refuse what would be a warning' },
        { name: 'at', value: 'ISO-TIME', help: 'verify as of this time, such as 2026-01-31T12:00:00Z' },
        {
          name: 'audience',
          value: 'NAME',
          help: 'who verifies: a credential that is not for NAME is refused',
        },
        { name: 'allow-unsigned', help: 'also accept what nobody signed' },
        ...STORE,
        JSON_OUTPUT,
      ],
      examples: [
        'claim169 decode credential.png --trust issuer.pem --json',
        'claim169 decode - --trust issuer.pem --trust other.jwks < scanned.txt',
      ],
      load: () => import('../commands/claim169/decode.ts'),
    },
    {
      name: 'inspect',
      summary: 'take a credential apart without verifying it',
      arguments: [QR],
      options: [JSON_OUTPUT],
      examples: ['claim169 inspect credential.png', 'claim169 inspect - --json < scanned.txt'],
      load: () => import('../commands/claim169/inspect.ts'),
    },
  ],
};
