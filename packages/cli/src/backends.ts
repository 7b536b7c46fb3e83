/**
 * Where keys are: the providers that the options, the settings and the environment describe.
 *
 * @module
 */
import { join, resolve } from 'node:path';
import { Failure, type KeyProvider, parseKeyRef } from 'hardkey';
import type { Derivation } from 'hardkey/providers/file';
import type { Config } from './config.ts';
import type { Surroundings } from './context.ts';
import type { Given } from './given.ts';
import { type Offer, onUse } from './on-use.ts';
import { type PassphraseChoice, passphraseChoice } from './passphrase.ts';
import { pinOf } from './pin.ts';
import type { TpmOptions } from './tpms.ts';

/** What a command says of them that its options do not. */
export interface BackendOptions extends Making {
  /** Instead of what the options of the command say. */
  readonly passphrase?: PassphraseChoice;
  /** How a new store derives keys; one that is there has to do it so. */
  readonly derivation?: Derivation;
  /** Keys that are made in the store stand in for one of this backend. */
  readonly softwareInsteadOf?: string;
}

/** How keys are made and ended, in backends that ask. */
interface Making {
  /** Keys may be made and ended also where they are not expected. */
  readonly force?: boolean;
  /** A key is made: a value for it that is typed is a new one. */
  readonly makesKey?: boolean;
  /** Certificates of the key that attests, PEM. */
  readonly certificates?: string;
}

/** What a backend is reached with. */
interface Reach {
  readonly given: Given;
  readonly context: Surroundings;
  readonly config: Config;
  readonly making: Making;
  /** A reference whose keys are listed, in place of those of the settings. */
  readonly listOf?: string;
}

/** A backend: nothing of it is loaded before it is called. */
interface Backend {
  /** What it offers beside `open`, and `list` where it `lists`. */
  readonly offers: readonly Offer[];
  /** Whether the settings say which keys are listed. */
  readonly lists: (config: Config) => boolean;
  readonly load: (reach: Reach, lists: boolean) => Promise<KeyProvider>;
}

const MAKES = ['create', 'rotate', 'setState', 'destroy', 'check'] as const;

/** The backends by the schemes of their references, in the order that their keys are listed in. */
const BACKENDS = {
  tpm: {
    offers: ['create', 'destroy'],
    lists: ({ tpm }) => tpm !== undefined,
    load: async ({ given, context, config, making, listOf }) => {
      const { tpmProvider } = await import('./tpms.ts');
      return tpmProvider({ ...tpmOptions(given, context, config), ...making }, listOf);
    },
  },
  pkcs11: {
    offers: ['create', 'import', 'destroy'],
    lists: ({ pkcs11 }) => pkcs11 !== undefined,
    load: async ({ given, context, config, listOf }) =>
      (await import('./tokens.ts')).tokenProvider(given, context, config, listOf),
  },
  'ssh-agent': {
    offers: [],
    lists: ({ 'ssh-agent': agent }) => agent !== undefined,
    load: async ({ context, config, listOf }) =>
      (await import('./agents.ts')).agentProvider(context, config, listOf),
  },
  keyring: {
    offers: ['create', 'import', 'destroy'],
    lists: ({ keyring }) => keyring !== undefined,
    load: async ({ config, listOf }) => (await import('./keyrings.ts')).keyringProvider(config, listOf),
  },
  awskms: {
    offers: [...MAKES, 'import'],
    lists: ({ awskms }) => awskms !== undefined,
    load: async ({ context, config, making, listOf }) =>
      (await import('./aws.ts')).awsProvider(context, config, { ...making, ...(listOf && { listOf }) }),
  },
  hashivault: {
    offers: [...MAKES, 'import'],
    lists: ({ hashivault }) => hashivault !== undefined,
    load: async ({ context, config, listOf }) =>
      (await import('./vaults.ts')).vaultProvider('hashivault', context, config, listOf),
  },
  openbao: {
    offers: [...MAKES, 'import'],
    lists: ({ openbao }) => openbao !== undefined,
    load: async ({ context, config, listOf }) =>
      (await import('./vaults.ts')).vaultProvider('openbao', context, config, listOf),
  },
  azurekms: {
    offers: MAKES,
    lists: ({ azurekms }) => azurekms !== undefined,
    load: async ({ context, config, making, listOf }) =>
      (await import('./azure.ts')).azureProvider(context, config, making, listOf),
  },
  gcpkms: {
    offers: MAKES,
    lists: ({ gcpkms }) => gcpkms?.keyRing !== undefined,
    load: async ({ context, config, making, listOf }, lists) =>
      (await import('./gcp.ts')).gcpProvider(context, config, { lists, listOf }, making),
  },
} satisfies Readonly<Record<string, Backend>>;

