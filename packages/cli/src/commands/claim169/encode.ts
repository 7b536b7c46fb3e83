/**
 * `hardkey claim169 encode`.
 *
 * @module
 */
import { encode } from 'hardkey/formats/claim169';
import { signingAlgorithm } from '../../algorithms.ts';
import { onlyOne } from '../../given.ts';
import { openKey, openKeys } from '../../keys.ts';
import type { Run } from '../../tree/command.ts';
import { certificatesOf } from './certificate.ts';
import { metaOf, readIdentity, takingIdentity } from './identity.ts';
import { profileOf } from './profile.ts';
import { readerFor } from './reader-for.ts';
import { wantedOf, writeCredential } from './write-credential.ts';

/** See the tree. */
export const run: Run = async (given, context) => {
  onlyOne(given, ['encrypt-with', 'encrypt-to']);
  const wanted = wantedOf(given);
  const profile = profileOf(given);
  const meta = metaOf(given);
  const identity = await readIdentity(given);
  const opened = await openKeys(given, context);
  await using _ = opened.keys;
  const key = await openKey(opened, given);
  const signer = key.use(signingAlgorithm(key, given.text('algorithm')));
  const reader = await readerFor(given, opened);
  const certificates = await certificatesOf(given, signer);
  const options = {
    signer,
    profile,
    errorLevel: wanted.errorLevel,
    ...(certificates && { certificates }),
    ...(reader && { encryptTo: reader }),
  };
  const encoded = await takingIdentity(() => encode(identity, meta, options));
  await writeCredential(given, context, encoded, wanted);
  return 0;
};
