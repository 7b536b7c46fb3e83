// Credentials that the claim169 library 0.3 takes for what they are not, or refuses though they are
// right: what is in them, what it makes of them, and what becomes of them here.
import assert from 'node:assert/strict';
import { brotliCompressSync, deflateSync } from 'node:zlib';
import type { FailureCode, FailureDetails, Signer } from 'hardkey';
import type { Decoded, Identity, Profile } from 'hardkey/formats/claim169';
import { signSign } from 'hardkey/formats/cose';
import { encodeBase45 } from '../../../../src/encoding/base45.ts';
import { concat, utf8 } from '../../../../src/encoding/bytes.ts';
import {
  CborEncoded,
  CborFloat,
  CborTag,
  type CborValue,
  encodeCbor,
} from '../../../../src/encoding/cbor/index.ts';
import { decodeHex } from '../../../../src/encoding/hex.ts';
import { signatureStructure } from '../../../../src/formats/cose/signature-structure.ts';
import { NOW, textOf } from '../support.ts';

/** A token that is verified here, and what is to be said of it. */
export interface Read {
  /** Default: the id `7` and nothing else. */
  readonly identity?: Identity;
  /** Codes and paths. */
  readonly warnings: readonly string[];
  /** Which reads it, when it is not 1.2.1. */
  readonly profile?: Profile;
  readonly check?: (decoded: Decoded) => void;
}

/** What becomes of a token that is refused here. */
export type Refused = readonly [FailureCode, FailureDetails?];

/** One row. */
export interface Token {
  /** What the test claims. */
  readonly title: string;
  readonly make: (issuer: Signer) => Promise<string>;
  /** What the other library says, its times left out: `verified`, or the name of its error. */
  readonly peer: string;
  readonly here: Refused | Read;
  /** The same under `deterministic`. */
  readonly deterministic?: Refused;
}

type Entries = readonly (readonly [CborValue, CborValue])[];

const NOTHING = new Uint8Array();
const mapOf = (entries: Entries): Map<CborValue, CborValue> => new Map(entries);

/** The claims of a credential; an entry of the same label replaces the usual one. */
function claims(fields: Entries = [[1, '7']], ...others: Entries): Uint8Array {
  return encodeCbor(mapOf([[1, 'https://issuer.example'], [4, NOW + 3600], [169, mapOf(fields)], ...others]));
}

/** What differs from a plain COSE_Sign1. */
interface Parts {
  readonly covered?: Entries;
  readonly protectedBytes?: Uint8Array;
  readonly open?: Entries;
  readonly payload?: Uint8Array;
}

/** A genuine signature over whatever it is. */
async function signed(signer: Signer, parts: Parts = {}): Promise<readonly CborValue[]> {
  const { covered = [], open = [], payload = claims() } = parts;
  const first = parts.protectedBytes ?? encodeCbor(mapOf([[1, -8], ...covered]));
  const signature = await signer.sign(signatureStructure(first, NOTHING, payload));
  return [first, mapOf(open), payload, signature];
}

const sign1 = (elements: readonly CborValue[]): Uint8Array => encodeCbor(new CborTag(18, elements));
const tokenOf = (parts: Parts) => async (signer: Signer) => textOf(sign1(await signed(signer, parts)));
const withClaims = (fields: Entries, ...others: Entries) => tokenOf({ payload: claims(fields, ...others) });

const MALFORMED = (field: string): Refused => ['MALFORMED', { field }];
const plain = (...warnings: readonly string[]): Read => ({ warnings });
const hex = (text: string) => new CborEncoded(decodeHex(text));

