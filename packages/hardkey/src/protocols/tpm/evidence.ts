/**
 * Evidence: a statement of a TPM, with all that whoever checks it has to have beside it.
 *
 * @module
 */
import { type CborValue, decodeCbor, encodeCbor } from '../../encoding/cbor/index.ts';
import { Failure } from '../../errors.ts';

/** A statement, and what it is about. All but the format is as the TPM wrote it. */
export interface TpmEvidence {
  /** TPMS_ATTEST: a key is in this TPM, was made by it, or registers have these values. */
  readonly attest: Uint8Array;
  /** TPMT_SIGNATURE over it. */
  readonly signature: Uint8Array;
  /** TPMT_PUBLIC of the key that signed. */
  readonly attestationKey: Uint8Array;
  /** Certificates of that key, DER, its own first. */
  readonly certificates?: readonly Uint8Array[];
  /** TPMT_PUBLIC of the key that the statement is about. */
  readonly publicArea?: Uint8Array;
  /** TPMS_CREATION_DATA, where the statement is that the TPM made the key. */
  readonly creationData?: Uint8Array;
  /** The values of the registers, in the order of the selection, where it is about those. */
  readonly pcrValues?: readonly Uint8Array[];
}

const FORMAT = 'hardkey-tpm-evidence';
const VERSION = 1;
const FIELD = 'evidence';

/** Longer evidence is not looked at. */
const BYTES_MOST = 64 * 1024;
const LIST_MOST = 64;

const SINGLE = ['attest', 'signature', 'attestationKey', 'publicArea', 'creationData'] as const;
const LISTS = ['certificates', 'pcrValues'] as const;
const NEEDED: readonly string[] = ['attest', 'signature', 'attestationKey'];

/** Deterministic CBOR (RFC 8949 §4.2.1) of evidence. */
export function encodeEvidence(evidence: TpmEvidence): Uint8Array<ArrayBuffer> {
  const map = new Map<CborValue, CborValue>([
    ['format', FORMAT],
    ['version', VERSION],
  ]);
  for (const name of [...SINGLE, ...LISTS]) {
    const value = evidence[name];
    if (value !== undefined) map.set(name, value);
  }
  return encodeCbor(map);
}

/** Reads evidence. Throws `MALFORMED`, and `UNSUPPORTED` for another version. */
export function decodeEvidence(bytes: Uint8Array): TpmEvidence {
  if (bytes.length > BYTES_MOST) throw malformed('too long for evidence');
  const value = decodeCbor(bytes, { deterministic: true, field: FIELD });
  if (!(value instanceof Map) || value.get('format') !== FORMAT) throw malformed('not evidence of a TPM');
  if (value.get('version') !== VERSION) {
    throw new Failure('UNSUPPORTED', 'evidence of another version', { field: `${FIELD}.version` });
  }
  const known = new Set<unknown>(['format', 'version', ...SINGLE, ...LISTS]);
  for (const name of value.keys()) if (!known.has(name)) throw malformed('a member that is not known');
  const members: Record<string, Uint8Array | readonly Uint8Array[]> = {};
  for (const name of SINGLE) if (value.has(name)) members[name] = bytesAt(value, name);
  for (const name of LISTS) if (value.has(name)) members[name] = listAt(value, name);
  const missing = NEEDED.find((name) => members[name] === undefined);
  if (missing !== undefined) throw malformed('a member is missing', missing);
  return members as unknown as TpmEvidence;
}

function bytesAt(map: ReadonlyMap<CborValue, CborValue>, name: string): Uint8Array {
  const value = map.get(name);
  if (value instanceof Uint8Array) return value;
  throw malformed('bytes are needed', name);
}

function listAt(map: ReadonlyMap<CborValue, CborValue>, name: string): readonly Uint8Array[] {
  const value = map.get(name);
  if (Array.isArray(value) && value.length <= LIST_MOST) {
    const items = (value as readonly CborValue[]).filter((item) => item instanceof Uint8Array);
    if (items.length === value.length) return items;
  }
  throw malformed('a list of bytes is needed', name);
}

function malformed(message: string, name?: string): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', message, { field: name === undefined ? FIELD : `${FIELD}.${name}` });
}
