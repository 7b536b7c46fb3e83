// What binds a credential to something outside of it: the key of its bearer, its status, and its id.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DecodeOptions, decode, encode, type Meta } from 'hardkey/formats/claim169';
import { verifyText } from 'hardkey/formats/claim169/verify';
import { encodeCbor } from '../../../src/encoding/cbor/index.ts';
import { failsWith } from '../../support/failures.ts';
import { freshKey } from '../../support/fresh-key.ts';
import { AT, issuerFor, META, NOW } from './support.ts';

const STATUS = { index: 412, uri: 'https://status.example/1' };
const ID = Uint8Array.of(1, 2, 3);

test('an issuer writes the status and the key of the bearer, and a verifier finds them', async (t) => {
  const [{ signer, trust }, holder] = [await issuerFor(t), await freshKey(t, 'ES256')];
  const meta: Meta = { ...META, status: STATUS, confirmation: holder.publicKey, cwtId: ID };
  const { text } = await encode({ id: '1' }, meta, { signer });
  const options: DecodeOptions = { trust, at: AT, holder: holder.publicKey, acceptStatus: () => true };
  const decoded = await decode(text, options);
  assert.deepEqual(decoded.credentialStatus?.statusList, STATUS);
  assert.equal(decoded.confirmation?.publicKey?.fingerprint, holder.publicKey.fingerprint);
  assert.deepEqual(decoded.meta.cwtId, ID);
  const names = decoded.verification.checks.map(({ name }) => name);
  assert.ok(names.includes('cwt.status') && names.includes('cwt.confirmation'));
  // What was read can be written again, and says the same.
  const again = await decode((await encode(decoded.identity, decoded.meta, { signer })).text, options);
  assert.deepEqual(again.credentialStatus, decoded.credentialStatus);
});

test('a bearer is also named by a kid', async (t) => {
  const [{ signer, trust }, holder] = [await issuerFor(t), await freshKey(t, 'ES256')];
  const confirmation = new TextEncoder().encode(holder.publicKey.id);
  const { text } = await encode({ id: '1' }, { ...META, confirmation }, { signer });
  assert.deepEqual((await decode(text, { trust, at: AT })).confirmation?.keyId, confirmation);
  await decode(text, { trust, at: AT, holder: holder.publicKey });
  const refused = failsWith('VERIFICATION_FAILED', { check: 'cwt.confirmation' });
  await assert.rejects(decode(text, { trust, at: AT, holder: signer.publicKey }), refused);
});

test('what is no status and no key of a bearer is ARGUMENT_INVALID', async (t) => {
  const { signer } = await issuerFor(t);
  const wrong: readonly (readonly [object, string])[] = [
    [{ status: { ...STATUS, index: -1 } }, 'status.index'],
    [{ status: { ...STATUS, uri: 'no address' } }, 'status.uri'],
    [{ confirmation: 'a key' }, 'confirmation'],
    [{ status: STATUS, unknown: new Map([[65_535, encodeCbor(1)]]) }, 'meta.unknown'],
  ];
  for (const [more, field] of wrong) {
    const meta = { ...META, ...more } as Meta;
    await assert.rejects(encode({ id: '1' }, meta, { signer }), failsWith('ARGUMENT_INVALID', { field }));
  }
});

test('a status is asked about, and only a plain yes accepts it', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const { text } = await encode({ id: '1' }, { ...META, status: STATUS }, { signer });
  const refused = failsWith('VERIFICATION_FAILED', { check: 'cwt.status' });
  for (const answer of [false, undefined, 1, 'yes', { valid: true }, Promise.resolve('yes')]) {
    const acceptStatus = () => answer as boolean;
    await assert.rejects(decode(text, { trust, at: AT, acceptStatus }), refused);
    await assert.rejects(verifyText(text, { trust, at: AT, acceptStatus }), refused);
  }
  const plain = await encode({ id: '1' }, META, { signer });
  const never = () => assert.fail('asked');
  await decode(plain.text, { trust, at: AT, acceptStatus: never });
});

test('a status that cannot be read is a warning, and is not accepted where somebody asks', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const unknown = new Map([[65_535, encodeCbor(7)]]);
  const { text } = await encode({ id: '1' }, { ...META, unknown }, { signer });
  const { warnings } = await decode(text, { trust, at: AT });
  assert.deepEqual(
    warnings.map(({ code, path }) => [code, path]),
    [['field-type', 'meta.status']],
  );
  await assert.rejects(
    decode(text, { trust, at: AT, acceptStatus: () => true }),
    failsWith('VERIFICATION_FAILED', { check: 'cwt.status' }),
  );
});

test('whoever remembers ids refuses a credential that is shown twice', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const { text } = await encode({ id: '1' }, { ...META, cwtId: ID }, { signer });
  const seen = new Set<string>();
  const acceptCwtId = async (id: Uint8Array): Promise<boolean> => {
    const isNew = !seen.has(String(id));
    seen.add(String(id));
    return isNew;
  };
  const options = { trust, at: AT, acceptCwtId };
  const { verification } = await decode(text, options);
  assert.deepEqual(verification.checks.at(-1), { name: 'cwt.cti', passed: true });
  await assert.rejects(decode(text, options), failsWith('VERIFICATION_FAILED', { check: 'cwt.cti' }));
});

test('an id is asked about last: not for what is forged, unsigned, out of time, or refused for another reason', async (t) => {
  const [{ signer, trust }, other] = [await issuerFor(t), await issuerFor(t)];
  const acceptCwtId = () => assert.fail('asked');
  const meta = { ...META, cwtId: ID };
  const { text } = await encode({ id: '1' }, meta, { signer });
  await assert.rejects(decode(text, { trust: other.trust, at: AT, acceptCwtId }));
  await assert.rejects(decode(text, { trust, at: AT, audience: 'x', acceptCwtId }));
  assert.equal((await decode(text, { allowUnsigned: true, at: AT, acceptCwtId })).isVerified(), false);
  const late = await encode({ id: '1' }, { ...meta, expiresAt: NOW }, { signer });
  const reported = await decode(late.text, { trust, at: AT, time: 'report', acceptCwtId });
  assert.equal(reported.verification.status, 'expired');
  const plain = await encode({ id: '1' }, META, { signer });
  await decode(plain.text, { trust, at: AT, acceptCwtId });
});
