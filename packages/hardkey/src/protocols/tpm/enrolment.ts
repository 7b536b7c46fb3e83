/**
 * What a TPM and whoever is to believe it send each other once, so that its statements count from then on.
 *
 * @module
 */
import { type CborValue, decodeCbor, encodeCbor } from '../../encoding/cbor/index.ts';
import { Failure } from '../../errors.ts';
import type { Credential } from './commands/statements.ts';

/** What a TPM says of its keys. */
export interface EnrolmentRequest {
  /** TPMT_PUBLIC of the key that attests. */
  readonly attestationKey: Uint8Array;
  /** TPMT_PUBLIC of an endorsement key. */
  readonly endorsementKey: Uint8Array;
  /** The certificate of the endorsement key, DER: the maker's word that it is in a TPM. */
  readonly certificate?: Uint8Array;
}

const REQUEST = 'hardkey-tpm-enrolment';
const CHALLENGE = 'hardkey-tpm-challenge';

/** Writes a request. */
export function encodeRequest({ attestationKey, endorsementKey, certificate }: EnrolmentRequest): Uint8Array {
  return encode(REQUEST, {
    attestationKey,
    endorsementKey,
    ...(certificate === undefined ? {} : { certificate }),
  });
}

/** Reads a request. Throws `MALFORMED`. */
export function decodeRequest(bytes: Uint8Array): EnrolmentRequest {
  const { attestationKey, endorsementKey, certificate } = decode(bytes, REQUEST, [
    'attestationKey',
    'endorsementKey',
    'certificate',
  ]);
  if (attestationKey === undefined || endorsementKey === undefined) throw malformed();
  return { attestationKey, endorsementKey, ...(certificate === undefined ? {} : { certificate }) };
}

/** Writes a challenge. */
export function encodeChallenge({ credentialBlob, secret }: Credential): Uint8Array {
  return encode(CHALLENGE, { credentialBlob, secret });
}

/** Reads a challenge. Throws `MALFORMED`. */
export function decodeChallenge(bytes: Uint8Array): Credential {
  const { credentialBlob, secret } = decode(bytes, CHALLENGE, ['credentialBlob', 'secret']);
  if (credentialBlob === undefined || secret === undefined) throw malformed();
  return { credentialBlob, secret };
}

/** Deterministic CBOR (RFC 8949 §4.2.1): a map with the name of the format. */
function encode(format: string, members: Readonly<Record<string, Uint8Array>>): Uint8Array {
  return encodeCbor(new Map<CborValue, CborValue>([['format', format], ...Object.entries(members)]));
}

/** Longer ones are not looked at. */
const BYTES_MOST = 32 * 1024;

function decode<N extends string>(
  bytes: Uint8Array,
  format: string,
  names: readonly N[],
): Readonly<Partial<Record<N, Uint8Array>>> {
  const value =
    bytes.length > BYTES_MOST ? undefined : decodeCbor(bytes, { deterministic: true, field: 'enrolment' });
  if (!(value instanceof Map) || value.get('format') !== format) throw malformed();
  const members: Partial<Record<N, Uint8Array>> = {};
  for (const [key, member] of value) {
    const name = names.find((one) => one === key);
    if (name !== undefined && member instanceof Uint8Array) members[name] = member;
    else if (key !== 'format') throw malformed();
  }
  return members;
}

function malformed(): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', 'not a message of an enrolment', { field: 'enrolment' });
}
