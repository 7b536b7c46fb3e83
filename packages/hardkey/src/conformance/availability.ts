/**
 * Clause 2: refusal and outage are different answers, and an outage leaves nothing behind.
 *
 * @module
 */
import type { KeyProvider } from '../core/key.ts';
import { parseKeyRef } from '../core/key-ref.ts';
import { expectFailure, notApplicable } from './expect.ts';
import type { ContractCase, ProviderSubject } from './subject.ts';
import { anyClaim, perform } from './trial.ts';

/** The cases of clause 2. */
export const availabilityCases: readonly ContractCase[] = [
  {
    clause: 2,
    name: 'rejected credentials are DENIED',
    async run(subject) {
      if (subject.rejected === undefined) return notApplicable('the subject has no credentials to reject');
      const provider = await subject.rejected();
      await expectFailure('DENIED', 'with rejected credentials', () => openAndUse(subject, provider));
      return undefined;
    },
  },
  {
    clause: 2,
    name: 'a backend that is down is UNAVAILABLE, and the next call after it is up succeeds',
    async run(subject) {
      const { outage } = subject;
      if (outage === undefined) return notApplicable('the subject cannot take its backend away');
      const provider = await subject.provider();
      await outage.begin();
      try {
        await expectFailure('UNAVAILABLE', 'while the backend is down', () => openAndUse(subject, provider));
      } finally {
        await outage.end();
      }
      await openAndUse(subject, provider);
      return undefined;
    },
  },
];

async function openAndUse(subject: ProviderSubject, provider: KeyProvider): Promise<void> {
  const { name, ref } = anyClaim(subject);
  await perform(await provider.open(parseKeyRef(ref)), name);
}
