/**
 * The certificates that go into a credential: `--certificate`.
 *
 * @module
 */
import { Failure, type Signer } from 'hardkey';
import { type SignerCertificates, signerCertificates } from 'hardkey/formats/cose';
import { readSmall } from '../../files.ts';
import type { Given } from '../../given.ts';
import { textOf } from '../../input.ts';

/**
 * What the file says of the signer, or undefined when none was named. Throws `SIGNER_MISMATCH` for the
 * certificate of another key, and names the option for a chain that is none.
 */
export async function certificatesOf(
  given: Given,
  signer: Pick<Signer, 'algorithm' | 'publicKey'>,
): Promise<SignerCertificates | undefined> {
  const path = given.text('certificate');
  if (path === undefined) return undefined;
  const text = textOf(await readSmall(path), 'certificate');
  if (text.includes('-----BEGIN CERTIFICATE-----')) return signerCertificates(signer, { x5chain: text });
  throw new Failure('MALFORMED', 'no certificate in PEM', { field: 'certificate', path });
}
