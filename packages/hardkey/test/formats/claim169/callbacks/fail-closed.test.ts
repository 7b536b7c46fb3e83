// A callback that is wrong in some way: what comes out is a failure that says in which.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure, type FailureCode, isFailure } from 'hardkey';
import {
  decodeWithDecryptor,
  decodeWithVerifier,
  type EncryptorCallback,
  encodeWithSigner,
  encodeWithSignerAndEncryptor,
  type SignerCallback,
  throwingVerifier,
  type VerifierCallback,
} from 'hardkey/formats/claim169';
import { nextNonce } from '../../../../src/core/nonces.ts';
import { failsWith } from '../../../support/failures.ts';
import { AT, META } from '../support.ts';
import { cipherDevice, signingDevice } from './device.ts';

const IDENTITY = { id: '1', fullName: 'Ada' };
const device = await signingDevice('EdDSA');
const { text } = await encodeWithSigner(IDENTITY, META, device.signer, 'EdDSA');
const cipher = cipherDevice();
const encrypted = await encodeWithSignerAndEncryptor(
  IDENTITY,
  META,
  device.signer,
  'EdDSA',
  cipher.encryptor,
  'A256GCM',
);

const verifiedBy = (verifier: unknown) => decodeWithVerifier(text, verifier as VerifierCallback, { at: AT });
const signedBy = (signer: unknown, more: object = {}) =>
  encodeWithSigner(IDENTITY, META, signer as SignerCallback, 'EdDSA', more);
const encryptedBy = (encryptor: unknown) =>
  encodeWithSignerAndEncryptor(
    IDENTITY,
    META,
    device.signer,
    'EdDSA',
    encryptor as EncryptorCallback,
    'A256GCM',
  );

/** Answers of a verifier that are none. The peer takes every one of them for `verified`. */
const NO_ANSWERS: readonly (readonly [string, unknown])[] = [
  ['undefined', undefined],
  ['null', null],
  ['0', 0],
  ['1', 1],
  ['"no"', 'no'],
  ['"true"', 'true'],
  ['an empty object', {}],
  ['{ valid: 1 }', { valid: 1 }],
  ['{ valid: undefined }', { valid: undefined }],
  ['{ SignatureValid: true }', { SignatureValid: true }],
  ['a promise inside the answer', { valid: Promise.resolve(true) }],
  ['a list', [true]],
  ['a Boolean object', Object(true)],
  ['a function', () => true],
];

for (const [name, answer] of NO_ANSWERS)
  test(`a verifier that answers ${name} is refused, at once or by a promise, and told of throwingVerifier(fn)`, async () => {
    for (const given of [answer, Promise.resolve(answer)])
      await assert.rejects(
        verifiedBy(() => given),
        (error) => {
          failsWith('ARGUMENT_INVALID', { field: 'verifier' })(error);
          return error instanceof Error && error.message.includes('throwingVerifier(fn)');
        },
      );
  });

test('only true and { valid: true } accept', async () => {
  for (const answer of [true, { valid: true }, Promise.resolve(true), Promise.resolve({ valid: true })])
    assert.equal((await verifiedBy(() => answer)).isVerified(), true);
  for (const answer of [false, { valid: false }, Promise.resolve(false), Promise.resolve({ valid: false })])
    await assert.rejects(
      verifiedBy(() => answer),
      failsWith('VERIFICATION_FAILED', { check: 'signature' }),
    );
});

test('throwingVerifier accepts by answering nothing, and awaits a promise', async () => {
  for (const answer of [undefined, Promise.resolve(), true, { valid: true }])
    assert.equal((await verifiedBy(throwingVerifier((() => answer) as () => void))).isVerified(), true);
  const thrown = new Error('forged');
  for (const verifier of [
    () => {
      throw thrown;
    },
    async () => {
      throw thrown;
    },
  ])
    await assert.rejects(verifiedBy(throwingVerifier(verifier)), (error) => {
      failsWith('VERIFICATION_FAILED', { check: 'signature' })(error);
      return isFailure(error) && error.cause === thrown;
    });
  await assert.rejects(
    verifiedBy(throwingVerifier((() => false) as unknown as () => void)),
    failsWith('VERIFICATION_FAILED'),
  );
  for (const answer of [null, 0, 1, 'ok', {}])
    await assert.rejects(
      verifiedBy(throwingVerifier((() => answer) as unknown as () => void)),
      failsWith('ARGUMENT_INVALID', { field: 'verifier' }),
    );
});

test('what is no function is ARGUMENT_INVALID before anything is done', async () => {
  for (const callback of [undefined, null, Promise.resolve(device.verifier), { verify: device.verifier }]) {
    await assert.rejects(verifiedBy(callback), failsWith('ARGUMENT_INVALID', { field: 'verifier' }));
    await assert.rejects(signedBy(callback), failsWith('ARGUMENT_INVALID', { field: 'signer' }));
    await assert.rejects(encryptedBy(callback), failsWith('ARGUMENT_INVALID', { field: 'encryptor' }));
    const opened = decodeWithDecryptor(encrypted.text, callback as never, {
      verifier: device.verifier,
      at: AT,
    });
    await assert.rejects(opened, failsWith('ARGUMENT_INVALID', { field: 'decryptor' }));
  }
});

