import {
  algorithms,
  isFailure,
  type Key,
  type KeyProvider,
  type KeySpec,
  parseKeyRef,
  Secret,
} from 'hardkey';
import { memory } from 'hardkey/providers/memory';
import { exportPrivateKey } from 'hardkey/unsafe';
import { contract } from '../support/contract.ts';

// A service's own wrapping is nothing that memory could do; key agreement is tried on both kinds of curve.
const SPECS: readonly KeySpec[] = algorithms
  .filter(({ name }) => name !== 'service')
  .map(({ name, keyType }) => ({
    algorithm: name,
    ...(keyType === 'RSA' ? { bits: 2048 } : {}),
    ...(name === 'ECDH-ES+A256KW' ? { curve: 'X25519' as const } : {}),
  }));

const refOf = ({ algorithm }: KeySpec): string => `memory:${algorithm.replace('+', '.')}`;

const source = memory();
const bytes = new Map<KeySpec, Uint8Array>();
for (const spec of SPECS) {
  try {
    const key: Key | undefined = await source.create?.(parseKeyRef(refOf(spec)), spec);
    if (key !== undefined)
      bytes.set(
        spec,
        (await exportPrivateKey(key)).use((held) => held.slice()),
      );
  } catch (error) {
    // What this runtime lacks is not claimed: ML-DSA before Node 24.
    if (!isFailure(error, 'UNSUPPORTED')) throw error;
  }
}

/** Its backend is the provider itself, so every provider is given the same keys. */
async function provider(): Promise<KeyProvider> {
  const made = memory();
  for (const [{ algorithm, ...spec }, material] of bytes) {
    const ref = parseKeyRef(refOf({ algorithm, ...spec }));
    await made.import?.(ref, { material: new Secret(material), algorithm });
  }
  return made;
}

let created = 0;

contract(
  'memory',
  () => ({
    provider,
    keys: Object.fromEntries([...bytes.keys()].map((spec) => [spec.algorithm, refOf(spec)])),
    missing: 'memory:none',
    malformed: ['memory:', 'memory:a b', 'memory:a?version=1', 'memory:../a'],
    unused: () => `memory:created-${++created}`,
  }),
  {
    notApplicable: {
      'rejected credentials are DENIED': 'the subject has no credentials to reject',
      'a backend that is down is UNAVAILABLE, and the next call after it is up succeeds':
        'the subject cannot take its backend away',
      'after a rotation the new version signs, and the old one verifies and does not sign':
        'the provider rotates no keys',
      'after a rotation the new version encrypts, and the old one decrypts and does not encrypt':
        'the provider rotates no keys',
    },
  },
);
