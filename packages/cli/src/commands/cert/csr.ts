/**
 * `hardkey cert csr`.
 *
 * @module
 */
import { createCertificateRequest } from 'hardkey/formats/x509';
import { signingAlgorithm } from '../../algorithms.ts';
import { toBase64 } from '../../base64.ts';
import { required } from '../../given.ts';
import { openKey, openKeys } from '../../keys.ts';
import { writeResult } from '../../results.ts';
import { checkStandIn } from '../../software.ts';
import type { Run } from '../../tree/command.ts';

/** See the tree. */
export const run: Run = async (given, context) => {
  const subject = required(given, 'subject');
  const opened = await openKeys(given, context);
  await using _ = opened.keys;
  const key = await openKey(opened, given);
  await checkStandIn(given, context, key);
  const signer = key.use(signingAlgorithm(key, given.text('algorithm')));
  await writeResult(given, context, pem(await createCertificateRequest({ signer, subject })));
  return 0;
};

/** RFC 7468 §7. */
function pem(request: Uint8Array): string {
  const lines = toBase64(request).match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE REQUEST-----', ...lines, '-----END CERTIFICATE REQUEST-----', ''].join(
    '\n',
  );
}
