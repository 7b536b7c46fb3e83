// Arguments of callers whose compiler checks nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTrust, ecdsaFromDer, ecdsaToDer } from 'hardkey';
import * as claim169 from 'hardkey/formats/claim169';
import { verifyText } from 'hardkey/formats/claim169/verify';
import * as cose from 'hardkey/formats/cose';
import * as cwt from 'hardkey/formats/cwt';
import { decodeHex } from '../../../src/encoding/hex.ts';
import { failsWith } from '../../support/failures.ts';
import { AT, issuerFor, META, textOf } from './support.ts';

type Loose = (...values: unknown[]) => unknown;

/** The functions as such callers see them. */
const loose = { ecdsaFromDer, ecdsaToDer, ...cose, ...cwt, ...claim169, verifyText } as unknown as Readonly<
  Record<string, Loose>
>;

const call = async (name: string, ...values: unknown[]) => loose[name]?.(...values);
const invalid = (field: string) => failsWith('ARGUMENT_INVALID', { field });

test('options that are left out, or no object, are ARGUMENT_INVALID', async (t) => {
  const { signer } = await issuerFor(t);
  const { text } = await claim169.encode({ id: '1' }, META, { signer });
  const bytes = new Uint8Array(3);
  for (const [name, ...values] of [
    ['decode', text],
    ['verifyText', text],
    ['decodeWithDecryptor', text, () => bytes],
    ['encode', { id: '1' }, META],
    ['prepare', { id: '1' }, META],
    ['estimateSize', { id: '1' }, META],
    ['fitPhoto', { id: '1' }, META, bytes],
    ['encodeAll', []],
    ['signSign1', bytes],
    ['openSign1', bytes],
    ['signCwt', {}],
    ['openCwt', bytes],
  ] as const) {
    for (const options of [undefined, null, 7]) {
      await assert.rejects(call(name, ...values, options), invalid('options'), `${name} ${options}`);
    }
  }
});

test('what is no text, no bytes, no identity and no claims is ARGUMENT_INVALID', async (t) => {
  const { signer, trust } = await issuerFor(t);
  for (const text of [undefined, null, 7, new Uint8Array(3)]) {
    await assert.rejects(call('decode', text, { trust }), invalid('text'));
    await assert.rejects(call('inspect', text), invalid('text'));
  }
  for (const bytes of [undefined, null, 'abc', [1], new ArrayBuffer(3)]) {
    await assert.rejects(call('openSign1', bytes, { trust }), invalid('bytes'));
    await assert.rejects(call('decodeCose', bytes), invalid('bytes'));
  }
  for (const nothing of [undefined, null, 'Ada']) {
    await assert.rejects(call('encode', nothing, META, { signer }), invalid('identity'));
    await assert.rejects(call('encode', { id: '1' }, nothing, { signer }), invalid('meta'));
  }
  const unknown = { 24: new Uint8Array([1]) };
  await assert.rejects(call('encode', { unknown }, META, { signer }), invalid('identity.unknown'));
  await assert.rejects(call('encode', {}, { ...META, unknown }, { signer }), invalid('meta.unknown'));
  await assert.rejects(call('encode', {}, { ...META, status: null }, { signer }), invalid('status'));
});

test('a key, or its text, in the place of a trust is ARGUMENT_INVALID', async (t) => {
  const { signer } = await issuerFor(t);
  const { text } = await claim169.encode({ id: '1' }, META, { signer });
  for (const trust of [signer.publicKey, signer.publicKey.toPem(), [signer.publicKey], null, true]) {
    await assert.rejects(call('decode', text, { trust, at: AT }), invalid('trust'));
    await assert.rejects(
      call('decode', text, { issuers: { [META.issuer ?? '']: trust }, at: AT }),
      invalid('trust'),
    );
  }
  await assert.rejects(call('decode', text, { issuers: 'https://issuer.example' }), invalid('issuers'));
});

