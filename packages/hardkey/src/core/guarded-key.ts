/**
 * A provider's key with every policy around it. No path leads past it to the bare key.
 *
 * @module
 */
import { type Algorithm, type Algorithms, algorithm, type SignatureAlgorithm } from './algorithms.ts';
import type { Key, KeyInfo } from './key.ts';
import type { Aead, CallOptions, DigestSigner, KeyAgreement, KeyWrapper, Mac, Signer } from './operations.ts';
import type { Around, Operation } from './policy/call.ts';
import { withDigestVerification, withVerification } from './policy/verification.ts';
import { rememberSoftwareKey, softwareKeyOf } from './software/registry.ts';

/** What surrounds each call, and whether signatures are verified before release. */
export interface Guarding {
  readonly around: Around;
  readonly releaseUnverified: boolean;
}

/** Runs one operation inside the policies. */
type Run = <T>(
  operation: Operation,
  options: CallOptions | undefined,
  next: (options: CallOptions) => Promise<T>,
) => Promise<T>;

/** Wraps a key: each operation it is bound to runs inside the policies. */
export function guardKey(key: Key, guarding: Guarding): Key {
  const { around, releaseUnverified } = guarding;
  const info = releaseUnverified ? unverified(key) : key;
  const runner =
    (name: Algorithm): Run =>
    (operation, options = {}, next) =>
      around({ operation, scheme: key.ref.scheme, ref: key.ref, key, algorithm: name }, options, next);
  const { attest } = key;
  const guarded: Key = Object.freeze({
    ...info,
    use<A extends Algorithm>(name: A): Algorithms[A] {
      return GUARDS[algorithm(name).operation](key.use(name) as never, runner(name), guarding) as Algorithms[A];
    },
    useDigest(name: SignatureAlgorithm): DigestSigner {
      return guardDigestSigner(key.useDigest(name), runner(name), guarding);
    },
    ...(attest === undefined ? {} : { attest: attestation(key, around, attest.bind(key)) }),
  });
  const software = softwareKeyOf(key);
  if (software !== undefined) rememberSoftwareKey(guarded, software);
  return guarded;
}

/** What is known of a key, saying that its signatures are released unverified. */
function unverified(key: KeyInfo): KeyInfo {
  const facts = { ...key.custody.facts, releaseUnverified: true };
  return { ...key, custody: { ...key.custody, facts } };
}

const GUARDS = {
  sign: guardSigner,
  aead: guardAead,
  wrap: guardWrapper,
  mac: guardMac,
  agree: guardAgreement,
} as const;

function guardSigner(bare: Signer, run: Run, { releaseUnverified }: Guarding): Signer {
  const signer = releaseUnverified ? bare : withVerification(bare);
  return Object.freeze({
    ...signer,
    sign: (message, options) => run('sign', options, (narrowed) => signer.sign(message, narrowed)),
  } satisfies Signer);
}

function guardDigestSigner(bare: DigestSigner, run: Run, { releaseUnverified }: Guarding): DigestSigner {
  const signer = releaseUnverified ? bare : withDigestVerification(bare);
  return Object.freeze({
    ...signer,
    signDigest: (digest, options) =>
      run('signDigest', options, (narrowed) => signer.signDigest(digest, narrowed)),
  } satisfies DigestSigner);
}

function guardAead(aead: Aead, run: Run): Aead {
  return Object.freeze({
    ...aead,
    encrypt: (plaintext, aad, options = {}) => {
      const { nonce } = options;
      const fixed = nonce === undefined ? {} : { nonce };
      return run('encrypt', options, (narrowed) => aead.encrypt(plaintext, aad, { ...narrowed, ...fixed }));
    },
    decrypt: (sealed, aad, options) =>
      run('decrypt', options, (narrowed) => aead.decrypt(sealed, aad, narrowed)),
  } satisfies Aead);
}

function guardWrapper(wrapper: KeyWrapper, run: Run): KeyWrapper {
  return Object.freeze({
    ...wrapper,
    wrap: (contentKey, options) => run('wrap', options, (narrowed) => wrapper.wrap(contentKey, narrowed)),
    unwrap: (wrapped, options) => run('unwrap', options, (narrowed) => wrapper.unwrap(wrapped, narrowed)),
  } satisfies KeyWrapper);
}

function guardMac(mac: Mac, run: Run): Mac {
  return Object.freeze({
    ...mac,
    mac: (message, options) => run('mac', options, (narrowed) => mac.mac(message, narrowed)),
    verifyMac: (message, code, options) =>
      run('verifyMac', options, (narrowed) => mac.verifyMac(message, code, narrowed)),
  } satisfies Mac);
}

function guardAgreement(agreement: KeyAgreement, run: Run): KeyAgreement {
  return Object.freeze({
    ...agreement,
    agree: (peer, options) => run('agree', options, (narrowed) => agreement.agree(peer, narrowed)),
  } satisfies KeyAgreement);
}

function attestation(key: Key, around: Around, attest: NonNullable<Key['attest']>): NonNullable<Key['attest']> {
  const call = { operation: 'attest', scheme: key.ref.scheme, ref: key.ref, key } as const;
  return ({ nonce, ...options }) => around(call, options, (narrowed) => attest({ ...narrowed, nonce }));
}
