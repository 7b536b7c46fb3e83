/**
 * The SDK: loaded when it is needed, and its clients made as they must be here.
 *
 * @module
 */
import { Agent } from 'node:https';
import { waitWithin } from '../../core/limits.ts';
import { loadSdk } from '../../core/load-sdk.ts';
import { keyId, type PinnedName } from './address.ts';
import type { CryptographyClient, KeyClient, TokenCredential } from './calls.ts';
import type { Settings } from './config.ts';
import { ELSEWHERE } from './failures.ts';

/** Makes clients of one provider. */
export interface Clients {
  keyClient(vaultHost: string): Promise<KeyClient>;
  cryptographyClient(name: PinnedName): Promise<CryptographyClient>;
  /** Closes the connections of all of them. */
  close(): void;
}

/** The slices of the SDK that are used. */
interface Keys {
  readonly KeyClient: new (url: string, credential: TokenCredential, options: object) => KeyClient;
  readonly CryptographyClient: new (
    key: object,
    credential: TokenCredential,
    options: object,
  ) => CryptographyClient;
}
interface Identity {
  readonly DefaultAzureCredential: new (options: object) => TokenCredential;
}

const SDK = {
  provider: 'azurekms',
  service: 'Key Vault',
  packages: '@azure/keyvault-keys @azure/identity',
} as const;

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/** Clients as the configuration says, all with one credential. */
export function clientsOf(
  settings: Pick<Settings, 'vaultHost' | 'credential' | 'authorityHost' | 'ca' | 'timeoutMs'>,
): Clients {
  let made: TokenCredential | undefined;
  const trust = settings.ca === undefined ? {} : { ca: settings.ca };
  const agent = new Agent({ keepAlive: true, ...trust });
  const connecting = policy(ownAgent(agent, trust));
  const usual = {
    // Once: repeating is decided where the deadline is known.
    retryOptions: { maxRetries: 0 },
    tlsOptions: trust,
    additionalPolicies: [connecting],
  };
  const usualOf = (vaultHost: string): object => ({
    ...usual,
    additionalPolicies: [connecting, policy(onlyTo(vaultHost))],
    ...challengeOf(vaultHost, settings),
  });

  /** After a failure another one is made: the SDK's remembers for a minute that it failed. */
  const found: TokenCredential = {
    async getToken(scopes, options) {
      const { DefaultAzureCredential } = await loadSdk<Identity>(SDK, () => import('@azure/identity'));
      made ??= new DefaultAzureCredential({ ...usual, ...authorityOf(settings) });
      const used = made;
      try {
        return await used.getToken(scopes, options);
      } catch (error) {
        if (made === used) made = undefined;
        throw error;
      }
    },
  };
  const credential = inTime(settings.credential ?? found, settings.timeoutMs);

  return {
    async keyClient(vaultHost) {
      const { KeyClient } = await loadSdk<Keys>(SDK, () => import('@azure/keyvault-keys'));
      return new KeyClient(`https://${vaultHost}`, credential, usualOf(vaultHost));
    },
    async cryptographyClient(name) {
      const { CryptographyClient } = await loadSdk<Keys>(SDK, () => import('@azure/keyvault-keys'));
      const { key, version, vaultHost } = name;
      // No more than its name: what the SDK knew of its dates and uses would be how they once were.
      const bare = { id: keyId(name), name: key, key: {}, properties: { name: key, version } };
      return new CryptographyClient(bare, credential, usualOf(vaultHost));
    },
    close: () => agent.destroy(),
  };
}

/**
 * A credential whose every call ends. The SDK has one at a time, which all of its own calls wait for: one that
 * never answers would be the last.
 */
function inTime(credential: TokenCredential, timeoutMs: number): TokenCredential {
  return {
    async getToken(scopes, options) {
      const signal = options?.abortSignal as AbortSignal | undefined;
      const limits = signal === undefined ? {} : { signal };
      return waitWithin(credential.getToken(scopes, options), limits, timeoutMs, { provider: SDK.provider });
    },
  };
}

/** What the SDK lets a policy see of a request. */
interface Sent {
  readonly url: string;
  agent?: unknown;
  requestOverrides?: object;
}

/**
 * One agent for all clients, whose connections can be closed. Where the SDK goes through a proxy it has its own,
 * and would leave out whom to trust.
 */
function ownAgent(agent: Agent, trust: object): object {
  return {
    name: 'hardkeyAgent',
    sendRequest<R>(request: Sent, next: (request: Sent) => R): R {
      if (request.agent === undefined) request.agent = agent;
      else request.requestOverrides = { ...request.requestOverrides, ...trust };
      return next(request);
    },
  };
}

/** The SDK goes, with the token, where a redirection or the next page of a list is said to be. */
function onlyTo(vaultHost: string): object {
  const { origin } = new URL(`https://${vaultHost}`);
  return {
    name: 'hardkeyOnlyToVault',
    async sendRequest<R>(request: Sent, next: (request: Sent) => R): Promise<Awaited<R>> {
      if (new URL(request.url).origin === origin) return await next(request);
      throw new Error(ELSEWHERE);
    },
  };
}

/** A policy at the end of the SDK's own, which sees each request as it is sent. */
function policy(own: object): object {
  return { policy: own, position: 'perRetry' };
}

/** An authority on this machine, that nobody else knows of, is not looked up among Microsoft's. */
function authorityOf({ authorityHost }: Pick<Settings, 'authorityHost'>): object {
  if (authorityHost === undefined) return {};
  return { authorityHost, disableInstanceDiscovery: LOOPBACK.test(new URL(authorityHost).host) };
}

/**
 * The SDK sends tokens only to hosts below the domain that they are for. A vault on this machine is of none:
 * it is let off, if it was configured. One that a reference names is not.
 */
function challengeOf(vaultHost: string, settings: Pick<Settings, 'vaultHost'>): object {
  const disableChallengeResourceVerification = vaultHost === settings.vaultHost && LOOPBACK.test(vaultHost);
  return { disableChallengeResourceVerification };
}