/** §1.5: the signature and its headers. */
const SIGNATURE: readonly Token[] = [
  {
    title: 'crit that names a label nobody understands is UNSUPPORTED, also when it is text',
    make: tokenOf({
      covered: [
        [2, ['foo']],
        ['foo', 1],
      ],
    }),
    peer: 'verified',
    here: ['UNSUPPORTED', { field: 'cose.crit' }],
  },
  {
    title: 'crit that names text which is not there is MALFORMED',
    make: tokenOf({ covered: [[2, ['foo']]] }),
    peer: 'verified',
    here: MALFORMED('cose'),
  },
  {
    title: 'crit that names a kid which is not protected is MALFORMED',
    make: tokenOf({ covered: [[2, [4]]] }),
    peer: 'verified',
    here: MALFORMED('cose'),
  },
  {
    title: 'crit that names an x5chain which is not there is MALFORMED',
    make: tokenOf({ covered: [[2, [33]]] }),
    peer: 'verified',
    here: MALFORMED('cose'),
  },
  {
    title: 'crit in the open header is MALFORMED',
    make: tokenOf({ open: [[2, [1]]] }),
    peer: 'verified',
    here: MALFORMED('cose'),
  },
  {
    title: 'crit that names the protected algorithm is understood',
    make: tokenOf({ covered: [[2, [1]]] }),
    peer: 'verified',
    here: plain(),
  },
  {
    title: 'crit that names a number nobody understands is UNSUPPORTED',
    make: tokenOf({
      covered: [
        [2, [99]],
        [99, 1],
      ],
    }),
    peer: 'CoseParseError',
    here: ['UNSUPPORTED', { field: 'cose.crit' }],
  },
  {
    title: 'an empty crit is MALFORMED',
    make: tokenOf({ covered: [[2, []]] }),
    peer: 'CoseParseError',
    here: MALFORMED('cose'),
  },
  {
    title: 'a kid in both buckets is MALFORMED: neither wins',
    make: tokenOf({ covered: [[4, utf8('a')]], open: [[4, utf8('b')]] }),
    peer: 'verified',
    here: MALFORMED('cose'),
  },
  {
    title: 'an algorithm in both buckets is MALFORMED',
    make: tokenOf({ open: [[1, -8]] }),
    peer: 'verified',
    here: MALFORMED('cose'),
  },
  {
    title: 'an algorithm in the open header alone is MALFORMED, and never taken from there',
    make: tokenOf({ protectedBytes: NOTHING, open: [[1, -8]] }),
    peer: 'CoseParseError',
    here: MALFORMED('cose'),
  },
  {
    title: 'an x5u with the tag that RFC 9360 gives it is read, and not passed over',
    make: tokenOf({ covered: [[35, new CborTag(32, 'https://issuer.example/chain')]] }),
    peer: 'verified',
    here: {
      warnings: [],
      check: ({ x509 }) => assert.equal(x509?.x5u, 'https://issuer.example/chain'),
    },
  },
  {
    title: 'an x5chain of eleven certificates is handed on, and not passed over',
    make: tokenOf({ covered: [[33, Array.from({ length: 11 }, () => Uint8Array.of(0x30, 0))]] }),
    peer: 'verified',
    here: { warnings: [], check: ({ x509 }) => assert.equal(x509?.x5chain?.length, 11) },
  },
  {
    title: 'a header parameter that nothing covers is reported',
    make: tokenOf({ open: [[99, 1]] }),
    peer: 'verified',
    here: plain('unprotected-header cose.99'),
  },
];

