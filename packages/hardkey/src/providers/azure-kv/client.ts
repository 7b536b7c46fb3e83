/**
 * The calls to Key Vault, through clients of the SDK: one for the keys of each vault, and one for each
 * version of a key that is used.
 *
 * @module
 */
import { callsUnderWay } from '../../core/calls-under-way.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { FailureDetails } from '../../errors.ts';
import { keyId, type PinnedName } from './address.ts';
import type {
  CallingOptions,
  CryptographyClient,
  KeyClient,
  KeyOperation,
  RawAnswer,
  Result,
} from './calls.ts';
import type { Settings } from './config.ts';
import { notAnswered, vaultFailure } from './failures.ts';
import { firstAlone, type Gate, type Passed } from './first-alone.ts';
import { clientsOf } from './sdk.ts';

/** The calls. Each throws what {@link vaultFailure} says, and in time. */
export interface Service {
  /** Calls the client of the keys of a vault. */
  call<T>(
    vaultHost: string,
    operation: string,
    act: (client: KeyClient, how: CallingOptions) => Promise<T>,
    options: CallOptions,
    details: FailureDetails,
  ): Promise<T>;
  /** Does one thing with one version of a key. */
  perform(
    name: PinnedName,
    operation: KeyOperation,
    given: readonly [algorithm: string, bytes: Uint8Array],
    options: CallOptions,
    details: FailureDetails,
  ): Promise<Performed>;
  /** Has the service say whether a signature over a digest is valid. */
  verify(
    name: PinnedName,
    given: readonly [algorithm: string, digest: Uint8Array, signature: Uint8Array],
    options: CallOptions,
    details: FailureDetails,
  ): Promise<boolean>;
  /** Throws when the provider was closed, or the call is over. */
  ready(options?: CallOptions): void;
  /** Ends every call with `UNAVAILABLE`. */
  close(): void;
}

/** What an operation gave. */
export interface Performed {
  readonly result: Uint8Array | undefined;
  /** The id of the key that the service says it was; undefined where a client does not show it. */
  readonly kid: string | undefined;
}

/** A client, and the gate before it. */
interface Gated<C> {
  readonly client: Promise<C>;
  readonly gate: Gate;
}

const PROVIDER: FailureDetails = { provider: 'azurekms' };

/** Clients of vaults, and of versions: there is no end of those that references name, and each takes 15 kB. */
const MOST_KEPT = 1024;

/** The calls as the configuration says. Nothing is loaded before the first of them. */
export function serviceOf(settings: Settings): Service {
  const { client: given, timeoutMs } = settings;
  const clients = clientsOf(settings);
  const keyClients = new Map<string, Gated<KeyClient>>();
  const cryptographyClients = new Map<string, Gated<CryptographyClient>>();
  const { ready, inTime, close } = callsUnderWay(PROVIDER, timeoutMs);
  // Its clients for versions of keys go the same way as it does.
  const givenGate = firstAlone();

  function keyClientOf(vaultHost: string): Gated<KeyClient> {
    if (given !== undefined) return { client: Promise.resolve(given), gate: givenGate };
    return kept(keyClients, vaultHost, () => clients.keyClient(vaultHost));
  }

  function cryptographyClientOf(name: PinnedName): Gated<CryptographyClient> {
    if (given === undefined) {
      return kept(cryptographyClients, keyId(name), () => clients.cryptographyClient(name));
    }
    const make = async (): Promise<CryptographyClient> =>
      given.getCryptographyClient(name.key, { keyVersion: name.version });
    return { ...kept(cryptographyClients, keyId(name), make), gate: givenGate };
  }

  function through<C, T>(
    { client, gate }: Gated<C>,
    act: (client: C, how: CallingOptions) => Promise<T>,
    options: CallOptions,
    details: FailureDetails,
  ): Promise<readonly [value: T, answer: RawAnswer | undefined]> {
    ready(options);
    return inTime(options, details, async (abortSignal) => {
      const called = await client;
      return gate(abortSignal, () => attempt((how) => act(called, { ...how, abortSignal }), details));
    });
  }

  async function throughKey<T>(
    name: PinnedName,
    act: (client: CryptographyClient, how: CallingOptions) => Promise<T>,
    options: CallOptions,
    about: FailureDetails,
  ): Promise<readonly [value: T, answer: RawAnswer | undefined]> {
    try {
      return await through(cryptographyClientOf(name), act, options, about);
    } catch (error) {
      // Such a client keeps what it once learned of the key, and would refuse for ever.
      if (given !== undefined) cryptographyClients.delete(keyId(name));
      throw error;
    }
  }

  return {
    async call(vaultHost, operation, act, options, details) {
      const about = { ...PROVIDER, ...details, operation };
      const [value] = await through(keyClientOf(vaultHost), act, options, about);
      return value;
    },
    async perform(name, operation, [algorithm, bytes], options, details) {
      const about = { ...PROVIDER, ...details, operation };
      const act = (client: CryptographyClient, how: CallingOptions): Promise<Result> =>
        client[operation](algorithm, bytes, how);
      const [{ result }, answer] = await throughKey(name, act, options, about);
      if (answer?.parsedBody === undefined) return { result, kid: undefined };
      // The SDK replaces it by what it asked for.
      const kid = fieldOf(answer, 'kid');
      if (typeof kid !== 'string') throw notAnswered(about);
      return { result, kid };
    },
    async verify(name, bytes, options, details) {
      const about = { ...PROVIDER, ...details, operation: 'verify' };
      const [, answer] = await throughKey(
        name,
        (client, how) => client.verify(...bytes, how),
        options,
        about,
      );
      // The SDK can be of an opinion of its own, and takes an answer without one for a refusal.
      const isValid = fieldOf(answer, 'value');
      if (typeof isValid !== 'boolean') throw notAnswered(about);
      return isValid;
    },
    ready,
    close() {
      close();
      clients.close();
    },
  };
}

/** What was made once for a name; what could not be made is made again. */
function kept<C>(made: Map<string, Gated<C>>, name: string, make: () => Promise<C>): Gated<C> {
  const known = made.get(name);
  if (known !== undefined) return known;
  const client = make();
  const gated = { client, gate: firstAlone() };
  const [oldest] = made.size < MOST_KEPT ? [] : made.keys();
  if (oldest !== undefined) made.delete(oldest);
  made.set(name, gated);
  client.catch(() => made.delete(name));
  return gated;
}

/** Calls once, and reads how the service answered where the SDK shows that. */
async function attempt<T>(
  act: (how: CallingOptions) => Promise<T>,
  details: FailureDetails,
): Promise<Passed<readonly [value: T, answer: RawAnswer | undefined]>> {
  let answer: RawAnswer | undefined;
  const onResponse = (raw: RawAnswer): void => {
    answer = raw;
  };
  try {
    const value = await act({ onResponse });
    return { isAnswered: true, outcome: () => [value, answer] };
  } catch (error) {
    const failure = vaultFailure(error, answer, details);
    return {
      isAnswered: answer !== undefined && answer.status !== 401,
      outcome: () => {
        throw failure;
      },
    };
  }
}

/** A field of an answer as it came. */
function fieldOf(answer: RawAnswer | undefined, name: 'kid' | 'value'): unknown {
  const body = answer?.parsedBody;
  return typeof body === 'object' && body !== null
    ? (body as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
