/**
 * Clause 1: a reference names exactly one key, or fails in one of two ways.
 *
 * @module
 */
import { parseKeyRef } from '../core/key-ref.ts';
import { expect, expectFailure } from './expect.ts';
import type { ContractCase, ProviderSubject } from './subject.ts';
import { openClaims } from './trial.ts';

/** The cases of clause 1. */
export const referenceCases: readonly ContractCase[] = [
  {
    clause: 1,
    name: 'the provider is for contract 1 and opens the schemes it names',
    async run(subject) {
      const provider = await subject.provider();
      expect(provider.contract === 1, 'contract is 1');
      const known = Object.values(subject.keys).every((ref) =>
        provider.schemes.includes(parseKeyRef(ref).scheme),
      );
      expect(known, 'schemes holds the scheme of every reference');
    },
  },
  {
    clause: 1,
    name: 'a missing key is KEY_NOT_FOUND',
    async run(subject) {
      const provider = await subject.provider();
      await expectFailure('KEY_NOT_FOUND', 'opening a missing key', () =>
        provider.open(parseKeyRef(subject.missing)),
      );
    },
  },
  {
    clause: 1,
    name: 'a malformed reference is ARGUMENT_INVALID, and no request is sent',
    async run(subject) {
      const provider = await subject.provider();
      const before = subject.requests?.();
      expect(subject.malformed.length > 0, 'a subject has at least one malformed reference');
      for (const [at, ref] of subject.malformed.entries()) {
        // The core may know the grammar and refuse the text before the provider sees it: as good.
        const open = (): unknown => provider.open(parseKeyRef(ref));
        await expectFailure('ARGUMENT_INVALID', `opening malformed reference ${at}`, open);
      }
      expect(subject.requests?.() === before, 'no request was sent for a malformed reference');
    },
  },
  {
    clause: 1,
    name: 'the reference of an open key opens that very key',
    run: pinned,
  },
];

async function pinned(subject: ProviderSubject): Promise<void> {
  const provider = await subject.provider();
  for (const { name, key } of await openClaims(subject, provider)) {
    const again = await provider.open(parseKeyRef(String(key.ref)));
    const same = String(again.ref) === String(key.ref) && again.id === key.id;
    expect(same, `${name}: key.ref opens a key with the same reference and id`);
  }
}