test('a limit that is none is ARGUMENT_INVALID, and not without bounds', async (t) => {
  const { signer } = await issuerFor(t);
  const trust = await createTrust(signer.publicKey);
  const { text } = await claim169.encode({ id: '1' }, META, { signer });
  for (const name of ['maxTextLength', 'maxDecompressedBytes']) {
    for (const limit of [Number.NaN, '9', -1, null]) {
      await assert.rejects(call('decode', text, { trust, at: AT, [name]: limit }), invalid(name));
    }
  }
  for (const time of [true, 'Report', null]) {
    await assert.rejects(call('decode', text, { trust, at: AT, time }), invalid('time'));
  }
});

test('options that may be left out are not null, nor a number', async (t) => {
  const { signer } = await issuerFor(t);
  const { text } = await claim169.encode({ id: '1' }, META, { signer });
  const sign = () => new Uint8Array(64);
  const seal = () => ({ ciphertext: new Uint8Array(16) });
  const given = [{ id: '1' }, META] as const;
  for (const options of [null, 7]) {
    for (const [name, ...values] of [
      ['decodeWithVerifier', text, () => true],
      ['encodeWithSigner', ...given, sign, 'EdDSA'],
      ['encodeWithEncryptor', ...given, signer, seal, 'A256GCM'],
      ['encodeWithSignerAndEncryptor', ...given, sign, 'EdDSA', seal, 'A256GCM'],
    ] as const) {
      await assert.rejects(call(name, ...values, options), invalid('options'), `${name} ${options}`);
    }
    await assert.rejects(call('inspect', text, options), invalid('limits'));
  }
});

test('only true lets through what nobody signed', async (t) => {
  const { trust } = await issuerFor(t);
  // A COSE_Sign1 of { 169: { 1: "1" } } whose signature is empty.
  const cose = decodeHex('d28443a10127a047a118a9a101613140');
  const text = textOf(cose);
  for (const allowUnsigned of ['no', 1, {}]) {
    await assert.rejects(call('decode', text, { trust, at: AT, allowUnsigned }), invalid('allowUnsigned'));
  }
  const refused = failsWith('VERIFICATION_FAILED', { check: 'signature' });
  await assert.rejects(call('decode', text, { trust, at: AT, allowUnsigned: false }), refused);
  const { verification } = await claim169.decode(text, { trust, at: AT, allowUnsigned: true });
  assert.equal(verification.status, 'unsigned');
});

test('Base45 is of text, and made of bytes', async () => {
  for (const text of [undefined, null, 7, ['A'], new Uint8Array(3)]) {
    await assert.rejects(call('decodeBase45', text), invalid('base45'));
  }
  for (const bytes of [undefined, null, 7, 'AB', [1, 2]]) {
    await assert.rejects(call('encodeBase45', bytes), invalid('bytes'));
  }
});

test('what was asked for counts, whatever becomes of the options while a credential is read', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const { text } = await claim169.encode({ id: '1' }, { ...META, audience: 'door-7' }, { signer });
  for (const [asked, later, passes] of [
    ['door-7', 'door-8', true],
    ['door-8', 'door-7', false],
  ] as const) {
    for (const name of ['decode', 'verifyText']) {
      const options = { trust, at: AT, audience: asked };
      const reading = call(name, text, options);
      options.audience = later;
      const wrong = failsWith('VERIFICATION_FAILED', { check: 'cwt.audience' });
      await (passes ? reading : assert.rejects(reading, wrong));
    }
  }
});

test('an option that cannot be read fails the promise, and not the call', async () => {
  const options = {
    get decryptWith(): never {
      throw new RangeError('not now');
    },
  };
  const reading = loose['decode']?.('', options);
  await assert.rejects(Promise.resolve(reading), RangeError);
});

