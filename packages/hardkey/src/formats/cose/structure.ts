/**
 * COSE structures as tagged arrays (RFC 9052 §2).
 *
 * @module
 */
import { CborTag, type CborValue, decodeCbor, encodeCbor } from '../../encoding/cbor/index.ts';
import { malformed } from './headers.ts';

/** CBOR tags of the COSE structures (RFC 9052 table 1). */
export const coseTag = { encrypt0: 16, sign1: 18, encrypt: 96 } as const;

/** The structures this library reads and writes. */
export type CoseKind = keyof typeof coseTag;

const LENGTH: Readonly<Record<CoseKind, number>> = { encrypt0: 3, sign1: 4, encrypt: 4 };

/** The elements of a structure. */
export interface CoseStructure {
  readonly kind: CoseKind;
  readonly elements: readonly CborValue[];
}

/**
 * Reads one COSE structure, tagged, or untagged where its length alone says what it is: four elements
 * are a COSE_Sign1 and three a COSE_Encrypt0. Throws `MALFORMED`, field `cose`.
 */
export function decodeCose(bytes: Uint8Array): CoseStructure {
  const item = decodeCbor(bytes, { field: 'cose', depth: 12 });
  const tagged = item instanceof CborTag;
  const elements = tagged ? item.value : item;
  if (!Array.isArray(elements)) throw malformed('not a COSE structure', 0);
  const kind = tagged ? kindOfTag(item.tag) : elements.length === 4 ? 'sign1' : 'encrypt0';
  if (elements.length !== LENGTH[kind]) throw malformed('the structure has another number of elements', 0);
  return { kind, elements: elements as readonly CborValue[] };
}

/** Reads one COSE structure of a kind. */
export function decodeCoseAs(bytes: Uint8Array, kind: CoseKind): readonly CborValue[] {
  const structure = decodeCose(bytes);
  if (structure.kind === kind) return structure.elements;
  throw malformed('another COSE structure was expected', 0);
}

/** Writes one COSE structure, tagged. */
export function encodeCose(kind: CoseKind, elements: readonly CborValue[]): Uint8Array<ArrayBuffer> {
  return encodeCbor(new CborTag(coseTag[kind], elements));
}

function kindOfTag(tag: number | bigint): CoseKind {
  const found = (Object.keys(coseTag) as CoseKind[]).find((kind) => coseTag[kind] === tag);
  if (found === undefined) throw malformed('not the tag of a COSE structure that is read here', 0);
  return found;
}
