/**
 * Our algorithms in the words of Cloud KMS, where a version has one algorithm for life.
 *
 * @module
 */
import { type Algorithm, algorithms, type Hash } from '../../core/algorithms.ts';
import { checkSpec } from '../../core/check-spec.ts';
import type { KeySpec } from '../../core/key.ts';
import { Failure } from '../../errors.ts';

/** What a key is for. */
export type Purpose =
  | 'ASYMMETRIC_SIGN'
  | 'ASYMMETRIC_DECRYPT'
  | 'ENCRYPT_DECRYPT'
  | 'RAW_ENCRYPT_DECRYPT'
  | 'MAC';

type RsaBits = 2048 | 3072 | 4096;

/** The algorithms of Cloud KMS that are known here, by its names. */
export type KmsAlgorithm =
  | 'EC_SIGN_ED25519'
  | 'EC_SIGN_P256_SHA256'
  | 'EC_SIGN_P384_SHA384'
  | 'EC_SIGN_SECP256K1_SHA256'
  | `RSA_SIGN_${'PSS' | 'PKCS1'}_${RsaBits}_SHA256`
  | `RSA_SIGN_${'PSS' | 'PKCS1'}_4096_SHA512`
  | `RSA_DECRYPT_OAEP_${RsaBits}_SHA256`
  | `PQ_SIGN_ML_DSA_${44 | 65 | 87}`
  | 'GOOGLE_SYMMETRIC_ENCRYPTION'
  | `AES_${128 | 256}_GCM`
  | `HMAC_SHA${256 | 384 | 512}`;

/** One algorithm. */
export interface Row {
  readonly purpose: Purpose;
  /** What Cloud KMS calls it: of RSA keys a name for each length, the usual one first. */
  readonly names: readonly KmsAlgorithm[];
  /** Cloud KMS has it in hardware only. */
  readonly hsmOnly?: true;
}

function signs(...names: readonly KmsAlgorithm[]): Row {
  return { purpose: 'ASYMMETRIC_SIGN', names };
}

function codes(bits: 256 | 384 | 512): Row {
  return { purpose: 'MAC', names: [`HMAC_SHA${bits}`] };
}

function encrypts(bits: 128 | 256): Row {
  return { purpose: 'RAW_ENCRYPT_DECRYPT', names: [`AES_${bits}_GCM`] };
}

const OF_EACH_LENGTH: readonly RsaBits[] = [3072, 2048, 4096];

// google.cloud.kms.v1.CryptoKeyVersion.CryptoKeyVersionAlgorithm. There is no P-521, and SHA-512 is for RSA of
// 4,096 bits alone. Those of RSA with SHA-1, and without an encoding, are left out.
const ROWS: Readonly<Partial<Record<Algorithm, Row>>> = {
  Ed25519: signs('EC_SIGN_ED25519'),
  ES256: signs('EC_SIGN_P256_SHA256'),
  ES384: signs('EC_SIGN_P384_SHA384'),
  ES256K: { ...signs('EC_SIGN_SECP256K1_SHA256'), hsmOnly: true },
  PS256: signs(...OF_EACH_LENGTH.map((bits) => `RSA_SIGN_PSS_${bits}_SHA256` as const)),
  PS512: signs('RSA_SIGN_PSS_4096_SHA512'),
  RS256: signs(...OF_EACH_LENGTH.map((bits) => `RSA_SIGN_PKCS1_${bits}_SHA256` as const)),
  RS512: signs('RSA_SIGN_PKCS1_4096_SHA512'),
  'ML-DSA-44': signs('PQ_SIGN_ML_DSA_44'),
  'ML-DSA-65': signs('PQ_SIGN_ML_DSA_65'),
  'ML-DSA-87': signs('PQ_SIGN_ML_DSA_87'),
  A128GCM: encrypts(128),
  A256GCM: encrypts(256),
  'RSA-OAEP-256': {
    purpose: 'ASYMMETRIC_DECRYPT',
    names: OF_EACH_LENGTH.map((bits) => `RSA_DECRYPT_OAEP_${bits}_SHA256` as const),
  },
  service: { purpose: 'ENCRYPT_DECRYPT', names: ['GOOGLE_SYMMETRIC_ENCRYPTION'] },
  HS256: codes(256),
  HS384: codes(384),
  HS512: codes(512),
};

/** The field of a `Digest` for each hash. */
export const DIGESTS: Readonly<Record<Hash, string>> = {
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** The row of an algorithm. Throws `UNSUPPORTED` for one that Cloud KMS does not have. */
export function rowOf(name: Algorithm): Row {
  const row = ROWS[name];
  if (row !== undefined) return row;
  throw noSuchKeys(name);
}

/** The algorithm of a version in our words; undefined where nothing here can be done with it. */
export function algorithmOf(kmsName: string): Algorithm | undefined {
  return algorithms.find(({ name }) => ROWS[name]?.names.some((one) => one === kmsName))?.name;
}

/** What Cloud KMS is asked to make. */
export interface Making {
  readonly purpose: Purpose;
  readonly algorithm: KmsAlgorithm;
  readonly hsmOnly: boolean;
}

/** What to ask for. Throws `UNSUPPORTED`, or `ARGUMENT_INVALID` for a wrong size. */
export function makingOf(spec: KeySpec): Making {
  const { purpose, names, hsmOnly = false } = rowOf(spec.algorithm);
  const facts = algorithms.find(({ name }) => name === spec.algorithm);
  // A key of the service has no size and no curve that could be wrong.
  if (facts !== undefined && facts.keyType !== 'none') checkSpec(spec, facts);
  const { bits } = spec;
  const algorithm = bits === undefined ? names[0] : names.find((name) => name.includes(`_${bits}_`));
  if (algorithm === undefined) throw noSuchKeys(spec.algorithm);
  return { purpose, algorithm, hsmOnly };
}

/** Whether versions of an algorithm have a public half. */
export function isAsymmetric(kmsName: string): boolean {
  const name = algorithmOf(kmsName);
  return name !== undefined && rowOf(name).purpose.startsWith('ASYMMETRIC');
}

/** Public halves without a PEM are asked for in a format of their own. */
export function isPostQuantum(kmsName: string): boolean {
  return kmsName.startsWith('PQ_');
}

function noSuchKeys(algorithm: Algorithm): Failure<'UNSUPPORTED'> {
  return new Failure('UNSUPPORTED', 'Google Cloud KMS has no such keys', { algorithm, provider: 'gcpkms' });
}
