/**
 * What is on the machine and not in the settings.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { isFailure } from 'hardkey';
import { azureSettings } from '../../azure.ts';
import type { Config } from '../../config.ts';
import type { Surroundings } from '../../context.ts';
import { gcpSettings } from '../../gcp.ts';
import type { Given } from '../../given.ts';
import type { Opened } from '../../keys.ts';
import { type Answer, askPlace } from '../../places.ts';
import { loadTokens } from '../../tokens.ts';
import { installedModules } from './modules.ts';

/** A place for keys that the settings do not name. */
export interface Found extends Answer {
  readonly ref: string;
  /** What in the settings would name it. */
  readonly settings: Config;
}

type Candidate = Pick<Found, 'backend' | 'ref' | 'settings'>;

/** The kernel's own multiplexer first. TCG TPM 2.0 and Linux name no others. */
const TPMS = ['/dev/tpmrm0', '/dev/tpm0'];

/** Looks for TPMs, agents, a keyring, a cloud, and the tokens of every module that is installed. */
export async function findMore(
  given: Given,
  context: Surroundings,
  opened: Opened,
  devices: readonly string[] = TPMS,
): Promise<readonly Found[]> {
  const { config } = opened.settings;
  const candidates = [
    ...tpms(config, devices),
    ...agents(config, context),
    ...keyrings(config, context),
    ...clouds(config, context),
  ];
  const found: Found[] = [];
  for (const candidate of candidates) {
    const answer = await askPlace(given, context, opened, candidate.ref);
    // A device stands there all the same; a socket or bus alone is no agent and no keyring.
    const isThere = candidate.backend === 'tpm' || !isFailure(answer.failure, 'UNAVAILABLE');
    if (isThere) found.push({ ...candidate, ...answer, ref: candidate.ref });
  }
  return [...found, ...(await tokens(context, config))];
}

function tpms({ tpm }: Config, devices: readonly string[]): readonly Candidate[] {
  const device = devices.find((path) => existsSync(path));
  if (tpm !== undefined || device === undefined) return [];
  return [{ backend: 'tpm', ref: `tpm:?device=${device}`, settings: { tpm: { device } } }];
}

function agents(config: Config, { environment: { agent } }: Surroundings): readonly Candidate[] {
  if (config['ssh-agent'] !== undefined || agent === undefined) return [];
  return [
    {
      backend: 'ssh-agent',
      ref: `ssh-agent:?socket=${encodeURIComponent(agent).replaceAll('%2F', '/')}`,
      settings: { 'ssh-agent': { socket: agent } },
    },
  ];
}

function keyrings({ keyring }: Config, { environment }: Surroundings): readonly Candidate[] {
  if (keyring !== undefined || !environment.bus) return [];
  return [{ backend: 'keyring', ref: 'keyring:', settings: { keyring: {} } }];
}

/** A cloud is asked where the environment has credentials for it, or names its server, and then by its own means. */
function clouds(config: Config, context: Surroundings): readonly Candidate[] {
  const { aws, gcp, vault, azure } = context.environment;
  return [
    { backend: 'awskms', settings: { awskms: {} }, isNamed: aws },
    {
      backend: 'gcpkms',
      settings: { gcpkms: gcpSettings(context) },
      isNamed: gcp.isSetUp && gcp.keyRing !== undefined,
    },
    { backend: 'hashivault', settings: { hashivault: {} }, isNamed: vault.hashivault.isNamed },
    { backend: 'openbao', settings: { openbao: {} }, isNamed: vault.openbao.isNamed },
    {
      backend: 'azurekms',
      settings: { azurekms: azureSettings(context) },
      isNamed: azure.vaultUrl !== undefined,
    },
  ].flatMap(({ backend, settings, isNamed }) =>
    isNamed && config[backend as keyof Config] === undefined
      ? [{ backend, ref: `${backend}:`, settings }]
      : [],
  );
}

/** Those of the modules that load. What is installed and serves nothing is no finding. */
async function tokens(context: Surroundings, { pkcs11 }: Config): Promise<readonly Found[]> {
  const provider = await orElse(undefined, loadTokens(context, pkcs11));
  const found: Found[] = [];
  for (const module of provider === undefined ? [] : installedModules()) {
    for (const { ref, isConfigured } of await orElse([], provider?.tokens(module))) {
      const settings = { pkcs11: { tokens: [ref] } };
      if (!isConfigured) found.push({ backend: 'pkcs11', ref, keys: [], settings });
    }
  }
  await provider?.close();
  return found;
}

/** What is there, or something else where that fails. */
async function orElse<T>(instead: T, promise: Promise<T> | undefined): Promise<T> {
  try {
    return (await promise) ?? instead;
  } catch (error) {
    if (!isFailure(error)) throw error;
    return instead;
  }
}
