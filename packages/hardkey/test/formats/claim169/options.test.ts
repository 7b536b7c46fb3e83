// Options of another type than theirs, from callers whose compiler checks nothing.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createKeys } from 'hardkey';
import * as claim169 from 'hardkey/formats/claim169';
import { verifyText } from 'hardkey/formats/claim169/verify';
import { memory } from 'hardkey/providers/memory';
import { failsWith } from '../../support/failures.ts';
import { AT, issuerFor, META } from './support.ts';

type Options = Readonly<Record<string, unknown>>;

const NO_FLAG = [null, 1, 'yes'];
const NO_OBJECT = [null, 'k', true, [], () => true];
const NO_FUNCTION = [null, 'k', true, []];
const NO_KEY_ID = [1, true, [], {}];

const CALL: Options = { signal: [null, 'k'], deadline: [null, 'k', Number.NaN], caller: [null, 7] };
const FINISH: Options = {
  ...CALL,
  encryptTo: NO_OBJECT,
  encryptionKeyId: NO_KEY_ID,
  contentAlgorithm: [null, 'AES', 'ES256', 3],
  allowService: NO_FLAG,
  compression: [null, 'gzip', 3],
  errorLevel: [null, 'X', 3],
};
const WITHOUT_SIGNER: Options = {
  ...FINISH,
  keyId: NO_KEY_ID,
  certificates: [null, 7],
  privateFields: NO_OBJECT,
};
const READ: Options = {
  trust: NO_OBJECT,
  issuers: [null, 'k', []],
  allowUnsigned: NO_FLAG,
  resolveX5u: NO_FUNCTION,
  deterministic: NO_FLAG,
  at: [null, 7, '2026-01-01', new Date(Number.NaN)],
  skewSeconds: [null, -1, 'k'],
  time: [null, true, 'Report'],
  strict: NO_FLAG,
  privateFields: NO_OBJECT,
  holder: [null, 'k', []],
  acceptStatus: NO_FUNCTION,
  acceptCwtId: NO_FUNCTION,
  audience: [7, []],
  issuer: [null, 7, []],
  subject: [null, 7],
  required: [null, 'exp', ['exp ']],
  maxAgeSeconds: [null, -1, 'k'],
  maxTextLength: [null, -1, '9'],
  maxDecompressedBytes: [null, -1, '9'],
};
const OPENING: Options = { ...READ, ...CALL, decryptWith: NO_OBJECT, allowService: NO_FLAG };
const { trust: _trust, issuers: _issuers, resolveX5u: _resolver, ...JUDGED } = OPENING;

