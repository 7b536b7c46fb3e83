import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTrust, type Signer, type Trust } from 'hardkey';
import {
  decodeCose,
  decodeSign1,
  encryptEncrypt0,
  encryptTo,
  macMac0,
  macTo,
  openEncrypt,
  openEncrypt0,
  openMac,
  openMac0,
  openSign,
  openSign1,
  signSign,
  signSign1,
} from 'hardkey/formats/cose';
import { concat } from '../../../src/encoding/bytes.ts';
import { CborTag, type CborValue, encodeCbor } from '../../../src/encoding/cbor/index.ts';
import { decodeHex } from '../../../src/encoding/hex.ts';
import { failsWith } from '../../support/failures.ts';
import { freshKey } from '../../support/fresh-key.ts';
import { issuerFor } from '../claim169/support.ts';
import { PAYLOAD } from './support.ts';

const CRIT = failsWith('UNSUPPORTED', { field: 'cose.crit' });
const REFUSED = failsWith('ARGUMENT_INVALID', { field: 'headers' });

/** A COSE_Sign1 whose headers are these bytes and parameters, genuinely signed. */
async function signedWith(
  signer: Signer,
  first: Uint8Array,
  second: CborValue = new Map(),
): Promise<Uint8Array> {
  const message = encodeCbor(['Signature1', first, new Uint8Array(), PAYLOAD]);
  return encodeCbor(new CborTag(18, [first, second, PAYLOAD, await signer.sign(message)]));
}

function headerOf(...entries: readonly (readonly [CborValue, CborValue])[]): Uint8Array {
  return encodeCbor(new Map<CborValue, CborValue>([[1, -8], ...entries]));
}

/** What another implementation signed although RFC 9052 §3.1 does not allow it. */
const BROKEN: readonly (readonly [string, Uint8Array, CborValue])[] = [
  ['an empty crit', headerOf([2, []]), new Map()],
  ['crit that is no list', headerOf([2, 'x']), new Map()],
  ['crit naming what is not there', headerOf([2, ['foo']]), new Map()],
  ['crit naming what is in the open header', headerOf([2, [4]]), new Map([[4, Uint8Array.of(1)]])],
  ['crit in the open header', headerOf(), new Map<CborValue, CborValue>([[2, [1]]])],
  ['a label in both headers', headerOf([4, Uint8Array.of(1)]), new Map([[4, Uint8Array.of(1)]])],
  ['a label twice, in two encodings', decodeHex('a301270401180400'), new Map()],
];

for (const [what, first, second] of BROKEN) {
  test(`${what} is MALFORMED though it is genuinely signed`, async (t) => {
    const { signer, trust } = await issuerFor(t);
    const bytes = await signedWith(signer, first, second);
    await assert.rejects(openSign1(bytes, { trust }), failsWith('MALFORMED', { field: 'cose' }));
  });
}

test('what crit names must be understood, by the library or by the caller', async (t) => {
  const { signer, trust } = await issuerFor(t);
  for (const label of [6, 10, -1, -70_000, 'foo'] as const) {
    const bytes = await signedWith(signer, headerOf([2, [label]], [label, 0]));
    await assert.rejects(openSign1(bytes, { trust }), CRIT);
    await assert.rejects(openSign1(bytes, { trust, understood: [7] }), CRIT);
    assert.deepEqual((await openSign1(bytes, { trust, understood: [7, label] })).payload, PAYLOAD);
  }
  const own = await signedWith(signer, headerOf([2, [1, 3]], [3, 0]));
  assert.deepEqual((await openSign1(own, { trust })).payload, PAYLOAD);
});

test('crit counts in every structure, in its body and in its layers', async (t) => {
  const signer = await freshKey(t, 'Ed25519');
  const trust = await createTrust(signer.publicKey);
  const [aead, mac, wrap] = [
    await freshKey(t, 'A256GCM'),
    await freshKey(t, 'HS256'),
    await freshKey(t, 'A256KW'),
  ];
  const protectedHeaders = new Map<CborValue, CborValue>([
    [2, ['foo']],
    ['foo', 1],
  ]);
  const understood = ['foo'] as const;
  const body = await signSign(PAYLOAD, [{ signer }], { protectedHeaders });
  const layer = await signSign(PAYLOAD, [{ signer, protectedHeaders }]);
  for (const bytes of [body, layer]) {
    await assert.rejects(openSign(bytes, { trust }), CRIT);
    assert.deepEqual((await openSign(bytes, { trust, understood })).payload, PAYLOAD);
  }
  const mac0 = await macMac0(PAYLOAD, mac, { protectedHeaders });
  await assert.rejects(openMac0(mac0, mac), CRIT);
  assert.deepEqual((await openMac0(mac0, mac, { understood })).payload, PAYLOAD);
  const macs = await macTo(PAYLOAD, [wrap], { protectedHeaders });
  await assert.rejects(openMac(macs, wrap), CRIT);
  assert.deepEqual((await openMac(macs, wrap, { understood })).payload, PAYLOAD);
  const single = await encryptEncrypt0(PAYLOAD, aead, { protectedHeaders });
  await assert.rejects(openEncrypt0(single, aead), CRIT);
  assert.deepEqual(await openEncrypt0(single, aead, { understood }), PAYLOAD);
  const many = await encryptTo(PAYLOAD, [wrap], { protectedHeaders });
  await assert.rejects(openEncrypt(many, wrap), CRIT);
  assert.deepEqual(await openEncrypt(many, wrap, { understood }), PAYLOAD);
});

