/**
 * A provider's key with every policy around it. No path leads past it to the bare key: nothing that
 * the provider made is handed out, other than public keys and results.
 *
 * @module
 */
import { digest } from '#crypto';
import { encodeHex } from '../encoding/hex.ts';
import { Failure, invalid } from '../errors.ts';
import { type Algorithm, type Algorithms, algorithm, type SignatureAlgorithm } from './algorithms.ts';
import type { Key, KeyInfo } from './key.ts';
import { keyRef } from './key-ref.ts';
import type {
  Aead,
  Bound,
  CallOptions,
  DigestSigner,
  KeyAgreement,
  KeyWrapper,
  Mac,
  Sealed,
  Signer,
} from './operations.ts';
import { isBytes } from './option-table.ts';
import type { Around, Call, Operation } from './policy/call.ts';
import { isSelfTested, selfTestMessage } from './policy/self-test.ts';
import { withDigestVerification, withVerification } from './policy/verification.ts';
import type { PublicKey } from './public-key.ts';
import { rememberSoftwareKey, softwareKeyOf } from './software/registry.ts';

/** What surrounds each call, and what is done with signatures. */
export interface Guarding {
  readonly around: Around;
  readonly selfTest: boolean;
  readonly releaseUnverified: boolean;
  readonly auditDigests: boolean;
}

/** Runs one operation inside the policies. */
type Run = <T>(
  operation: Operation,
  options: CallOptions | undefined,
  next: (options: CallOptions) => Promise<T>,
  more?: Pick<Call, 'digest' | 'selfTest'>,
) => Promise<T>;

/** A key bound to an algorithm, and how its operations run. */
interface Binding {
  readonly name: Algorithm;
  readonly info: KeyInfo;
  readonly run: Run;
  readonly guarding: Guarding;
}

/** Wraps a key: each operation it is bound to runs inside the policies. */
export function guardKey(key: Key, guarding: Guarding): Key {
  const info = guardInfo(key, guarding);
  const bind = (name: Algorithm): Binding => ({ name, info, run: runner(info, name, guarding), guarding });
  const { attest } = key;
  const guarded: Key = Object.freeze({
    ...info,
    use<A extends Algorithm>(name: A): Algorithms[A] {
      return GUARDS[algorithm(name).operation](key.use(name) as never, bind(name)) as Algorithms[A];
    },
    useDigest(name: SignatureAlgorithm): DigestSigner {
      return guardDigestSigner(key.useDigest(name), bind(name));
    },
    ...(attest === undefined ? {} : { attest: attestation(info, guarding.around, attest.bind(key)) }),
  });
  const software = softwareKeyOf(key);
  if (software !== undefined) rememberSoftwareKey(guarded, software);
  return guarded;
}

/** What is known of a key, and nothing else the provider's object has, in an object of our own. */
export function guardInfo(key: KeyInfo, { releaseUnverified }: Pick<Guarding, 'releaseUnverified'>): KeyInfo {
  const { place, level, facts } = key.custody;
  const told = releaseUnverified ? { ...facts, releaseUnverified: true } : { ...facts };
  return Object.freeze({
    ref: keyRef(key.ref.scheme, key.ref.body),
    id: key.id,
    ...(key.label === undefined ? {} : { label: key.label }),
    algorithms: Object.freeze([...key.algorithms]),
    state: key.state,
    ...(key.superseded === true ? { superseded: true } : {}),
    custody: Object.freeze({ place, level, facts: Object.freeze(told) }),
    ...(key.createdAt === undefined ? {} : { createdAt: key.createdAt }),
    ...(key.publicKey === undefined ? {} : { publicKey: key.publicKey }),
  });
}

function runner(key: KeyInfo, name: Algorithm, { around }: Guarding): Run {
  const { ref } = key;
  const about = { scheme: ref.scheme, subject: String(ref), ref, key, algorithm: name };
  return (operation, options = {}, next, more) => around({ operation, ...about, ...more }, options, next);
}

const GUARDS = {
  sign: guardSigner,
  aead: guardAead,
  wrap: guardWrapper,
  mac: guardMac,
  agree: guardAgreement,
} as const;

function guardSigner(bare: Signer, { name, info, run, guarding }: Binding): Signer {
  const publicKey = pinned(bare, info);
  const own = {
    ...bound<SignatureAlgorithm>(name, info),
    publicKey,
    sign: (message: Uint8Array, options?: CallOptions) => bare.sign(bytes(message, 'message'), options),
  };
  const { sign } = guarding.releaseUnverified ? own : withVerification(own);
  const tested = selfTested(info, guarding, (options) => sign(selfTestMessage(), options));
  if (!guarding.auditDigests) {
    const plain: Signer['sign'] = (message, options) =>
      run('sign', options, (narrowed) => sign(message, narrowed), tested);
    return Object.freeze({ ...own, sign: plain });
  }
  return Object.freeze({
    ...own,
    async sign(message: Uint8Array, options?: CallOptions) {
      const digested = `sha256:${encodeHex(await digest('SHA-256', bytes(message, 'message')))}`;
      return run('sign', options, (narrowed) => sign(message, narrowed), { ...tested, digest: digested });
    },
  });
}

