/**
 * SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) ↔ the parts of a key.
 *
 * @module
 */
import { DerReader, der, derBits, derOid, derTag } from '../encoding/der.ts';
import { Failure } from '../errors.ts';
import type { Curve } from './algorithms.ts';

/** The parts of a public key: its kind, and its bytes as `PublicKey.toRaw` gives them. */
export interface KeyParts {
  readonly keyType: 'OKP' | 'EC' | 'RSA' | 'AKP';
  readonly curve?: Curve;
  readonly parameterSet?: string;
  readonly raw: Uint8Array;
}

interface Kind {
  readonly keyType: KeyParts['keyType'];
  readonly oid: string;
  /** RFC 5480 §2.1.1.1: the curve is the parameter of an EC key. */
  readonly curveOid?: string;
  readonly curve?: Curve;
  readonly parameterSet?: string;
  /** Length of `raw` in bytes. */
  readonly length?: number;
}

const EC = '1.2.840.10045.2.1';
const RSA = '1.2.840.113549.1.1.1';

// RFC 5480, RFC 5639 and SEC 2 (EC), RFC 8410 (OKP), RFC 8017 (RSA), RFC 9881 (ML-DSA).
const KINDS: readonly Kind[] = [
  { keyType: 'RSA', oid: RSA },
  { keyType: 'EC', oid: EC, curve: 'P-256', curveOid: '1.2.840.10045.3.1.7', length: 65 },
  { keyType: 'EC', oid: EC, curve: 'P-384', curveOid: '1.3.132.0.34', length: 97 },
  { keyType: 'EC', oid: EC, curve: 'P-521', curveOid: '1.3.132.0.35', length: 133 },
  { keyType: 'EC', oid: EC, curve: 'secp256k1', curveOid: '1.3.132.0.10', length: 65 },
  { keyType: 'OKP', oid: '1.3.101.112', curve: 'Ed25519', length: 32 },
  { keyType: 'OKP', oid: '1.3.101.113', curve: 'Ed448', length: 57 },
  { keyType: 'OKP', oid: '1.3.101.110', curve: 'X25519', length: 32 },
  { keyType: 'OKP', oid: '1.3.101.111', curve: 'X448', length: 56 },
  { keyType: 'AKP', oid: '2.16.840.1.101.3.4.3.17', parameterSet: 'ML-DSA-44', length: 1312 },
  { keyType: 'AKP', oid: '2.16.840.1.101.3.4.3.18', parameterSet: 'ML-DSA-65', length: 1952 },
  { keyType: 'AKP', oid: '2.16.840.1.101.3.4.3.19', parameterSet: 'ML-DSA-87', length: 2592 },
];

/** Reads SPKI. Throws `MALFORMED` when it is not DER and `UNSUPPORTED` for a key of another kind. */
export function decodeSpki(spki: Uint8Array): KeyParts {
  const outer = new DerReader(spki, 'publicKey');
  const body = outer.enter();
  outer.end();
  const identifier = body.enter();
  const oid = identifier.oid();
  if (!KINDS.some((row) => row.oid === oid)) throw unknownKind();
  // RFC 5480 §2.1.1: a curve by name; one spelled out in parameters is nobody's to check.
  if (oid === EC && identifier.tag !== derTag.oid) throw unknownKind();
  const curveOid = oid === EC ? identifier.oid() : undefined;
  if (oid === RSA) identifier.read(derTag.null);
  identifier.end();
  const raw = body.bits();
  body.end();
  const kind = KINDS.find((row) => row.oid === oid && row.curveOid === curveOid);
  if (kind === undefined)
    throw new Failure('UNSUPPORTED', 'a key of an unknown kind', { field: 'publicKey' });
  return parts(kind, raw);
}

/** Writes SPKI. The parts must be those of a kind of the table. */
export function encodeSpki(key: KeyParts): Uint8Array<ArrayBuffer> {
  const kind = kindOf(key);
  const parameters =
    kind.oid === RSA ? der(derTag.null) : kind.curveOid === undefined ? [] : derOid(kind.curveOid);
  const identifier = der(derTag.sequence, derOid(kind.oid), Uint8Array.from(parameters));
  return der(derTag.sequence, identifier, derBits(key.raw));
}

/** Checks the length of a key's bytes against its kind. */
export function checkParts(key: KeyParts): KeyParts {
  return parts(kindOf(key), key.raw);
}

/** How long a key of a curve is, raw. */
export function rawLength(curve: Curve): number {
  return KINDS.find((row) => row.curve === curve)?.length ?? 0;
}

function kindOf(key: KeyParts): Kind {
  const kind = KINDS.find(
    (row) => row.keyType === key.keyType && row.curve === key.curve && row.parameterSet === key.parameterSet,
  );
  if (kind === undefined)
    throw new Failure('UNSUPPORTED', 'a key of an unknown kind', { field: 'publicKey' });
  return kind;
}

function parts(kind: Kind, raw: Uint8Array): KeyParts {
  // A compressed point (02, 03) is expanded later; any other length is not a key of this kind.
  const compressed = kind.keyType === 'EC' && (raw[0] === 2 || raw[0] === 3);
  const expected = compressed ? ((kind.length ?? 0) + 1) / 2 : (kind.length ?? raw.length);
  if (raw.length !== expected || (kind.keyType === 'EC' && !compressed && raw[0] !== 4)) {
    throw new Failure('MALFORMED', 'the key has another length than its kind', { field: 'publicKey' });
  }
  return {
    keyType: kind.keyType,
    raw,
    ...(kind.curve === undefined ? {} : { curve: kind.curve }),
    ...(kind.parameterSet === undefined ? {} : { parameterSet: kind.parameterSet }),
  };
}

function unknownKind(): Failure<'UNSUPPORTED'> {
  return new Failure('UNSUPPORTED', 'a key of an unknown kind', { field: 'publicKey' });
}
