/**
 * The public key of a key of a token, from wherever the token has it.
 *
 * @module
 */
import { importPublicKey, publicKeyOf } from '../../core/import-public-key.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { encodeRsaKey } from '../../core/rsa-key.ts';
import { rawLength } from '../../core/spki.ts';
import { parseCertificate } from '../../core/x509/certificate.ts';
import { DerReader, derTag } from '../../encoding/der.ts';
import { isFailure } from '../../errors.ts';
import { curveOf } from './algorithms.ts';
import { bytesOf, CKA, CKO, numberOf } from './attributes.ts';
import type { TokenKey } from './objects.ts';
import type { FoundObject } from './wire.ts';

/** The public key; undefined where the token shows none, or one of a kind that is not known. */
export async function publicHalf({ object, kind, publicObject }: TokenKey): Promise<PublicKey | undefined> {
  if (kind === 'secret') return undefined;
  try {
    return (
      (await ofRsa(object)) ??
      (await ofCurve(publicObject)) ??
      (await ofInfo(object)) ??
      (await ofCertificate(publicObject))
    );
  } catch (error) {
    // One that is listed beside others must not hide them.
    if (isFailure(error, 'UNSUPPORTED') || isFailure(error, 'MALFORMED')) return undefined;
    throw error;
  }
}

async function ofRsa(object: FoundObject): Promise<PublicKey | undefined> {
  const modulus = bytesOf(object, CKA.MODULUS);
  const exponent = bytesOf(object, CKA.PUBLIC_EXPONENT);
  if (modulus === undefined || exponent === undefined) return undefined;
  return publicKeyOf({ keyType: 'RSA', raw: encodeRsaKey({ modulus, exponent }) });
}

async function ofCurve(object: FoundObject | undefined): Promise<PublicKey | undefined> {
  const row = curveOf(object?.attributes[CKA.EC_PARAMS] ?? '');
  const point = object && bytesOf(object, CKA.EC_POINT);
  if (row === undefined || point === undefined) return undefined;
  const keyType = row.name === undefined ? 'EC' : 'OKP';
  return publicKeyOf({ keyType, curve: row.curve, raw: unwrapped(point, rawLength(row.curve)) });
}

/** PKCS #11 2.40 §2.3.3 has the point in an OCTET STRING; some tokens have it bare. */
function unwrapped(point: Uint8Array, length: number): Uint8Array {
  if (point.length === length) return point;
  const reader = new DerReader(point, 'pkcs11.ec-point');
  const raw = reader.read(derTag.octetString);
  reader.end();
  return raw;
}

/** CKA_PUBLIC_KEY_INFO, of PKCS #11 2.40. */
async function ofInfo(object: FoundObject): Promise<PublicKey | undefined> {
  const spki = bytesOf(object, CKA.PUBLIC_KEY_INFO);
  return spki && importPublicKey(spki);
}

async function ofCertificate(object: FoundObject | undefined): Promise<PublicKey | undefined> {
  if (object === undefined || numberOf(object, CKA.CLASS) !== CKO.CERTIFICATE) return undefined;
  const value = bytesOf(object, CKA.VALUE);
  return value && (await parseCertificate(value)).publicKey();
}
