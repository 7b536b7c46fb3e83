/**
 * Providers that most commands do not need: loaded by the first call to them.
 *
 * @module
 */
import type { KeyProvider } from 'hardkey';

/** The optional methods of a provider. */
export type Offer = 'create' | 'import' | 'list' | 'rotate' | 'setState' | 'destroy' | 'check';

/** Stands in for a provider that offers these methods, and no others, beside `open`. */
export function onUse(
  scheme: string,
  offers: readonly Offer[],
  load: () => Promise<KeyProvider>,
): KeyProvider {
  let loaded: Promise<KeyProvider> | undefined;
  const real = async (): Promise<KeyProvider> => {
    loaded ??= load();
    try {
      return await loaded;
    } catch (error) {
      loaded = undefined;
      throw error;
    }
  };
  const methods: Required<Pick<KeyProvider, Offer>> = {
    create: async (ref, spec, options) => offered((await real()).create)(ref, spec, options),
    import: async (ref, material, options) => offered((await real()).import)(ref, material, options),
    async *list(options) {
      yield* offered((await real()).list)(options);
    },
    rotate: async (ref, options) => offered((await real()).rotate)(ref, options),
    setState: async (ref, state, options) => offered((await real()).setState)(ref, state, options),
    destroy: async (ref, options) => offered((await real()).destroy)(ref, options),
    check: async (ref, options) => offered((await real()).check)(ref, options),
  };
  return {
    contract: 1,
    schemes: [scheme],
    open: async (ref, options) => (await real()).open(ref, options),
    ...Object.fromEntries(offers.map((name) => [name, methods[name]])),
    async close() {
      await (await loaded)?.close();
    },
  };
}

function offered<T>(method: T | undefined): T {
  if (method !== undefined) return method;
  throw new Error('the provider does not offer what was said of it');
}
