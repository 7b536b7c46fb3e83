/**
 * What the policies of createKeys cost: around a key that does nothing, and around one that signs.
 *
 * @module
 */
import {
  createKeys,
  type Key,
  type KeyProvider,
  type Policy,
  parseKeyRef,
  type Signer,
  verify,
} from 'hardkey';
import { memory } from 'hardkey/providers/memory';
import type { Question } from './runner.ts';

const MESSAGE = new Uint8Array(200);
const REF = parseKeyRef('memory:bench');
const METRICS = { count() {}, observe() {}, set() {} };
const AUDIT = { append: async () => {} };
/** Verification is measured on its own, below. */
const UNVERIFIED: Policy = { releaseUnverified: true };

/** The questions of this program. */
export async function questions(): Promise<readonly Question[]> {
  const provider = memory();
  const bare = await createKeys([provider], UNVERIFIED).create(REF, { algorithm: 'Ed25519' });
  const key = await provider.open(REF);
  const raw = key.use('Ed25519');
  const signature = await raw.sign(MESSAGE);
  await verify(raw.publicKey, 'Ed25519', MESSAGE, signature);
  const instant = instantProvider(bare, { ...raw, sign: async () => signature });
  const nothing = (await instant.open(REF)).use('Ed25519');

  const around = async (provided: KeyProvider, policy: Policy): Promise<Signer> =>
    (await createKeys([provided], policy).open(REF)).use('Ed25519');
  const candidate = async (name: string, policy: Policy, provided = instant) => {
    const signer = await around(provided, policy);
    return { name, run: () => signer.sign(MESSAGE) };
  };

  return [
    {
      name: 'policies around a signer that answers at once',
      baseline: 'default: deadline, retry, breaker',
      candidates: [
        { name: 'no policy', run: () => nothing.sign(MESSAGE) },
        await candidate('default: deadline, retry, breaker', UNVERIFIED),
        await candidate('default and limit', { ...UNVERIFIED, concurrency: 4 }),
        await candidate('default and metrics', { ...UNVERIFIED, metrics: METRICS }),
        await candidate('default and audit', { ...UNVERIFIED, audit: AUDIT }),
      ],
    },
    {
      name: 'Ed25519 in memory',
      baseline: 'signing',
      candidates: [
        { name: 'signing', run: () => raw.sign(MESSAGE) },
        {
          name: 'signing and verifying',
          run: async () => verify(raw.publicKey, 'Ed25519', MESSAGE, await raw.sign(MESSAGE)),
        },
        await candidate('default policy, released unverified', UNVERIFIED, provider),
        await candidate('default policy', {}, provider),
      ],
      close: () => provider.close(),
    },
  ];
}

/** Opens one key, whose signer costs nothing: what is left is the policies. */
function instantProvider(key: Key, signer: Signer): KeyProvider {
  const open = async (): Promise<Key> => ({ ...key, use: () => signer as never });
  return { contract: 1, schemes: ['memory'], open, close: async () => {} };
}