/** §1.7: what is taken for what. */
const DETECTION: readonly Token[] = [
  {
    title: 'a COSE_Sign, which the specification allows, is read',
    make: async (signer) => textOf(await signSign(claims(), [{ signer }])),
    peer: 'CoseParseError',
    here: plain(),
  },
  {
    title: 'bytes after the COSE structure are MALFORMED',
    make: async (signer) => textOf(concat(sign1(await signed(signer)), Uint8Array.of(0))),
    peer: 'CoseParseError',
    here: MALFORMED('cose'),
  },
  {
    title: 'bytes after the signed claims are MALFORMED',
    make: tokenOf({ payload: concat(claims(), utf8('more')) }),
    peer: 'verified',
    here: MALFORMED('cwt'),
  },
  {
    title: 'a structure without its tag is read as what its length says',
    make: async (signer) => textOf(encodeCbor(await signed(signer))),
    peer: 'verified',
    here: plain(),
  },
  {
    title: 'an algorithm that nobody registered is UNSUPPORTED and named, and no error of the syntax',
    make: tokenOf({ protectedBytes: encodeCbor(mapOf([[1, -999]])) }),
    peer: 'CoseParseError',
    here: ['UNSUPPORTED', { field: 'cose.alg', algorithm: '-999' }],
  },
  {
    title: 'the tag of a CWT says which profile reads it, and that one does',
    make: async (signer) =>
      textOf(
        concat(
          decodeHex('d83d'),
          sign1(await signed(signer, { payload: claims([], [169, encodeCbor(mapOf([[1, '7']]))]) })),
        ),
      ),
    peer: 'CoseParseError',
    here: { warnings: [], profile: 'mosip' },
  },
  {
    title: 'an identity in a byte string says which profile reads it, and that one does',
    make: tokenOf({ payload: claims([], [169, encodeCbor(mapOf([[1, '7']]))]) }),
    peer: 'Claim169Exception',
    here: { warnings: [], profile: 'mosip' },
  },
  {
    title: 'an integer that is not in its shortest form is read, and MALFORMED under `deterministic`',
    make: withClaims([[1, '7']], [4, hex('1b000000007fffffff')]),
    peer: 'verified',
    here: plain(),
    deterministic: ['MALFORMED', {}],
  },
  {
    title: 'a map without a length is read, and MALFORMED under `deterministic`',
    make: tokenOf({ payload: claims([], [169, hex('bf016137ff')]) }),
    peer: 'verified',
    here: plain(),
    deterministic: ['MALFORMED', {}],
  },
];

/** §1.8: compression. */
const COMPRESSION: readonly Token[] = [
  {
    title: 'bytes after the zlib stream are MALFORMED',
    make: async (signer) =>
      encodeBase45(concat(deflateSync(sign1(await signed(signer))), utf8('unsigned bytes'))),
    peer: 'verified',
    here: MALFORMED('compression'),
  },
  {
    title: 'bytes after the Brotli stream are MALFORMED',
    make: async (signer) =>
      encodeBase45(concat(brotliCompressSync(sign1(await signed(signer))), utf8('unsigned bytes'))),
    peer: 'CoseParseError',
    here: MALFORMED('compression'),
  },
  {
    title: 'Brotli, which 1.2.1 demands of every verifier, is read',
    make: async (signer) => encodeBase45(brotliCompressSync(sign1(await signed(signer)))),
    peer: 'CoseParseError',
    here: plain(),
  },
  {
    title: 'no compression, which 1.2.1 does not have, says which profile reads it, and that one does',
    make: async (signer) => encodeBase45(sign1(await signed(signer))),
    peer: 'verified',
    here: { warnings: [], profile: 'claim169-0.3' },
  },
];

function hasEveryClaim({ meta, confirmation, credentialStatus }: Decoded): void {
  assert.deepEqual([meta.audience, meta.cwtId], ['gate', Uint8Array.of(1)]);
  assert.deepEqual(confirmation?.keyId, Uint8Array.of(2));
  assert.deepEqual(credentialStatus?.statusList, { index: 1, uri: 'https://s.example' });
}

/** §1.2: the claims around the identity. */
const CLAIMS: readonly Token[] = [
  {
    title: 'a fraction of a second in exp is read',
    make: withClaims([[1, '7']], [4, new CborFloat(NOW + 0.5)]),
    peer: 'CwtParseError',
    here: plain(),
  },
  {
    title: 'a credential without exp is verified, as one that never ends',
    make: tokenOf({ payload: encodeCbor(mapOf([[169, mapOf([[1, '7']])]])) }),
    peer: 'verified',
    here: plain(),
  },
  {
    title: 'a credential from the future is reported',
    make: withClaims([[1, '7']], [6, NOW + 1000]),
    peer: 'verified',
    here: plain('issued-in-future meta.issuedAt'),
  },
  {
    title: 'an issuer that is no URI is reported',
    make: withClaims([[1, '7']], [1, 'www.mosip.io']),
    peer: 'verified',
    here: plain('issuer-not-uri meta.issuer'),
  },
  {
    title: 'claims that the library drops are there: audience, id, key of the bearer and status',
    make: withClaims(
      [[1, '7']],
      [3, 'gate'],
      [7, Uint8Array.of(1)],
      [8, mapOf([[3, Uint8Array.of(2)]])],
      [
        65_535,
        mapOf([
          [
            'status_list',
            mapOf([
              ['idx', 1],
              ['uri', 'https://s.example'],
            ]),
          ],
        ]),
      ],
    ),
    peer: 'verified',
    here: { warnings: [], check: hasEveryClaim },
  },
  {
    title: 'a claim twice is MALFORMED',
    make: tokenOf({ payload: decodeHex('a301616101616218a9a0') }),
    peer: 'CwtParseError',
    here: MALFORMED('cwt'),
  },
];

