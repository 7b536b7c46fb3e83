/**
 * What public-key verification needs of a runtime. `node.ts` and `web.ts` are the two
 * implementations behind the import `#crypto`. Nothing here touches a private key.
 *
 * @module
 */
import type { AlgorithmFacts, Curve, Hash } from '../algorithms.ts';
import type { PublicKey } from '../public-key.ts';

/** A result that is there at once on Node and later elsewhere. */
export type Soon<T> = T | Promise<T>;

/**
 * What follows a result: at once where the result is there at once. To wait for what is there takes a
 * turn of the loop, and a document passes through many hands.
 */
export function following<T, R>(result: Soon<T>, next: (result: T) => Soon<R>): Soon<R> {
  return result instanceof Promise ? result.then(next) : next(result);
}

/** One runtime's public-key operations. */
export interface RuntimeCrypto {
  /** Names the runtime in `UNSUPPORTED` failures. */
  readonly runtime: string;
  readonly digest: (hash: Hash, data: Uint8Array) => Soon<Uint8Array>;
  readonly randomBytes: (length: number) => Uint8Array<ArrayBuffer>;
  /**
   * Whether the signature is right. The runtime's key is made once for each `PublicKey` object.
   * Throws `UNSUPPORTED` for an algorithm the runtime lacks and `MALFORMED` for a key it refuses.
   */
  readonly verifySignature: (
    key: PublicKey,
    facts: AlgorithmFacts,
    message: Uint8Array,
    signature: Uint8Array,
  ) => Soon<boolean>;
  /** The same on another thread where the runtime has one, so that this one goes on with its work. */
  readonly verifyAside: (
    key: PublicKey,
    facts: AlgorithmFacts,
    message: Uint8Array,
    signature: Uint8Array,
  ) => Promise<boolean>;
  /** Whether the runtime verifies signatures of an algorithm over digests. */
  readonly verifiesDigests: (facts: AlgorithmFacts) => boolean;
  /** Whether a signature is over this digest. Throws `UNSUPPORTED` where {@link verifiesDigests} says no. */
  readonly verifyDigest: (
    key: PublicKey,
    facts: AlgorithmFacts,
    digest: Uint8Array,
    signature: Uint8Array,
  ) => Soon<boolean>;
  /** RSA-OAEP with SHA-256 and an empty label (RFC 8230 §3) under somebody's public key. */
  readonly wrapTo: (key: PublicKey, contentKey: Uint8Array) => Soon<Uint8Array>;
  /** Throws `MALFORMED` when the runtime refuses the key, for example a point off its curve. */
  readonly checkKey: (key: PublicKey) => Soon<void>;
  /** The uncompressed form of a compressed SEC 1 point. */
  readonly decompressPoint: (curve: Curve, point: Uint8Array) => Soon<Uint8Array>;
}
