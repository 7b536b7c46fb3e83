// Examples of RFC 9052 appendix C and of the COSE working group that the folder of vectors does not hold:
// codes, wrapped keys, agreements, several signers. The keys are those of RFC 9052 appendix C.7.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Algorithm, createTrust } from 'hardkey';
import { openEncrypt, openMac, openMac0, openSign, type RecipientKey } from 'hardkey/formats/cose';
import { decodeHex } from '../../../src/encoding/hex.ts';
import { failsWith } from '../../support/failures.ts';
import { importedKey, PAYLOAD, withBit } from './support.ts';

const hex = (...parts: readonly string[]): Uint8Array => decodeHex(parts.join('').toLowerCase());
const CONTENT = '54546869732069732074686520636f6e74656e742e';

const KEY_11 = {
  kty: 'EC',
  crv: 'P-256',
  x: 'usWxHK2PmfnHKwXPS54m0kTcGJ90UiglWiGahtagnv8',
  y: 'IBOL-C3BttVivg-lSreASjpkttcsz-1rb7btKLv8EX4',
};
const BILBO = {
  kty: 'EC',
  crv: 'P-521',
  x: 'AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt',
  y: 'AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwlGfP-HqHZR1',
};
const BILBO_PRIVATE = {
  ...BILBO,
  d: 'AAhRON2r9cqXX1hg-RoI6R1tX5p2rUAYdmpHZoC1XNM56KtscrX6zbKipQrCW9CGZH3T4ubpnoTKLDYJ_fF3_rJt',
};
const MERIADOC = {
  kty: 'EC',
  crv: 'P-256',
  x: 'Ze2loSV3wrroKUN_4zhwGhCqo3Xhu1td4QjeQ5wIVR0',
  y: 'HlLtdXARY_f55A3fnzQbPcm6hgr34Mp8p-nuzQCE0Zw',
  d: 'r_kHyZ-a06rmxM3yESK84r1otSg-aQcVStkRhA-iCM8',
};
const SECRET_256 = hex('849b57219dae48de646d07dbb533566e976686457c1491be3a76dcea6c427188');
const SECRET_384 = hex(
  '849b57219dae48de646d07dbb533566e976686457c1491be3a76dcea6c42718800112233778899aa2122232425262728',
);
const SECRET_192 = hex('0f1e2d3c4b5a69788796a5b4c3d2e1f01f2e3d4c5b6a7988');
const SECRET_128 = SECRET_256.subarray(0, 16);

/** The content of RFC 9052 appendix C.5.4: HMAC with SHA-256, for an agreement and for a shared key. */
const C_5_4 = hex(
  `d8618543a10105a0${CONTENT}5820bf48235e809b5c42e995f2b7d5fa13620e7ed834e337f6aa43df161e49e9323e`,
  '828344a101381ca220a4010220032158420043b12669acac3fd27898ffba0bcd2e6c366d53bc4db71f909a759304acfb5e18cdc7',
  'ba0b13ff8c7636271a6924b1ac63c02688075b55ef2d613574e7dc242f79c322f504581e62696c626f2e62616767696e7340686f',
  '626269746f6e2e6578616d706c655828339bc4f79984cdc6b3e6ce5f315a4c7d2b0ac466fcea69e8c07dfbca5bb1f661bc5f8e0d',
  'f9e3eff58340a2012404582430313863306165352d346439622d343731622d626664362d65656633313462633730333758280b2c',
  '7cfce04e98276342d6476a7723c090dfdd15f9a518e7736549e998370695e6d6a83b4ae507bb',
);

/** Name, algorithm of the reader's key, the key, its `kid` there, and the structure. */
type Row = readonly [string, Algorithm, Uint8Array | Readonly<Record<string, string>>, string, Uint8Array];

const UUID = '018c0ae5-4d9b-471b-bfd6-eef314bc7037';
const BILBO_ID = 'bilbo.baggins@hobbiton.example';
const MERIADOC_ID = 'meriadoc.brandybuck@buckland.example';

