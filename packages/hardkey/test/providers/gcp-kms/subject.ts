// What the contract examines: the emulator behind a door, with keys that it holds.
import type { TestContext } from 'node:test';
import { type Algorithm, createKeys, type KeyProvider, type KeySpec } from 'hardkey';
import type { ProviderSubject } from 'hardkey/conformance';
import { type GcpKmsConfig, gcpKms } from 'hardkey/providers/gcp-kms';
import { gcpEmulator, PATIENT, RING } from '../../support/gcp.ts';
import { grpcDoor } from '../../support/grpc-door.ts';

let made = 0;
const shared = new Map<Algorithm, Promise<string>>();

/** A new name each time. */
export function unused(): string {
  made += 1;
  return `gcpkms://${RING}/cryptoKeys/unused-${made}`;
}

/** The reference of a key that all subjects use, and change back. */
export function sharedKey(algorithm: Algorithm): Promise<string> {
  const known = shared.get(algorithm) ?? makeKey(specOf(algorithm));
  shared.set(algorithm, known);
  return known;
}

async function makeKey(spec: KeySpec): Promise<string> {
  const { address } = await gcpEmulator();
  await using keys = createKeys([gcpKms({ ...PATIENT, endpoint: `http://${address}` })]);
  const ref = unused();
  await keys.create(ref, spec);
  return ref;
}

/** A subject whose keys are of these algorithms, the first of them the one that is tried most. */
export async function subject(
  t: TestContext,
  names: readonly Algorithm[],
  more: Partial<ProviderSubject> & { readonly config?: GcpKmsConfig } = {},
): Promise<ProviderSubject> {
  const { config, ...own } = more;
  const { port, faults } = await gcpEmulator();
  const door = await grpcDoor(port);
  t.after(async () => {
    faults.clear();
    await door.close();
  });
  const refs = names.map(async (algorithm) => [algorithm, await sharedKey(algorithm)] as const);
  const provider = (): KeyProvider =>
    gcpKms({ ...PATIENT, endpoint: `http://127.0.0.1:${door.port}`, keyRing: RING, ...config });
  return {
    provider,
    rejected() {
      // What opening a key asks, whichever comes first.
      faults.add({ method: '*', status: 'UNAUTHENTICATED', times: 2 });
      return provider();
    },
    keys: Object.fromEntries(await Promise.all(refs)),
    missing: `gcpkms://${RING}/cryptoKeys/none`,
    malformed: [
      'gcpkms:',
      'gcpkms://',
      `gcpkms://${RING}`,
      `gcpkms:${RING}/cryptoKeys/a`,
      `gcpkms://${RING}/cryptoKeys/a?version=1`,
      `gcpkms://${RING}/cryptoKeys/a/cryptoKeyVersions/0`,
      `gcpkms://${RING}/cryptoKeys/a/cryptoKeyVersions/latest`,
    ],
    unused,
    requests: door.requests,
    outage: door.outage,
    stall: door.stall,
    ...own,
  };
}

/** RSA keys no longer than they must be: to make one takes a second. */
export function specOf(algorithm: Algorithm): KeySpec {
  return /^(RS|PS)256|^RSA/.test(algorithm) ? { algorithm, bits: 2048 } : { algorithm };
}
