/**
 * Clause 11: closing releases everything, and is final.
 *
 * @module
 */
import { parseKeyRef } from '../core/key-ref.ts';
import { expect, expectFailure, notApplicable } from './expect.ts';
import type { ContractCase, ProviderSubject } from './subject.ts';
import { anyClaim, openClaims, perform, unusedRef } from './trial.ts';

/** How long the runtime may take to give handles back. */
const RELEASED_MS = 2000;

/** The cases of clause 11. */
export const closeCases: readonly ContractCase[] = [
  {
    clause: 11,
    name: 'closing twice is as good as once',
    async run(subject) {
      const provider = await subject.provider();
      await openClaims(subject, provider);
      await Promise.all([provider.close(), provider.close()]);
      await provider.close();
    },
  },
  {
    clause: 11,
    name: 'after closing every call is UNAVAILABLE, also of keys that were open',
    run: staysClosed,
  },
  {
    clause: 11,
    name: 'after closing no handle is open',
    async run(subject) {
      const { handles } = subject;
      if (handles === undefined) return notApplicable('the subject cannot count handles');
      const before = handles();
      const provider = await subject.provider();
      for (const { name, key } of await openClaims(subject, provider)) await perform(key, name);
      await provider.close();
      const end = performance.now() + RELEASED_MS;
      while (handles() > before && performance.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      expect(handles() <= before, `${handles() - before} handles are still open`);
      return undefined;
    },
  },
];

async function staysClosed(subject: ProviderSubject): Promise<void> {
  const provider = await subject.provider();
  const { name, ref } = anyClaim(subject);
  const target = parseKeyRef(ref);
  const key = await provider.open(target);
  await provider.close();
  const calls: Readonly<Record<string, (() => unknown) | undefined>> = {
    open: () => provider.open(target),
    use: () => perform(key, name),
    create:
      provider.create && (() => provider.create?.(parseKeyRef(unusedRef(subject)), { algorithm: name })),
    list: provider.list && (() => provider.list?.()[Symbol.asyncIterator]().next()),
    rotate: provider.rotate && (() => provider.rotate?.(target)),
    setState: provider.setState && (() => provider.setState?.(target, 'active')),
    destroy: provider.destroy && (() => provider.destroy?.(target)),
    check: provider.check && (() => provider.check?.(target)),
  };
  for (const [what, call] of Object.entries(calls)) {
    if (call !== undefined) await expectFailure('UNAVAILABLE', `${what} after closing`, call);
  }
}
