import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure, type KeyWrapper } from 'hardkey';
import {
  attachContent,
  decodeCose,
  detachContent,
  encryptEncrypt0,
  encryptTo,
  macMac0,
  macTo,
  openEncrypt,
  openEncrypt0,
  openEncrypted,
  openMac,
  openMac0,
  serviceAlgorithm,
} from 'hardkey/formats/cose';
import { utf8 } from '../../../src/encoding/bytes.ts';
import { type CborMap, type CborValue, encodeCbor } from '../../../src/encoding/cbor/index.ts';
import { failsWith } from '../../support/failures.ts';
import { freshKey } from '../../support/fresh-key.ts';
import { PAYLOAD, replaced, serviceKey } from './support.ts';

const FAILED = failsWith('DECRYPTION_FAILED');
const MALFORMED = failsWith('MALFORMED', { field: 'cose' });
const NOT_ALLOWED = failsWith('UNSUPPORTED', { algorithm: 'service', field: 'allowService' });
const ALLOWED = { allowService: true } as const;

type Parts = [Uint8Array, CborMap, Uint8Array];

function firstRecipient(bytes: Uint8Array): Parts {
  const [first] = decodeCose(bytes).elements.at(-1) as readonly Parts[];
  assert.ok(first);
  return first;
}

test('a service wraps and opens only where both sides ask for it', async (t) => {
  const service = serviceKey(await freshKey(t, 'A256KW'));
  await assert.rejects(encryptTo(PAYLOAD, [service]), NOT_ALLOWED);
  await assert.rejects(macTo(PAYLOAD, [service]), NOT_ALLOWED);
  const encrypted = await encryptTo(PAYLOAD, [service], ALLOWED);
  const coded = await macTo(PAYLOAD, [service], ALLOWED);
  await assert.rejects(openEncrypt(encrypted, service), NOT_ALLOWED);
  await assert.rejects(openEncrypted(encrypted, service), NOT_ALLOWED);
  await assert.rejects(openMac(coded, service), NOT_ALLOWED);
  assert.deepEqual(await openEncrypt(encrypted, service, ALLOWED), PAYLOAD);
  assert.deepEqual(await openEncrypted(encrypted, service, ALLOWED), PAYLOAD);
  assert.deepEqual((await openMac(coded, service, ALLOWED)).payload, PAYLOAD);
});

test('a service recipient has a private-use algorithm, and the reference of its key as kid', async (t) => {
  const service = serviceKey(await freshKey(t, 'A256KW'), 'awskms:///alias/documents');
  const [protectedBytes, parameters] = firstRecipient(await encryptTo(PAYLOAD, [service], ALLOWED));
  // IANA "COSE Algorithms": integers below -65536 are for private use.
  assert.ok(serviceAlgorithm < -65_536);
  assert.deepEqual([protectedBytes.length, parameters.get(1)], [0, serviceAlgorithm]);
  assert.deepEqual(parameters.get(4), utf8('awskms:///alias/documents'));
});

test('a service recipient is for its own key, and another reader passes it over', async (t) => {
  const wrap = await freshKey(t, 'A256KW');
  const [one, two] = [serviceKey(wrap), serviceKey(wrap, 'awskms:///alias/other')];
  const reader = await freshKey(t, 'A128KW');
  const bytes = await encryptTo(PAYLOAD, [one, reader], ALLOWED);
  assert.deepEqual(await openEncrypt(bytes, reader), PAYLOAD);
  await assert.rejects(openEncrypt(bytes, two, ALLOWED), FAILED);
  // AES-KW is another algorithm, though the bytes are the same.
  await assert.rejects(openEncrypt(bytes, wrap), FAILED);
});

test('an outage or a refusal of the key is passed on', async (t) => {
  const wrap = await freshKey(t, 'A256KW');
  const bytes = await encryptTo(PAYLOAD, [serviceKey(wrap)], ALLOWED);
  for (const code of ['UNAVAILABLE', 'DENIED'] as const) {
    const down: KeyWrapper = {
      ...serviceKey(wrap),
      unwrap: () => Promise.reject(new Failure(code, 'the service says no')),
    };
    await assert.rejects(openEncrypt(bytes, down, ALLOWED), failsWith(code));
  }
});