function guardDigestSigner(bare: DigestSigner, { name, info, run, guarding }: Binding): DigestSigner {
  const own = {
    ...bound<SignatureAlgorithm>(name, info),
    publicKey: pinned(bare, info),
    signDigest: (given: Uint8Array, options?: CallOptions) =>
      bare.signDigest(bytes(given, 'digest'), options),
  };
  const { signDigest } = guarding.releaseUnverified ? own : withDigestVerification(own);
  const { hash = 'SHA-256' } = algorithm(name);
  const prefix = hash.replace('-', '').toLowerCase();
  const tested = selfTested(info, guarding, async (options) =>
    signDigest(await digest(hash, selfTestMessage()), options),
  );
  return Object.freeze({
    ...own,
    signDigest: async (given: Uint8Array, options?: CallOptions) =>
      run(
        'signDigest',
        options,
        (narrowed) => signDigest(given, narrowed),
        guarding.auditDigests
          ? { ...tested, digest: `${prefix}:${encodeHex(bytes(given, 'digest'))}` }
          : tested,
      ),
  });
}

/** How the key is tried with a signature of our own, where it is. */
function selfTested(
  { custody }: KeyInfo,
  guarding: Guarding,
  selfTest: NonNullable<Call['selfTest']>,
): Pick<Call, 'selfTest'> | undefined {
  return guarding.selfTest && isSelfTested(custody) ? { selfTest } : undefined;
}

function guardAead(aead: Aead, { name, info, run }: Binding): Aead {
  return Object.freeze({
    ...bound<Aead['algorithm']>(name, info),
    encrypt: (plaintext, aad, options = {}) => {
      const { nonce, ...rest } = options;
      const fixed = nonce === undefined ? {} : { nonce };
      return run('encrypt', rest, (narrowed) =>
        aead.encrypt(bytes(plaintext, 'plaintext'), bytes(aad, 'aad'), { ...narrowed, ...fixed }),
      );
    },
    decrypt: (sealed, aad, options) =>
      run('decrypt', options, (narrowed) => aead.decrypt(whole(sealed), bytes(aad, 'aad'), narrowed)),
  } satisfies Aead);
}

function guardWrapper(wrapper: KeyWrapper, { name, info, run }: Binding): KeyWrapper {
  const generateKey = wrapper.generateKey?.bind(wrapper);
  return Object.freeze({
    ...bound<KeyWrapper['algorithm']>(name, info),
    wrap: (contentKey, options) =>
      run('wrap', options, (narrowed) => wrapper.wrap(bytes(contentKey, 'contentKey'), narrowed)),
    unwrap: (wrapped, options) =>
      run('unwrap', options, (narrowed) => wrapper.unwrap(bytes(wrapped, 'wrapped'), narrowed)),
    ...(generateKey === undefined
      ? {}
      : {
          generateKey: (length, options) => run('wrap', options, (narrowed) => generateKey(length, narrowed)),
        }),
  } satisfies KeyWrapper);
}

function guardMac(mac: Mac, { name, info, run }: Binding): Mac {
  return Object.freeze({
    ...bound<Mac['algorithm']>(name, info),
    mac: (message, options) =>
      run('mac', options, (narrowed) => mac.mac(bytes(message, 'message'), narrowed)),
    verifyMac: (message, code, options) =>
      run('verifyMac', options, (narrowed) =>
        mac.verifyMac(bytes(message, 'message'), bytes(code, 'code'), narrowed),
      ),
  } satisfies Mac);
}

function guardAgreement(agreement: KeyAgreement, { name, info, run }: Binding): KeyAgreement {
  return Object.freeze({
    ...bound<KeyAgreement['algorithm']>(name, info),
    publicKey: pinned(agreement, info),
    agree: (peer, options) => run('agree', options, (narrowed) => agreement.agree(peer, narrowed)),
  } satisfies KeyAgreement);
}

function attestation(
  key: KeyInfo,
  around: Around,
  attest: NonNullable<Key['attest']>,
): NonNullable<Key['attest']> {
  const { ref } = key;
  const call: Call = { operation: 'attest', scheme: ref.scheme, subject: String(ref), ref, key };
  return ({ nonce, ...options }) => around(call, options, (narrowed) => attest({ ...narrowed, nonce }));
}

/** What is worked on. A text has bytes in more than one way, and which is meant is not for us to say. */
function bytes(value: unknown, field: string): Uint8Array {
  if (isBytes(value)) return value;
  throw invalid('bytes are needed', field);
}

function whole(sealed: Sealed): Sealed {
  const { nonce, ciphertext } = (sealed ?? {}) as Partial<Sealed>;
  return { nonce: bytes(nonce, 'nonce'), ciphertext: bytes(ciphertext, 'ciphertext') };
}

/** What was bound is what was asked for, whatever the provider's operation says of itself. */
function bound<A extends Algorithm>(name: Algorithm, key: KeyInfo): Bound<A> {
  return { algorithm: name as A, key };
}

/** The public key that was pinned when the key was opened. An operation of another one is refused. */
function pinned(bare: { readonly publicKey: PublicKey }, { ref, publicKey }: KeyInfo): PublicKey {
  if (publicKey !== undefined && publicKey.fingerprint === bare.publicKey.fingerprint) return publicKey;
  throw new Failure('SIGNER_MISMATCH', 'the operation is of another key than the one that was opened', {
    ref: String(ref),
    actual: bare.publicKey.fingerprint,
    ...(publicKey === undefined ? {} : { expected: publicKey.fingerprint }),
  });
}
