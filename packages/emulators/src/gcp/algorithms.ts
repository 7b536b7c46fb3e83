/**
 * The algorithms of Cloud KMS, each with what its operations need.
 *
 * @module
 */
import type { EcdsaCurve } from '../signing/ecdsa.ts';
import type { RsaHash, RsaPadding } from '../signing/rsa.ts';

/** What an algorithm is, by its operation. */
export type AlgorithmFacts =
  | { readonly purpose: 'ENCRYPT_DECRYPT'; readonly kind: 'symmetric' }
  | {
      readonly purpose: 'RAW_ENCRYPT_DECRYPT';
      readonly kind: 'raw';
      readonly mode: 'gcm' | 'cbc' | 'ctr';
      readonly bits: 128 | 256;
    }
  | { readonly purpose: 'MAC'; readonly kind: 'mac'; readonly hash: string; readonly bytes: number }
  | {
      readonly purpose: 'ASYMMETRIC_DECRYPT';
      readonly kind: 'oaep';
      readonly bits: number;
      readonly hash: string;
    }
  | Signing;

/** What an algorithm of `ASYMMETRIC_SIGN` is. */
export type Signing = { readonly purpose: 'ASYMMETRIC_SIGN' } & (
  | { readonly kind: 'ecdsa'; readonly curve: EcdsaCurve; readonly hash: RsaHash; readonly hsmOnly?: true }
  | { readonly kind: 'rsa'; readonly padding: RsaPadding; readonly bits: number; readonly hash: RsaHash }
  | { readonly kind: 'rsa-raw'; readonly bits: number }
  | { readonly kind: 'pure'; readonly type: 'ed25519' | 'ml-dsa-44' | 'ml-dsa-65' | 'ml-dsa-87' }
);

/** The algorithms that this emulator has. */
export const ALGORITHMS: Readonly<Record<string, AlgorithmFacts>> = {
  GOOGLE_SYMMETRIC_ENCRYPTION: { purpose: 'ENCRYPT_DECRYPT', kind: 'symmetric' },
  AES_128_GCM: raw('gcm', 128),
  AES_256_GCM: raw('gcm', 256),
  AES_128_CBC: raw('cbc', 128),
  AES_256_CBC: raw('cbc', 256),
  AES_128_CTR: raw('ctr', 128),
  AES_256_CTR: raw('ctr', 256),
  HMAC_SHA1: mac('sha1', 20),
  HMAC_SHA224: mac('sha224', 28),
  HMAC_SHA256: mac('sha256', 32),
  HMAC_SHA384: mac('sha384', 48),
  HMAC_SHA512: mac('sha512', 64),
  RSA_DECRYPT_OAEP_2048_SHA1: oaep(2048, 'sha1'),
  RSA_DECRYPT_OAEP_3072_SHA1: oaep(3072, 'sha1'),
  RSA_DECRYPT_OAEP_4096_SHA1: oaep(4096, 'sha1'),
  RSA_DECRYPT_OAEP_2048_SHA256: oaep(2048, 'sha256'),
  RSA_DECRYPT_OAEP_3072_SHA256: oaep(3072, 'sha256'),
  RSA_DECRYPT_OAEP_4096_SHA256: oaep(4096, 'sha256'),
  RSA_DECRYPT_OAEP_4096_SHA512: oaep(4096, 'sha512'),
  EC_SIGN_P256_SHA256: { purpose: 'ASYMMETRIC_SIGN', kind: 'ecdsa', curve: 'P-256', hash: 'sha256' },
  EC_SIGN_P384_SHA384: { purpose: 'ASYMMETRIC_SIGN', kind: 'ecdsa', curve: 'P-384', hash: 'sha384' },
  EC_SIGN_SECP256K1_SHA256: {
    purpose: 'ASYMMETRIC_SIGN',
    kind: 'ecdsa',
    curve: 'secp256k1',
    hash: 'sha256',
    hsmOnly: true,
  },
  EC_SIGN_ED25519: { purpose: 'ASYMMETRIC_SIGN', kind: 'pure', type: 'ed25519' },
  PQ_SIGN_ML_DSA_44: { purpose: 'ASYMMETRIC_SIGN', kind: 'pure', type: 'ml-dsa-44' },
  PQ_SIGN_ML_DSA_65: { purpose: 'ASYMMETRIC_SIGN', kind: 'pure', type: 'ml-dsa-65' },
  PQ_SIGN_ML_DSA_87: { purpose: 'ASYMMETRIC_SIGN', kind: 'pure', type: 'ml-dsa-87' },
  RSA_SIGN_PSS_2048_SHA256: rsa('pss', 2048, 'sha256'),
  RSA_SIGN_PSS_3072_SHA256: rsa('pss', 3072, 'sha256'),
  RSA_SIGN_PSS_4096_SHA256: rsa('pss', 4096, 'sha256'),
  RSA_SIGN_PSS_4096_SHA512: rsa('pss', 4096, 'sha512'),
  RSA_SIGN_PKCS1_2048_SHA256: rsa('pkcs1', 2048, 'sha256'),
  RSA_SIGN_PKCS1_3072_SHA256: rsa('pkcs1', 3072, 'sha256'),
  RSA_SIGN_PKCS1_4096_SHA256: rsa('pkcs1', 4096, 'sha256'),
  RSA_SIGN_PKCS1_4096_SHA512: rsa('pkcs1', 4096, 'sha512'),
  RSA_SIGN_RAW_PKCS1_2048: { purpose: 'ASYMMETRIC_SIGN', kind: 'rsa-raw', bits: 2048 },
  RSA_SIGN_RAW_PKCS1_3072: { purpose: 'ASYMMETRIC_SIGN', kind: 'rsa-raw', bits: 3072 },
  RSA_SIGN_RAW_PKCS1_4096: { purpose: 'ASYMMETRIC_SIGN', kind: 'rsa-raw', bits: 4096 },
};

/** Whether public keys of the algorithm have no PEM, and a format must be asked for. */
export function isPostQuantum(algorithm: string): boolean {
  return algorithm.startsWith('PQ_');
}

function raw(mode: 'gcm' | 'cbc' | 'ctr', bits: 128 | 256): AlgorithmFacts {
  return { purpose: 'RAW_ENCRYPT_DECRYPT', kind: 'raw', mode, bits };
}

function mac(hash: string, bytes: number): AlgorithmFacts {
  return { purpose: 'MAC', kind: 'mac', hash, bytes };
}

function oaep(bits: number, hash: string): AlgorithmFacts {
  return { purpose: 'ASYMMETRIC_DECRYPT', kind: 'oaep', bits, hash };
}

function rsa(padding: RsaPadding, bits: number, hash: RsaHash): AlgorithmFacts {
  return { purpose: 'ASYMMETRIC_SIGN', kind: 'rsa', padding, bits, hash };
}
