// What the provider contract is told of a token: its keys, its outages, and what is wrong to ask of it.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext } from 'node:test';
import { type Algorithm, type KeySpec, parseKeyRef, Secret } from 'hardkey';
import type { ProviderSubject } from 'hardkey/conformance';
import { PIN, type TestToken, threadStates, until, workersOf } from './support.ts';

let names = 0;

/** Keys for these algorithms on the token, made by the provider itself. */
async function keysOn(token: TestToken, specs: readonly KeySpec[]): Promise<ProviderSubject['keys']> {
  const provider = token.provider();
  const keys: Partial<Record<Algorithm, string>> = {};
  for (const spec of specs) {
    const ref = token.ref(spec.algorithm.replace('+', '.'));
    await provider.create?.(parseKeyRef(ref), spec);
    keys[spec.algorithm] = ref;
  }
  await provider.close();
  return keys;
}

function signalAll(signal: NodeJS.Signals): void {
  for (const worker of workersOf()) process.kill(worker, signal);
}

/** The signal is one thread's to obey first; until it does, the others answer. */
async function stopAll(): Promise<void> {
  signalAll('SIGSTOP');
  await until(() =>
    workersOf()
      .flatMap(threadStates)
      .every((state) => state === 'T'),
  );
}

/** What the contract is told of a token and its keys. */
export function subject(token: TestToken, keys: ProviderSubject['keys']): ProviderSubject {
  return {
    provider: () => token.provider(),
    rejected: () => token.provider({ pin: async () => new Secret(Buffer.from('wrong')) }),
    keys,
    missing: token.ref('none'),
    malformed: [
      'pkcs11:',
      'pkcs11:token',
      'pkcs11:token=a;slot-id=1;object=b?module-name=m',
      'pkcs11:token=a;object=b?pin-value=1',
    ],
    unused: () => token.ref(`new-${++names}`),
    outage: token.outage,
    // Stopped, a worker takes what is written to it and answers nothing.
    stall: { begin: stopAll, end: () => signalAll('SIGCONT') },
    canaries: [PIN],
  };
}

/** Makes a token with all its keys once, and copies it for each case. */
export function copied(
  make: (t: TestContext, copyOf: string | undefined) => TestToken | Promise<TestToken>,
  specs: readonly KeySpec[],
): (t: TestContext) => Promise<{ readonly token: TestToken; readonly keys: ProviderSubject['keys'] }> {
  let model: { readonly folder: string; readonly keys: ProviderSubject['keys'] } | undefined;
  after(() => model && rmSync(model.folder, { recursive: true }));
  return async (t) => {
    const token = await make(t, model?.folder);
    if (model !== undefined) return { token, keys: model.keys };
    const keys = await keysOn(token, specs);
    const folder = mkdtempSync(join(tmpdir(), 'hardkey-pkcs11-model-'));
    cpSync(token.folder, folder, { recursive: true });
    model = { folder, keys };
    return { token, keys };
  };
}
