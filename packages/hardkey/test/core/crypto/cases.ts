// The cases that every runtime judges: all of Wycheproof that is there, the edge cases of Ed25519, and
// signatures of our own, for the algorithms that those two do not have. They are JSON, so that every
// runtime is handed the very same list.
import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SignatureAlgorithm } from '../../../src/core/algorithms.ts';
import { decodeHex, encodeHex } from '../../../src/encoding/hex.ts';

/** What is said of a signature: right or wrong, or the code of the failure that came first. */
export type Verdict = boolean | 'MALFORMED' | 'UNSUPPORTED';

/** One signature, and what is to be said of it. Bytes are hexadecimal. */
export interface Case {
  readonly name: string;
  readonly algorithm: SignatureAlgorithm;
  /** SubjectPublicKeyInfo, or `ed25519:` and the key. */
  readonly key: string;
  readonly message: string;
  readonly signature: string;
  /** The signature is DER, and not r‖s. */
  readonly der?: true;
  /** Any of these, and the same on every runtime. */
  readonly expected: readonly Verdict[];
}

/** How many signatures each file of Wycheproof holds, and how many of them are good. */
export const WYCHEPROOF = {
  ecdsa_secp256r1_sha256_p1363: { algorithm: 'ES256', der: false, total: 262, good: 173 },
  ecdsa_secp256r1_sha256: { algorithm: 'ES256', der: true, total: 484, good: 174 },
  ed25519: { algorithm: 'Ed25519', der: false, total: 151, good: 88 },
} as const;

interface WycheproofFile {
  readonly testGroups: readonly {
    readonly publicKeyDer: string;
    readonly tests: readonly {
      readonly tcId: number;
      readonly msg: string;
      readonly sig: string;
      readonly result: 'valid' | 'invalid';
    }[];
  }[];
}

/** Every case of Wycheproof, named for its file and number. */
export function wycheproofCases(folder: string): readonly Case[] {
  return Object.entries(WYCHEPROOF).flatMap(([file, { algorithm, der }]) => {
    const { testGroups } = parse(join(folder, `${file}_test.json`)) as WycheproofFile;
    return testGroups.flatMap(({ publicKeyDer, tests }) =>
      tests.map(({ tcId, msg, sig, result }) => ({
        name: `${file} ${tcId}`,
        algorithm,
        key: publicKeyDer,
        message: msg,
        signature: sig,
        ...(der ? { der } : {}),
        // DER that is none is MALFORMED before there is a signature to verify.
        expected: result === 'valid' ? [true] : der ? [false, 'MALFORMED' as const] : [false],
      })),
    );
  });
}

/** What becomes of each edge case, by its number in the paper, and why. */
const EDGE_CASES = [
  ['MALFORMED', 'the key has small order'],
  ['MALFORMED', 'the key has small order'],
  [false, 'R has small order'],
  [true, 'key and R are of mixed order, and the equation holds as it stands'],
  [false, 'the equation holds only when multiplied by the cofactor'],
  [false, 'the equation holds only when multiplied by the cofactor'],
  [false, 'S is not below the order'],
  [false, 'S is not below the order'],
  [false, 'R is not canonical'],
  [false, 'R is not canonical'],
  ['MALFORMED', 'the key is the identity'],
] as const;

type EdgeCase = Readonly<Record<'message' | 'publicKey' | 'signature', string>> & { readonly id: number };

/** The edge cases of Ed25519 on which libraries disagree. */
export function edgeCases(folder: string): readonly Case[] {
  const found = parse(join(folder, 'edge-cases.json')) as readonly EdgeCase[];
  return found.map(({ id, message, publicKey, signature }) => {
    const [expected, why] = EDGE_CASES[id] ?? [true, 'not in the table above'];
    const name = `edge case ${id}, ${why}`;
    const key = `ed25519:${publicKey}`;
    return { name, algorithm: 'Ed25519', key, message, signature, expected: [expected] };
  });
}

/** Algorithms that every runtime has, and what node:crypto makes their signatures with. */
const EVERYWHERE = {
  Ed25519: () => generateKeyPairSync('ed25519'),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ES512: () => generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  RS256: () => rsa,
  RS384: () => rsa,
  RS512: () => rsa,
  PS256: () => rsa,
  PS384: () => rsa,
  PS512: () => rsa,
} as const;