const MACS: readonly Row[] = [
  ['RFC 9052 C.5.4, by ECDH-ES+A128KW on P-521', 'ECDH-ES+A128KW', BILBO_PRIVATE, BILBO_ID, C_5_4],
  ['RFC 9052 C.5.4, by A256KW', 'A256KW', SECRET_256, UUID, C_5_4],
  [
    'HMac-01: direct',
    'HS256',
    SECRET_256,
    'our-secret',
    hex(
      `d8618543a10105a0${CONTENT}58202bdcc89f058216b8a208ddc6d8b54aa91f48bd63484986565105c9ad5a6682f6`,
      '818340a20125044a6f75722d73656372657440',
    ),
  ],
  [
    'wrap-128-03: A128KW for HS512',
    'A128KW',
    SECRET_128,
    'our-secret',
    hex(
      `d8618543a10107a0${CONTENT}58400021c21b2a7fadb677dab64389b3fda4aac892d5c81b786a459e4182104a1501462ffd4714`,
      '22af4d48beeb864951d5947a55e3155e670dfc4a96017b0fd0e725818340a20122044a6f75722d7365637265745848792c46ce0b',
      'c689747133fa0db1f5e2bc4daae22f906e93dfca2df44f0df6c2cef16ea8fc91d52ad662c4b49dd0d689e1086ec754347957f80f',
      '95c92c887521641b8f637d91c6e258',
    ),
  ],
  [
    'wrap-192-03: A192KW for HS512',
    'A192KW',
    SECRET_192,
    'sec-192',
    hex(
      `d8618543a10107a0${CONTENT}58408fed1af0efc73be97b81a2a2e0be2889aa2c28ded89f757b25e871c55763820b789f1e433a`,
      'a0d13f9c0262e7122b4bdf97625c2419b534efbabce51083e9aee8818340a2012304477365632d313932584826a1a368150de375',
      '4af57307f76a67ce9b6ae1ffd4c8d168c4b84fb85d9a12feed7f8e0ff0bb1470ab58df9559ba5623d59c49c75311ef3aad3fb332',
      'b82cabe3fcc0fcc4ef551d07',
    ),
  ],
  [
    'wrap-256-03: A256KW for HS512',
    'A256KW',
    SECRET_256,
    UUID,
    hex(
      `d8618543a10107a0${CONTENT}58404336c9b446ac3b1a062a719cbf5af19f9dac88be743dc9102d9b0185c9eebd0134aae137c0`,
      'e79a5f43267faddc6ee3ffa277157f26390db9ee6ada88cc952139818340a2012404582430313863306165352d346439622d3437',
      '31622d626664362d65656633313462633730333758483fbb60f882c1523a8b7768ca0c48920425a3cc47935f0d7fd4980020e378',
      'eab85210d97b557b891eec70785db812c57df719f064540ed84d5c93c8765095e422ddbcef290d86633d',
    ),
  ],
  [
    'p256-wrap-128-03: ECDH-ES+A128KW for HS512',
    'ECDH-ES+A128KW',
    MERIADOC,
    MERIADOC_ID,
    hex(
      `d8618543a10107a0${CONTENT}584029ae099f8876172256b7823347e3bc0ddb133835297292691884e3bfad629586ac00d0a24d`,
      'd44c508b5a92df6fe711345cd7cbe87257c5d7d0da03ada33b2fa7818344a101381ca220a401022001215820e4cfd3201de9d3a5',
      '6315fa0af77105331ef03666c85a5f4bb67c309cb3386067225820a5ee5a8670a96163092b992bd17cad47866ad8579c4b2676c3',
      'b5bb7e01add7560458246d65726961646f632e6272616e64796275636b406275636b6c616e642e6578616d706c65584883602659',
      '3749a7c92049501148814f87fc396856e74739d6b39c99154e690e7fa1beb86b5669722467ef083e8ef68d09dc674b0d94294597',
      'c27dd5016c937dd4056f7b85be144926',
    ),
  ],
];

