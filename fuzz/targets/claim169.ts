/**
 * Claim 169, layer by layer. The first byte of an input says at which layer the rest is put in; what
 * is above that layer is made valid, or little would ever reach the layers below.
 *
 * @module
 */
import { deepStrictEqual } from 'node:assert/strict';
import { brotliCompressSync, deflateSync } from 'node:zlib';
import { encodeBase45 } from '../../packages/hardkey/src/encoding/base45.ts';
import { concat, utf8 } from '../../packages/hardkey/src/encoding/bytes.ts';
import { CborEncoded, type CborValue, encodeCbor } from '../../packages/hardkey/src/encoding/cbor/index.ts';
import { identityMap } from '../../packages/hardkey/src/formats/claim169/encode-identity.ts';
import {
  decode,
  encode,
  type Identity,
  identityToJson,
  inspect,
} from '../../packages/hardkey/src/formats/claim169/index.ts';
import { encryptEncrypt0 } from '../../packages/hardkey/src/formats/cose/encrypt0.ts';
import { signSign1 } from '../../packages/hardkey/src/formats/cose/sign1.ts';
import { encodeCwt } from '../../packages/hardkey/src/formats/cwt/claims.ts';
import type { Output, Target } from '../target.ts';
import { textOf } from '../text.ts';
import { aead, NOW, signer, trust } from './keys.ts';

const IDENTITY: Identity = {
  id: '3918592438',
  fullName: 'Janardhan Bangalore Srinivas',
  dateOfBirth: '19840418',
  gender: 1,
  bestQualityFingers: [1, 6],
  secondaryFullName: 'जनार्दन',
  face: [{ data: new Uint8Array(40).fill(3), format: 0, subFormat: 1, issuer: 'a' }],
  unknown: new Map([[77, Uint8Array.of(0x82, 1, 2)]]),
};
const META = {
  issuer: 'https://id.example',
  subject: '1',
  expiresAt: 1_900_000_000,
  issuedAt: 1_700_000_000,
};
const FIELDS = encodeCbor(identityMap(IDENTITY));

type Layer = (rest: Uint8Array) => string | Promise<string>;

const compressed = (cose: Uint8Array): string => encodeBase45(deflateSync(cose, { level: 1 }));
const signed = async (claims: Uint8Array): Promise<Uint8Array> => signSign1(claims, { signer });
const claims = (fields: Uint8Array): Uint8Array =>
  encodeCwt(META, new Map<CborValue, CborValue>([[169, new CborEncoded(fields)]]));

/** How the rest of an input becomes a QR text. Nothing but what was signed comes out of the first four. */
const LAYERS: readonly [Layer, ...Layer[]] = [
  textOf,
  encodeBase45,
  compressed,
  async (plaintext) => compressed(await encryptEncrypt0(plaintext, aead)),
  async (payload) => compressed(await signed(payload)),
  async (fields) => compressed(await signed(claims(fields))),
];
const FORGEABLE = 4;

/** See the module. */
export const claim169: Target = {
  name: 'claim169',
  allowed: ['MALFORMED', 'UNSUPPORTED', 'VERIFICATION_FAILED', 'DECRYPTION_FAILED'],
  async seeds() {
    const { text } = await encode(IDENTITY, META, { signer });
    const cose = await signed(claims(FIELDS));
    const small = new Map<CborValue, CborValue>([
      [1, 'a'],
      [16, Uint8Array.of(1)],
      [50, [new Map([[0, Uint8Array.of(1)]])]],
    ]);
    return [
      at(0, utf8(text)),
      at(1, deflateSync(cose)),
      at(1, brotliCompressSync(cose)),
      at(2, cose),
      at(2, await encryptEncrypt0(cose, aead)),
      at(3, cose),
      at(4, claims(FIELDS)),
      at(5, FIELDS),
      at(5, encodeCbor(small)),
    ];
  },
  async run(input): Promise<Output> {
    const [first = 0] = input;
    const layer = first % LAYERS.length;
    const text = await (LAYERS[layer] ?? textOf)(input.subarray(1));
    // The other half of the first byte: what a stranger may ask for without any key.
    if (first >= 0x80) return JSON.stringify(await inspect(text)).length;
    const { identity, verification } = await decode(text, {
      trust,
      at: NOW,
      time: 'report',
      decryptWith: aead,
    });
    if (layer < FORGEABLE) deepStrictEqual([identity, verification.status], [IDENTITY, 'verified']);
    return JSON.stringify(identityToJson(identity)).length;
  },
  // Decompression is allowed 64 KiB, and base64 makes a third more of it.
  outputLimit: (inputLength) => 90_000 + 16 * inputLength,
};

function at(layer: number, rest: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(layer), rest);
}
