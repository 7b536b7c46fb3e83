/**
 * X.509 certificates: what is read is the input, and a path to the root that is trusted has its keys.
 *
 * An input is one certificate, or several, each after its length in two bytes.
 *
 * @module
 */
import { parseCertificate } from '../../packages/hardkey/src/core/x509/certificate.ts';
import { validatePath } from '../../packages/hardkey/src/core/x509/path.ts';
import { concat, equalBytes } from '../../packages/hardkey/src/encoding/bytes.ts';
import { promised, type Target } from '../target.ts';
import { issuing, leaf, root } from './certificates.ts';
import { NOW } from './keys.ts';

/** The first byte of a certificate. */
const SEQUENCE = 0x30;
const expected = await (await parseCertificate(leaf.der)).publicKey();

/** See the module. */
export const x509: Target = {
  name: 'x509',
  allowed: ['MALFORMED', 'UNSUPPORTED', 'VERIFICATION_FAILED'],
  seeds: () => [root.der, issuing.der, leaf.der, chainOf(leaf.der, issuing.der)],
  run: (input) => (input[0] === SEQUENCE ? runOne(input) : runPath(input)),
};

async function runOne(input: Uint8Array): Promise<number> {
  const certificate = await parseCertificate(input);
  promised(equalBytes(certificate.der, input), 'a certificate is what it was read from');
  promised(!Number.isNaN(certificate.notBefore + certificate.notAfter), 'its times are numbers');
  return (await certificate.publicKey()).spki.length;
}

async function runPath(input: Uint8Array): Promise<number> {
  const { leaf: found, path } = await validatePath(certificatesOf(input), [root.der], {
    at: NOW,
    usage: 'digitalSignature',
  });
  promised(
    equalBytes((await found.publicKey()).spki, expected.spki),
    'only the signer has a path to the root',
  );
  return path.length;
}

/** Certificates, each after its length. */
function chainOf(...certificates: readonly Uint8Array[]): Uint8Array {
  return concat(...certificates.flatMap((der) => [Uint8Array.of(der.length >> 8, der.length & 0xff), der]));
}

function certificatesOf(input: Uint8Array): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0; at + 2 <= input.length; ) {
    const end = at + 2 + (input[at] ?? 0) * 256 + (input[at + 1] ?? 0);
    found.push(input.subarray(at + 2, end));
    at = end;
  }
  return found;
}
