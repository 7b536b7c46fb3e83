// Credentials that several signed: 1.2.1 §4 allows a COSE_Sign, and the claim169 library 0.3 reads none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTrust } from 'hardkey';
import { decode, decodeWithVerifier, inspect } from 'hardkey/formats/claim169';
import { verifyText } from 'hardkey/formats/claim169/verify';
import { encryptEncrypt0, signSign } from 'hardkey/formats/cose';
import { utf8 } from '../../../src/encoding/bytes.ts';
import { encodePayload } from '../../../src/formats/claim169/claims.ts';
import { failsWith } from '../../support/failures.ts';
import { freshKey } from '../../support/fresh-key.ts';
import { changeEveryBit } from '../cose/support.ts';
import { AT, issuerFor, META, NOW, textOf } from './support.ts';

const IDENTITY = { id: '7', fullName: 'Ada' };
const PAYLOAD = encodePayload(IDENTITY, META).bytes;

test('a credential by two signers is verified when both are trusted, and by neither alone', async (t) => {
  const [one, two] = [await issuerFor(t, 'ES256'), await issuerFor(t)];
  const cose = await signSign(PAYLOAD, [{ signer: one.signer }, { signer: two.signer }]);
  const text = textOf(cose);
  const trust = await createTrust([one.signer.publicKey, two.signer.publicKey]);
  const { identity, meta, verification, warnings, isVerified } = await decode(text, { trust, at: AT });
  assert.deepEqual([identity, meta, warnings, isVerified()], [IDENTITY, META, [], true]);
  assert.deepEqual([verification.algorithm, verification.keyId], ['ES256', one.signer.publicKey.id]);
  assert.equal(verification.checks.filter(({ name }) => name === 'signature').length, 2);
  for (const half of [one.trust, two.trust]) {
    await assert.rejects(decode(text, { trust: half, at: AT }), failsWith('VERIFICATION_FAILED'));
  }
  const { cose: kind, meta: inspected } = await inspect(text);
  assert.deepEqual([kind, inspected], ['sign', META]);
});

test('no bit of it may change, and it may be encrypted', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const cose = await signSign(PAYLOAD, [{ signer }]);
  const key = await freshKey(t, 'A256GCM');
  // With a key, because one of the changes makes it look encrypted.
  const open = async (changed: Uint8Array) =>
    utf8(JSON.stringify((await decode(textOf(changed), { trust, at: AT, decryptWith: key })).identity));
  assert.equal(await changeEveryBit(cose, open), 0);
  const sealed = textOf(await encryptEncrypt0(cose, key));
  assert.equal((await decode(sealed, { trust, at: AT, decryptWith: key })).isVerified(), true);
});

test('its time, its issuer and what covers its headers count as those of others', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const unprotectedHeaders = new Map([[300, 1]]);
  const text = textOf(await signSign(PAYLOAD, [{ signer, unprotectedHeaders }], { unprotectedHeaders }));
  const later = new Date((NOW + 7200) * 1000);
  await assert.rejects(decode(text, { trust, at: later }), failsWith('EXPIRED'));
  const issuers = { 'https://issuer.example': trust };
  const decoded = await decode(text, { issuers, at: AT });
  assert.deepEqual(
    decoded.warnings.map(({ code, path }) => [code, path]),
    [
      ['unprotected-header', 'cose.300'],
      ['unprotected-header', 'cose.300'],
    ],
  );
  const others = { 'https://other.example': trust };
  const unknown = failsWith('VERIFICATION_FAILED', { check: 'issuer.known' });
  await assert.rejects(decode(text, { issuers: others, at: AT }), unknown);
});

test('without a trust it is unsigned, where that is allowed', async (t) => {
  const { signer } = await issuerFor(t);
  const text = textOf(await signSign(PAYLOAD, [{ signer }]));
  const { verification, isVerified } = await decode(text, { allowUnsigned: true, at: AT });
  assert.deepEqual([verification.status, isVerified()], ['unsigned', false]);
});

test('a verifier callback and the small reader for web pages say that they do not read it', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const text = textOf(await signSign(PAYLOAD, [{ signer }]));
  const unsupported = failsWith('UNSUPPORTED', { field: 'cose' });
  await assert.rejects(
    decodeWithVerifier(text, () => true, { at: AT }),
    unsupported,
  );
  await assert.rejects(verifyText(text, { trust, at: AT }), unsupported);
});