test('a signature of 0, 63, 65 or 70 bytes, or that is no bytes, is SIGNER_MISMATCH', async () => {
  const wrong: readonly unknown[] = [
    ...[0, 63, 65, 70].map((length) => new Uint8Array(length)),
    undefined,
    null,
    'c2lnbmF0dXJl',
    new ArrayBuffer(64),
    Array.from({ length: 64 }, () => 0),
    { signature: new Uint8Array(64) },
    Promise.resolve(new Uint8Array(63)),
    Promise.resolve(),
  ];
  for (const answer of wrong)
    await assert.rejects(
      signedBy(() => answer),
      failsWith('SIGNER_MISMATCH'),
    );
});

test('with the public key nothing is released that another key signed, or that is no signature', async () => {
  const { publicKey } = device;
  const other = await signingDevice('EdDSA');
  const mismatch = failsWith('SIGNER_MISMATCH', { expected: publicKey.fingerprint });
  await assert.rejects(signedBy(other.signer, { publicKey }), mismatch);
  await assert.rejects(
    signedBy(() => new Uint8Array(64), { publicKey }),
    mismatch,
  );
  await signedBy(device.signer, { publicKey });
  const { publicKey: p256 } = await signingDevice('ES256');
  await assert.rejects(
    signedBy(device.signer, { publicKey: p256 }),
    failsWith('ARGUMENT_INVALID', { field: 'publicKey' }),
  );
});

test('a signer that changes what it was given signs nothing else than what is issued', async () => {
  const { publicKey } = device;
  const spoiling: SignerCallback = (algorithm, keyId, data) => {
    const signature = device.signer(algorithm, keyId, data);
    data.fill(0);
    keyId?.fill(0);
    return signature;
  };
  const { text: issued } = await signedBy(spoiling, { publicKey });
  const decoded = await decodeWithVerifier(issued, device.verifier, { at: AT });
  assert.deepEqual([decoded.identity, decoded.verification.keyId], [IDENTITY, publicKey.id]);
});

test('a ciphertext of another length, or the plaintext itself, is ARGUMENT_INVALID', async () => {
  const refused = failsWith('ARGUMENT_INVALID', { field: 'encryptor' });
  const answers: readonly ((nonce: Uint8Array, plaintext: Uint8Array) => unknown)[] = [
    () => undefined,
    () => new Uint8Array(),
    (_, plaintext) => plaintext,
    (_, plaintext) => new Uint8Array(plaintext.length + 15),
    (_, plaintext) => new Uint8Array(plaintext.length + 28),
    // KMS services answer with blobs of their own.
    () => ({ CiphertextBlob: new Uint8Array(200) }),
    (nonce, plaintext) => ({ nonce, ciphertext: Promise.resolve(new Uint8Array(plaintext.length + 16)) }),
    (_, plaintext) => ({ nonce: new Uint8Array(11), ciphertext: new Uint8Array(plaintext.length + 16) }),
    (_, plaintext) => ({ ciphertext: new Uint8Array(plaintext.length + 16) }),
    (_, plaintext) => Uint8Array.from([...plaintext, ...new Uint8Array(16)]),
  ];
  for (const answer of answers)
    await assert.rejects(
      encryptedBy(
        (_algorithm: string, _keyId: null, nonce: Uint8Array, _aad: Uint8Array, plaintext: Uint8Array) =>
          answer(nonce, plaintext),
      ),
      refused,
      String(answer),
    );
});

test('a plaintext that is none, and whatever a decryptor throws, is DECRYPTION_FAILED', async () => {
  const openedBy = (decryptor: () => unknown) =>
    decodeWithDecryptor(encrypted.text, decryptor as never, { verifier: device.verifier, at: AT });
  for (const answer of [undefined, null, false, '', new Uint8Array(), new Uint8Array(10), { plaintext: 1 }])
    await assert.rejects(
      openedBy(() => answer),
      failsWith('DECRYPTION_FAILED'),
    );
  const thrown = new Error('Unsupported state or unable to authenticate data');
  const failing = openedBy(() => {
    throw thrown;
  });
  await assert.rejects(failing, (error) => isFailure(error, 'DECRYPTION_FAILED') && error.cause === thrown);
  const wrongKey = decodeWithDecryptor(encrypted.text, cipherDevice().decryptor, {
    verifier: device.verifier,
    at: AT,
  });
  await assert.rejects(wrongKey, failsWith('DECRYPTION_FAILED'));
});

const named = (name: string, more: object = {}) => Object.assign(new Error('service'), { name }, more);

