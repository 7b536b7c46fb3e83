/**
 * `hardkey claim169 …`.
 *
 * @module
 */
import type { ArgumentRow, GroupRow } from './command.ts';
import { ALGORITHM, FINGERPRINT, JSON_OUTPUT, KEY, PROFILE, STORE, TRUST } from './options.ts';

const QR: ArgumentRow = {
  name: 'TEXT',
  help: 'text of a QR code, a file with the text or a PNG of the code; - for standard input',
  text: true,
};

/** Identity credentials in QR codes. */
export const CLAIM169_COMMANDS: GroupRow = {
  name: 'claim169',
  summary: 'identity credentials in QR codes',
  commands: [
    {
      name: 'encode',
      summary: 'sign an identity; draw its QR code on a terminal, write its text elsewhere',
      arguments: [{ name: 'IDENTITY', help: 'JSON file, or JSON; - for standard input' }],
      options: [
        KEY,
        FINGERPRINT,
        ALGORITHM,
        { name: 'issuer', value: 'URI', help: 'who issues' },
        { name: 'subject', value: 'S', help: 'about whom' },
        { name: 'expires-in', value: 'TIME', help: 'such as 90s, 15m, 12h, 30d or 1y, which is 365 days' },
        PROFILE,
        { name: 'encrypt-with', value: 'REF', help: 'for whoever has this key: reference, id or label' },
        { name: 'encrypt-to', value: 'PUBLIC', help: 'for the owner of this public key' },
        { name: 'out', value: 'FILE', help: 'write .png, .svg or .txt, replacing it' },
        ...STORE,
        JSON_OUTPUT,
      ],
      examples: [
        'claim169 encode identity.json --key issuer --issuer https://id.example.org --expires-in 1y',
        'claim169 encode identity.json --key file:/etc/issuer.pem --issuer https://id.example.org --out credential.png',
      ],
      load: () => import('../commands/claim169/encode.ts'),
    },
    {
      name: 'decode',
      summary: 'verify a credential and write its content; exit 1 when it is not genuine or out of its time',
      arguments: [QR],
      options: [
        TRUST,
        { name: 'decrypt-with', value: 'REF', help: 'the key that opens it' },
        { name: 'decrypt-key', value: 'FILE', help: 'AES key as bytes, hexadecimal or base64' },
        FINGERPRINT,
        PROFILE,
        { name: 'strict', help: 'refuse what would be a warning' },
        { name: 'at', value: 'ISO-TIME', help: 'verify as of this time, such as 2026-01-31T12:00:00Z' },
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
