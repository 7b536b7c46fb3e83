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
}

/** Registers every case as a test, each with a subject of its own that ends with the test. */
export function contract(
  name: string,
  subject: (t: TestContext) => ProviderSubject | Promise<ProviderSubject>,
  { skip, notApplicable = {} }: Options = {},
): void {
  const unknown = Object.keys(notApplicable).filter(
    (claim) => !providerContract.some((one) => one.name === claim),
  );
  assert.deepEqual(unknown, [], 'every name is that of a case');
  for (const { clause, name: claim, run } of providerContract) {
    test(`${name}, clause ${clause}: ${claim}`, { skip: skip ?? false }, async (t) => {
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
