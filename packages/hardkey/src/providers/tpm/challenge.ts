/**
 * The other side of an enrolment: whoever is to believe a TPM. It needs none.
 *
 * @module
 */
import type { PublicKey } from '../../core/public-key.ts';
import { createTrust, type TrustSource } from '../../core/trust/trust.ts';
import { parseCertificate } from '../../core/x509/certificate.ts';
import { validatePath } from '../../core/x509/path.ts';
import { Failure } from '../../errors.ts';
import { hasAttribute, type ObjectAttribute } from '../../protocols/tpm/attributes.ts';
import { decodeTpm } from '../../protocols/tpm/codec.ts';
import { makeCredential } from '../../protocols/tpm/credential.ts';
import { decodeRequest, encodeChallenge } from '../../protocols/tpm/enrolment.ts';
import { objectName } from '../../protocols/tpm/name.ts';
import { type PublicArea, publicArea } from '../../protocols/tpm/public-area.ts';
import { publicKeyOfArea } from './algorithms.ts';
import { nodeCrypto } from './crypto.ts';

/** Whom a challenge believes. */
export interface ChallengeOptions {
  /** Certificates of makers of TPMs, that of the endorsement key must lead to one of them. */
  readonly roots: TrustSource | readonly TrustSource[];
  /** More certificates, DER: issuers between the two. */
  readonly intermediates?: readonly Uint8Array[];
  /** The time of the check. Default: now. */
  readonly now?: Date;
}

/** A challenge, and what answers it. */
export interface Challenge {
  /** For the TPM. */
  readonly challenge: Uint8Array;
  /** What the TPM must answer. It stays with whoever asks, and is used once. */
  readonly secret: Uint8Array;
  /** The key that is in the same TPM as the certified one, once the answer is right. */
  readonly attestationKey: PublicKey;
}

/** TCG OID Registry, tcg-kp-EKCertificate. */
const ENDORSEMENT_PURPOSE = '2.23.133.8.1';
const SECRET = 32;

/**
 * Makes a challenge of a TPM's request. Throws `VERIFICATION_FAILED` when the endorsement key is not
 * certified by one of `roots`, or the key that attests is none that speaks for a TPM.
 */
export async function createChallenge(bytes: Uint8Array, options: ChallengeOptions): Promise<Challenge> {
  const request = decodeRequest(bytes);
  const endorsementKey = decodeTpm(publicArea, request.endorsementKey, 'enrolment.endorsementKey');
  const attestationArea = decodeTpm(publicArea, request.attestationKey, 'enrolment.attestationKey');
  await checkCertified(endorsementKey, request.certificate, options);
  checkAttributes(
    attestationArea,
    ['fixedTPM', 'fixedParent', 'sensitiveDataOrigin', 'restricted', 'sign'],
    'decrypt',
  );
  checkAttributes(endorsementKey, ['fixedTPM', 'fixedParent', 'restricted', 'decrypt'], 'sign');
  const secret = nodeCrypto.randomBytes(SECRET);
  const name = objectName(attestationArea, nodeCrypto.hash);
  const credential = makeCredential(nodeCrypto, endorsementKey, name, secret);
  if (credential === undefined)
    throw refused('enrolment.endorsement-key', 'the endorsement key holds no secret');
  const attestationKey = await publicKeyOfArea(attestationArea);
  return { challenge: encodeChallenge(credential), secret: Uint8Array.from(secret), attestationKey };
}

async function checkCertified(
  area: PublicArea,
  certificate: Uint8Array | undefined,
  { roots, intermediates, now = new Date() }: ChallengeOptions,
): Promise<void> {
  if (certificate === undefined) {
    throw refused('enrolment.certificate', 'the endorsement key has no certificate');
  }
  const trust = await createTrust(roots);
  await validatePath([certificate], trust.roots, {
    at: now,
    extKeyUsage: ENDORSEMENT_PURPOSE,
    ...(intermediates === undefined ? {} : { intermediates }),
  });
  const certified = await (await parseCertificate(certificate, 'enrolment.certificate')).publicKey();
  const { fingerprint } = await publicKeyOfArea(area);
  if (certified.fingerprint !== fingerprint) {
    throw refused('enrolment.certificate', 'the certificate is of another endorsement key');
  }
}

function checkAttributes(
  area: PublicArea,
  needed: readonly ObjectAttribute[],
  without: ObjectAttribute,
): void {
  const { objectAttributes: word } = area;
  if (needed.every((name) => hasAttribute(word, name)) && !hasAttribute(word, without)) return;
  throw refused('enrolment.attributes', 'the key is not of the kind that it is given for');
}

function refused(check: string, message: string): Failure<'VERIFICATION_FAILED'> {
  return new Failure('VERIFICATION_FAILED', message, { check });
}