/** Algorithms that some runtimes lack. */
const SOMEWHERE = {
  Ed448: () => generateKeyPairSync('ed448'),
  ES256K: () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
  'ML-DSA-44': () => generateKeyPairSync('ml-dsa-44'),
  'ML-DSA-65': () => generateKeyPairSync('ml-dsa-65'),
  'ML-DSA-87': () => generateKeyPairSync('ml-dsa-87'),
} as const;

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const MESSAGE = decodeHex('00112233');

/** Signatures by fresh keys, good and changed. */
export function ownCases(): readonly Case[] {
  const everywhere = Object.entries(EVERYWHERE) as readonly [SignatureAlgorithm, () => Pair][];
  const somewhere = Object.entries(SOMEWHERE) as readonly [SignatureAlgorithm, () => Pair][];
  return [
    ...everywhere.flatMap(([name, generate]) => changed(name, generate(), true)),
    ...somewhere.flatMap(([name, generate]) => changed(name, generate(), false)),
    anotherSalt(),
    ...badKeys(),
  ];
}

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** A good signature, and what is left of it after each change. Other lengths are refused without asking anyone. */
function changed(algorithm: SignatureAlgorithm, pair: Pair, lengths: boolean): readonly Case[] {
  const good = signed(algorithm, pair);
  const flip = (at: number) => good.with(at, (good[at] ?? 0) ^ 1);
  const one = (name: string, signature: Uint8Array, right = false, message = MESSAGE): Case => ({
    name: `own ${algorithm} ${name}`,
    algorithm,
    key: spkiOf(pair),
    message: encodeHex(message),
    signature: encodeHex(signature),
    expected: [right],
  });
  const otherLengths = [
    one('without its last byte', good.subarray(0, -1)),
    one('with a byte more', Uint8Array.of(...good, 0)),
    one('with a zero before it', Uint8Array.of(0, ...good)),
    one('that is empty', new Uint8Array()),
  ];
  return [
    one('as it was made', good, true),
    one('over another message', good, false, Uint8Array.of(...MESSAGE, 0)),
    one('with a bit of its first byte changed', flip(0)),
    one('with a bit of its last byte changed', flip(good.length - 1)),
    ...(lengths ? otherLengths : []),
  ];
}

/** RFC 8017 §9.1 leaves the length of the salt open; here it is that of the hash, and nothing else. */
function anotherSalt(): Case {
  const key = { key: rsa.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 20 };
  return {
    name: 'own PS256 with a salt of another length',
    algorithm: 'PS256',
    key: spkiOf(rsa),
    message: encodeHex(MESSAGE),
    signature: encodeHex(sign('sha256', MESSAGE, key)),
    expected: [false],
  };
}

/** Keys that are not points of their curves. WebCrypto and libsodium look at an Ed25519 key when they verify. */
function badKeys(): readonly Case[] {
  const rest = { message: '', signature: '00'.repeat(32) + '01'.repeat(32) };
  const key = spkiOf(EVERYWHERE.ES256());
  const off = key.slice(0, -2) + (key.endsWith('00') ? '01' : '00');
  return [
    { name: 'own ES256 under no point', algorithm: 'ES256', key: off, ...rest, expected: ['MALFORMED'] },
    {
      name: 'own Ed25519 under no point',
      algorithm: 'Ed25519',
      key: `ed25519:02${'00'.repeat(31)}`,
      message: '',
      signature: `58${'66'.repeat(31)}${'00'.repeat(32)}`,
      expected: [false],
    },
  ];
}

function signed(name: SignatureAlgorithm, { privateKey }: Pair): Uint8Array {
  const hash = /^(?:ES|RS|PS)(256|384|512)/.exec(name)?.[1];
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  const form = name.startsWith('PS') ? pss : { dsaEncoding: 'ieee-p1363' as const };
  return Uint8Array.from(sign(hash ? `sha${hash}` : null, MESSAGE, { key: privateKey, ...form }));
}

function spkiOf({ publicKey }: Pair): string {
  return encodeHex(publicKey.export({ type: 'spki', format: 'der' }));
}

function parse(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