test('headers that a reader would refuse are not written', async (t) => {
  const { signer } = await issuerFor(t);
  const wrong: readonly (readonly [[CborValue, CborValue][], [CborValue, CborValue][]])[] = [
    [[[2, []]], []],
    [[[2, ['foo']]], []],
    [[], [[2, [1]]]],
    [[[3, 0]], [[3, 0]]],
    [[[1.5, 0]], []],
    [[], [[null, 0]]],
  ];
  for (const [covered, open] of wrong) {
    const headers = { protectedHeaders: new Map(covered), unprotectedHeaders: new Map(open) };
    await assert.rejects(signSign1(PAYLOAD, { signer, ...headers }), REFUSED);
  }
  const own = failsWith('ARGUMENT_INVALID', { field: 'protectedHeaders' });
  for (const label of [1, 4]) {
    const protectedHeaders = new Map([[label, 0]]);
    await assert.rejects(signSign1(PAYLOAD, { signer, protectedHeaders }), own);
  }
  // A kid that anyone may change is written where it is asked for: without the protected one.
  const unprotectedHeaders = new Map([[4, Uint8Array.of(1)]]);
  await assert.rejects(signSign1(PAYLOAD, { signer, unprotectedHeaders }), REFUSED);
  const bytes = await signSign1(PAYLOAD, { signer, keyId: null, unprotectedHeaders });
  assert.deepEqual(decodeSign1(bytes).headers.unprotected.get(4), Uint8Array.of(1));
});

test('no protected parameters are written as nothing, and read as nothing or as an empty map', async (t) => {
  const mac = await freshKey(t, 'HS256');
  const signer = await freshKey(t, 'Ed25519');
  const trust = await createTrust(signer.publicKey);
  const [first] = decodeCose(await signSign(PAYLOAD, [{ signer }])).elements;
  assert.deepEqual(first, new Uint8Array());
  const own = headerOf();
  const message = encodeCbor(['Signature', new Uint8Array(), own, new Uint8Array(), PAYLOAD]);
  const signature = [own, new Map(), await signer.sign(message)];
  for (const empty of [new Uint8Array(), Uint8Array.of(0xa0), decodeHex('bfff'), decodeHex('b800')]) {
    const bytes = encodeCbor(new CborTag(98, [empty, new Map(), PAYLOAD, [signature]]));
    assert.deepEqual((await openSign(bytes, { trust })).payload, PAYLOAD);
  }
  // An algorithm has to be protected, so that nothing else is read with an empty header.
  const bytes = encodeCbor(
    new CborTag(17, [new Uint8Array(), new Map([[1, 5]]), PAYLOAD, new Uint8Array(32)]),
  );
  await assert.rejects(openMac0(bytes, mac), failsWith('MALFORMED', { field: 'cose' }));
});

/** Every structure, written tagged or not, and opened. */
async function structures(
  signer: Signer,
  trust: Trust,
  t: Parameters<typeof freshKey>[0],
): Promise<readonly (readonly [string, (tagged: boolean) => Promise<Uint8Array>, Open])[]> {
  const [aead, mac, wrap] = [
    await freshKey(t, 'A256GCM'),
    await freshKey(t, 'HS256'),
    await freshKey(t, 'A256KW'),
  ];
  const payload = (opened: { readonly payload: Uint8Array }) => opened.payload;
  return [
    [
      'sign1',
      (tagged) => signSign1(PAYLOAD, { signer, tagged }),
      (b, o) => openSign1(b, { trust, ...o }).then(payload),
    ],
    [
      'sign',
      (tagged) => signSign(PAYLOAD, [{ signer }], { tagged }),
      (b, o) => openSign(b, { trust, ...o }).then(payload),
    ],
    ['mac0', (tagged) => macMac0(PAYLOAD, mac, { tagged }), (b, o) => openMac0(b, mac, o).then(payload)],
    ['mac', (tagged) => macTo(PAYLOAD, [wrap], { tagged }), (b, o) => openMac(b, wrap, o).then(payload)],
    ['encrypt0', (tagged) => encryptEncrypt0(PAYLOAD, aead, { tagged }), (b, o) => openEncrypt0(b, aead, o)],
    ['encrypt', (tagged) => encryptTo(PAYLOAD, [wrap], { tagged }), (b, o) => openEncrypt(b, wrap, o)],
  ];
}

type Open = (
  bytes: Uint8Array,
  options: { readonly tag?: 'required' | 'optional' | 'forbidden'; readonly deterministic?: boolean },
) => Promise<Uint8Array>;

