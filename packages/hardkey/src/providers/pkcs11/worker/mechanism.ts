/**
 * Mechanisms with their parameters, as pkcs11js takes them.
 *
 * @module
 */
import type { Mechanism } from '../wire.ts';
import type { NativeMechanism } from './cryptoki.ts';

/** Which structure an object stands for: CK_PARAMS_… of pkcs11js. */
const RSA_OAEP = 4;
const RSA_PSS = 5;
const EC_DH = 6;
const AES_GCM_V240 = 7;

const CKD_NULL = 1;
/** CKZ_DATA_SPECIFIED: the label of OAEP is given, and empty. */
const DATA_SPECIFIED = 1;
const TAG_BITS = 128;

/** A mechanism; associated data are the first of `bytes`. */
export function nativeMechanism(given: Mechanism, bytes: Uint8Array): NativeMechanism {
  return { mechanism: given.type, parameter: parameter(given, bytes) };
}

function parameter({ rsa, gcm, ecdh }: Mechanism, bytes: Uint8Array): object | null {
  if (rsa !== undefined) return rsaParameter(rsa);
  if (gcm !== undefined) return gcmParameter(gcm, bytes);
  if (ecdh === undefined) return null;
  return { type: EC_DH, kdf: CKD_NULL, publicData: Buffer.from(ecdh.point, 'hex') };
}

function rsaParameter({ hash, mgf, saltLength }: NonNullable<Mechanism['rsa']>): object {
  if (saltLength !== undefined) return { type: RSA_PSS, hashAlg: hash, mgf, saltLen: saltLength };
  return { type: RSA_OAEP, hashAlg: hash, mgf, source: DATA_SPECIFIED };
}

function gcmParameter({ nonce, aadLength }: NonNullable<Mechanism['gcm']>, bytes: Uint8Array): object {
  const iv = Buffer.from(nonce, 'hex');
  const aad = aadLength === 0 ? {} : { aad: Buffer.from(bytes.subarray(0, aadLength)) };
  return { type: AES_GCM_V240, iv, ivBits: iv.length * 8, tagBits: TAG_BITS, ...aad };
}
