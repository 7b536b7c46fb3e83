// What the policies make of a service that is away, or silent: real calls, whose deadlines and pauses count.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createKeys, type Policy, type SignatureAlgorithm, type Signer } from 'hardkey';
import type { Outage, ProviderSubject } from 'hardkey/conformance';
import { isFailure } from '../../src/errors.ts';
import { failsWith } from './failures.ts';

const MESSAGE = new TextEncoder().encode('message');

/** A subject that can be taken away, and counts what it is asked. */
type Subject = ProviderSubject & {
  readonly requests: () => number;
  readonly outage: Outage;
  readonly stall: Outage;
};

interface About {
  /** What signs in the tests. */
  readonly algorithm: SignatureAlgorithm;
  readonly skip?: string | undefined;
}

/** Registers the tests, each with a subject of its own. */
export function outages(
  name: string,
  subject: (t: TestContext) => ProviderSubject | Promise<ProviderSubject>,
  { algorithm, skip = '' }: About,
): void {
  const skipped = { skip: skip === '' ? false : skip };

  async function signing(t: TestContext, policy: Policy): Promise<{ readonly signer: Signer } & Subject> {
    const given = (await subject(t)) as Subject;
    const keys = createKeys([await given.provider()], { deadlineMs: 120_000, ...policy });
    t.after(() => keys.close());
    const signer = (await keys.open(given.keys[algorithm] ?? '')).use(algorithm) as Signer;
    await signer.sign(MESSAGE);
    return { ...given, signer };
  }

  test(
    `${name}: the breaker opens in an outage, asks nobody for a while, and closes when it is over`,
    skipped,
    async (t) => {
      const { signer, requests, outage } = await signing(t, { retry: { attempts: 0 } });
      // Time stands still, so that a slow machine does not take the breaker's for it.
      let now = performance.now();
      t.mock.method(performance, 'now', () => now);
      await outage.begin();
      for (let calls = 0; calls < 3; calls++) {
        await assert.rejects(signer.sign(MESSAGE), failsWith('UNAVAILABLE'));
        now += 1;
      }
      await outage.end();
      const asked = requests();
      const left = await signer.sign(MESSAGE).catch((error: unknown) => error);
      failsWith('UNAVAILABLE', { field: 'breaker' })(left);
      assert.equal(requests(), asked);
      now += isFailure(left) ? (left.details.retryAfterMs ?? 0) : 0;
      await signer.sign(MESSAGE);
      await signer.sign(MESSAGE);
      await Promise.all([signer.sign(MESSAGE), signer.sign(MESSAGE)]);
    },
  );

  test(`${name}: a call ends with its deadline, and nothing is repeated after it`, skipped, async (t) => {
    const { signer, requests, stall } = await signing(t, { retry: { attempts: 5, baseMs: 1 } });
    await stall.begin();
    await assert.rejects(
      signer.sign(MESSAGE, { deadline: performance.now() + 200 }),
      failsWith('UNAVAILABLE', { field: 'deadline' }),
    );
    const asked = requests();
    await stall.end();
    await signer.sign(MESSAGE);
    assert.equal(requests(), asked + 1);
  });
}