const ENCRYPTED: readonly Row[] = [
  [
    'AES-GCM-02: direct',
    'A192GCM',
    SECRET_192,
    'sec-48',
    hex(
      'd8608443a10102a1054c02d1f7e6f26c43d4868d87ce5824134d3b9223a00c1552c77585c157f467f295919d12124f19f521484c',
      '0725410947b4d1ca818340a2012504467365632d343840',
    ),
  ],
  [
    'p521-wrap-192-02: ECDH-ES+A192KW',
    'ECDH-ES+A192KW',
    BILBO_PRIVATE,
    MERIADOC_ID,
    hex(
      'd8608443a10103a1054c02d1f7e6f26c43d4868d87ce5824256b748deb647131c12a10ac261da0628e420492a36f3ded8642b4b6',
      'fa1eb15dcec80a0f818344a101381da220a401022003215842',
      '01118b1eb02274976993694d310db8b2935488dec231ad6d1eb78f124e080173d7c9454b30e017fdbf9adf7d5ea69dcbcad64af4',
      '8d06af090e76f4cbd4a236507df622584200fc0f961fa1c470060c7b650cd6761b741e3c78209dc258fe22b04da3d08f34e28d38',
      '31435dc4db85f52ce3d0bd855db1b51b363c8b965b0b0e4afa862328076f5c0458246d65726961646f632e6272616e6479627563',
      '6b406275636b6c616e642e6578616d706c6558280a7aac87fae5ed32f49c4910a3cb9ee26d572ea5ab92bfd48dcc332957703d18',
      '1c9335693917edba',
    ),
  ],
];

for (const [name, algorithm, key, keyId, bytes] of MACS) {
  test(`${name} gives its content, and nothing with a bit changed in its code`, async (t) => {
    const reader = (await importedKey(t, algorithm, key)) as RecipientKey;
    assert.deepEqual((await openMac(bytes, reader, { keyId })).payload, PAYLOAD);
    const wrong = failsWith('VERIFICATION_FAILED', { check: 'mac' });
    const code = (8 + PAYLOAD.length + 4) * 8;
    await assert.rejects(openMac(withBit(bytes, code), reader, { keyId }), wrong);
    await assert.rejects(openMac(bytes, reader), failsWith('DECRYPTION_FAILED'));
  });
}

for (const [name, algorithm, key, keyId, bytes] of ENCRYPTED) {
  test(`${name} opens`, async (t) => {
    const reader = (await importedKey(t, algorithm, key)) as RecipientKey;
    assert.deepEqual(await openEncrypt(bytes, reader, { keyId }), PAYLOAD);
  });
}

/** COSE_Mac0: HMac-enc-01 and 02. */
const MAC0S = [
  ['HS256', SECRET_256, '43a10105', '5820a1a848d3471f9d61ee49018d244c824772f223ad4f935293f1789fc3a08d8c58'],
  [
    'HS384',
    SECRET_384,
    '43a10106',
    '5830998d26c6459aaeecf44ed20ce00c8ccedf0a1f3d22a92fc05db08c5aeb1cb594caaf5a5c5e2e9d01cce7e77a93aa8c62',
  ],
] as const;

for (const [algorithm, key, head, code] of MAC0S) {
  test(`a COSE_Mac0 by ${algorithm} of the working group gives its content`, async (t) => {
    const mac = await importedKey(t, algorithm, key);
    assert.deepEqual((await openMac0(hex(`d184${head}a0${CONTENT}${code}`), mac)).payload, PAYLOAD);
  });
}

test('RFC 9052 C.1.2: two signers, both of them genuine, each by its own algorithm', async () => {
  const trust = await createTrust([
    { ...KEY_11, kid: '11' },
    { ...BILBO, kid: BILBO_ID },
  ]);
  const bytes = hex(
    `d8628440a0${CONTENT}828343a10126a1044231315840e2aeafd40d69d19dfe6e52077c5d7ff4e408282cbefb5d06cbf414af2e19`,
    'd982ac45ac98b8544c908b4507de1e90b717c3d34816fe926a2b98f53afd2fa0f30a8344a1013823a104581e62696c626f2e6261',
    '6767696e7340686f626269746f6e2e6578616d706c65588400a2d28a7c2bdb1587877420f65adf7d0b9a06635dd1de64bb62974c',
    '863f0b160dd2163734034e6ac003b01e8705524c5c4ca479a952f0247ee8cb0b4fb7397ba08d009e0c8bf482270cc5771aa14396',
    '6e5a469a09f613488030c5b07ec6d722e3835adb5b2d8c44e95ffb13877dd2582866883535de3bb03d01753f83ab87bb4f7a0297',
  );
  const { payload, signatures } = await openSign(bytes, { trust });
  assert.deepEqual(payload, PAYLOAD);
  assert.deepEqual(
    signatures.map(({ algorithm, key }) => [algorithm, key.keyId]),
    [
      ['ES256', '11'],
      ['ES512', BILBO_ID],
    ],
  );
});
