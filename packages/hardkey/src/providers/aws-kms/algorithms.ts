/**
 * Our algorithms in the words of KMS: its kinds of keys, what they are for, and how each is asked for.
 *
 * @module
 */
import { type Algorithm, algorithms } from '../../core/algorithms.ts';
import { checkSpec } from '../../core/check-spec.ts';
import type { KeySpec } from '../../core/key.ts';
import { Failure } from '../../errors.ts';

/** What a key is for. KMS lets each have one use. */
export type Usage = 'SIGN_VERIFY' | 'ENCRYPT_DECRYPT' | 'GENERATE_VERIFY_MAC';

/** One algorithm. */
export interface Row {
  readonly usage: Usage;
  /** The KeySpec of its keys; of RSA keys without the bits. */
  readonly spec: string;
  /** What KMS calls it. */
  readonly name: string;
}

function signs(spec: string, name: string): Row {
  return { usage: 'SIGN_VERIFY', spec, name };
}

function codes(bits: number): Row {
  return { usage: 'GENERATE_VERIFY_MAC', spec: `HMAC_${bits}`, name: `HMAC_SHA_${bits}` };
}

const RSA = 'RSA_';

// AWS KMS Developer Guide, "Key spec reference". Ed25519 is ED25519_SHA_512 and never ED25519_PH_SHA_512,
// which is Ed25519ph of RFC 8032 §5.1 and verifies nowhere as Ed25519.
const ROWS: Readonly<Partial<Record<Algorithm, Row>>> = {
  Ed25519: signs('ECC_NIST_EDWARDS25519', 'ED25519_SHA_512'),
  ES256: signs('ECC_NIST_P256', 'ECDSA_SHA_256'),
  ES384: signs('ECC_NIST_P384', 'ECDSA_SHA_384'),
  ES512: signs('ECC_NIST_P521', 'ECDSA_SHA_512'),
  ES256K: signs('ECC_SECG_P256K1', 'ECDSA_SHA_256'),
  PS256: signs(RSA, 'RSASSA_PSS_SHA_256'),
  PS384: signs(RSA, 'RSASSA_PSS_SHA_384'),
  PS512: signs(RSA, 'RSASSA_PSS_SHA_512'),
  RS256: signs(RSA, 'RSASSA_PKCS1_V1_5_SHA_256'),
  RS384: signs(RSA, 'RSASSA_PKCS1_V1_5_SHA_384'),
  RS512: signs(RSA, 'RSASSA_PKCS1_V1_5_SHA_512'),
  'ML-DSA-44': signs('ML_DSA_44', 'ML_DSA_SHAKE_256'),
  'ML-DSA-65': signs('ML_DSA_65', 'ML_DSA_SHAKE_256'),
  'ML-DSA-87': signs('ML_DSA_87', 'ML_DSA_SHAKE_256'),
  'RSA-OAEP-256': { usage: 'ENCRYPT_DECRYPT', spec: RSA, name: 'RSAES_OAEP_SHA_256' },
  service: { usage: 'ENCRYPT_DECRYPT', spec: 'SYMMETRIC_DEFAULT', name: 'SYMMETRIC_DEFAULT' },
  HS256: codes(256),
  HS384: codes(384),
  HS512: codes(512),
};

/** The row of an algorithm. Throws `UNSUPPORTED` for one that KMS does not have. */
export function rowOf(name: Algorithm): Row {
  const row = ROWS[name];
  if (row !== undefined) return row;
  throw new Failure('UNSUPPORTED', 'AWS KMS has no such keys', { algorithm: name, provider: 'awskms' });
}

/** The algorithms of a kind of key, most preferred first. None where nothing here can be done with it. */
export function algorithmsOf(keySpec: string, usage: string): readonly Algorithm[] {
  return algorithms.flatMap(({ name }) => {
    const row = ROWS[name];
    return row !== undefined && row.usage === usage && isOf(row, keySpec) ? [name] : [];
  });
}

function isOf({ spec }: Row, keySpec: string): boolean {
  return spec === RSA ? keySpec.startsWith(RSA) : spec === keySpec;
}

/** What KMS is asked to make. Throws `UNSUPPORTED`, or `ARGUMENT_INVALID` for a wrong size. */
export function makingOf(spec: KeySpec): { readonly KeySpec: string; readonly KeyUsage: Usage } {
  const row = rowOf(spec.algorithm);
  const facts = algorithms.find(({ name }) => name === spec.algorithm);
  // A key of the service has no size and no curve that could be wrong.
  if (facts !== undefined && facts.keyType !== 'none') checkSpec(spec, facts);
  return { KeySpec: row.spec === RSA ? `${RSA}${spec.bits ?? 3072}` : row.spec, KeyUsage: row.usage };
}

/** Whether keys of a kind have a public half. */
export function isAsymmetric(keySpec: string): boolean {
  return !keySpec.startsWith('HMAC_') && keySpec !== 'SYMMETRIC_DEFAULT';
}
