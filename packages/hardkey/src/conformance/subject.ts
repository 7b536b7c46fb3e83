/**
 * What the author of a provider supplies, and what a case is.
 *
 * @module
 */
import type { Algorithm } from '../core/algorithms.ts';
import type { KeyProvider } from '../core/key.ts';

/**
 * A provider with something behind it. Each case gets a subject of its own, so that no case sees what
 * another one did.
 */
export interface ProviderSubject {
  /** A provider over the same backend, ready for use. Called several times, it gives independent ones. */
  provider(): KeyProvider | Promise<KeyProvider>;
  /** A reference to a key that exists, for every algorithm that the provider claims to know. */
  readonly keys: Readonly<Partial<Record<Algorithm, string>>>;
  /** A well-formed reference to no key. */
  readonly missing: string;
  /** References of the provider's scheme that its grammar refuses: bad bodies, unknown attributes. */
  readonly malformed: readonly string[];
  /** A reference to no key, another one each time. Needed where the provider creates or imports. */
  readonly unused?: () => string;

  /** The longest message in bytes that the backend takes, where it has a limit. Longer ones are ARGUMENT_INVALID. */
  readonly longestMessage?: number;
  /** The shortest message in bytes, where the backend takes no empty one. Shorter ones are ARGUMENT_INVALID. */
  readonly shortestMessage?: number;
  /** How many requests the backend has received, where that can be counted. */
  readonly requests?: () => number;
  /** Takes the backend away and gives it back, where that can be done. */
  readonly outage?: Outage;
  /** Lets the backend accept requests and answer none, until `end`. */
  readonly stall?: Outage;
  /** A provider with credentials that the backend rejects, where there are credentials. */
  readonly rejected?: () => KeyProvider | Promise<KeyProvider>;
  /** Secrets that the provider or its backend was given: PINs, tokens, passphrases. */
  readonly canaries?: readonly string[];
  /** Everything that was logged so far, by the provider or anything under it. */
  readonly logs?: () => string;
  /** How the runtime prints a value for people: `inspect` of node:util. */
  readonly inspect?: (value: unknown) => string;
  /** How many handles the process has open: sockets, pipes, timers. */
  readonly handles?: () => number;
}

/** A state of the backend that can be begun and ended. */
export interface Outage {
  begin(): void | Promise<void>;
  end(): void | Promise<void>;
}

/** Says why a case has nothing to examine. It is not a pass: a runner lists it. */
export interface NotApplicable {
  readonly skipped: string;
}

/** One case of the contract. */
export interface ContractCase {
  /** The clause it belongs to, 1 to 11. */
  readonly clause: number;
  /** What must be true, as a sentence. */
  readonly name: string;
  /** Resolves when it is true, and rejects with what was found otherwise. */
  // biome-ignore lint/suspicious/noConfusingVoidType: most cases return nothing, and say so by returning nothing.
  run(subject: ProviderSubject): Promise<NotApplicable | void>;
}
