/**
 * Clause 7: the public key is one thing, and many signatures at once are all by it.
 *
 * @module
 */

import { algorithm } from '../core/algorithms.ts';
import { parseKeyRef } from '../core/key-ref.ts';
import type { Signer } from '../core/operations.ts';
import { verify } from '../core/verify.ts';
import { expect, notApplicable, sameBytes } from './expect.ts';
import type { ContractCase, ProviderSubject } from './subject.ts';
import { bytesOf, firstClaim, openClaims, publicKeyOf, reimport } from './trial.ts';

const AT_ONCE = 50;

/** The cases of clause 7. */
export const publicKeyCases: readonly ContractCase[] = [
  {
    clause: 7,
    name: 'public keys are canonical and the same at every open',
    run: publicKeysStay,
  },
  {
    clause: 7,
    name: 'fifty signatures at once all verify',
    async run(subject) {
      const claim = firstClaim(subject, 'sign');
      if (claim === undefined) return notApplicable('no key claims to sign');
      const provider = await subject.provider();
      const key = await provider.open(parseKeyRef(claim.ref));
      const signer = key.use(claim.name) as Signer;
      const messages = Array.from({ length: AT_ONCE }, (_, at) => bytesOf(`message ${at}`));
      const signatures = await Promise.all(messages.map((message) => signer.sign(message)));
      for (const [at, message] of messages.entries()) {
        await verify(publicKeyOf(key), signer.algorithm, message, signatures[at] ?? new Uint8Array());
      }
      return undefined;
    },
  },
];

async function publicKeysStay(subject: ProviderSubject): Promise<void> {
  const first = await openClaims(subject, await subject.provider());
  const second = await openClaims(subject, await subject.provider());
  for (const [at, { name, key }] of first.entries()) {
    const facts = algorithm(name);
    const { publicKey, id } = key;
    expect(/^[0-9a-f]{16}$/.test(id), `${name}: a key id has 16 hexadecimal digits`);
    if (publicKey === undefined) {
      const secret = facts.keyType === 'oct' || facts.keyType === 'none';
      expect(secret, `${name}: a key of this type shows its public key`);
      continue;
    }
    const again = await reimport(publicKey);
    expect(sameBytes(again.spki, publicKey.spki), `${name}: the SPKI is in its one DER form`);
    expect(again.fingerprint === publicKey.fingerprint, `${name}: the fingerprint is of the SPKI`);
    expect(again.id === id, `${name}: the key id is that of the public key`);
    const later = second[at]?.key.publicKey?.fingerprint;
    expect(later === publicKey.fingerprint, `${name}: another open shows the same public key`);
  }
}
