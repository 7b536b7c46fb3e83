/**
 * What a policy sees of a call, and the shape every decorator has.
 *
 * @module
 */
import type { Algorithm } from '../algorithms.ts';
import type { KeyInfo } from '../key.ts';
import type { KeyRef } from '../key-ref.ts';
import type { CallOptions } from '../operations.ts';

/** What a call does. */
export type Operation =
  | 'open'
  | 'create'
  | 'import'
  | 'list'
  | 'rotate'
  | 'setState'
  | 'destroy'
  | 'check'
  | 'sign'
  | 'signDigest'
  | 'encrypt'
  | 'decrypt'
  | 'wrap'
  | 'unwrap'
  | 'mac'
  | 'verifyMac'
  | 'agree'
  | 'attest';

/** One call, as policies see it: never its data. */
export interface Call {
  readonly operation: Operation;
  /** The scheme, which names the provider. */
  readonly scheme: string;
  /** What is limited and watched together: the text of the reference, or for `list` the scheme. */
  readonly subject: string;
  /** The reference as it was given, or pinned once the key is open. Absent for `list`. */
  readonly ref?: KeyRef;
  /** The key. A call that opens one has it from the moment the provider answered. */
  readonly key?: KeyInfo | undefined;
  readonly algorithm?: Algorithm;
  /** `sha256:<hex>` of the message, where the policy asks for it. */
  readonly digest?: string;
  /** Finds out whether the key works, without the call's data; absent where only the call itself can tell. */
  readonly selfTest?: (options: CallOptions) => Promise<unknown>;
}

/**
 * A decorator: it surrounds a call and decides whether, when and how often `next` runs. It passes
 * `options` on, narrowed if at all, and never swallows a failure.
 */
export type Around = <T>(
  call: Call,
  options: CallOptions,
  next: (options: CallOptions) => Promise<T>,
) => Promise<T>;

/** Composes decorators, outermost first. */
export function compose(layers: readonly Around[]): Around {
  return layers.reduceRight<Around>(
    (inner, layer) => (call, options, next) =>
      layer(call, options, (narrowed) => inner(call, narrowed, next)),
    (_call, options, next) => next(options),
  );
}
