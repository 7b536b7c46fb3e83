/**
 * What is public of a key, in an entry of its own: to list keys, no private half is read.
 *
 * @module
 */
import { type Algorithm, isAlgorithm } from '../../core/algorithms.ts';
import { importPublicKey } from '../../core/import-public-key.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { isJsonObject, isList, isText } from '../../core/trust/strict-json.ts';
import { decodeBase64, encodeBase64 } from '../../encoding/base64.ts';
import { utf8 } from '../../encoding/bytes.ts';
import { Failure } from '../../errors.ts';
import type { KeptKey } from './entry.ts';

/** A key without its private half. */
export interface PublicRecord {
  readonly algorithms: readonly Algorithm[];
  readonly id: string;
  readonly createdAt?: number;
  readonly publicKey?: PublicKey;
}

/** Writes a record. */
export function encodeRecord({ pair, algorithms, id, createdAt }: KeptKey): Uint8Array {
  const spki = pair.publicKey && encodeBase64(pair.publicKey.spki);
  return utf8(JSON.stringify({ hardkey: 1, algorithms, id, createdAt, spki }));
}

/** Reads a record. Throws `MALFORMED`, field `keyring.record`. */
export async function decodeRecord(text: string): Promise<PublicRecord> {
  const { hardkey, algorithms, id, createdAt, spki } = parse(text);
  const right =
    hardkey === 1 &&
    isList(algorithms) &&
    algorithms.length > 0 &&
    algorithms.every((name) => isText(name) && isAlgorithm(name)) &&
    isText(id) &&
    /^[0-9a-f]{16}$/.test(id) &&
    (createdAt === undefined || Number.isSafeInteger(createdAt)) &&
    (spki === undefined || isText(spki));
  if (!right) throw malformed();
  return {
    algorithms: algorithms as readonly Algorithm[],
    id,
    ...(createdAt === undefined ? {} : { createdAt: createdAt as number }),
    ...(spki === undefined ? {} : { publicKey: await importPublicKey(decodeBase64(spki, 'keyring.record')) }),
  };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return value;
  } catch {
    // Said below.
  }
  throw malformed();
}

function malformed(): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', 'not what is public of a key', { field: 'keyring.record' });
}