test('a recipient without a name may be anybody: each is tried', async (t) => {
  const [one, two] = [await freshKey(t, 'A128KW'), await freshKey(t, 'A128KW')];
  const bytes = await encryptTo(PAYLOAD, [one, two]);
  const list = decodeCose(bytes).elements.at(-1) as readonly Parts[];
  const nameless = list.map(([first, parameters, wrapped]) => {
    const rest = new Map([...parameters].filter(([label]) => label !== 4));
    return [first, rest, wrapped];
  });
  const changed = replaced(bytes, 3, nameless);
  for (const reader of [one, two]) assert.deepEqual(await openEncrypt(changed, reader), PAYLOAD);
  await assert.rejects(openEncrypt(changed, await freshKey(t, 'A128KW')), FAILED);
  const curves = ['P-256', 'X25519', 'P-384'] as const;
  const agreements = await Promise.all(curves.map((curve) => freshKey(t, 'ECDH-ES+A128KW', { curve })));
  const agreed = await encryptTo(PAYLOAD, agreements);
  const open = (decodeCose(agreed).elements.at(-1) as readonly Parts[]).map(
    ([first, parameters, wrapped]) => [
      first,
      new Map([...parameters].filter(([label]) => label !== 4)),
      wrapped,
    ],
  );
  for (const key of agreements) assert.deepEqual(await openEncrypt(replaced(agreed, 3, open), key), PAYLOAD);
});

test('recipients of others are passed over, whatever they are', async (t) => {
  const reader = await freshKey(t, 'A128KW');
  const bytes = await encryptTo(PAYLOAD, [reader]);
  const own = firstRecipient(bytes);
  const strange: readonly CborValue[] = [
    // A recipient with recipients of its own (RFC 9052 §5.1).
    [new Uint8Array(), new Map([[1, -3]]), new Uint8Array(24), [own]],
    [new Uint8Array(), new Map([[1, -70_000]]), new Uint8Array(3)],
    [new Uint8Array(), new Map([[1, 'exotic']]), new Uint8Array(3)],
    [
      encodeCbor(
        new Map<CborValue, CborValue>([
          [2, [99]],
          [99, 0],
        ]),
      ),
      new Map([[1, -3]]),
      new Uint8Array(24),
    ],
  ];
  for (const one of strange) {
    assert.deepEqual(await openEncrypt(replaced(bytes, 3, [one, own]), reader), PAYLOAD);
    await assert.rejects(openEncrypt(replaced(bytes, 3, [one]), reader), FAILED);
  }
});

test('what nothing protects is not called protected: a wrapped key with such parameters is MALFORMED', async (t) => {
  const reader = await freshKey(t, 'A128KW');
  const bytes = await encryptTo(PAYLOAD, [reader]);
  const [, parameters, wrapped] = firstRecipient(bytes);
  const moved = [encodeCbor(new Map([[3, 0]])), parameters, wrapped];
  await assert.rejects(openEncrypt(replaced(bytes, 3, [moved]), reader), MALFORMED);
});

test('no recipients, and more than 64, are refused on both sides', async (t) => {
  const reader = await freshKey(t, 'A128KW');
  const refused = failsWith('ARGUMENT_INVALID', { field: 'recipients' });
  const many = Array.from({ length: 65 }, () => reader);
  for (const list of [[], many]) {
    await assert.rejects(encryptTo(PAYLOAD, list), refused);
    await assert.rejects(macTo(PAYLOAD, list), refused);
  }
  const bytes = await encryptTo(PAYLOAD, [reader]);
  const own = firstRecipient(bytes);
  await assert.rejects(
    openEncrypt(
      replaced(
        bytes,
        3,
        Array.from({ length: 65 }, () => own),
      ),
      reader,
    ),
    MALFORMED,
  );
});

test('a Partial IV is UNSUPPORTED alone, and MALFORMED beside an IV', async (t) => {
  const key = await freshKey(t, 'A128GCM');
  const bytes = await encryptEncrypt0(PAYLOAD, key);
  const [, parameters] = decodeCose(bytes).elements as readonly [unknown, CborMap];
  const partial = new Map<CborValue, CborValue>([[6, Uint8Array.of(1)]]);
  const refused = failsWith('UNSUPPORTED', { field: 'cose.partialIv' });
  await assert.rejects(openEncrypt0(replaced(bytes, 1, partial), key), refused);
  await assert.rejects(
    openEncrypt0(replaced(bytes, 1, new Map([...parameters, ...partial])), key),
    MALFORMED,
  );
});