type Scheme = keyof typeof BACKENDS;

/** Those of them whose references may name a place and no key: such a one does not parse as a reference. */
const PLACES = [
  'pkcs11',
  'ssh-agent',
  'keyring',
  'awskms',
  'azurekms',
  'gcpkms',
  'hashivault',
  'openbao',
] as const;

/** Everything that a command reaches: the store first. */
export async function allBackends(
  given: Given,
  context: Surroundings,
  config: Config,
  { passphrase, derivation, softwareInsteadOf, ...making }: BackendOptions,
): Promise<readonly KeyProvider[]> {
  const store = {
    store: storeFolder(given, context, config),
    ...(derivation && { derivation }),
    ...(softwareInsteadOf && { softwareInsteadOf }),
  };
  const choice = passphrase ?? passphraseChoice(given, context.environment);
  // An option that is wrong is wrong wherever the key is.
  pinOf(given, context);
  return [
    onUse('file', ['create', 'import', 'rotate', 'setState', 'destroy', 'list'], async () =>
      (await import('./file-store.ts')).fileStore(store, choice, context.interactive),
    ),
    ...(await signerPrograms(config)),
    ...Object.keys(BACKENDS)
      .filter(isBackend)
      .map((scheme) => provider(scheme, { given, context, config, making })),
  ];
}

/** The one whose keys a reference without a key names. */
export async function backendOf(
  given: Given,
  context: Surroundings,
  config: Config,
  ref: string,
): Promise<KeyProvider> {
  const reach = { given, context, config, making: {}, listOf: ref };
  const place = PLACES.find((one) => ref.startsWith(`${one}:`));
  if (place !== undefined) return provider(place, reach);
  const { scheme } = parseKeyRef(ref);
  if (isBackend(scheme) && !PLACES.some((one) => one === scheme)) return provider(scheme, reach);
  throw new Failure('UNSUPPORTED', 'keys of this scheme are not listed by reference', { provider: scheme });
}

function isBackend(scheme: string): scheme is Scheme {
  return Object.hasOwn(BACKENDS, scheme);
}

function provider(scheme: Scheme, reach: Reach): KeyProvider {
  const { offers, lists, load }: Backend = BACKENDS[scheme];
  const isListed = reach.listOf !== undefined || lists(reach.config);
  return onUse(scheme, [...offers, ...(isListed ? (['list'] as const) : [])], () => load(reach, isListed));
}

/** The folder of the store. */
export function storeFolder(
  given: Given,
  { environment }: Pick<Surroundings, 'environment'>,
  { store }: Config,
): string {
  const named = given.text('store');
  return named === undefined ? (store ?? join(environment.dataHome, 'hardkey', 'keys')) : resolve(named);
}

/** The folder of the key files that go with the TPM. */
export function tpmFolder({ environment }: Pick<Surroundings, 'environment'>, { tpm }: Config): string {
  return tpm?.folder ?? join(environment.dataHome, 'hardkey', 'tpm');
}

function tpmOptions(given: Given, context: Surroundings, config: Config): TpmOptions {
  const settings = config.tpm && { ...config.tpm, folder: tpmFolder(context, config) };
  return { given, context, settings };
}

async function signerPrograms({ exec }: Config): Promise<readonly KeyProvider[]> {
  if (exec === undefined) return [];
  const { exec: programs } = await import('hardkey/providers/exec');
  return [programs({ signers: exec })];
}