/** Errors as SDKs throw them, and what they say. */
const ERRORS: readonly (readonly [string, unknown, FailureCode])[] = [
  ['a time-out', new DOMException('slow', 'TimeoutError'), 'UNAVAILABLE'],
  ['a refused connection', Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'UNAVAILABLE'],
  [
    'fetch',
    new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ENOTFOUND' }) }),
    'UNAVAILABLE',
  ],
  ['AWS, down', named('InternalFailure', { $metadata: { httpStatusCode: 500 } }), 'UNAVAILABLE'],
  ['AWS, throttled', named('ThrottlingException', { $metadata: { httpStatusCode: 400 } }), 'OVERLOADED'],
  ['AWS, refused', named('AccessDeniedException', { $metadata: { httpStatusCode: 400 } }), 'DENIED'],
  ['AWS, no key', named('NotFoundException', { $metadata: { httpStatusCode: 400 } }), 'KEY_NOT_FOUND'],
  ['Google, down', Object.assign(new Error('14 UNAVAILABLE'), { code: 14, details: 'x' }), 'UNAVAILABLE'],
  ['Google, refused', Object.assign(new Error('7 PERMISSION_DENIED'), { code: 7, details: 'x' }), 'DENIED'],
  ['Azure, refused', named('RestError', { statusCode: 403 }), 'DENIED'],
  ['Azure, throttled', named('RestError', { statusCode: 429 }), 'OVERLOADED'],
  ['Azure, down', named('RestError', { statusCode: 502 }), 'UNAVAILABLE'],
  ['a Failure', new Failure('DENIED', 'locked', {}), 'DENIED'],
];

for (const [name, thrown, code] of ERRORS)
  test(`${name}: ${code} from every callback, never a forgery, and the cause is kept`, async () => {
    const fail = () => {
      throw thrown;
    };
    const later = async () => fail();
    const kept = (error: unknown) => {
      failsWith(code)(error);
      return error === thrown || (error instanceof Error && error.cause === thrown);
    };
    for (const callback of [fail, later]) {
      await assert.rejects(signedBy(callback), kept);
      await assert.rejects(verifiedBy(callback), kept);
      await assert.rejects(verifiedBy(throwingVerifier(callback)), kept);
      await assert.rejects(encryptedBy(callback), kept);
      const opened = decodeWithDecryptor(encrypted.text, callback, { verifier: device.verifier, at: AT });
      await assert.rejects(opened, kept);
    }
  });

test('an error that says nothing: an outage of a signer or verifier, a forgery for throwingVerifier', async () => {
  for (const thrown of [
    new Error('?'),
    'text',
    undefined,
    { code: 5 },
    new DOMException('x', 'InvalidCharacterError'),
  ]) {
    const fail = () => {
      throw thrown;
    };
    await assert.rejects(signedBy(fail), failsWith('UNAVAILABLE', { operation: 'sign' }));
    await assert.rejects(verifiedBy(fail), failsWith('UNAVAILABLE', { operation: 'verify' }));
    await assert.rejects(encryptedBy(fail), failsWith('UNAVAILABLE', { operation: 'encrypt' }));
    await assert.rejects(verifiedBy(throwingVerifier(fail)), failsWith('VERIFICATION_FAILED'));
  }
  const invalid = named('KMSInvalidSignatureException', { $metadata: { httpStatusCode: 400 } });
  const refused = verifiedBy(() => Promise.reject(invalid));
  await assert.rejects(refused, failsWith('VERIFICATION_FAILED', { check: 'signature' }));
});

test('a signature that can be told to be none is refused before a verifier is asked', async () => {
  const { coseOf, textOf } = await import('../support.ts');
  const zlib = await encodeWithSigner(IDENTITY, META, device.signer, 'EdDSA', { compression: 'zlib' });
  const cose = await coseOf(zlib.text);
  // The last byte of S: at least 16 times the order of the group.
  const changed = Uint8Array.from(cose);
  changed[cose.length - 1] = 0xff;
  let asked = 0;
  const verifier = () => {
    asked++;
    return true;
  };
  await assert.rejects(
    decodeWithVerifier(textOf(changed), verifier, { at: AT }),
    failsWith('VERIFICATION_FAILED'),
  );
  assert.equal(asked, 0);
});

test('a call ends with the reason of its signal, or at its deadline, whatever the callback does', async () => {
  const never = () => new Promise<never>(() => undefined);
  const controller = new AbortController();
  const reason = new Error('closed');
  const signing = signedBy(never, { signal: controller.signal });
  const verifying = decodeWithVerifier(text, never, { at: AT, signal: controller.signal });
  controller.abort(reason);
  const isReason = (error: unknown) => error === reason;
  await assert.rejects(signing, isReason);
  await assert.rejects(verifying, isReason);
  let asked = 0;
  await assert.rejects(
    signedBy(() => asked++, { signal: controller.signal }),
    isReason,
  );
  assert.equal(asked, 0);
  const late = signedBy(never, { deadline: performance.now() + 5 });
  await assert.rejects(late, failsWith('UNAVAILABLE', { field: 'deadline' }));
});

test('nonces of one key are refused after their limit, and those of another key are not', () => {
  const [one, other] = [() => undefined, () => undefined];
  const drawn = [nextNonce(one, 2), nextNonce(one, 2), nextNonce(other, 2)];
  assert.deepEqual(
    drawn.map(({ length }) => length),
    [12, 12, 12],
  );
  assert.throws(() => nextNonce(one, 2), failsWith('DENIED', { field: 'nonce' }));
});