test('a ciphertext or a payload may travel apart, and nothing that was covered changes by it', async (t) => {
  const [aead, wrap, mac] = [
    await freshKey(t, 'A256GCM'),
    await freshKey(t, 'A256KW'),
    await freshKey(t, 'HS256'),
  ];
  const single = detachContent(await encryptEncrypt0(PAYLOAD, aead));
  const many = detachContent(await encryptTo(PAYLOAD, [wrap]));
  const coded = detachContent(await macMac0(PAYLOAD, mac));
  const ciphertext = single.content;
  assert.deepEqual(await openEncrypt0(single.cose, aead, { ciphertext }), PAYLOAD);
  assert.deepEqual(await openEncrypted(single.cose, aead, { ciphertext }), PAYLOAD);
  assert.deepEqual(await openEncrypt(many.cose, wrap, { ciphertext: many.content }), PAYLOAD);
  assert.deepEqual((await openMac0(coded.cose, mac, { payload: coded.content })).payload, PAYLOAD);
  await assert.rejects(openEncrypt(many.cose, wrap, { ciphertext }), FAILED);
  await assert.rejects(openEncrypt0(single.cose, aead), MALFORMED);
  const attached = attachContent(single.cose, ciphertext);
  assert.deepEqual(await openEncrypt0(attached, aead), PAYLOAD);
  const twice = failsWith('ARGUMENT_INVALID', { field: 'ciphertext' });
  await assert.rejects(openEncrypt0(attached, aead, { ciphertext }), twice);
  assert.throws(
    () => attachContent(attached, ciphertext),
    failsWith('ARGUMENT_INVALID', { field: 'content' }),
  );
  assert.throws(() => detachContent(single.cose), MALFORMED);
});

test('the key that opens says which structure it opens', async (t) => {
  const [aead, wrap] = [await freshKey(t, 'A256GCM'), await freshKey(t, 'A256KW')];
  const options = { tagged: false } as const;
  assert.deepEqual(await openEncrypted(await encryptEncrypt0(PAYLOAD, aead, options), aead), PAYLOAD);
  assert.deepEqual(await openEncrypted(await encryptTo(PAYLOAD, [aead]), aead), PAYLOAD);
  assert.deepEqual(await openEncrypted(await encryptTo(PAYLOAD, [wrap], options), wrap), PAYLOAD);
  await assert.rejects(openEncrypted(await encryptEncrypt0(PAYLOAD, aead), wrap), MALFORMED);
  await assert.rejects(openEncrypted(await macMac0(PAYLOAD, await freshKey(t, 'HS256')), aead), MALFORMED);
});

test('parameters of the content are written, and those with an option of their own are refused', async (t) => {
  const [aead, wrap] = [await freshKey(t, 'A256GCM'), await freshKey(t, 'A256KW')];
  const protectedHeaders = new Map([[3, 'application/cwt']]);
  const bytes = await encryptEncrypt0(PAYLOAD, aead, { protectedHeaders, keyId: 'key-7' });
  const [first, second] = decodeCose(bytes).elements as readonly [Uint8Array, CborMap];
  assert.deepEqual(
    first,
    encodeCbor(
      new Map<CborValue, CborValue>([
        [1, 3],
        [3, 'application/cwt'],
      ]),
    ),
  );
  assert.deepEqual(second.get(4), utf8('key-7'));
  assert.deepEqual(await openEncrypt0(bytes, aead), PAYLOAD);
  const inProtected = failsWith('ARGUMENT_INVALID', { field: 'protectedHeaders' });
  await assert.rejects(encryptEncrypt0(PAYLOAD, aead, { protectedHeaders: new Map([[1, 1]]) }), inProtected);
  const inOpen = failsWith('ARGUMENT_INVALID', { field: 'unprotectedHeaders' });
  const unprotectedHeaders = new Map([[5, new Uint8Array(12)]]);
  await assert.rejects(encryptTo(PAYLOAD, [wrap], { unprotectedHeaders }), inOpen);
  const both = { protectedHeaders: new Map([[3, 0]]), unprotectedHeaders: new Map([[3, 0]]) };
  await assert.rejects(encryptTo(PAYLOAD, [wrap], both), failsWith('ARGUMENT_INVALID', { field: 'headers' }));
});
