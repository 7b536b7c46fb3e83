/**
 * `hardkey sign`.
 *
 * @module
 */
import { algorithm, ecdsaToDer, Failure, type Signer } from 'hardkey';
import { signingAlgorithm } from '../algorithms.ts';
import { toBase64 } from '../base64.ts';
import { argument, choice, type Given, required } from '../given.ts';
import { readToWrap } from '../input.ts';
import { openKey, openKeys } from '../keys.ts';
import { checkDestination, writeResult } from '../results.ts';
import { checkStandIn, sayProtection } from '../software.ts';
import type { Run } from '../tree/command.ts';
import { FORMATS, type Format } from './formats.ts';

const BINARY: readonly Format[] = ['raw', 'der', 'cose'];

/** What has headers, where a software key says that it stands in for one in hardware. */
const SAYS_CUSTODY: readonly Format[] = ['jws', 'cose'];

/** See the tree. */
export const run: Run = async (given, context) => {
  const format = choice(given.text('format') ?? 'raw', 'format', FORMATS);
  checkDestination(given, context, { binary: BINARY.includes(format) });
  // First, so that nobody types a passphrase in vain.
  const content = await readToWrap(argument(given));
  const form = formOf(given, format);
  const opened = await openKeys(given, context);
  await using _ = opened.keys;
  const key = await openKey(opened, given);
  if (!SAYS_CUSTODY.includes(format)) await checkStandIn(given, context, key);
  const allowed = format === 'sshsig' ? (await import('hardkey/formats/sshsig')).sshsigAlgorithms : undefined;
  const signer = key.use(signingAlgorithm(key, given.text('algorithm'), allowed));
  await writeResult(given, context, await SIGN[format](signer, form)(content));
  await sayProtection(given, context, opened, key);
  return 0;
};

/** What the options say of the form. */
interface Form {
  readonly detached: boolean;
  readonly namespace: string;
  readonly hash: 'sha512' | 'sha256';
}

type Sign = (content: Uint8Array) => Promise<string | Uint8Array>;

const SIGN: Readonly<Record<Format, (signer: Signer, form: Form) => Sign>> = {
  raw: (signer) => (content) => signer.sign(content),
  base64: (signer) => async (content) => `${toBase64(await signer.sign(content))}\n`,
  der(signer) {
    checkEcdsa(signer);
    return async (content) => ecdsaToDer(await signer.sign(content));
  },
  jws:
    (signer, { detached }) =>
    async (content) => {
      const { signJws } = await import('hardkey/formats/jws');
      return `${await signJws(content, { signer, detached })}\n`;
    },
  cose:
    (signer, { detached }) =>
    async (content) => {
      const { signSign1 } = await import('hardkey/formats/cose');
      return signSign1(content, { signer, detached });
    },
  sshsig:
    (signer, { namespace, hash }) =>
    async (content) => {
      const { signSshsig } = await import('hardkey/formats/sshsig');
      return signSshsig(content, { signer, namespace, hash });
    },
};

/** Throws `ARGUMENT_INVALID` for options of an sshsig without one, and for one without its namespace. */
function formOf(given: Given, format: Format): Form {
  const detached = given.has('detached');
  if (format !== 'sshsig') {
    for (const name of ['namespace', 'hash']) {
      if (given.text(name) !== undefined) throw invalid(`--${name} is for an sshsig`, name);
    }
    return { detached, namespace: '', hash: 'sha512' };
  }
  const hash = choice(given.text('hash') ?? 'sha512', 'hash', ['sha512', 'sha256']);
  return { detached, namespace: required(given, 'namespace'), hash };
}

function invalid(message: string, field: string): Failure<'ARGUMENT_INVALID'> {
  return new Failure('ARGUMENT_INVALID', message, { field });
}

/** Other signatures have one form only. */
function checkEcdsa({ algorithm: name }: Signer): void {
  if (algorithm(name).keyType === 'EC') return;
  throw new Failure('ARGUMENT_INVALID', 'der is a form of ECDSA signatures', {
    field: 'format',
    algorithm: name,
  });
}
