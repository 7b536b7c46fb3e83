import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importPublicKey, type PublicKey } from 'hardkey';
import {
  decodeCose,
  encryptEncrypt0,
  encryptTo,
  openEncrypt,
  openEncrypt0,
  openEncrypted,
  wrapperFor,
} from 'hardkey/formats/cose';
import { concat, utf8 } from '../../../src/encoding/bytes.ts';
import { CborTag, type CborValue, decodeCbor, encodeCbor } from '../../../src/encoding/cbor/index.ts';
import { decodeHex } from '../../../src/encoding/hex.ts';
import { failsWith } from '../../support/failures.ts';
import { freshKey } from '../../support/fresh-key.ts';

const PLAINTEXT = utf8('This is the content.');
const FAILED = failsWith('DECRYPTION_FAILED');
const MALFORMED = failsWith('MALFORMED', { field: 'cose' });

function publicKeyOf({ key }: { readonly key: { readonly publicKey?: PublicKey } }): PublicKey {
  assert.ok(key.publicKey);
  return key.publicKey;
}

/** The same structure with one element replaced. */
function replaced(bytes: Uint8Array, tag: number, at: number, value: CborValue): Uint8Array {
  return encodeCbor(new CborTag(tag, decodeCose(bytes).elements.with(at, value)));
}

for (const algorithm of ['A128GCM', 'A192GCM', 'A256GCM', 'ChaCha20-Poly1305'] as const) {
  test(`COSE_Encrypt0 by ${algorithm} opens with its key and its external data only`, async (t) => {
    const [key, other] = [await freshKey(t, algorithm), await freshKey(t, algorithm)];
    const externalAad = utf8('bound');
    const bytes = await encryptEncrypt0(PLAINTEXT, key, { externalAad });
    assert.deepEqual(await openEncrypt0(bytes, key, { externalAad }), PLAINTEXT);
    assert.deepEqual(await openEncrypted(bytes, key, { externalAad }), PLAINTEXT);
    await assert.rejects(openEncrypt0(bytes, key), FAILED);
    await assert.rejects(openEncrypt0(bytes, other, { externalAad }), FAILED);
  });
}

test('every changed bit of a COSE_Encrypt0 is refused', async (t) => {
  const key = await freshKey(t, 'A256GCM');
  const bytes = await encryptEncrypt0(PLAINTEXT, key);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Uint8Array.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const refused = (error: unknown) => {
      const codes = ['MALFORMED', 'UNSUPPORTED', 'DECRYPTION_FAILED'] as const;
      return (
        assert.ok(
          codes.some((code) => isCode(error, code)),
          String(error),
        ) === undefined
      );
    };
    await assert.rejects(openEncrypt0(changed, key), refused, `bit ${bit}`);
  }
});

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

test('a key for another algorithm is another key: DECRYPTION_FAILED', async (t) => {
  const [small, large] = [await freshKey(t, 'A128GCM'), await freshKey(t, 'A256GCM')];
  const bytes = await encryptEncrypt0(PLAINTEXT, small);
  await assert.rejects(openEncrypt0(bytes, large), failsWith('DECRYPTION_FAILED', { algorithm: 'A128GCM' }));
});

test('what is not a COSE_Encrypt0 is MALFORMED, and a wrong nonce does not open', async (t) => {
  const key = await freshKey(t, 'A256GCM');
  const bytes = await encryptEncrypt0(PLAINTEXT, key);
  await assert.rejects(openEncrypt0(concat(bytes, Uint8Array.of(0)), key), MALFORMED);
  await assert.rejects(openEncrypt0(replaced(bytes, 16, 1, new Map()), key), MALFORMED);
  await assert.rejects(openEncrypt0(replaced(bytes, 16, 1, new Map([[5, 'text']])), key), MALFORMED);
  await assert.rejects(openEncrypt0(replaced(bytes, 16, 2, null), key), MALFORMED);
  await assert.rejects(openEncrypt(bytes, await freshKey(t, 'A256KW')), MALFORMED);
  for (const length of [0, 11, 13]) {
    const nonce = new Map<CborValue, CborValue>([[5, new Uint8Array(length)]]);
    await assert.rejects(openEncrypt0(replaced(bytes, 16, 1, nonce), key), FAILED);
  }
});

const WRAPPERS = [
  ['RSA-OAEP-256', { bits: 2048 }],
  ['A128KW', {}],
  ['A192KW', {}],
  ['A256KW', {}],
] as const;

for (const [algorithm, spec] of WRAPPERS) {
  test(`COSE_Encrypt by ${algorithm} opens for the recipient and nobody else`, async (t) => {
    const [reader, other] = [await freshKey(t, algorithm, spec), await freshKey(t, algorithm, spec)];
    const bytes = await encryptTo(PLAINTEXT, [reader]);
    assert.deepEqual(await openEncrypt(bytes, reader), PLAINTEXT);
    assert.deepEqual(await openEncrypted(bytes, reader), PLAINTEXT);
    await assert.rejects(openEncrypt(bytes, other), FAILED);
    // A kid that leads to the wrong key helps as little.
    const stolen = { ...other, key: { ...other.key, id: reader.key.id } };
    await assert.rejects(openEncrypt(bytes, stolen), FAILED);
  });
}

const AGREEMENTS = [
  ['ECDH-ES+A128KW', 'P-256'],
  ['ECDH-ES+A128KW', 'X25519'],
  ['ECDH-ES+A192KW', 'P-384'],
  ['ECDH-ES+A256KW', 'P-521'],
] as const;

