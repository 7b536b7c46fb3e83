// One credential for several readers, whose keys are in different places.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKeys, createTrust, type KeyProvider, type KeyWrapper, type WrapAlgorithm } from 'hardkey';
import { decode, encode } from 'hardkey/formats/claim169';
import { encryptTo, openEncrypt } from 'hardkey/formats/cose';
import { awsKms } from 'hardkey/providers/aws-kms';
import { memory } from 'hardkey/providers/memory';
import { awsServers, ministack, moto, PATIENT } from '../../support/aws.ts';
import { missingForTokens, softToken } from '../pkcs11/support.ts';
import { PATIENTLY, unused } from './subject.ts';

const skip = awsServers.missing ?? missingForTokens('softhsm2') ?? false;

test('a credential that KMS signed opens by KMS, a token and this process alike', { skip }, async (t) => {
  const token = softToken(t);
  const ministackKms = awsKms({ ...PATIENT, endpoint: await ministack() });
  const places: readonly (readonly [KeyProvider, string, WrapAlgorithm])[] = [
    [ministackKms, unused(), 'RSA-OAEP-256'],
    [awsKms({ ...PATIENT, endpoint: await moto() }), unused(), 'service'],
    [token.provider(), token.ref('reader'), 'A256KW'],
    [memory(), 'memory:reader', 'RSA-OAEP-256'],
  ];
  const wrappers: KeyWrapper[] = [];
  for (const [provider, ref, algorithm] of places) {
    const keys = createKeys([provider], PATIENTLY);
    t.after(() => keys.close());
    const bits = algorithm === 'RSA-OAEP-256' ? { bits: 2048 } : {};
    wrappers.push((await keys.create(ref, { algorithm, ...bits })).use(algorithm));
  }
  const issuers = createKeys([awsKms({ ...PATIENT, endpoint: await ministack() })], PATIENTLY);
  t.after(() => issuers.close());
  const signer = (await issuers.create(unused(), { algorithm: 'Ed25519' })).use('Ed25519');
  const trust = await createTrust(signer.publicKey.toPem());
  const identity = { id: '1', fullName: 'Ada' };
  const meta = { issuer: 'https://issuer.example', expiresAt: Math.floor(Date.now() / 1000) + 600 };
  const { text } = await encode(identity, meta, { signer, encryptTo: wrappers, allowService: true });
  const content = new TextEncoder().encode('for all of them');
  const sealed = await encryptTo(content, wrappers, { allowService: true });
  for (const wrapper of wrappers) {
    const decoded = await decode(text, { trust, decryptWith: wrapper, allowService: true });
    assert.deepEqual([decoded.identity, decoded.isVerified()], [identity, true]);
    assert.deepEqual(await openEncrypt(sealed, wrapper, { allowService: true }), content);
  }
});
