/**
 * `hardkey key attestation-key`.
 *
 * @module
 */
import { argument } from '../../given.ts';
import { json } from '../../render.ts';
import { writeResult } from '../../results.ts';
import { tpmOf } from '../../tpms.ts';
import type { Run } from '../../tree/command.ts';

/** See the tree. */
export const run: Run = async (given, context) => {
  const tpm = await tpmOf({ given, context }, argument(given));
  try {
    const publicKey = await tpm.attestationKey();
    const { fingerprint } = publicKey;
    const publicKeyPem = publicKey.toPem();
    await writeResult(given, context, given.has('json') ? json({ fingerprint, publicKeyPem }) : publicKeyPem);
    return 0;
  } finally {
    await tpm.close();
  }
};
