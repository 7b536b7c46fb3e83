// Small inputs that would become large, deep or slow, at every layer of a credential.
import { brotliCompressSync, constants, deflateSync } from 'node:zlib';
import type { Signer } from 'hardkey';
import { decodeCose, encryptEncrypt0, encryptTo, type OpeningKey, signSign1 } from 'hardkey/formats/cose';
import { encodeBase45 } from '../../../../src/encoding/base45.ts';
import { concat, utf8 } from '../../../../src/encoding/bytes.ts';
import { CborEncoded, CborTag, type CborValue, encodeCbor } from '../../../../src/encoding/cbor/index.ts';
import { decodeHex, encodeHex } from '../../../../src/encoding/hex.ts';
import { encodePayload } from '../../../../src/formats/claim169/claims.ts';
import { certificate } from '../../../support/certificates.ts';
import { META, NOW } from '../support.ts';

/** Whom the bombs are for: the credential is signed and encrypted as it should be, up to the layer that is not. */
export interface Target {
  readonly signer: Signer;
  readonly wrapper: Extract<OpeningKey, { readonly unwrap: unknown }>;
  readonly aead: Extract<OpeningKey, { readonly decrypt: unknown }> & Parameters<typeof encryptEncrypt0>[1];
}

/** One bomb. */
export interface Bomb {
  readonly name: string;
  readonly make: (target: Target) => string | Promise<string>;
  /** What becomes of it: a code and a field, or `decoded` for what is large and allowed. */
  readonly expected: string;
}

