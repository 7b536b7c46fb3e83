/**
 * Clause 3: whoever gives up is told so with the reason given, at once, and nothing goes wrong later.
 *
 * @module
 */
import type { Algorithm } from '../core/algorithms.ts';
import type { KeyProvider } from '../core/key.ts';
import { type KeyRef, parseKeyRef } from '../core/key-ref.ts';
import type { CallOptions } from '../core/operations.ts';
import { Secret } from '../core/secret.ts';
import { describe, expect, rejection, within } from './expect.ts';
import type { ContractCase, ProviderSubject } from './subject.ts';
import { anyClaim, CONTENT_KEY, perform, unusedRef } from './trial.ts';
import { unhandledDuring } from './unhandled.ts';

/** How long a call may take to notice that it was given up. */
const PROMPT_MS = 1000;
const UNDER_WAY_MS = 30;

/** The cases of clause 3. */
export const abortCases: readonly ContractCase[] = [
  {
    clause: 3,
    name: 'a call that was aborted before rejects with the reason, and sends no request',
    run: abortedBefore,
  },
  {
    clause: 3,
    name: 'a call that is aborted under way rejects with the reason, at once',
    run: abortedDuring,
  },
  {
    clause: 3,
    name: 'an abort leaves no unhandled rejection behind',
    async run(subject) {
      const unhandled = await unhandledDuring(() => abortedAtAnyTime(subject));
      expect(unhandled.length === 0, `${unhandled.length} rejections were not handled`);
    },
  },
];

async function abortedBefore(subject: ProviderSubject): Promise<void> {
  const provider = await subject.provider();
  const { name, ref } = anyClaim(subject);
  const target = parseKeyRef(ref);
  const key = await provider.open(target);
  const reason = new Error('stop');
  const options = { signal: AbortSignal.abort(reason) };
  const before = subject.requests?.();
  const calls = [
    ['open', () => provider.open(target, options)],
    ['use', () => perform(key, name, options)],
    ...optionalCalls(subject, provider, target, name, options),
  ] as const;
  for (const [what, call] of calls) {
    const caught = await rejection(`${what} with an aborted signal`, call);
    expect(caught === reason, `${what} rejects with the reason of the signal, not ${describe(caught)}`);
  }
  expect(subject.requests?.() === before, 'no request was sent for an aborted call');
  await perform(await provider.open(target), name);
}

type Named = readonly [what: string, call: () => Promise<unknown>];

/** The calls that the provider offers beyond opening. */
function optionalCalls(
  subject: ProviderSubject,
  provider: KeyProvider,
  target: KeyRef,
  name: Algorithm,
  options: CallOptions,
): readonly Named[] {
  const calls: Named[] = [];
  if (provider.create !== undefined) {
    const ref = parseKeyRef(unusedRef(subject));
    calls.push(['create', async () => provider.create?.(ref, { algorithm: name }, options)]);
  }
  if (provider.import !== undefined) {
    const ref = parseKeyRef(unusedRef(subject));
    const material = { material: new Secret(CONTENT_KEY), algorithm: 'A256GCM' } as const;
    calls.push(['import', async () => provider.import?.(ref, material, options)]);
  }
  if (provider.list !== undefined) {
    calls.push(['list', async () => provider.list?.(options)[Symbol.asyncIterator]().next()]);
  }
  if (provider.rotate !== undefined) calls.push(['rotate', async () => provider.rotate?.(target, options)]);
  if (provider.setState !== undefined) {
    calls.push(['setState', async () => provider.setState?.(target, 'suspended', options)]);
  }
  if (provider.destroy !== undefined)
    calls.push(['destroy', async () => provider.destroy?.(target, options)]);
  if (provider.check !== undefined) calls.push(['check', async () => provider.check?.(target, options)]);
  return calls;
}

/** Aborts while the backend holds its answer; without such a backend, as soon as the call is made. */
async function abortedDuring(subject: ProviderSubject): Promise<void> {
  const provider = await subject.provider();
  const { name, ref } = anyClaim(subject);
  const key = await provider.open(parseKeyRef(ref));
  const controller = new AbortController();
  const reason = new Error('stop');
  await subject.stall?.begin();
  try {
    const call = perform(key, name, { signal: controller.signal }).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (subject.stall !== undefined) await sleep(UNDER_WAY_MS);
    controller.abort(reason);
    const caught = await within(PROMPT_MS, 'a call that was aborted', call);
    // Without a stalled backend the call may have been faster than the abort.
    const right = caught === reason || (caught === undefined && subject.stall === undefined);
    expect(right, `the call rejects with the reason of the signal, not ${describe(caught)}`);
  } finally {
    await subject.stall?.end();
  }
  await perform(key, name);
}

async function abortedAtAnyTime(subject: ProviderSubject): Promise<void> {
  const provider = await subject.provider();
  const { name, ref } = anyClaim(subject);
  for (const delayMs of [0, 0, 1, 2, 5]) {
    const controller = new AbortController();
    const options = { signal: controller.signal };
    const call = provider.open(parseKeyRef(ref), options).then((key) => perform(key, name, options));
    const settled = call.then(
      () => {},
      () => {},
    );
    await sleep(delayMs);
    controller.abort(new Error('stop'));
    await settled;
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