/** §1.3: fields that are dropped without a word there. */
const FIELDS: readonly Token[] = [
  {
    title: 'a gender that is text is kept and reported',
    make: withClaims([[9, '1']]),
    peer: 'verified',
    here: {
      identity: { unknown: new Map([[9, decodeHex('6131')]]) },
      warnings: ['field-type identity.gender'],
    },
  },
  {
    title: 'an id that is a number is kept and reported',
    make: withClaims([[1, 7]]),
    peer: 'verified',
    here: { identity: { unknown: new Map([[1, decodeHex('07')]]) }, warnings: ['field-type identity.id'] },
  },
  {
    title: 'a gender without a meaning is kept and reported',
    make: withClaims([[9, 7]]),
    peer: 'verified',
    here: { identity: { gender: 7 }, warnings: ['unknown-value identity.gender'] },
  },
  {
    title: 'fingers without a meaning are kept and reported, none of them left out',
    make: withClaims([[18, [1, 11]]]),
    peer: 'verified',
    here: {
      identity: { bestQualityFingers: [1, 11] },
      warnings: ['unknown-value identity.bestQualityFingers.1'],
    },
  },
  {
    title: 'a sample without data is kept and reported',
    make: withClaims([[62, [mapOf([[1, 0]])]]]),
    peer: 'verified',
    here: {
      identity: { unknown: new Map([[62, decodeHex('81a10100')]]) },
      warnings: ['field-type identity.face.0'],
    },
  },
  {
    title: 'a format of a sample that is not known is itself, and not an image',
    make: withClaims([
      [
        62,
        [
          mapOf([
            [0, Uint8Array.of(1)],
            [1, 30],
          ]),
        ],
      ],
    ]),
    peer: 'verified',
    here: {
      identity: { face: [{ data: Uint8Array.of(1), format: 30 }] },
      warnings: ['unknown-value identity.face.0.format'],
    },
  },
  {
    title: 'a sub-format without a format is kept and reported',
    make: withClaims([
      [
        62,
        [
          mapOf([
            [0, Uint8Array.of(1)],
            [2, 1],
          ]),
        ],
      ],
    ]),
    peer: 'verified',
    here: {
      identity: { face: [{ data: Uint8Array.of(1), subFormat: 1 }] },
      warnings: ['unknown-value identity.face.0.subFormat'],
    },
  },
  {
    title: 'a field that is not known is kept byte for byte, with its type',
    make: withClaims([[75, new CborTag(1, 7)]]),
    peer: 'verified',
    here: {
      identity: { unknown: new Map([[75, decodeHex('c107')]]) },
      warnings: ['unknown-field identity.75'],
    },
  },
  {
    title: 'a day of birth that is none is reported, and the rest of the credential is read',
    make: withClaims([
      [1, '7'],
      [8, '1984'],
    ]),
    peer: 'Claim169Exception',
    here: { identity: { id: '7', dateOfBirth: '1984' }, warnings: ['date identity.dateOfBirth'] },
  },
  {
    title: 'a day in the first century is a day',
    make: withClaims([[8, '00500101']]),
    peer: 'verified',
    here: { identity: { dateOfBirth: '00500101' }, warnings: [] },
  },
];

/** Every row. */
export const tokens: readonly Token[] = [...SIGNATURE, ...DETECTION, ...COMPRESSION, ...CLAIMS, ...FIELDS];
