/**
 * Every command.
 *
 * @module
 */
import { AUDIT_COMMANDS } from './audit.ts';
import { CERT_COMMANDS } from './cert.ts';
import { CLAIM169_COMMANDS } from './claim169.ts';
import type { ArgumentRow, GroupRow, OptionRow } from './command.ts';
import { KEY_COMMANDS } from './key.ts';
import {
  ALGORITHM,
  ALLOW_SERVICE,
  ALLOW_SOFTWARE,
  FINGERPRINT,
  JSON_FAILURES,
  JSON_OUTPUT,
  KEY,
  OUT,
  STORE,
  TRUST,
} from './options.ts';

const FILE: ArgumentRow = { name: 'FILE', help: 'the content, as its bytes are; - for standard input' };
const FORMATS: OptionRow = {
  name: 'format',
  value: 'F',
  help: 'raw, der, base64, jws, cose or sshsig (default: raw)',
  choices: ['raw', 'der', 'base64', 'jws', 'cose', 'sshsig'],
};
const NAMESPACE: OptionRow = {
  name: 'namespace',
  value: 'NAME',
  help: 'what an sshsig is for, such as file or git',
};

/** The command and all below it. */
export const TREE: GroupRow = {
  name: 'hardkey',
  summary: 'keys behind one interface, wherever they live, and signed documents made with them',
  commands: [
    {
      name: 'quickstart',
      summary: 'make a key, a signed identity and its QR code in a throwaway folder, and verify it',
      arguments: [],
      options: [],
      examples: ['quickstart'],
      load: () => import('../commands/quickstart.ts'),
    },
    KEY_COMMANDS,
    {
      name: 'sign',
      summary: 'sign a file',
      arguments: [FILE],
      options: [
        KEY,
        FINGERPRINT,
        ALGORITHM,
        FORMATS,
        { name: 'detached', help: 'leave the content out of a jws or cose' },
        NAMESPACE,
        { name: 'hash', value: 'H', help: 'of an sshsig (default: sha512)', choices: ['sha512', 'sha256'] },
        ALLOW_SOFTWARE,
        OUT,
        ...STORE,
        JSON_FAILURES,
      ],
      examples: [
        'sign report.pdf --key issuer > report.sig',
        'sign report.pdf --key file:/etc/issuer.pem --format jws --detached --out report.jws',
        'sign report.pdf --key ssh-agent:comment=me@example.org --format sshsig --namespace file > report.pdf.sig',
      ],
      load: () => import('../commands/sign.ts'),
    },
    {
      name: 'verify',
      summary: 'verify a signature; exit 1 when it is not genuine',
      arguments: [{ ...FILE, help: 'the content, or the jws or cose that holds it; - for standard input' }],
      options: [
        { name: 'signature', value: 'FILE', help: 'the signature, where FILE does not hold it' },
        FORMATS,
        { ...ALGORITHM, help: 'required where a trusted key has several' },
        NAMESPACE,
        { name: 'identity', value: 'ID', help: 'who of a file of allowed signers must have made an sshsig' },
        TRUST,
        { ...OUT, help: 'write the verified content of a jws or cose to a file, replacing it' },
        JSON_OUTPUT,
      ],
      examples: [
        'verify report.pdf --signature report.sig --trust issuer.pem',
        'verify report.cose --format cose --trust issuer.pem --out report.pdf',
        'verify report.pdf --signature report.pdf.sig --format sshsig --namespace file --trust id_ed25519.pub',
      ],
      load: () => import('../commands/verify.ts'),
    },
    {
      name: 'encrypt',
      summary: 'encrypt a file as COSE',
      arguments: [FILE],
      options: [
        { ...KEY, help: 'key of yours: reference, id or label' },
        { name: 'to', value: 'PUBLIC', help: 'public key of the reader, RSA or of an ECDH curve' },
        {
          name: 'algorithm',
          value: 'A',
          help: 'with --to (default: RSA-OAEP-256 or ECDH-ES+A128KW)',
          choices: ['RSA-OAEP-256', 'ECDH-ES+A128KW', 'ECDH-ES+A192KW', 'ECDH-ES+A256KW'],
        },
        FINGERPRINT,
        ALLOW_SERVICE,
        OUT,
        ...STORE,
        JSON_FAILURES,
      ],
      examples: [
        'encrypt report.pdf --to reader.pem --out report.cose',
        'encrypt report.pdf --key readers > report.cose',
      ],
      load: () => import('../commands/encrypt.ts'),
    },
    {
      name: 'decrypt',
      summary: 'decrypt what encrypt wrote; exit 1 when it does not open',
      arguments: [{ ...FILE, help: 'a COSE_Encrypt0 or COSE_Encrypt; - for standard input' }],
      options: [KEY, FINGERPRINT, ALLOW_SERVICE, OUT, ...STORE, JSON_FAILURES],
      examples: ['decrypt report.cose --key reader --out report.pdf'],
      load: () => import('../commands/decrypt.ts'),
    },
    CERT_COMMANDS,
    CLAIM169_COMMANDS,
    AUDIT_COMMANDS,
    {
      name: 'doctor',
      summary: 'check every backend of the settings, and look for others; exit 0 when all are well',
      arguments: [],
      options: [...STORE, JSON_OUTPUT],
      examples: ['doctor', 'doctor --config issuer.json --json'],
      load: () => import('../commands/doctor.ts'),
    },
    {
      name: 'completion',
      summary: 'write the completions of a shell',
      arguments: [{ name: 'SHELL', help: 'bash, zsh or fish', choices: ['bash', 'zsh', 'fish'] }],
      options: [],
      examples: [
        'completion bash > ~/.local/share/bash-completion/completions/hardkey',
        'completion fish > ~/.config/fish/completions/hardkey.fish',
      ],
      load: () => import('../commands/completion.ts'),
    },
  ],
};
