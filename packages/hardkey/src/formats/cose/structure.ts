/**
 * COSE structures as tagged arrays (RFC 9052 §2).
 *
 * @module
 */
import { CborTag, type CborValue, decodeCbor, encodeCbor } from '../../encoding/cbor/index.ts';
import { malformed } from './headers.ts';
import { bytesGiven, checkTagRule, optionsGiven } from './options.ts';

/** CBOR tags of the COSE structures (RFC 9052 table 1). */
export const coseTag = { encrypt0: 16, mac0: 17, sign1: 18, encrypt: 96, mac: 97, sign: 98 } as const;

/** The structures this library reads and writes. */
export type CoseKind = keyof typeof coseTag;

/** Whether a structure has its CBOR tag. */
export type TagRule = 'required' | 'optional' | 'forbidden';

const LENGTH: Readonly<Record<CoseKind, number>> = {
  encrypt0: 3,
  mac0: 4,
  sign1: 4,
  encrypt: 4,
  mac: 5,
  sign: 4,
};

/** What a structure without its tag is taken for where the caller does not say, by its length. */
const UNTAGGED: ReadonlyMap<number, CoseKind> = new Map([
  [3, 'encrypt0'],
  [4, 'sign1'],
  [5, 'mac'],
]);

/** The elements of a structure. */
export interface CoseStructure {
  readonly kind: CoseKind;
  readonly elements: readonly CborValue[];
}

/** How a structure is read. */
export interface StructureOptions {
  readonly tag?: TagRule;
  /** Accept only the core deterministic encoding (RFC 8949 §4.2.1). Default false. */
  readonly deterministic?: boolean;
}

/**
 * Reads one COSE structure, tagged, or untagged where its length says what it is: four elements are a
 * COSE_Sign1, three a COSE_Encrypt0 and five a COSE_Mac. Throws `MALFORMED`, field `cose`.
 */
export function decodeCose(bytes: Uint8Array, options: StructureOptions = {}): CoseStructure {
  return read(bytes, options);
}

/** Reads one COSE structure of a kind, which may then be untagged whatever its length. */
export function decodeCoseAs(
  bytes: Uint8Array,
  kind: CoseKind,
  options: StructureOptions = {},
): readonly CborValue[] {
  const structure = read(bytes, options, kind);
  if (structure.kind === kind) return structure.elements;
  throw malformed('another COSE structure was expected', 0);
}

/** Writes one COSE structure, tagged unless asked otherwise. */
export function encodeCose(
  kind: CoseKind,
  elements: readonly CborValue[],
  tagged = true,
): Uint8Array<ArrayBuffer> {
  return encodeCbor(tagged ? new CborTag(coseTag[kind], elements) : elements);
}

function read(bytes: Uint8Array, options: StructureOptions, expected?: CoseKind): CoseStructure {
  const { tag = 'optional', deterministic = false } = optionsGiven(options);
  checkTagRule(tag, 'tag');
  const item = decodeCbor(bytesGiven(bytes, 'bytes'), { field: 'cose', depth: 12, deterministic });
  const tagged = item instanceof CborTag;
  if (tag !== 'optional' && tagged !== (tag === 'required')) {
    throw malformed(tagged ? 'there is a tag' : 'there is no tag', 0);
  }
  const elements = tagged ? item.value : item;
  if (!Array.isArray(elements)) throw malformed('not a COSE structure', 0);
  const kind = tagged ? kindOfTag(item.tag) : (expected ?? UNTAGGED.get(elements.length));
  if (kind === undefined || elements.length !== LENGTH[kind]) {
    throw malformed('the structure has another number of elements', 0);
  }
  return { kind, elements: elements as readonly CborValue[] };
}

function kindOfTag(tag: number | bigint): CoseKind {
  const found = (Object.keys(coseTag) as CoseKind[]).find((kind) => coseTag[kind] === tag);
  if (found === undefined) throw malformed('not the tag of a COSE structure', 0);
  return found;
}
