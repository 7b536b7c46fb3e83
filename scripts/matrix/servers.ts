// Which server each file of tests of a cloud provider runs on, and what no server shows.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMPONENTS } from '../components/table.ts';

/** A service, its folder of tests, and what they run on. */
export interface Service {
  readonly name: string;
  readonly folder: string;
  /** What stands in for the service, by the beginning of the name of a file of tests. */
  readonly servers: Readonly<Record<string, string>>;
  /** What is built by the documentation of the service, and runs on nothing that we have. */
  readonly unproven: readonly string[];
}

const PINS = readFileSync(join(import.meta.dirname, '../components/aws-requirements.txt'), 'utf8');
const EMULATORS = 'our emulator';
const OPENBAO = `OpenBao ${COMPONENTS.openbao.pin.replace(/^.*==/, '')}`;

/** A program with the version that is pinned. */
function pinned(name: string): string {
  const [, version = ''] = new RegExp(`^${name}==(.*)$`, 'm').exec(PINS) ?? [];
  return `${name} ${version}`;
}

const [ministack, moto, microburst] = [pinned('ministack'), pinned('moto'), pinned('microburst')];

/** The services, in the order of their names. */
export const SERVICES: readonly Service[] = [
  {
    name: 'AWS KMS',
    folder: 'aws-kms',
    servers: {
      'contract-ministack': ministack,
      'contract-moto': moto,
      deviations: 'the server that is named',
      outages: ministack,
      faults: `${microburst}, and servers of ours that fail`,
      answers: `${ministack}, and servers of ours that answer wrongly`,
      provider: `${ministack}, ${moto}`,
      credentials: 'no server: where credentials are looked for',
      policies: 'no server: the policies of deploy/aws',
    },
    unproven: [
      'ML-DSA: no server signs with it',
      'messages of more than 4,096 bytes, which the service refuses: the servers take them',
      'DryRun, grants, key policies and the signature of a request (SigV4): the servers look at none of them',
      'who may do what: the policy of deploy/aws was held against the calls that are made, not against the service',
    ],
  },
  {
    name: 'Azure Key Vault',
    folder: 'azure-kv',
    servers: {
      contract: EMULATORS,
      changes: EMULATORS,
      clients: 'no server: a client of ours',
      hosts: `${EMULATORS}, behind a proxy`,
      outages: EMULATORS,
      provider: EMULATORS,
      faults: `${EMULATORS}, and servers of ours that fail`,
      roles: 'no server: the roles of deploy/azure',
    },
    unproven: [
      'that the live service agrees with the emulator, which is held to its documentation by its official clients',
      'Managed HSM: symmetric keys, and keys of Edwards curves',
      'private endpoints, firewalls of vaults, and the throttling of a subscription',
    ],
  },
  {
    name: 'Google Cloud KMS',
    folder: 'gcp-kms',
    servers: { '': EMULATORS, policies: 'no server: the roles of deploy/gcp' },
    unproven: [
      'that the live service agrees with the emulator, which is held to its documentation by its official clients',
      'import jobs, Decapsulate, and keys of external key managers',
      'organisation policies, VPC Service Controls and quotas',
    ],
  },
  {
    name: 'Vault, OpenBao',
    folder: 'vault',
    servers: { '': OPENBAO },
    unproven: [
      'HashiCorp Vault itself, whose Transit engine OpenBao began as',
      'Vault Enterprise: managed keys, and keys that it has and OpenBao has not',
      'secp256k1 and Ed25519ph: OpenBao has neither',
    ],
  },
];

/** What a file of tests runs on. Throws where it is not said. */
export function serverOf({ servers, folder }: Service, file: string): string {
  const beginning = Object.keys(servers)
    .filter((name) => file.startsWith(name))
    .sort((a, b) => b.length - a.length)[0];
  const server = beginning === undefined ? undefined : servers[beginning];
  if (server === undefined)
    throw new Error(`scripts/matrix/servers.ts does not say what ${folder}/${file} runs on`);
  return server;
}
