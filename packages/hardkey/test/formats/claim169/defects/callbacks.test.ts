// The rows of the live library about a caller's own functions: what it releases, and what it accepts.
// More answers that are none are in ../callbacks/fail-closed.test.ts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFailure } from 'hardkey';
import {
  decodeWithVerifier,
  encodeWithSigner,
  type SignerCallback,
  throwingVerifier,
  type VerifierCallback,
} from 'hardkey/formats/claim169';
import { failsWith } from '../../../support/failures.ts';
import { signingDevice } from '../callbacks/device.ts';
import { AT, META } from '../support.ts';

const device = await signingDevice('EdDSA');
const forger = await signingDevice('EdDSA');
const { text: forged } = await encodeWithSigner({ id: '7' }, META, forger.signer, 'EdDSA');
const { text: genuine } = await encodeWithSigner({ id: '7' }, META, device.signer, 'EdDSA');

const verified = (text: string, verifier: unknown) =>
  decodeWithVerifier(text, verifier as VerifierCallback, { at: AT });

/** What a verifier may come back with that looked, and did not like what it saw. */
const REJECTIONS: readonly (readonly [string, (genuine: boolean) => unknown, string])[] = [
  ['returns nothing (None)', () => undefined, 'ARGUMENT_INVALID'],
  ['returns null', () => null, 'ARGUMENT_INVALID'],
  ['returns false', (ok) => ok, 'VERIFICATION_FAILED'],
  ['returns 0', (ok) => Number(ok), 'ARGUMENT_INVALID'],
  ['returns "no"', (ok) => (ok ? 'yes' : 'no'), 'ARGUMENT_INVALID'],
  ['returns a promise of false', async (ok) => ok, 'VERIFICATION_FAILED'],
  ['returns a promise of nothing', async () => undefined, 'ARGUMENT_INVALID'],
  [
    'is asynchronous and throws',
    async (ok) => {
      if (!ok) throw new Error('forged');
    },
    'UNAVAILABLE',
  ],
  [
    'throws after it has returned a promise',
    (ok) =>
      new Promise((resolve, reject) => {
        setImmediate(() => (ok ? resolve(undefined) : reject(new Error('forged'))));
      }),
    'UNAVAILABLE',
  ],
];

for (const [what, answer, code] of REJECTIONS) {
  test(`a verifier that ${what} for a forged credential never makes it verified`, async () => {
    const verifier: (...args: Parameters<VerifierCallback>) => unknown = (...args) =>
      answer(device.verifier(...args) === true);
    await assert.rejects(verified(forged, verifier), (error) => isFailure(error) && error.code === code);
  });
}

test('the same verifiers that throw say so by throwingVerifier, and then a forgery is one', async () => {
  const throwing = async (...args: Parameters<VerifierCallback>) => {
    if (device.verifier(...args) !== true) throw new Error('forged');
  };
  await assert.rejects(verified(forged, throwingVerifier(throwing)), failsWith('VERIFICATION_FAILED'));
  assert.equal((await verified(genuine, throwingVerifier(throwing))).isVerified(), true);
});

test('a verifier that times out is an outage and no forgery, and its error is the cause', async () => {
  for (const name of ['TimeoutError', 'AbortError']) {
    const late = Object.assign(new Error('slow'), { name });
    const failing = async () => {
      throw late;
    };
    for (const verifier of [failing, throwingVerifier(failing)]) {
      await assert.rejects(verified(genuine, verifier), (error) => {
        failsWith('UNAVAILABLE', { operation: 'verify' })(error);
        return isFailure(error) && error.retryable && error.cause === late;
      });
    }
  }
});

for (const length of [0, 63, 70]) {
  test(`a signer that returns ${length} bytes, at once or by a promise, is SIGNER_MISMATCH`, async () => {
    const answers: readonly (() => unknown)[] = [
      () => new Uint8Array(length),
      async () => new Uint8Array(length),
    ];
    for (const signer of answers) {
      const signing = encodeWithSigner({ id: '7' }, META, signer as SignerCallback, 'EdDSA');
      await assert.rejects(signing, failsWith('SIGNER_MISMATCH'));
    }
  });
}

test('an asynchronous signer is awaited: its signature is in the credential', async () => {
  const later: SignerCallback = async (...args) => {
    await new Promise((resolve) => setImmediate(resolve));
    return device.signer(...args);
  };
  const { text } = await encodeWithSigner({ id: '7' }, META, later, 'EdDSA');
  assert.equal((await verified(text, device.verifier)).isVerified(), true);
});