for (const [algorithm, curve] of AGREEMENTS) {
  test(`COSE_Encrypt by ${algorithm} on ${curve} opens for the recipient and nobody else`, async (t) => {
    const [reader, other] = [
      await freshKey(t, algorithm, { curve }),
      await freshKey(t, algorithm, { curve }),
    ];
    const bytes = await encryptTo(PLAINTEXT, [reader]);
    assert.deepEqual(await openEncrypt(bytes, reader), PLAINTEXT);
    await assert.rejects(openEncrypt(bytes, other), FAILED);
    const stolen = { ...other, key: { ...other.key, id: reader.key.id } };
    await assert.rejects(openEncrypt(bytes, stolen), FAILED);
  });
}

test('a public key is enough to encrypt, and each of several recipients opens', async (t) => {
  const rsa = await freshKey(t, 'RSA-OAEP-256', { bits: 2048 });
  const p256 = await freshKey(t, 'ECDH-ES+A128KW', { curve: 'P-256' });
  const x25519 = await freshKey(t, 'ECDH-ES+A128KW', { curve: 'X25519' });
  const shared = await freshKey(t, 'A256KW');
  const recipients = [
    wrapperFor(publicKeyOf(rsa)),
    await importPublicKey(p256.publicKey.toPem()),
    x25519.publicKey,
    shared,
  ];
  const externalAad = utf8('bound');
  const options = { externalAad, contentAlgorithm: 'A128GCM' } as const;
  const bytes = await encryptTo(PLAINTEXT, recipients, options);
  for (const key of [rsa, p256, x25519, shared]) {
    assert.deepEqual(await openEncrypt(bytes, key, { externalAad }), PLAINTEXT);
    await assert.rejects(openEncrypt(bytes, key), FAILED);
  }
});

test('a changed recipient or a changed content does not open', async (t) => {
  const reader = await freshKey(t, 'ECDH-ES+A128KW', { curve: 'X25519' });
  const bytes = await encryptTo(PLAINTEXT, [reader]);
  const [, , ciphertext, recipients] = decodeCose(bytes).elements;
  assert.ok(ciphertext instanceof Uint8Array && Array.isArray(recipients));
  const [[first, second, wrapped]] = recipients as [[CborValue, CborValue, Uint8Array]];
  const flip = (given: Uint8Array) => given.with(0, (given[0] ?? 0) ^ 1);
  const recipient = (...three: CborValue[]) => replaced(bytes, 96, 3, [three]);
  await assert.rejects(openEncrypt(replaced(bytes, 96, 2, flip(ciphertext)), reader), FAILED);
  await assert.rejects(openEncrypt(recipient(first, second, flip(wrapped)), reader), FAILED);
  await assert.rejects(openEncrypt(recipient(first, second, wrapped.subarray(8)), reader), FAILED);
  // An algorithm that is not the key's is not for this key.
  await assert.rejects(openEncrypt(recipient(decodeHex('a101381e'), second, wrapped), reader), FAILED);
  // The protected header goes into the derivation of the wrapping key (RFC 9053 §5.2).
  await assert.rejects(openEncrypt(recipient(decodeHex('a201381c0300'), second, wrapped), reader), FAILED);
});

test('an ephemeral key that is none of the reader’s curve is MALFORMED', async (t) => {
  const p256 = await freshKey(t, 'ECDH-ES+A128KW', { curve: 'P-256' });
  const x25519 = await freshKey(t, 'ECDH-ES+A128KW', { curve: 'X25519' });
  const off = new Map<CborValue, CborValue>([
    [1, 2],
    [-1, 1],
    [-2, new Uint8Array(32)],
    [-3, new Uint8Array(32)],
  ]);
  const zero = new Map<CborValue, CborValue>([
    [1, 1],
    [-1, 4],
    [-2, new Uint8Array(32)],
  ]);
  for (const [reader, other, wrong] of [
    [p256, x25519, off],
    [x25519, p256, zero],
  ] as const) {
    const bytes = await encryptTo(PLAINTEXT, [reader]);
    const [, , , recipients] = decodeCose(bytes).elements;
    const [[first, second, wrapped]] = recipients as [[CborValue, Map<CborValue, CborValue>, CborValue]];
    for (const key of [wrong, decodeCbor(other.publicKey.toCoseKey()), 7, null]) {
      const parameters = new Map(second).set(-1, key);
      const changed = replaced(bytes, 96, 3, [[first, parameters, wrapped]]);
      await assert.rejects(openEncrypt(changed, reader), MALFORMED);
    }
  }
});

test('a content key of another length than the algorithm’s does not open', async (t) => {
  const reader = await freshKey(t, 'A256KW');
  const bytes = await encryptTo(PLAINTEXT, [reader]);
  const [, , , recipients] = decodeCose(bytes).elements;
  const [[first, second]] = recipients as [[CborValue, CborValue]];
  for (const length of [16, 24, 32, 40]) {
    const wrapped = await reader.wrap(new Uint8Array(length));
    const changed = replaced(bytes, 96, 3, [[first, second, wrapped]]);
    await assert.rejects(openEncrypt(changed, reader), FAILED);
  }
});

test('recipients that are not as RFC 9052 §5.1 has them are MALFORMED', async (t) => {
  const reader = await freshKey(t, 'A256KW');
  const bytes = await encryptTo(PLAINTEXT, [reader]);
  const wrong: readonly CborValue[] = [
    [],
    null,
    [7],
    [[new Uint8Array(), new Map()]],
    [[new Uint8Array(), new Map(), null]],
    [[new Map(), new Map(), new Uint8Array(40)]],
  ];
  for (const recipients of wrong) {
    await assert.rejects(openEncrypt(replaced(bytes, 96, 3, recipients), reader), MALFORMED);
  }
  await assert.rejects(openEncrypt(replaced(bytes, 96, 2, null), reader), MALFORMED);
  await assert.rejects(openEncrypt(concat(bytes, Uint8Array.of(0)), reader), MALFORMED);
});
