/**
 * `hardkey sign`.
 *
 * @module
 */
import { algorithm, ecdsaToDer, Failure, type Signer } from 'hardkey';
import { signingAlgorithm } from '../algorithms.ts';
import { toBase64 } from '../base64.ts';
import { argument, choice } from '../given.ts';
import { readToWrap } from '../input.ts';
import { openKey, openKeys } from '../keys.ts';
import { checkDestination, writeResult } from '../results.ts';
import type { Run } from '../tree/command.ts';
import { FORMATS, type Format } from './formats.ts';

const BINARY: readonly Format[] = ['raw', 'der', 'cose'];

/** See the tree. */
export const run: Run = async (given, context) => {
  const format = choice(given.text('format') ?? 'raw', 'format', FORMATS);
  checkDestination(given, context, { binary: BINARY.includes(format) });
  // First, so that nobody types a passphrase in vain.
  const content = await readToWrap(argument(given));
  const opened = await openKeys(given, context);
  await using _ = opened.keys;
  const key = await openKey(opened, given);
  const signer = key.use(signingAlgorithm(key, given.text('algorithm')));
  const sign = SIGN[format](signer, given.has('detached'));
  await writeResult(given, context, await sign(content));
  return 0;
};

type Sign = (content: Uint8Array) => Promise<string | Uint8Array>;

const SIGN: Readonly<Record<Format, (signer: Signer, detached: boolean) => Sign>> = {
  raw: (signer) => (content) => signer.sign(content),
  base64: (signer) => async (content) => `${toBase64(await signer.sign(content))}\n`,
  der(signer) {
    checkEcdsa(signer);
    return async (content) => ecdsaToDer(await signer.sign(content));
  },
  jws: (signer, detached) => async (content) => {
    const { signJws } = await import('hardkey/formats/jws');
    return `${await signJws(content, { signer, detached })}\n`;
  },
  cose: (signer, detached) => async (content) => {
    const { signSign1 } = await import('hardkey/formats/cose');
    return signSign1(content, { signer, detached });
  },
};

/** Other signatures have one form only. */
function checkEcdsa({ algorithm: name }: Signer): void {
  if (algorithm(name).keyType === 'EC') return;
  throw new Failure('ARGUMENT_INVALID', 'der is a form of ECDSA signatures', {
    field: 'format',
    algorithm: name,
  });
}
