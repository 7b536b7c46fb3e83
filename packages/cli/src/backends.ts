/**
 * Where keys are: the providers that the options, the settings and the environment describe.
 *
 * @module
 */
import { join, resolve } from 'node:path';
import { Failure, type KeyProvider, parseKeyRef } from 'hardkey';
import type { Derivation } from 'hardkey/providers/file';
import { agentProvider } from './agents.ts';
import { awsProvider } from './aws.ts';
import { azureProvider } from './azure.ts';
import type { Config } from './config.ts';
import type { Surroundings } from './context.ts';
import { fileStore } from './file-store.ts';
import { gcpProvider } from './gcp.ts';
import type { Given } from './given.ts';
import { keyringProvider } from './keyrings.ts';
import { type PassphraseChoice, passphraseChoice } from './passphrase.ts';
import { tokenProvider } from './tokens.ts';
import { type TpmOptions, tpmProvider } from './tpms.ts';
import { vaultProvider } from './vaults.ts';

/** What a command says of them that its options do not. */
export interface BackendOptions {
  /** Instead of what the options of the command say. */
  readonly passphrase?: PassphraseChoice;
  /** How a new store derives keys; one that is there has to do it so. */
  readonly derivation?: Derivation;
  /** Keys that are made in the store stand in for one of this backend. */
  readonly softwareInsteadOf?: string;
  /** Keys may be made and ended also where they are not expected. */
  readonly force?: boolean;
  /** A key is made: a value for it that is typed is a new one. */
  readonly makesKey?: boolean;
  /** Certificates of the key that attests, PEM. */
  readonly certificates?: string;
}

/** Everything that a command reaches: the store first. */
export async function allBackends(
  given: Given,
  context: Surroundings,
  config: Config,
  { passphrase, derivation, softwareInsteadOf, ...making }: BackendOptions,
): Promise<readonly KeyProvider[]> {
  const store = fileStore(
    {
      store: storeFolder(given, context, config),
      ...(derivation && { derivation }),
      ...(softwareInsteadOf && { softwareInsteadOf }),
    },
    passphrase ?? passphraseChoice(given, context.environment),
    context.interactive,
  );
  const others = [
    tpmProvider({ ...tpmOptions(given, context, config), ...making }),
    tokenProvider(given, context, config),
    agentProvider(context, config),
    keyringProvider(config),
    awsProvider(context, config, making),
    vaultProvider('hashivault', context, config),
    vaultProvider('openbao', context, config),
    azureProvider(context, config, making),
    gcpProvider(context, config, making),
  ];
  return [store, ...(await signerPrograms(config)), ...others];
}

/** The one whose keys a reference without a key names. */
export async function backendOf(
  given: Given,
  context: Surroundings,
  config: Config,
  ref: string,
): Promise<KeyProvider> {
  if (ref.startsWith('pkcs11:')) return tokenProvider(given, context, config, ref);
  if (ref.startsWith('ssh-agent:')) return agentProvider(context, config, ref);
  if (ref.startsWith('keyring:')) return keyringProvider(config, ref);
  if (ref.startsWith('awskms:')) return awsProvider(context, config, { lists: true });
  if (ref.startsWith('azurekms:')) return azureProvider(context, config, { lists: true });
  if (ref.startsWith('gcpkms:')) return gcpProvider(context, config, { lists: true });
  const { scheme } = parseKeyRef(ref);
  if (scheme === 'hashivault' || scheme === 'openbao') return vaultProvider(scheme, context, config, true);
  if (scheme === 'tpm') return tpmProvider(tpmOptions(given, context, config), ref);
  throw new Failure('UNSUPPORTED', 'keys of this scheme are not listed by reference', { provider: scheme });
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
