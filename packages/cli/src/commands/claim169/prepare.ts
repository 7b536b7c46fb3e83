/**
 * `hardkey claim169 prepare`.
 *
 * @module
 */
import { algorithms, Failure, type PublicKey, type SignatureAlgorithm } from 'hardkey';
import { prepare } from 'hardkey/formats/claim169';
import { signatureAlgorithm } from '../../algorithms.ts';
import { type Given, required } from '../../given.ts';
import { readPublicKey } from '../../readers.ts';
import { json, oneLine } from '../../render.ts';
import { writeResult } from '../../results.ts';
import type { Run } from '../../tree/command.ts';
import { certificatesOf } from './certificate.ts';
import { metaOf, readIdentity, takingIdentity } from './identity.ts';
import { profileOf } from './profile.ts';
import { writeToBeSigned } from './to-be-signed.ts';

/** See the tree. */
export const run: Run = async (given, context) => {
  const profile = profileOf(given);
  const meta = metaOf(given);
  const keyId = given.text('key-id');
  const publicKey = await readPublicKey(required(given, 'public-key'), 'public-key');
  const algorithm = algorithmOf(given, publicKey);
  const certificates = await certificatesOf(given, { algorithm, publicKey });
  const identity = await readIdentity(given);
  const options = {
    algorithm,
    publicKey,
    profile,
    ...(keyId === undefined ? {} : { keyId }),
    ...(certificates && { certificates }),
  };
  const prepared = await takingIdentity(() => prepare(identity, meta, options));
  for (const { path, message } of prepared.warnings)
    await context.output.note(`hardkey: warning: ${oneLine(path)}: ${message}`);
  await writeToBeSigned(given, prepared);
  await writeResult(given, context, json(prepared));
  return 0;
};

/** The algorithm that was asked for, or the only one that is for such a key. */
function algorithmOf(given: Given, { keyType, curve, parameterSet }: PublicKey): SignatureAlgorithm {
  const asked = given.text('algorithm');
  if (asked !== undefined) return signatureAlgorithm(asked);
  const fitting = algorithms.filter(
    ({ name, operation, curves }) =>
      operation === 'sign' && (name === parameterSet || (curve !== undefined && curves.includes(curve))),
  );
  const [only] = fitting;
  if (only !== undefined) return signatureAlgorithm(only.name);
  throw new Failure('ARGUMENT_INVALID', `--algorithm is missing: ${keyType} keys have several, or none`, {
    field: 'algorithm',
  });
}
