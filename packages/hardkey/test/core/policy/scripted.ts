// A provider whose calls can be made slow, failing or wrong: the subject that policies surround.
import type { Key, KeyProvider } from '../../../src/core/key.ts';
import type { KeyRef } from '../../../src/core/key-ref.ts';
import type { CallOptions, Signer } from '../../../src/core/operations.ts';
import { memory } from '../../../src/providers/memory/index.ts';

/** What happens before a call does its work. `count` counts the calls of the operation, from 1. */
export type Behaviour = (operation: string, options: CallOptions, count: number) => unknown;

/** Keys in memory, as `memory:LABEL`; `behave` runs first, wherever the provider or its signers are called. */
export function scripted(behave: Behaviour): KeyProvider {
  // What memory() has, all but rotate and check.
  const real = memory() as Required<KeyProvider>;
  const counts = new Map<string, number>();

  async function step<T>(
    operation: string,
    options: CallOptions | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    const count = (counts.get(operation) ?? 0) + 1;
    counts.set(operation, count);
    await behave(operation, options ?? {}, count);
    return work();
  }

  const keyOf = (key: Key): Key => ({
    ...key,
    use: (name) => {
      const bound = key.use(name);
      if (!('sign' in bound)) return bound;
      const sign: Signer['sign'] = (message, options) => step('sign', options, () => bound.sign(message));
      return { ...bound, sign };
    },
  });

  return {
    contract: 1,
    schemes: ['memory'],
    open: (ref: KeyRef, options) => step('open', options, async () => keyOf(await real.open(ref))),
    create: (ref, spec, options) => step('create', options, async () => keyOf(await real.create(ref, spec))),
    import: (ref, given, options) =>
      step('import', options, async () => keyOf(await real.import(ref, given))),
    rotate: (ref, options) => step('rotate', options, async () => keyOf(await real.open(ref))),
    setState: (ref, state, options) => step('setState', options, () => real.setState(ref, state)),
    destroy: (ref, options) => step('destroy', options, () => real.destroy(ref)),
    async *list(options) {
      await step('list', options, async () => {});
      yield* real.list();
    },
    close: () => real.close(),
  };
}

/** Ends when it is told to. */
export interface Gate {
  readonly opened: Promise<void>;
  readonly open: () => void;
}

/** A promise with its key. */
export function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}
