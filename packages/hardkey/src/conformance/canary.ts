/**
 * Clause 10: secrets and messages are in no failure, no printed object and no log.
 *
 * @module
 */
import { algorithm } from '../core/algorithms.ts';
import type { KeyProvider } from '../core/key.ts';
import { parseKeyRef } from '../core/key-ref.ts';
import type { Aead, KeyWrapper, Mac } from '../core/operations.ts';
import { expect } from './expect.ts';
import { type Scan, scanFor } from './scan.ts';
import type { ContractCase, ProviderSubject } from './subject.ts';
import { bytesOf, type Claim, flipped, openClaims, perform } from './trial.ts';

/** What is signed and encrypted here. It must show nowhere. */
const MESSAGE = 'canary-message-6f1d2c';

/** The case of clause 10. */
export const canaryCases: readonly ContractCase[] = [
  {
    clause: 10,
    name: 'no secret and no message is in a failure, a printed object or a log',
    async run(subject) {
      const scans = [MESSAGE, ...(subject.canaries ?? [])].map((mark) => scanFor(mark, subject.inspect));
      for (const scan of scans) scan.control();
      const seen = [...(await provoke(subject)), subject.logs?.()];
      for (const scan of scans) look(scan, seen);
    },
  },
];

function look(scan: Scan, seen: readonly unknown[]): void {
  for (const [at, value] of seen.entries()) {
    // The canary itself is not named either: this text is a log, too.
    expect(!scan.finds(value), `a canary shows in ${at === seen.length - 1 ? 'the log' : `value ${at}`}`);
  }
}

/** Every object and failure that the provider can be made to give, with canaries in all that went in. */
async function provoke(subject: ProviderSubject): Promise<readonly unknown[]> {
  const provider = await subject.provider();
  const claims = await openClaims(subject, provider);
  const seen: unknown[] = [provider];
  const note = async (act: () => unknown): Promise<void> => {
    try {
      await act();
    } catch (error) {
      seen.push(error);
    }
  };
  for (const claim of claims) {
    seen.push(claim.key, claim.key.use(claim.name));
    await note(() => perform(claim.key, claim.name, {}, bytesOf(MESSAGE)));
    await note(() => misuse(claim));
  }
  await note(() => provider.open(parseKeyRef(subject.missing)));
  for (const ref of subject.malformed) await note(() => provider.open(parseKeyRef(ref)));
  await note(async () => useAll(await subject.rejected?.(), subject));
  await subject.outage?.begin();
  try {
    await note(() => useAll(provider, subject));
  } finally {
    await subject.outage?.end();
  }
  await provider.close();
  await note(() => useAll(provider, subject));
  for (const { key, name } of claims) await note(() => perform(key, name, {}, bytesOf(MESSAGE)));
  return seen;
}

async function useAll(provider: KeyProvider | undefined, subject: ProviderSubject): Promise<void> {
  if (provider === undefined) return;
  for (const { key, name } of await openClaims(subject, provider)) {
    await perform(key, name, {}, bytesOf(MESSAGE));
  }
}

/** Gives a key something to refuse that holds the canary. */
async function misuse({ key, name }: Claim): Promise<unknown> {
  const text = bytesOf(MESSAGE);
  switch (algorithm(name).operation) {
    case 'aead': {
      const sealed = await (key.use(name) as Aead).encrypt(text, text);
      return (key.use(name) as Aead).decrypt({ ...sealed, ciphertext: flipped(sealed.ciphertext) }, text);
    }
    case 'wrap':
      return (key.use(name) as KeyWrapper).unwrap(text);
    case 'mac':
      return (key.use(name) as Mac).verifyMac(text, text);
    default:
      return perform(key, name, { signal: AbortSignal.abort(new Error('stop')) }, text);
  }
}
