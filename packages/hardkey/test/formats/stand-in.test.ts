// Software keys that stand in for hardware say so in everything that has a place for it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createKeys, createTrust, type Keys, type Signer } from 'hardkey';
import { decode, decodeWithVerifier, encode, estimateSize, verifierCallback } from 'hardkey/formats/claim169';
import { openSign, openSign1, signSign, signSign1 } from 'hardkey/formats/cose';
import { signCwt } from 'hardkey/formats/cwt';
import { openJws, openJwt, signGeneralJws, signJws, signJwt } from 'hardkey/formats/jws';
import { type FileConfig, file } from 'hardkey/providers/file';
import { importSPKI, jwtVerify } from 'jose';
import { encodePayload } from '../../src/formats/claim169/claims.ts';
import { failsWith } from '../support/failures.ts';
import { ask, skip } from './claim169/peer/ask.ts';
import { contentOf, textOf } from './claim169/support.ts';

const CONTENT = new TextEncoder().encode('content');

function storeFor(t: TestContext): (config?: FileConfig) => Keys {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-stand-in-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return (config = {}) => {
    const keys = createKeys([file({ store: join(folder, 'keys'), unencrypted: true, ...config })]);
    t.after(() => keys.close());
    return keys;
  };
}

const marked = { encrypted: false, extractable: true, softwareInsteadOf: 'pkcs11' };

test('a key that stands in is marked for good, whoever opens it, and so are its successors', async (t) => {
  const open = storeFor(t);
  const made = await open({ softwareInsteadOf: 'pkcs11' }).create('file:a', { algorithm: 'ES256' });
  assert.deepEqual(made.custody.facts, marked);
  const others = open();
  assert.deepEqual((await others.open('file:a')).custody.facts, marked);
  assert.deepEqual((await others.rotate('file:a')).custody.facts, marked);
  for await (const { custody } of others.list()) assert.deepEqual(custody.facts, marked);
  const own = await others.create('file:b', { algorithm: 'ES256' });
  assert.equal('softwareInsteadOf' in own.custody.facts, false);
});

async function signers(t: TestContext): Promise<Record<'standIn' | 'own', Signer>> {
  const open = storeFor(t);
  const spec = { algorithm: 'ES256' } as const;
  const standIn = await open({ softwareInsteadOf: 'tpm' }).create('file:a', spec);
  const own = await open().create('file:b', spec);
  return { standIn: standIn.use('ES256'), own: own.use('ES256') };
}

test('what it signs as JWS and JWT says so, protected, and others verify it', async (t) => {
  const { standIn, own } = await signers(t);
  const trust = await createTrust([standIn.publicKey, own.publicKey]);
  const { headers } = await openJws(await signJws(CONTENT, { signer: standIn }), { trust });
  assert.equal(headers.protected['softwareInsteadOf'], 'tpm');
  const token = await signJwt({ sub: 'a' }, { signer: standIn, expiresInSeconds: 60 });
  await openJwt(token, { trust });
  const { protectedHeader } = await jwtVerify(token, await importSPKI(standIn.publicKey.toPem(), 'ES256'));
  assert.equal(protectedHeader['softwareInsteadOf'], 'tpm');
  const plain = await openJws(await signJws(CONTENT, { signer: own }), { trust });
  assert.equal('softwareInsteadOf' in plain.headers.protected, false);
});

test('what it signs as COSE says so, protected', async (t) => {
  const { standIn, own } = await signers(t);
  const trust = await createTrust([standIn.publicKey, own.publicKey]);
  const { headers } = await openSign1(await signSign1(CONTENT, { signer: standIn }), { trust });
  assert.equal(headers.protected.get('softwareInsteadOf'), 'tpm');
  const plain = await openSign1(await signSign1(CONTENT, { signer: own }), { trust });
  assert.equal(plain.headers.protected.has('softwareInsteadOf'), false);
});