/** Every public function that takes options, with the wrong values of each. */
async function functionsFor(t: TestContext) {
  const { signer, trust } = await issuerFor(t);
  const keys = createKeys([memory()]);
  t.after(() => keys.close());
  const encryptTo = (await keys.create('memory:reader', { algorithm: 'A256GCM' })).use('A256GCM');
  const given = [{ id: '1' }, META] as const;
  const { text } = await claim169.encode(...given, { signer });
  const sealed = (await claim169.encode(...given, { signer, encryptTo })).text;
  const sign = claim169.signerCallback(signer);
  const { encryptTo: _to, contentAlgorithm: _name, allowService: _service, ...sealing } = WITHOUT_SIGNER;
  const { keyId, certificates, privateFields } = WITHOUT_SIGNER;
  const { publicKey } = signer;
  const prepared = await claim169.prepare(...given, { algorithm: 'EdDSA', publicKey });
  const signature = await signer.sign(prepared.toBeSigned);
  const [seal, open] = [claim169.encryptorCallback(encryptTo), claim169.decryptorCallback(encryptTo)];
  const encoder = { subFormat: 4, encode: () => new Uint8Array(20) };
  const name = { algorithm: 'EdDSA' };
  const wrongKey = { publicKey: NO_OBJECT };
  const anyone = claim169 as unknown as Readonly<Record<string, (...values: unknown[]) => unknown>>;
  const call =
    (of: string, ...values: unknown[]) =>
    async (options: Options) =>
      anyone[of]?.(...values, options);
  const at = AT;
  return {
    decode: [OPENING, (o) => call('decode', text)({ trust, at, ...o })],
    'decode of what is encrypted': [
      OPENING,
      (o) => call('decode', sealed)({ trust, at, decryptWith: encryptTo, ...o }),
    ],
    verifyText: [READ, (o) => verifyText(text, { trust, at, ...o })],
    decodeWithVerifier: [JUDGED, (o) => call('decodeWithVerifier', text, () => true)({ at, ...o })],
    decodeWithDecryptor: [
      { ...READ, ...CALL },
      (o) => call('decodeWithDecryptor', sealed, open)({ trust, at, ...o }),
    ],
    encode: [{ ...WITHOUT_SIGNER, signer: NO_OBJECT }, (o) => call('encode', ...given)({ signer, ...o })],
    encodeWithSigner: [{ ...WITHOUT_SIGNER, ...wrongKey }, call('encodeWithSigner', ...given, sign, 'EdDSA')],
    encodeWithEncryptor: [sealing, call('encodeWithEncryptor', ...given, signer, seal, 'A256GCM')],
    encodeWithSignerAndEncryptor: [
      { ...sealing, ...wrongKey },
      call('encodeWithSignerAndEncryptor', ...given, sign, 'EdDSA', seal, 'A256GCM'),
    ],
    encodeAll: [
      {
        ...WITHOUT_SIGNER,
        compression: [],
        errorLevel: [],
        concurrency: [0, 1025, null],
        failures: [null, 'k'],
      },
      (o) => call('encodeAll', [])({ signer, ...o }),
    ],
    prepare: [
      { ...wrongKey, keyId, certificates, privateFields },
      (o) => call('prepare', ...given)({ ...name, publicKey, ...o }),
    ],
    complete: [FINISH, (o) => prepared.complete(signature, o)],
    estimateSize: [
      { ...wrongKey, keyId, certificates, privateFields, encryptTo: NO_OBJECT, softwareInsteadOf: [null, 7] },
      (o) => call('estimateSize', ...given)({ ...name, ...o }),
    ],
    fitPhoto: [
      {
        encoder: NO_OBJECT,
        sides: [null, [], [0], 'k'],
        minQuality: [0, 101, null],
        maxQuality: [0, 101, null],
        maxBytes: [0, null, 'k'],
        maxQrVersion: [0, 41, null],
      },
      (o) => call('fitPhoto', ...given, new Uint8Array(9))({ ...name, encoder, maxBytes: 99, ...o }),
    ],
    inspect: [{ maxTextLength: [null, -1], maxDecompressedBytes: [null, -1] }, call('inspect', text)],
    signerFrom: [{ ...wrongKey, keyId }, call('signerFrom', sign, 'EdDSA')],
    encryptorFrom: [{ keyId }, call('encryptorFrom', seal, 'A256GCM')],
    decryptorFrom: [{ keyId }, call('decryptorFrom', open, 'A256GCM')],
    identityToJson: [{}, call('identityToJson', { id: '1' })],
  } satisfies Record<string, readonly [Options, (options: Options) => Promise<unknown>]>;
}

test('an option of another type than its own is ARGUMENT_INVALID and is named, as one that there is not', async (t) => {
  for (const [name, [options, run]] of Object.entries(await functionsFor(t))) {
    await t.test(name, async () => {
      for (const [field, values] of Object.entries(options)) {
        for (const value of values as readonly unknown[]) {
          const wrong = failsWith('ARGUMENT_INVALID', { field });
          await assert.rejects(run({ [field]: value }), wrong, `${field}: ${String(value)}`);
        }
      }
      const field = name === 'identityToJson' ? 'privateFields' : 'none';
      await assert.rejects(run({ none: 1 }), failsWith('ARGUMENT_INVALID', { field }));
    });
  }
});

test('JSON is made of identities and claims, and versions are of text', () => {
  const { identityToJson, metaToJson, identityFromJson, qrVersion } = claim169 as unknown as Readonly<
    Record<string, (value: unknown) => unknown>
  >;
  for (const nothing of [undefined, null, 'Ada', 7, []]) {
    assert.throws(() => identityToJson?.(nothing), failsWith('ARGUMENT_INVALID', { field: 'identity' }));
    assert.throws(() => identityFromJson?.(nothing), failsWith('ARGUMENT_INVALID', { field: 'identity' }));
    assert.throws(() => metaToJson?.(nothing), failsWith('ARGUMENT_INVALID', { field: 'meta' }));
  }
  for (const nothing of [undefined, null, 7, {}]) {
    assert.throws(() => qrVersion?.(nothing), failsWith('ARGUMENT_INVALID', { field: 'text' }));
  }
});

test('a deadline that has passed ends a call of a callback that would answer at once', async (t) => {
  const { signer } = await issuerFor(t);
  const { text } = await claim169.encode({ id: '1' }, META, { signer });
  const deadline = performance.now() - 1;
  const late = failsWith('UNAVAILABLE', { field: 'deadline' });
  const sign = () => new Uint8Array(64);
  await assert.rejects(claim169.encodeWithSigner({ id: '1' }, META, sign, 'EdDSA', { deadline }), late);
  await assert.rejects(
    claim169.decodeWithVerifier(text, () => true, { at: AT, deadline }),
    late,
  );
});
