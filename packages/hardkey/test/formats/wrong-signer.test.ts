// A provider that signs with another key than it opened: no format gives such a signature away.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  encode,
  encodeAll,
  encodeWithSigner,
  prepare,
  signerCallback,
} from '../../src/formats/claim169/index.ts';
import { completeSign1, prepareSign1, signSign, signSign1 } from '../../src/formats/cose/index.ts';
import { signCwt } from '../../src/formats/cwt/index.ts';
import { signGeneralJws, signJws, signJwt } from '../../src/formats/jws/index.ts';
import { createKeys, type SignatureAlgorithm, type Signer } from '../../src/index.ts';
import { faulty, fixedKeys } from '../../src/testing/index.ts';
import { failsWith } from '../support/failures.ts';

const PAYLOAD = new TextEncoder().encode('one message');
const IDENTITY = { id: '1', fullName: 'Ana' };
const META = { issuer: 'https://id.example.org', issuedAt: 1_800_000_000 };

/** Every way a signature leaves the library in a document. */
const FORMATS: Readonly<Record<string, (signer: Signer) => Promise<unknown>>> = {
  'a bare signature': (signer) => signer.sign(PAYLOAD),
  signSign1: (signer) => signSign1(PAYLOAD, { signer }),
  'signSign1, detached': (signer) => signSign1(PAYLOAD, { signer, detached: true }),
  signSign: (signer) => signSign(PAYLOAD, [{ signer }]),
  signCwt: (signer) => signCwt({ issuer: 'https://a.example' }, { signer }),
  signJws: (signer) => signJws(PAYLOAD, { signer }),
  'signJws, flattened': (signer) => signJws(PAYLOAD, { signer, form: 'flattened' }),
  signGeneralJws: (signer) => signGeneralJws(PAYLOAD, [{ signer }]),
  signJwt: (signer) => signJwt({}, { signer, expiresInSeconds: 60 }),
  'claim169 encode': (signer) => encode(IDENTITY, META, { signer }),
  'claim169 encodeAll': async (signer) => {
    for await (const encoded of encodeAll([[IDENTITY, META]], { signer })) return encoded;
    return undefined;
  },
  'claim169 encodeWithSigner': (signer) => {
    const { algorithm, publicKey } = signer;
    return encodeWithSigner(IDENTITY, META, signerCallback(signer), algorithm, { publicKey });
  },
};

async function signerOf(name: SignatureAlgorithm, wrong: boolean): Promise<Signer> {
  const plan = wrong ? [{ on: 'sign', result: 'another-key' } as const] : [];
  return (await createKeys([faulty(fixedKeys(), plan)]).open(`fixed:${name}`)).use(name);
}

for (const name of ['Ed25519', 'ES256'] as const)
  for (const [format, sign] of Object.entries(FORMATS))
    test(`${format} with ${name}: a signature by another key is SIGNER_MISMATCH`, async () => {
      await assert.rejects(sign(await signerOf(name, true)), failsWith('SIGNER_MISMATCH'));
      assert.ok(await sign(await signerOf(name, false)), 'the true key signs');
    });

test('a signature that was made elsewhere by another key completes nothing', async () => {
  const [own, other] = [await signerOf('ES256', false), await signerOf('Ed25519', false)];
  const { publicKey } = own;
  const signature = await other.sign(PAYLOAD);
  const { unsigned } = await prepareSign1(PAYLOAD, { signer: { algorithm: 'ES256', publicKey } });
  await assert.rejects(completeSign1(unsigned, signature, { publicKey }), failsWith('SIGNER_MISMATCH'));
  const prepared = await prepare(IDENTITY, META, { algorithm: 'ES256', publicKey });
  await assert.rejects(prepared.complete(signature), failsWith('SIGNER_MISMATCH'));
});
