/**
 * How a certificate is signed: AlgorithmIdentifier → a row of the algorithm table.
 *
 * @module
 */
import { verifySignature } from '#crypto';
import { DerReader, der, derOid, derTag, derUnsigned } from '../../encoding/der.ts';
import { ecdsaFromDer } from '../../encoding/ecdsa.ts';
import { Failure, isFailure } from '../../errors.ts';
import {
  type AlgorithmFacts,
  algorithm,
  algorithms,
  type Hash,
  hashLength,
  type SignatureAlgorithm,
} from '../algorithms.ts';
import type { PublicKey } from '../public-key.ts';
import { isGenuine, keyFits } from '../verify.ts';

/** An AlgorithmIdentifier (RFC 5280 §4.1.1.2). */
export interface AlgorithmIdentifier {
  readonly oid: string;
  /** The parameters with their header; empty when there are none. */
  readonly parameters: Uint8Array;
}

/** Reads an AlgorithmIdentifier. */
export function readAlgorithm(bytes: Uint8Array, field: string): AlgorithmIdentifier {
  const body = new DerReader(bytes, field).enter();
  const contents = body.read(derTag.oid);
  const end = contents.byteOffset - bytes.byteOffset + contents.length;
  return { oid: new DerReader(bytes, field).enter().oid(), parameters: bytes.subarray(end) };
}

// RFC 5758 §3.2, RFC 8410 §3, RFC 4055 §5, RFC 9881 §2. SHA-1 and MD5 are not here, so they are refused.
const ECDSA: Readonly<Record<string, Hash>> = {
  '1.2.840.10045.4.3.2': 'SHA-256',
  '1.2.840.10045.4.3.3': 'SHA-384',
  '1.2.840.10045.4.3.4': 'SHA-512',
};
const PLAIN: Readonly<Record<string, SignatureAlgorithm>> = {
  '1.2.840.113549.1.1.11': 'RS256',
  '1.2.840.113549.1.1.12': 'RS384',
  '1.2.840.113549.1.1.13': 'RS512',
  '1.3.101.112': 'Ed25519',
  '1.3.101.113': 'Ed448',
  '2.16.840.1.101.3.4.3.17': 'ML-DSA-44',
  '2.16.840.1.101.3.4.3.18': 'ML-DSA-65',
  '2.16.840.1.101.3.4.3.19': 'ML-DSA-87',
};
const PSS = '1.2.840.113549.1.1.10';
const MGF1 = '1.2.840.113549.1.1.8';
const HASHES: Readonly<Record<string, Hash>> = {
  '2.16.840.1.101.3.4.2.1': 'SHA-256',
  '2.16.840.1.101.3.4.2.2': 'SHA-384',
  '2.16.840.1.101.3.4.2.3': 'SHA-512',
};

/** Writes the AlgorithmIdentifier of signatures with an algorithm. Throws `UNSUPPORTED` where none is registered. */
export function encodeSignatureAlgorithm(name: SignatureAlgorithm): Uint8Array {
  const { keyType, hash, pss } = algorithm(name);
  if (pss === true && hash !== undefined) return encodePss(hash);
  const oid = keyType === 'EC' ? oidOf(ECDSA, hash) : oidOf(PLAIN, name);
  if (oid === undefined) {
    throw new Failure('UNSUPPORTED', 'no certificate is signed with this algorithm', { algorithm: name });
  }
  const parameters = keyType === 'RSA' ? [der(derTag.null)] : [];
  return der(derTag.sequence, derOid(oid), ...parameters);
}

function oidOf<T>(table: Readonly<Record<string, T>>, value: T | undefined): string | undefined {
  return Object.keys(table).find((oid) => table[oid] === value);
}

/** RFC 4055 §3.1: one hash throughout, and a salt as long as it. */
function encodePss(hash: Hash): Uint8Array {
  const hashed = der(derTag.sequence, derOid(oidOf(HASHES, hash) ?? ''), der(derTag.null));
  const mask = der(derTag.sequence, derOid(MGF1), hashed);
  const salt = derUnsigned(Uint8Array.of(hashLength(hash)));
  const parameters = der(derTag.sequence, der(0xa0, hashed), der(0xa1, mask), der(0xa2, salt));
  return der(derTag.sequence, derOid(PSS), parameters);
}

/**
 * Whether `key` made `signature` over `tbs`. False, too, when the key is of another kind than the
 * algorithm. Throws `UNSUPPORTED` for an algorithm that is not known, SHA-1 among them.
 */
export async function isSignedBy(
  key: PublicKey,
  identifier: AlgorithmIdentifier,
  tbs: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const hash = ECDSA[identifier.oid];
  // RFC 5758 §3.2: no parameters.
  if (hash !== undefined && identifier.parameters.length === 0)
    return isSignedWithEcdsa(key, hash, tbs, signature);
  const name = rsaPss(identifier) ?? plain(identifier);
  if (name === undefined) {
    throw new Failure('UNSUPPORTED', 'a certificate is signed with an algorithm that is not accepted', {
      field: 'x509.signatureAlgorithm',
      algorithm: identifier.oid,
    });
  }
  return keyFits(key, algorithm(name)) && isGenuine(key, name, tbs, signature);
}

/**
 * Certificates mix curves and hashes (a P-384 authority signing with SHA-256), unlike our algorithms.
 * Both are in signed bytes here and no key type can be confused, so the pair is taken as it is.
 */
async function isSignedWithEcdsa(
  key: PublicKey,
  hash: Hash,
  tbs: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const row = algorithms.find(
    (facts) => facts.operation === 'sign' && facts.keyType === 'EC' && keyFits(key, facts),
  );
  const rs = row === undefined ? undefined : fixedWidth(signature, row);
  return row !== undefined && rs !== undefined && verifySignature(key, { ...row, hash }, tbs, rs);
}

/** r‖s of a certificate's DER signature; none when it is not one of this curve. */
function fixedWidth(signature: Uint8Array, { signatureLength = 0 }: AlgorithmFacts): Uint8Array | undefined {
  try {
    return ecdsaFromDer(signature, signatureLength);
  } catch (error) {
    if (isFailure(error, 'MALFORMED')) return undefined;
    throw error;
  }
}

/** RFC 8410 §3 and RFC 9881 §2: no parameters; RFC 4055 §5: NULL, or none. */
function plain({ oid, parameters }: AlgorithmIdentifier): SignatureAlgorithm | undefined {
  const name = PLAIN[oid];
  const isNull = parameters.length === 2 && parameters[0] === derTag.null;
  const allowed = parameters.length === 0 || (isNull && name?.startsWith('RS'));
  return allowed ? name : undefined;
}

/** RSASSA-PSS with one hash throughout and a salt as long as it: what the rows PS256 to PS512 are. */
function rsaPss({ oid, parameters }: AlgorithmIdentifier): SignatureAlgorithm | undefined {
  if (oid !== PSS) return undefined;
  const body = new DerReader(parameters, 'x509.signatureAlgorithm').enter();
  // RFC 4055 §3.1: what is left out means SHA-1.
  if (body.tag !== 0xa0) return undefined;
  const hash = HASHES[body.enter(0xa0).enter().oid()];
  const mask = body.enter(0xa1).enter();
  const sameHash = mask.oid() === MGF1 && HASHES[mask.enter().oid()] === hash;
  const [salt, ...more] = body.enter(0xa2).unsigned();
  const row = algorithms.find((facts) => facts.pss && facts.hash === hash);
  const sameLength = more.length === 0 && salt === Number(hash?.slice(4)) / 8;
  return sameHash && sameLength && body.done ? (row?.name as SignatureAlgorithm | undefined) : undefined;
}