test('what a function is given in the place of its first argument is ARGUMENT_INVALID', async (t) => {
  const { signer } = await issuerFor(t);
  const read = { read: () => 1, write: () => 1 };
  for (const [name, field, ...values] of [
    ['createPrivateFields', 'privateFields', null],
    ['createPrivateFields', 'privateFields', [null]],
    ['createPrivateFields', 'privateFields', [{ key: 24, name: 'a' }]],
    ['createPrivateFields', 'privateFields', [{ key: 24, name: '', type: read }]],
    ['aeadFrom', 'callbacks', undefined, 'A256GCM'],
    ['identityFromCells', 'cells', null],
    ['identityFromCells', 'identity.gender', { gender: 2 }],
    ['sharpPhotos', 'sharp', undefined],
    ['sharpPhotos', 'format', () => undefined, { format: 'png' }],
    ['signSign1', 'signer', new Uint8Array(1), {}],
    ['signCwt', 'signer', {}, {}],
    ['signCwt', 'claims', null, { signer }],
    ['openCwt', 'bytes', undefined, {}],
    ['decodeCwt', 'bytes', null],
    ['statusEntry', 'status', null],
    ['untagCwt', 'bytes', 'd83d'],
    ['encodeCoseKey', 'publicKey', {}],
    ['encodeCoseKey', 'key', undefined],
    ['decodeCoseKey', 'coseKey', undefined],
    ['encryptEncrypt0', 'encryptor', new Uint8Array(1), undefined],
    ['openEncrypted', 'key', new Uint8Array(1), null],
    ['wrapperFor', 'publicKey', undefined],
    ['wrapperFor', 'publicKey', signer.publicKey],
    ['macMac0', 'mac', new Uint8Array(1), {}],
    ['ecdsaFromDer', 'signature', undefined, 64],
    ['ecdsaFromDer', 'length', new Uint8Array(8)],
    ['ecdsaToDer', 'signature', null],
    ['checkTimes', 'claims', null, { at: AT }],
    // Every time is after null.
    ['checkTimes', 'meta.notBefore', { notBefore: null }, { at: AT }],
    ['checkExpectations', 'now', { claims: {}, others: [] }, {}],
    ['timeFailure', 'status', 'old'],
    ['decodeCwt', 'depth', new Uint8Array([0xa0]), { depth: Number.NaN }],
    ['statusOf', 'cwt', undefined],
    ['confirmationOf', 'cwt.others', { claims: {} }],
    ['checkIssueTime', 'certificates', undefined, 1],
    ['x509Parameters', 'headers', {}],
    ['decodeCose', 'options', new Uint8Array([0xa0]), null],
    ['decodeSign1', 'tag', new Uint8Array([0xa0]), { tag: 'none' }],
    ['openEncrypt', 'key', new Uint8Array([0xa0]), undefined],
    ['encryptTo', 'recipients', new Uint8Array(1), [null]],
    ['signSign1', 'protectedHeaders', new Uint8Array(1), { signer, protectedHeaders: {} }],
    ['signSign1', 'signal', new Uint8Array(1), { signer, signal: 'now' }],
    ['signerCallback', 'signer', undefined],
    ['verifierCallback', 'trust', signer.publicKey],
  ] as const) {
    await assert.rejects(call(name, ...values), invalid(field), `${name} ${field}`);
  }
});

test('records that are none are ARGUMENT_INVALID: all of them at once, one in its place', async (t) => {
  const { signer } = await issuerFor(t);
  for (const records of [undefined, null, 7, 'abc', {}]) {
    await assert.rejects(call('encodeAll', records, { signer }), invalid('records'));
  }
  const records = [[{ id: '1' }, META], 7, () => undefined, [{ id: '2' }, META]];
  const results: unknown[] = [];
  const options = { signer, failures: 'yield' } as const;
  for await (const result of claim169.encodeAll(records as never, options)) {
    results.push('failure' in result ? result.failure.details.field : result.index);
  }
  assert.deepEqual(results, [0, 'record', 'record', 3]);
});