test('each of several signatures, and a CWT, says so too', async (t) => {
  const { standIn, own } = await signers(t);
  const trust = await createTrust([standIn.publicKey, own.publicKey]);
  const { signatures } = await openSign(await signSign(CONTENT, [{ signer: standIn }, { signer: own }]), {
    trust,
  });
  assert.deepEqual(
    signatures.map(({ headers }) => headers.protected.get('softwareInsteadOf')),
    ['tpm', undefined],
  );
  const general = await signGeneralJws(CONTENT, [{ signer: standIn }, { signer: own }]);
  const opened = await openJws(general, { trust });
  assert.deepEqual(
    opened.signatures.map(({ headers }) => headers.protected['softwareInsteadOf']),
    ['tpm', undefined],
  );
  const cwt = await signCwt({ issuer: 'https://id.example.org' }, { signer: standIn });
  const { headers } = await openSign1(cwt, { trust });
  assert.equal(headers.protected.get('softwareInsteadOf'), 'tpm');
});

test('the estimated size of a credential counts it', async (t) => {
  const { standIn } = await signers(t);
  const [identity, meta] = [{ id: '1', fullName: 'Ana' }, { issuer: 'https://id.example.org' }];
  const { text } = await encode(identity, meta, { signer: standIn });
  const { algorithm, publicKey } = standIn;
  const size = await estimateSize(identity, meta, { algorithm, publicKey, softwareInsteadOf: 'tpm' });
  assert.equal(size.coseBytes, (await contentOf(text)).length);
});

test('whoever reads a credential is told, however it is verified', async (t) => {
  const { standIn, own } = await signers(t);
  const trust = await createTrust([standIn.publicKey, own.publicKey]);
  const meta = { issuer: 'https://id.example.org' };
  const [said, plain] = await Promise.all(
    [standIn, own].map(async (signer) => (await encode({ id: '1' }, meta, { signer })).text),
  );
  const payload = encodePayload({ id: '1' }, meta).bytes;
  const several = textOf(await signSign(payload, [{ signer: own }, { signer: standIn }]));
  for (const [text, expected] of [
    [said, 'tpm'],
    [plain, undefined],
    [several, 'tpm'],
  ] as const) {
    const { verification } = await decode(text ?? '', { trust });
    assert.equal(verification.softwareInsteadOf, expected);
  }
  const { verification } = await decodeWithVerifier(said ?? '', verifierCallback(trust));
  assert.equal(verification.softwareInsteadOf, 'tpm');
  const unverified = await decode(said ?? '', { allowUnsigned: true });
  assert.equal(unverified.verification.softwareInsteadOf, undefined);
});

test('an identity credential says so, and the published Python package reads it', { skip }, async (t) => {
  const { standIn } = await signers(t);
  const trust = await createTrust(standIn.publicKey);
  const meta = { issuer: 'https://id.example.org' };
  const { text } = await encode({ id: '1', fullName: 'Ana' }, meta, {
    signer: standIn,
    profile: 'claim169-0.3',
  });
  const { identity, isVerified } = await decode(text, { trust, profile: 'claim169-0.3' });
  assert.deepEqual([identity.fullName, isVerified()], ['Ana', true]);
  const { headers } = await openSign1(await contentOf(text), { trust });
  assert.equal(headers.protected.get('softwareInsteadOf'), 'tpm');
  const pub = Buffer.from(standIn.publicKey.toRaw()).toString('hex');
  const [answer] = ask([{ op: 'decode', text, pub }]);
  assert.deepEqual([answer?.error, answer?.verified], [undefined, true]);
});

test('nobody says it of another key, or otherwise of this one', async (t) => {
  const { standIn, own } = await signers(t);
  for (const signer of [standIn, own]) {
    const saying = signJws(CONTENT, { signer, protectedHeaders: { softwareInsteadOf: 'kms' } });
    await assert.rejects(saying, failsWith('ARGUMENT_INVALID'));
  }
  const saying = signSign1(CONTENT, {
    signer: standIn,
    protectedHeaders: new Map([['softwareInsteadOf', 'kms']]),
  });
  await assert.rejects(saying, failsWith('ARGUMENT_INVALID'));
});

test('a mark that names no backend is ARGUMENT_INVALID', () => {
  for (const softwareInsteadOf of ['', 'a b', 'Tpm']) {
    assert.throws(
      () => file({ softwareInsteadOf }),
      failsWith('ARGUMENT_INVALID', { field: 'softwareInsteadOf' }),
    );
  }
});
