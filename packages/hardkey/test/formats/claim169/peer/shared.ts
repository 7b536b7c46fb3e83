// Keys that both sides have, and identities and claims that both sides can hold.
import type { TestContext } from 'node:test';
import fc from 'fast-check';
import { createKeys, createTrust, type Signer } from 'hardkey';
import type { Identity, Meta } from 'hardkey/formats/claim169';
import { memory } from 'hardkey/providers/memory';
import { exportPrivateKey } from 'hardkey/unsafe';
import { encodeHex } from '../../../../src/encoding/hex.ts';
import { identities } from '../identities.ts';
import { NOW } from '../support.ts';

const ROUNDS = 60;
/** After this the package refuses what is encrypted: there it cannot be told not to look. */
export const LATER = 4_000_000_000;
const SEED = 169;

/** A signature algorithm, as the package calls it. */
export type Name = 'EdDSA' | 'ES256';

/** A key that both sides sign with. */
export async function shared(t: TestContext, name: Name) {
  const algorithm = name === 'EdDSA' ? 'Ed25519' : name;
  const keys = createKeys([memory()]);
  t.after(() => keys.close());
  const key = await keys.create('memory:peer', { algorithm });
  const signer: Signer = key.use(algorithm);
  const secret = await exportPrivateKey(key);
  // The last 32 bytes of PKCS #8 are Ed25519's; those of P-256 stand after the version of ECPrivateKey.
  const hex = secret.use((pkcs8) => encodeHex(privateBytes(pkcs8, name)));
  const raw = signer.publicKey.toRaw();
  return { signer, trust: await createTrust(signer.publicKey), key: hex, pub: encodeHex(raw) };
}

function privateBytes(pkcs8: Uint8Array, name: Name): Uint8Array {
  if (name === 'EdDSA') return pkcs8.slice(-32);
  const at = pkcs8.findIndex(
    (_, i) => pkcs8[i] === 2 && pkcs8[i + 1] === 1 && pkcs8[i + 2] === 1 && pkcs8[i + 3] === 4,
  );
  return pkcs8.slice(at + 5, at + 37);
}

const metas: fc.Arbitrary<Meta> = fc.record(
  {
    issuer: fc.constantFrom('https://issuer.example', 'www.mosip.io', 'COUN', 'ä'),
    subject: fc.string({ unit: 'grapheme', maxLength: 12 }),
    expiresAt: fc.integer({ min: LATER, max: 2 ** 40 }),
    notBefore: fc.integer({ min: -5, max: NOW }),
    issuedAt: fc.integer({ min: 0, max: NOW }),
  },
  { requiredKeys: [], noNullPrototype: true },
);

/** The package cannot be given a list of fingers, which it reads. */
export const generated = (fingers: boolean): readonly (readonly [Identity, Meta])[] =>
  fc
    .sample(fc.tuple(identities, metas), { numRuns: ROUNDS, seed: SEED })
    .map(([{ bestQualityFingers, ...rest }, meta]) => [
      fingers && bestQualityFingers ? { ...rest, bestQualityFingers } : rest,
      meta,
    ]);
