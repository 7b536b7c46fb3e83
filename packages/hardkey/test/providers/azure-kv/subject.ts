// What the contract examines: the emulator behind a door, with keys that it holds.
import type { TestContext } from 'node:test';
import { type Algorithm, createKeys, type KeySpec } from 'hardkey';
import type { ProviderSubject } from 'hardkey/conformance';
import { azureKv } from 'hardkey/providers/azure-kv';
import {
  asApplication,
  azureConfig,
  doorTls,
  emulator,
  unused,
  useAzureEnvironment,
} from '../../support/azure.ts';
import { httpDoor } from '../../support/http-door.ts';

const shared = new Map<Algorithm, Promise<string>>();
const WRONG_SECRET = 'canary-wrong-secret';

/** The name of a key of the emulator that all subjects use, and change back. */
function sharedKey(spec: KeySpec): Promise<string> {
  const known = shared.get(spec.algorithm) ?? makeKey(spec);
  shared.set(spec.algorithm, known);
  return known;
}

async function makeKey(spec: KeySpec): Promise<string> {
  const config = await azureConfig();
  await using keys = createKeys([azureKv(config)]);
  const { label = '' } = await keys.create(unused(config.vaultUrl), spec);
  return label;
}

/** A subject whose keys are of these algorithms, the first of them the one that is tried most. */
export async function subject(t: TestContext, names: readonly Algorithm[]): Promise<ProviderSubject> {
  const emulated = await emulator();
  useAzureEnvironment(emulated);
  const { trust, ...tls } = await doorTls();
  const door = await httpDoor(emulated.vaultUrl, tls);
  t.after(() => door.close());
  const vault = `azurekms://${new URL(door.url).host}`;
  const refs = names.map(async (name) => [name, `${vault}/${await sharedKey(specOf(name))}`] as const);
  const config = { ...(await azureConfig()), vaultUrl: door.url, ca: trust + emulated.ca };
  const { vaultUrl, ca } = config;
  return {
    provider: () => azureKv(config),
    keys: Object.fromEntries(await Promise.all(refs)),
    missing: `${vault}/none`,
    malformed: [
      'azurekms:',
      vault,
      `${vault}/a_b`,
      `${vault}/a/B`,
      `${vault}/a?version=1`,
      'azurekms://other.vault.azure.net/a',
      'azurekms:name=a;vault=other',
    ],
    unused: () => unused(door.url),
    requests: door.requests,
    outage: { begin: door.shut, end: door.open },
    stall: { begin: door.hold, end: door.release },
    rejected: () => asApplication({ id: emulated.clientId, secret: WRONG_SECRET }, { vaultUrl, ca }),
    canaries: [emulated.clientSecret, WRONG_SECRET],
  };
}

/** RSA keys no longer than they must be: to make one takes a second. */
export function specOf(algorithm: Algorithm): KeySpec {
  return /^[PR]S/.test(algorithm) ? { algorithm, bits: 2048 } : { algorithm };
}