test('each structure is tagged or not as was asked, and read as the rule says', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const tags = { sign1: 'd2', sign: 'd862', mac0: 'd1', mac: 'd861', encrypt0: 'd0', encrypt: 'd860' };
  const wrong = failsWith('MALFORMED', { field: 'cose', offset: 0 });
  for (const [name, write, open] of await structures(signer, trust, t)) {
    const [tagged, bare] = [await write(true), await write(false)];
    const head = decodeHex(tags[name as keyof typeof tags]);
    assert.deepEqual(tagged.subarray(0, head.length), head, name);
    for (const tag of ['required', 'optional'] as const)
      assert.deepEqual(await open(tagged, { tag }), PAYLOAD);
    for (const tag of ['forbidden', 'optional'] as const)
      assert.deepEqual(await open(bare, { tag }), PAYLOAD);
    await assert.rejects(open(tagged, { tag: 'forbidden' }), wrong);
    await assert.rejects(open(bare, { tag: 'required' }), wrong);
  }
});

test('the strict mode takes what this library writes, and bytes after any structure are refused', async (t) => {
  const { signer, trust } = await issuerFor(t);
  for (const [, write, open] of await structures(signer, trust, t)) {
    const bytes = await write(true);
    assert.deepEqual(await open(bytes, { deterministic: true }), PAYLOAD);
    const after = failsWith('MALFORMED', { field: 'cose', offset: bytes.length });
    await assert.rejects(open(concat(bytes, Uint8Array.of(0xf6)), {}), after);
    await assert.rejects(open(concat(bytes, bytes), {}), after);
  }
});

test('the strict mode says where an encoding is not the deterministic one, in the header, too', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const strict = { trust, deterministic: true } as const;
  const at = (offset: number) => failsWith('MALFORMED', { field: 'cose', offset });
  // Tag and array take two bytes, the head of the protected header one: its map begins at 3.
  const order = await signedWith(signer, decodeHex('a203000127'));
  assert.deepEqual((await openSign1(order, { trust })).payload, PAYLOAD);
  await assert.rejects(openSign1(order, strict), at(6));
  const longer = await signedWith(signer, decodeHex('a1013807'));
  assert.deepEqual((await openSign1(longer, { trust })).payload, PAYLOAD);
  await assert.rejects(openSign1(longer, strict), at(5));
  const good = await signedWith(signer, headerOf());
  // The empty open header, written with a length that has no end.
  const open = concat(good.subarray(0, 6), decodeHex('bfff'), good.subarray(7));
  assert.deepEqual((await openSign1(open, { trust })).payload, PAYLOAD);
  await assert.rejects(openSign1(open, strict), at(6));
  const wide = concat(decodeHex('d812'), good.subarray(1));
  assert.deepEqual((await openSign1(wide, { trust })).payload, PAYLOAD);
  await assert.rejects(openSign1(wide, strict), at(0));
  // What is broken is so in every mode, and says where.
  const broken = await signedWith(signer, decodeHex('a201270127'));
  await assert.rejects(openSign1(broken, { trust }), at(6));
  // A view into a larger buffer counts from its own start.
  const inside = concat(new Uint8Array(5), longer).subarray(5);
  await assert.rejects(openSign1(inside, strict), at(5));
});

test('options that are not known, or not of their type, are ARGUMENT_INVALID and named', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const bytes = await signSign1(PAYLOAD, { signer });
  const wrong: readonly (readonly [string, unknown])[] = [
    ['exteralAad', new Uint8Array()],
    ['externalAad', 'text'],
    ['tag', 'always'],
    ['deterministic', 1],
    ['understood', 'foo'],
    ['at', '2026-06-01'],
    ['signedAt', 1_780_000_000],
    ['signedAt', new Date(Number.NaN)],
  ];
  for (const [field, value] of wrong) {
    const options = { trust, [field]: value } as unknown as Parameters<typeof openSign1>[1];
    await assert.rejects(openSign1(bytes, options), failsWith('ARGUMENT_INVALID', { field }));
  }
  // Text would be encoded as text, and something else would be signed than the verifier has.
  const text = 'payload' as unknown as Uint8Array;
  await assert.rejects(signSign1(text, { signer }), failsWith('ARGUMENT_INVALID', { field: 'payload' }));
  const aad = { signer, externalAad: text };
  await assert.rejects(signSign1(PAYLOAD, aad), failsWith('ARGUMENT_INVALID', { field: 'externalAad' }));
});

test('a signer that returns no signature, or a part of one, is SIGNER_MISMATCH', async (t) => {
  const { signer } = await issuerFor(t, 'ES256');
  for (const length of [0, 63, 65, 70]) {
    const broken: Signer = { ...signer, sign: async () => new Uint8Array(length) };
    await assert.rejects(signSign1(PAYLOAD, { signer: broken }), failsWith('SIGNER_MISMATCH'));
    await assert.rejects(signSign(PAYLOAD, [{ signer: broken }]), failsWith('SIGNER_MISMATCH'));
  }
});
