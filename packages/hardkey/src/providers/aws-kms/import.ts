/**
 * Keys from elsewhere: wrapped here for the service, which alone opens them.
 *
 * @module
 */
import { randomBytes, wrapTo } from '#crypto';
import { exportKey, importSecret, wrap } from '#software';
import { algorithm } from '../../core/algorithms.ts';
import { importPublicKey } from '../../core/import-public-key.ts';
import type { KeyMaterial } from '../../core/key.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { importSoftwareKey } from '../../core/software/import.ts';
import { concat } from '../../encoding/bytes.ts';
import { Failure, invalid } from '../../errors.ts';
import { type Row, rowOf } from './algorithms.ts';
import { notAnswered } from './failures.ts';
import { addKey, type Place } from './lifecycle.ts';

/** A key in the form that KMS takes it. */
interface Material {
  readonly spec: string;
  readonly usage: string;
  /** PKCS #8 of a private key, the bytes of a secret one. */
  readonly bytes: Uint8Array;
  readonly isPrivate: boolean;
}

const AES_KEY_LENGTH = 32;
const WRAPPING_KEY = 'RSA_4096';

/** Takes a key in. Throws `MALFORMED` when its halves do not belong together. Resolves with its ARN. */
export async function importKey(
  place: Place,
  alias: string,
  given: KeyMaterial,
  options: CallOptions,
): Promise<string> {
  const { spec, usage, bytes, isPrivate } = await materialOf(given);
  try {
    const making = { KeySpec: spec, KeyUsage: usage, Origin: 'EXTERNAL' } as const;
    const finish = (arn: string): Promise<void> => fill(place, arn, bytes, isPrivate, options);
    return await addKey(place, alias, making, finish, options);
  } finally {
    bytes.fill(0);
  }
}

async function materialOf(given: KeyMaterial): Promise<Material> {
  // What a service hides has no algorithm of its own: it is an AES-256 key.
  if (given.algorithm === 'service') {
    if (given.material.length !== AES_KEY_LENGTH) throw invalid('KMS takes keys of 32 bytes', 'material');
    const bytes = given.material.use((secret) => Uint8Array.from(secret));
    return { ...kindOf(rowOf('service')), bytes, isPrivate: false };
  }
  if (given.algorithm !== undefined) rowOf(given.algorithm);
  const { key, publicKey, algorithms } = await importSoftwareKey(given);
  const [name] = algorithms;
  if (name === undefined)
    throw new Failure('UNSUPPORTED', 'AWS KMS has no such keys', { provider: 'awskms' });
  const kind = kindOf(rowOf(name), publicKey);
  const bytes = await exportKey(key);
  if (publicKey !== undefined || bytes.length * 8 === algorithm(name).keyBits) {
    return { ...kind, bytes, isPrivate: publicKey !== undefined };
  }
  bytes.fill(0);
  throw invalid('KMS takes HMAC keys as long as their hash', 'material');
}

function kindOf({ spec, usage }: Row, publicKey?: PublicKey): Pick<Material, 'spec' | 'usage'> {
  return { spec: publicKey?.keyType === 'RSA' ? `${spec}${publicKey.bits}` : spec, usage };
}

/** Sends the material into a key that was made empty. */
async function fill(
  { service, details }: Place,
  arn: string,
  bytes: Uint8Array,
  isPrivate: boolean,
  options: CallOptions,
): Promise<void> {
  const WrappingAlgorithm = isPrivate ? 'RSA_AES_KEY_WRAP_SHA_256' : 'RSAES_OAEP_SHA_256';
  const input = { KeyId: arn, WrappingAlgorithm, WrappingKeySpec: WRAPPING_KEY };
  const { PublicKey: spki, ImportToken } = await service.call(
    'GetParametersForImport',
    input,
    options,
    details,
  );
  if (spki === undefined || ImportToken === undefined) {
    throw notAnswered({ ...details, operation: 'GetParametersForImport' });
  }
  const to = await importPublicKey(spki);
  const material = {
    KeyId: arn,
    ImportToken,
    EncryptedKeyMaterial: isPrivate ? await wrapPrivate(to, bytes) : await wrapSecret(to, bytes),
    ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
  } as const;
  await service.call('ImportKeyMaterial', material, options, details);
}

function wrapSecret(to: PublicKey, bytes: Uint8Array): Promise<Uint8Array> {
  return Promise.resolve(wrapTo(to, bytes));
}

/** CKM_RSA_AES_KEY_WRAP (PKCS #11 2.40 §2.1.20): the key under one for this once, after that one under RSA. */
async function wrapPrivate(to: PublicKey, pkcs8: Uint8Array): Promise<Uint8Array> {
  const once = randomBytes(AES_KEY_LENGTH);
  try {
    const wrapped = await wrap(await importSecret(once), algorithm('A256KWP'), pkcs8);
    return concat(await wrapSecret(to, once), wrapped);
  } finally {
    once.fill(0);
  }
}
