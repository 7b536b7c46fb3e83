/**
 * The provider contract as data, for any test runner: each case is a name and a function that rejects
 * when the clause does not hold.
 *
 * @module
 */
import { abortCases } from './abort.ts';
import { availabilityCases } from './availability.ts';
import { canaryCases } from './canary.ts';
import { claimCases } from './claims.ts';
import { closeCases } from './close.ts';
import { concealmentCases } from './concealment.ts';
import { lifecycleCases } from './lifecycle.ts';
import { publicKeyCases } from './public-key.ts';
import { referenceCases } from './references.ts';
import { sizeCases } from './sizes.ts';
import type { ContractCase } from './subject.ts';
import { versionCases } from './versions.ts';

export type { ContractCase, NotApplicable, Outage, ProviderSubject } from './subject.ts';

/** Every case, in the order of the clauses. A provider is finished when all of them hold. */
export const providerContract: readonly ContractCase[] = Object.freeze([
  ...referenceCases,
  ...availabilityCases,
  ...abortCases,
  ...claimCases,
  ...sizeCases,
  ...publicKeyCases,
  ...concealmentCases,
  ...lifecycleCases,
  ...versionCases,
  ...canaryCases,
  ...closeCases,
]);
