/**
 * `hardkey verify`.
 *
 * @module
 */
import { Failure, keyIdText, type SignatureAlgorithm, type Trust, type Trusted } from 'hardkey';
import { signatureAlgorithm } from '../algorithms.ts';
import { argument, choice, type Given, required } from '../given.ts';
import { readContent, textOf, withoutLineEnd } from '../input.ts';
import { json } from '../render.ts';
import { writeResult } from '../results.ts';
import type { Run } from '../tree/command.ts';
import { readTrust } from '../trust.ts';
import { FORMATS, type Format } from './formats.ts';
import { verifyBare } from './verify-bare.ts';

/** See the tree. */
export const run: Run = async (given, context) => {
  const format = choice(given.text('format') ?? 'raw', 'format', FORMATS);
  checkOptions(given, format);
  const asked = given.text('algorithm');
  const algorithm = asked === undefined ? undefined : signatureAlgorithm(asked);
  const namespace = given.text('namespace');
  const expected = namespace === undefined ? undefined : { namespace, identity: given.text('identity') };
  const trust = await readTrust(given, algorithm === undefined ? {} : { algorithms: [algorithm] }, expected);
  // An sshsig has one kind of signature for each key, and two hashes, both sound.
  if (algorithm === undefined && format !== 'sshsig') checkUnambiguous(trust);
  const file = await readContent(argument(given));
  const named = given.text('signature');
  const signature = named === undefined ? undefined : await readContent(named);
  const opened = await OPEN[format]({
    file,
    trust,
    ...(signature && { signature }),
    ...(algorithm && { algorithm }),
    ...(namespace && { namespace }),
  });
  if (given.text('out') !== undefined) await writeResult(given, context, opened.content);
  await context.output.write(given.has('json') ? json(report(opened)) : 'verified\n');
  return 0;
};

/** What there is to verify. */
interface Document {
  readonly file: Uint8Array;
  readonly signature?: Uint8Array;
  readonly trust: Trust;
  readonly algorithm?: SignatureAlgorithm;
  readonly namespace?: string;
}

/** Content that is genuine. */
interface Opened extends Trusted {
  readonly content: Uint8Array;
  readonly algorithm: SignatureAlgorithm;
  readonly keyId?: string;
  /** What its protected header says of a key in software, which stands in for one in this backend. */
  readonly standIn?: unknown;
}

const STAND_IN = 'softwareInsteadOf';

const OPEN: Readonly<Record<Format, (document: Document) => Promise<Opened>>> = {
  raw: (document) => openBare('raw', document),
  der: (document) => openBare('der', document),
  base64: (document) => openBare('base64', document),
  async jws({ file, signature, trust }) {
    const { openJws } = await import('hardkey/formats/jws');
    const text = textOf(withoutLineEnd(signature ?? file), 'jws');
    const { payload, ...opened } = await openJws(text, { trust, ...(signature && { payload: file }) });
    return { ...opened, content: payload, standIn: opened.headers.protected[STAND_IN] };
  },
  async cose({ file, signature, trust }) {
    const { openSign1 } = await import('hardkey/formats/cose');
    const options = { trust, ...(signature && { payload: file }) };
    const { payload, keyId, ...opened } = await openSign1(signature ?? file, options);
    const standIn = opened.headers.protected.get(STAND_IN);
    return { ...opened, content: payload, standIn, ...(keyId && { keyId: keyIdText(keyId) }) };
  },
  async sshsig({ file, signature = new Uint8Array(), trust, namespace = '' }) {
    const { openSshsig } = await import('hardkey/formats/sshsig');
    return openSshsig(textOf(signature, 'sshsig'), { content: file, trust, namespaces: [namespace] });
  },
};

async function openBare(
  format: 'raw' | 'der' | 'base64',
  { file, signature = new Uint8Array(), trust, algorithm }: Document,
): Promise<Opened> {
  return { ...(await verifyBare(format, file, signature, trust, algorithm)), content: file };
}

function report({ algorithm, keyId, key, checks, standIn }: Opened): Readonly<Record<string, unknown>> {
  return {
    verified: true,
    algorithm,
    keyId: keyId ?? key.keyId ?? key.publicKey.id,
    fingerprint: key.publicKey.fingerprint,
    checks,
    ...(typeof standIn === 'string' ? { [STAND_IN]: standIn } : {}),
  };
}

function checkOptions(given: Given, format: Format): void {
  const bare = format !== 'jws' && format !== 'cose';
  const signature = given.text('signature');
  if (given.list('trust').length === 0) throw refused('--trust says whose signatures count', 'trust');
  if (bare && signature === undefined) throw refused('--signature is missing', 'signature');
  checkSshsig(given, format);
  if (bare && given.text('out') !== undefined) throw refused('--out is for a jws or cose', 'out');
  if (signature === '-' && argument(given) === '-')
    throw refused('standard input cannot be both', 'signature');
}

function checkSshsig(given: Given, format: Format): void {
  if (format === 'sshsig') {
    required(given, 'namespace');
    return;
  }
  for (const name of ['namespace', 'identity']) {
    if (given.text(name) !== undefined) throw refused(`--${name} is for an sshsig`, name);
  }
}

/** The algorithm is the verifier's choice: a key that has several would leave it to the document. */
function checkUnambiguous({ keys }: Trust): void {
  if (keys.every(({ algorithms }) => algorithms.length <= 1)) return;
  throw refused('a trusted key has several algorithms: --algorithm says which', 'algorithm');
}

function refused(message: string, field: string): Failure<'ARGUMENT_INVALID'> {
  return new Failure('ARGUMENT_INVALID', message, { field });
}
