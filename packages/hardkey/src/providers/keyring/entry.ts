/**
 * What an entry of the keyring holds: PKCS #8 in PEM under two lines of our own, which other programs skip
 * (RFC 7468 §2), or a symmetric key as a JWK. The keyring is the encryption.
 *
 * @module
 */
import { exportKey } from '#software';
import { type Algorithm, isAlgorithm } from '../../core/algorithms.ts';
import { Secret } from '../../core/secret.ts';
import { importSoftwareKey, type SoftwarePair } from '../../core/software/import.ts';
import { isJsonObject, isText, type JsonObject } from '../../core/trust/strict-json.ts';
import { encodeBase64url } from '../../encoding/base64.ts';
import { fromUtf8, utf8 } from '../../encoding/bytes.ts';
import { encodePem } from '../../encoding/pem.ts';
import { Failure, isFailure } from '../../errors.ts';

/** A key as it is kept. */
export interface KeptKey {
  readonly pair: SoftwarePair;
  readonly algorithms: readonly Algorithm[];
  /** 16 hexadecimal digits: of the thumbprint, or random for a symmetric key. */
  readonly id: string;
  /** Unix seconds; absent where another program made the entry. */
  readonly createdAt?: number;
}

/** Writes an entry. The caller zeroes it. */
export async function encodeEntry({ pair, algorithms, id, createdAt }: KeptKey): Promise<Uint8Array> {
  const bytes = await exportKey(pair.key);
  const text =
    pair.publicKey === undefined
      ? JSON.stringify({ kty: 'oct', alg: algorithms[0], kid: id, iat: createdAt, k: encodeBase64url(bytes) })
      : `algorithms: ${algorithms.join(' ')}\ncreated: ${createdAt}\n${encodePem('PRIVATE KEY', bytes)}`;
  bytes.fill(0);
  return utf8(text);
}

/**
 * Reads an entry, also one that another program made: any private key that `import` takes, not encrypted.
 * Throws `MALFORMED`, field `keyring.entry`, for anything else.
 */
export async function decodeEntry(bytes: Uint8Array): Promise<KeptKey> {
  const material = new Secret(bytes);
  try {
    if (bytes[0] === BRACE) return await decodeJwk(bytes, material);
    return kept(await importSoftwareKey({ material }), headOf(bytes));
  } catch (error) {
    // Where nobody gave an argument, one that is wrong is the entry: a key that is encrypted, or too short.
    throw isFailure(error, 'ARGUMENT_INVALID') || isFailure(error, 'MALFORMED') ? malformed() : error;
  } finally {
    material[Symbol.dispose]();
  }
}

const BRACE = 0x7b;
const BEGIN = utf8('-----BEGIN ');
/** Lines before the PEM are few and short, where there are any. */
const HEAD_LIMIT = 1024;

async function decodeJwk(bytes: Uint8Array, material: Secret): Promise<KeptKey> {
  const jwk = parse(bytes);
  const { kty, alg, kid, iat } = jwk;
  if (kty !== 'oct') return kept(await importSoftwareKey({ material }), {});
  if (!isText(alg) || !isAlgorithm(alg) || !isText(kid) || !/^[0-9a-f]{16}$/.test(kid)) throw malformed();
  const pair = await importSoftwareKey({ material, algorithm: alg });
  return { pair, algorithms: pair.algorithms, id: kid, ...createdAt(iat) };
}

interface Head {
  readonly algorithms?: readonly string[];
  readonly created?: number;
}

/** Of the lines before the PEM those that are ours. Nothing of the key becomes text here. */
function headOf(bytes: Uint8Array): Head {
  const end = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(BEGIN);
  if (end <= 0 || end > HEAD_LIMIT) return {};
  const text = fromUtf8(bytes.subarray(0, end), 'keyring.entry');
  const algorithms = /^algorithms: (.+)$/m.exec(text)?.[1]?.split(' ');
  const created = /^created: (\d{1,12})$/m.exec(text)?.[1];
  return {
    ...(algorithms === undefined ? {} : { algorithms }),
    ...(created === undefined ? {} : { created: Number(created) }),
  };
}

function kept(pair: SoftwarePair, { algorithms = pair.algorithms, created }: Head): KeptKey {
  const allowed = pair.algorithms.filter((name) => algorithms.includes(name));
  if (pair.publicKey === undefined || allowed.length !== algorithms.length) throw malformed();
  return { pair, algorithms: allowed, id: pair.publicKey.id, ...createdAt(created) };
}

function createdAt(value: unknown): { readonly createdAt?: number } {
  return typeof value === 'number' && Number.isSafeInteger(value) ? { createdAt: value } : {};
}

function parse(bytes: Uint8Array): JsonObject {
  try {
    const value: unknown = JSON.parse(fromUtf8(bytes));
    if (isJsonObject(value)) return value;
  } catch {
    // The parser's own message quotes the key.
  }
  throw malformed();
}

function malformed(): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', 'the entry of the keyring is no key', { field: 'keyring.entry' });
}