const ZEROS = new Uint8Array(2 ** 26);
const NOTHING = new Uint8Array();
/** 64 MiB in a stream of a few hundred bytes. */
const brotliBomb = (): Uint8Array =>
  brotliCompressSync(ZEROS, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
const textOf = (cose: Uint8Array): string => encodeBase45(deflateSync(cose));
const repeated = (hex: string, times: number): Uint8Array => decodeHex(hex.repeat(times));
const mapOf = (...entries: readonly (readonly [CborValue, CborValue])[]) => new Map(entries);
const raw = (bytes: Uint8Array): CborEncoded => new CborEncoded(bytes);

/** The claims of a credential whose identity is any item. */
function claims(identity: CborValue, ...others: readonly (readonly [CborValue, CborValue])[]): Uint8Array {
  return encodeCbor(mapOf([1, 'https://issuer.example'], [4, NOW + 3600], [169, identity], ...others));
}

const signedClaims =
  (payload: () => Uint8Array) =>
  async ({ signer }: Target): Promise<string> =>
    textOf(await signSign1(payload(), { signer }));
const withIdentity = (identity: () => CborValue) => signedClaims(() => claims(identity()));

/** A map of small keys and zeros. */
function wide(count: number, from = 100): Uint8Array {
  const head = decodeHex(`b9${count.toString(16).padStart(4, '0')}`);
  return concat(
    head,
    ...Array.from({ length: count }, (_, key) => encodeCbor(key + from)).flatMap((key) => [
      key,
      Uint8Array.of(0),
    ]),
  );
}

/** A COSE structure whose headers and lists are whatever they are. */
const structure = (tag: number, ...elements: readonly CborValue[]) => encodeCbor(new CborTag(tag, elements));

const TEXT: readonly Bomb[] = [
  { name: 'a text of 64 MB', make: () => '0'.repeat(2 ** 26), expected: 'MALFORMED base45' },
  {
    name: 'a text of 64 MB that is no Base45',
    make: () => '\u{1F600}'.repeat(2 ** 24),
    expected: 'MALFORMED base45',
  },
];

const COMPRESSION: readonly Bomb[] = [
  {
    name: 'zlib of 8 MB in as much as a text may hold',
    make: () => encodeBase45(deflateSync(ZEROS.subarray(0, 2 ** 23), { level: 9 })),
    expected: 'MALFORMED compression',
  },
  {
    name: 'Brotli of 64 MB in a text of a few hundred characters',
    make: () => encodeBase45(brotliBomb()),
    expected: 'MALFORMED compression',
  },
  {
    name: 'Brotli that is only empty blocks of metadata',
    // RFC 7932 §9.2: a window, and skip lengths of nothing over and over.
    make: () => encodeBase45(concat(Uint8Array.of(0x0c), new Uint8Array(9000).fill(0x06))),
    expected: 'MALFORMED compression',
  },
  {
    name: 'zlib that is only empty stored blocks',
    make: () =>
      encodeBase45(concat(decodeHex('7801'), repeated('000000ffff', 2000), decodeHex('010000ffff00000001'))),
    expected: 'MALFORMED cose',
  },
];

const CBOR: readonly Bomb[] = [
  {
    name: '60,000 arrays inside one another',
    make: () => textOf(repeated('81', 60_000)),
    expected: 'MALFORMED cose',
  },
  {
    name: '60,000 tags inside one another',
    make: () => textOf(repeated('d2', 60_000)),
    expected: 'MALFORMED cose',
  },
  {
    name: '60,000 arrays without an end',
    make: () => textOf(repeated('9f', 60_000)),
    expected: 'MALFORMED cose',
  },
  {
    name: 'an array that says it has 2^64 − 1 elements',
    make: () => textOf(decodeHex('d29bffffffffffffffff')),
    expected: 'MALFORMED cose',
  },
  {
    name: 'a payload that says it is 2^63 bytes long',
    make: () => textOf(decodeHex('d28443a10127a05b8000000000000000')),
    expected: 'MALFORMED cose',
  },
  {
    name: 'claims 60 deep',
    make: signedClaims(() => concat(decodeHex('a1181a'), repeated('81', 60), decodeHex('00'))),
    expected: 'MALFORMED cwt',
  },
  {
    name: '60,000 arrays inside one another in a claim',
    make: signedClaims(() => claims(mapOf(), [500, raw(repeated('81', 60_000))])),
    expected: 'MALFORMED cwt',
  },
  {
    name: 'a claim of 60,000 numbers',
    make: signedClaims(() =>
      claims(mapOf(), [500, raw(concat(decodeHex('99ea60'), new Uint8Array(60_000)))]),
    ),
    expected: 'MALFORMED cwt',
  },
  {
    name: '60,000 arrays inside one another in the identity',
    make: withIdentity(() => mapOf([75, raw(repeated('81', 60_000))])),
    expected: 'MALFORMED claim169',
  },
  {
    name: 'an identity of 3,000 fields',
    make: withIdentity(() => raw(wide(3000))),
    expected: 'MALFORMED claim169',
  },
  {
    name: 'an identity of 900 fields that nobody knows',
    make: withIdentity(() => raw(wide(900))),
    expected: 'decoded',
  },
  {
    name: 'an identity of 600 keys that are arrays',
    make: withIdentity(() =>
      raw(
        concat(
          decodeHex('b90258'),
          ...Array.from({ length: 600 }, (_, key) => encodeCbor([key])).flatMap((key) => [
            key,
            Uint8Array.of(0),
          ]),
        ),
      ),
    ),
    expected: 'MALFORMED claim169',
  },
  {
    name: '390 samples with a sub-format that nobody knows',
    make: withIdentity(() => mapOf([62, raw(concat(decodeHex('990186'), repeated('a200400218ff', 390)))])),
    expected: 'decoded',
  },
  {
    name: 'a name of 60,000 characters',
    make: withIdentity(() => mapOf([4, 'a'.repeat(60_000)])),
    expected: 'decoded',
  },
  {
    name: 'a name in 30,000 pieces',
    make: withIdentity(() =>
      mapOf([4, raw(concat(decodeHex('7f'), repeated('60', 30_000), decodeHex('ff')))]),
    ),
    expected: 'MALFORMED claim169',
  },
  {
    name: 'an issuer, a telephone number and an address that patterns could choke on',
    make: signedClaims(() =>
      encodeCbor(
        mapOf(
          [1, `a${'+'.repeat(20_000)}:${' '.repeat(10_000)}`],
          [169, mapOf([11, `${'@'.repeat(10_000)} `], [12, `+1${' '.repeat(10_000)}ext`])],
        ),
      ),
    ),
    expected: 'decoded',
  },
];

const COSE: readonly Bomb[] = [
  {
    name: 'a signature inside a signature',
    make: async ({ signer }) =>
      textOf(await signSign1(await signSign1(claims(mapOf()), { signer }), { signer })),
    expected: 'MALFORMED cwt',
  },
  {
    name: 'a signature 100 signatures deep',
    make: async ({ signer }) => {
      let cose = claims(mapOf());
      for (let depth = 0; depth < 100; depth++) cose = await signSign1(cose, { signer, keyId: null });
      return textOf(cose);
    },
    expected: 'MALFORMED cwt',
  },
  {
    name: 'encryption inside encryption',
    make: async ({ aead }) => {
      let cose: Uint8Array = claims(mapOf());
      for (let depth = 0; depth < 100; depth++) cose = await encryptEncrypt0(cose, aead);
      return textOf(cose);
    },
    expected: 'MALFORMED cose',
  },
  {
    name: 'a COSE_Encrypt for 2,000 recipients',
    make: () =>
      textOf(
        structure(
          96,
          decodeHex('a10103'),
          mapOf([5, new Uint8Array(12)]),
          new Uint8Array(16),
          Array.from({ length: 2000 }, () => [NOTHING, mapOf([1, -5]), new Uint8Array(8)]),
        ),
      ),
    expected: 'MALFORMED cose',
  },
  {
    name: 'a COSE_Encrypt for 64 recipients of which none is the reader, and who all could be',
    make: async ({ wrapper }) => {
      const { elements } = decodeCose(await encryptTo(claims(mapOf()), [wrapper]));
      const stranger = [NOTHING, mapOf([1, -5]), new Uint8Array(40)];
      return textOf(
        structure(
          96,
          ...elements.slice(0, 3),
          Array.from({ length: 64 }, () => stranger),
        ),
      );
    },
    expected: 'DECRYPTION_FAILED',
  },
  {
    name: 'recipients of recipients, 10 deep',
    make: () => {
      let recipients: CborValue = [[NOTHING, mapOf([1, -6]), NOTHING]];
      for (let depth = 0; depth < 10; depth++) recipients = [[NOTHING, mapOf([1, -5]), NOTHING, recipients]];
      return textOf(
        structure(96, decodeHex('a10103'), mapOf([5, new Uint8Array(12)]), new Uint8Array(16), recipients),
      );
    },
    expected: 'MALFORMED cose',
  },
  {
    name: 'a COSE_Sign by 1,000 signers',
    make: () =>
      textOf(
        structure(
          98,
          NOTHING,
          mapOf(),
          claims(mapOf()),
          Array.from({ length: 1000 }, () => [decodeHex('a10127'), mapOf(), NOTHING]),
        ),
      ),
    expected: 'MALFORMED cose',
  },
  {
    name: 'a header of 2,000 parameters',
    make: async ({ signer }) =>
      textOf(
        await signSign1(claims(mapOf([1, '7'])), {
          signer,
          keyId: null,
          protectedHeaders: new Map(Array.from({ length: 2000 }, (_, label) => [label + 100, 0])),
        }),
      ),
    expected: 'decoded',
  },
  {
    name: 'a crit of 2,000 labels that are not there',
    make: () =>
      textOf(
        structure(
          18,
          encodeCbor(mapOf([1, -8], [2, Array.from({ length: 2000 }, (_, label) => label + 100)])),
          mapOf(),
          claims(mapOf()),
          new Uint8Array(64),
        ),
      ),
    expected: 'MALFORMED cose',
  },
  {
    name: 'a kid of 60,000 bytes',
    make: async ({ signer }) =>
      textOf(await signSign1(claims(mapOf([1, '7'])), { signer, keyId: `did:key:z${'1'.repeat(60_000)}` })),
    expected: 'decoded',
  },
];

const CERTIFICATES: readonly Bomb[] = [
  {
    name: 'an x5chain of 3,000 certificates',
    make: async ({ signer }) =>
      textOf(
        await signSign1(claims(mapOf([1, '7'])), {
          signer,
          keyId: null,
          protectedHeaders: mapOf([33, Array.from({ length: 3000 }, () => Uint8Array.of(0x30, 0))]),
        }),
      ),
    expected: 'MALFORMED x509',
  },
  {
    name: 'an x5bag of 60 certificates that each could have issued the next',
    make: async ({ signer }) => {
      const loop = Array.from({ length: 3 }, () => certificate({ subject: 'one' }).der);
      const bag = Array.from({ length: 60 }, (_, index) => loop[index % 3] ?? NOTHING);
      return textOf(
        await signSign1(claims(mapOf([1, '7'])), {
          signer,
          keyId: null,
          protectedHeaders: mapOf([33, loop[0] ?? NOTHING], [32, bag]),
        }),
      );
    },
    expected: 'MALFORMED x509',
  },
];

const MOSIP: readonly Bomb[] = [
  {
    name: 'hexadecimal of hexadecimal',
    make: () => textOf(utf8(encodeHex(utf8(encodeHex(encodePayload({ id: '7' }, META).bytes))))),
    expected: 'MALFORMED cose',
  },
];

/** Every bomb. */
export const bombs: readonly Bomb[] = [...TEXT, ...COMPRESSION, ...CBOR, ...COSE, ...CERTIFICATES, ...MOSIP];
