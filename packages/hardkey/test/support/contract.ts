// The provider contract under node:test.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import { type ProviderSubject, providerContract } from 'hardkey/conformance';

interface Options {
  /** Why nothing of it can run here, for example a program that is not installed. */
  readonly skip?: string | undefined;
  /** Cases with nothing to examine, and why. One that is not named here, or that now runs, fails. */
  readonly notApplicable?: Readonly<Record<string, string>>;
  /** Cases that fail because a server answers otherwise than what it stands for, and how. One that passes fails. */
  readonly deviations?: Readonly<Record<string, string>>;
}

/** Registers every case as a test, each with a subject of its own that ends with the test. */
export function contract(
  name: string,
  subject: (t: TestContext) => ProviderSubject | Promise<ProviderSubject>,
  { skip, notApplicable = {}, deviations = {} }: Options = {},
): void {
  const unknown = Object.keys({ ...notApplicable, ...deviations }).filter(
    (claim) => !providerContract.some((one) => one.name === claim),
  );
  assert.deepEqual(unknown, [], 'every name is that of a case');
  for (const { clause, name: claim, run } of providerContract) {
    const expectFailure = deviations[claim] ?? false;
    test(`${name}, clause ${clause}: ${claim}`, { skip: skip ?? false, expectFailure }, async (t) => {
      const outcome = await run({ ...printing, ...(await subject(t)) });
      const reason = outcome === undefined ? undefined : outcome.skipped;
      if (reason !== undefined) t.diagnostic(`nothing to examine: ${reason}`);
      assert.equal(reason, notApplicable[claim]);
    });
  }
}

const printing = {
  inspect: (value: unknown): string => inspect(value, { depth: 10, showHidden: true }),
  handles: (): number => process.getActiveResourcesInfo().length,
};

/** Cases that a provider has nothing to show for whose keys stay as they are. */
export const neverChanges: Readonly<Record<string, string>> = {
  'after a rotation the new version signs, and the old one verifies and does not sign':
    'the provider rotates no keys',
  'after a rotation the new version encrypts, and the old one decrypts and does not encrypt':
    'the provider rotates no keys',
  'a suspended or compromised key is DENIED, until it is active again': 'the provider changes no states',
  'a compromised key still decrypts, and a suspended one does not': 'the provider changes no states',
};

/** What there is nothing of where keys are found, and only sign. */
export const signsOnly: Readonly<Record<string, string>> = {
  'what is encrypted decrypts, with a nonce of its own each time': 'no key claims to aead',
  'what is wrapped unwraps, also when somebody else wrapped it': 'no key claims to wrap',
  'codes are as long as the hash, and a wrong one is VERIFICATION_FAILED': 'no key claims to mac',
  'both sides of an agreement have the same secret': 'no key claims to agree',
  'decrypting fails alike for wrong data, tag, nonce, key and length': 'no key claims to aead',
  'unwrapping fails alike for wrong bytes, key and length': 'no key claims to wrap',
  'a key that was created opens, and creating it again is KEY_EXISTS': 'the provider creates no keys',
  'a key that was destroyed is KEY_NOT_FOUND, and so is destroying it again': 'the provider destroys no keys',
  'an imported key does what its bytes say': 'the provider imports no keys',
  'an imported key whose halves do not belong together is MALFORMED': 'the provider imports no keys',
  ...neverChanges,
};
