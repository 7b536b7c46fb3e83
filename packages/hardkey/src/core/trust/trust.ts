/**
 * What a verifier trusts: keys, each with its algorithms and its time, and certificate authorities.
 *
 * Trust is an argument of every verification. Nothing found inside a document is added to it.
 *
 * @module
 */
import { Failure, invalid } from '../../errors.ts';
import { isSignatureAlgorithm, type SignatureAlgorithm } from '../algorithms.ts';
import type { PublicKey } from '../public-key.ts';
import { readSource } from './read-source.ts';
import { restrictionsOfEach } from './restrictions.ts';

export { keyIdText } from './key-id.ts';
export { type Check, type SignedBytes, type Trusted, verifyTrusted } from './verify-trusted.ts';

/** A public key that is trusted, and within which limits. Times are Unix seconds. */
export interface TrustedKey {
  readonly publicKey: PublicKey;
  /** The name the source gave the key; a binary COSE kid as `keyIdText` writes it. */
  readonly keyId?: string;
  /** What the key may verify. Empty for a key that is not for signatures, or that the allow-list excludes. */
  readonly algorithms: readonly SignatureAlgorithm[];
  /** The first moment of validity. */
  readonly notBefore?: number;
  /** The last moment of validity. */
  readonly notAfter?: number;
  /** From when on nothing the key signed is accepted; `-Infinity` when it was revoked without a time. */
  readonly revokedAt?: number;
  /** Present when the key is listed and must not be used. */
  readonly inactive?: true;
  /** The certificate the key was given in, DER. */
  readonly certificate?: Uint8Array;
}

/** Everything a verifier trusts. Made by {@link createTrust}. */
export interface Trust {
  /** How many keys and roots there are. */
  readonly size: number;
  readonly keys: readonly TrustedKey[];
  /** Certificates of the authorities that a path may end at, DER. Self-signed or not. */
  readonly roots: readonly Uint8Array[];
  /** The algorithm allow-list, where the caller gave one. It also holds for keys found through a path. */
  readonly algorithms?: readonly SignatureAlgorithm[];
  /** The purpose that a certificate found through a path must name, where the caller gave one. */
  readonly extKeyUsage?: string;
}

/**
 * One form of trust: PEM text (public keys and certificates, any number of blocks), a JWK or JWK Set
 * (object or JSON text), a `trusted_keys.json` (object or text), `ed25519:<hex>`, `p256:<hex>`, a
 * `did:key` or `did:jwk` (nothing is fetched), DER bytes (SubjectPublicKeyInfo or certificate), COSE_Key or COSE_KeySet bytes, the bytes of a file that
 * holds one of the texts, or a public key.
 */
export type TrustSource = string | Uint8Array | PublicKey | Readonly<Record<string, unknown>>;

/** Limits on everything in a trust. */
export interface TrustOptions {
  /** The only algorithms that are accepted. Default: every algorithm the key itself allows. */
  readonly algorithms?: readonly SignatureAlgorithm[];
  /** Object identifier of the purpose that certificates found through a path must name. Default: any. */
  readonly extKeyUsage?: string;
}

/**
 * Reads what is trusted. A certificate of an authority (CA:TRUE) becomes a root, and a key as well where
 * its key usage lets it sign documents; any other is a key. Such a key is valid as long as the certificate.
 *
 * A key that one source revokes or marks inactive is so whatever another source, another name for it or
 * a certificate says.
 *
 * Throws `MALFORMED` naming the field for anything that is broken or not understood: an entry never
 * vanishes. In a JWK Set or COSE_KeySet, keys of an unknown kind are passed over, as RFC 7517 §5 and
 * RFC 9052 §7 say; alone, they are `UNSUPPORTED`.
 */
export async function createTrust(
  source: TrustSource | readonly TrustSource[],
  options: TrustOptions = {},
): Promise<Trust> {
  checkOptions(options);
  const sources = Array.isArray(source) ? (source as readonly TrustSource[]) : [source as TrustSource];
  const entries = (await Promise.all(sources.map(readSource))).flat();
  const keys = entries.flatMap((entry) => ('root' in entry ? [] : [entry]));
  const roots = entries.flatMap((entry) => ('root' in entry ? [entry.root] : []));
  const { algorithms } = options;
  const restricted = restrictionsOfEach(keys);
  return Object.freeze({
    size: keys.length + roots.length,
    keys: keys.map((key) => narrow({ ...key, ...restricted.get(key.publicKey.fingerprint) }, algorithms)),
    roots,
    ...options,
    ...(algorithms && { algorithms: [...algorithms] }),
  });
}

function checkOptions(options: TrustOptions): void {
  if (typeof options !== 'object' || options === null) throw invalid('an object is needed', 'options');
  const { algorithms, extKeyUsage, ...unknown } = options;
  const [wrong] = Object.keys(unknown);
  if (wrong !== undefined) throw new Failure('ARGUMENT_INVALID', 'unknown option', { field: wrong });
  if (
    algorithms !== undefined &&
    (!Array.isArray(algorithms) || algorithms.length === 0 || !algorithms.every(isSignatureAlgorithm))
  ) {
    throw new Failure('ARGUMENT_INVALID', 'not a list of signature algorithms', { field: 'algorithms' });
  }
  if (extKeyUsage !== undefined && !/^[0-2](\.\d+)+$/.test(extKeyUsage)) {
    throw new Failure('ARGUMENT_INVALID', 'not an object identifier', { field: 'extKeyUsage' });
  }
}

function narrow(key: TrustedKey, allowed: readonly SignatureAlgorithm[] | undefined): TrustedKey {
  const algorithms = key.algorithms.filter((name) => allowed?.includes(name) ?? true);
  return Object.freeze({ ...key, algorithms });
}
