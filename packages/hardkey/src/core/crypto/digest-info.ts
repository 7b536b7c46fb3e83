/**
 * DigestInfo (RFC 8017 §9.2): a digest with the name of its hash, as RSASSA-PKCS1-v1_5 signs it.
 *
 * @module
 */
import { der, derOid, derTag } from '../../encoding/der.ts';
import type { Hash } from '../algorithms.ts';

// RFC 8017 §9.2 note 1.
const DIGEST_OID: Readonly<Record<Hash, string>> = {
  'SHA-256': '2.16.840.1.101.3.4.2.1',
  'SHA-384': '2.16.840.1.101.3.4.2.2',
  'SHA-512': '2.16.840.1.101.3.4.2.3',
};

/** The DER of DigestInfo, with the NULL parameter RFC 8017 asks for. */
export function digestInfo(hash: Hash, digest: Uint8Array): Uint8Array<ArrayBuffer> {
  const identifier = der(derTag.sequence, derOid(DIGEST_OID[hash]), der(derTag.null));
  return der(derTag.sequence, identifier, der(derTag.octetString, digest));
}
