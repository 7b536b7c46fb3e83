/**
 * Who can read: from a key or a public key to what encrypts and decrypts.
 *
 * @module
 */
import {
  type AeadAlgorithm,
  type AgreementAlgorithm,
  type Algorithm,
  algorithm,
  type Decryptor,
  type Encryptor,
  Failure,
  importPublicKey,
  type Key,
  type KeyAgreement,
  type KeyInfo,
  type KeyWrapper,
  type OperationKind,
  type PublicKey,
  type WrapAlgorithm,
} from 'hardkey';
import { type Recipient, wrapperFor } from 'hardkey/formats/cose';
import { textOf } from './input.ts';
import { readKeySource } from './trust.ts';

/** What encrypts for one reader. */
export type Reader = Encryptor | Recipient;

/** What decrypts. */
export type Opener = Decryptor | KeyWrapper | KeyAgreement;

/** The reader who has `key`. Throws `UNSUPPORTED` when the key does not encrypt, `DENIED` when it may not. */
export function readerWith(key: Key): Reader {
  if (key.state !== 'active')
    throw new Failure('DENIED', `the key is ${key.state}`, { ref: String(key.ref) });
  const [aead] = named<AeadAlgorithm>(key, 'aead');
  if (aead !== undefined) return key.use(aead);
  const [wrap] = named<WrapAlgorithm>(key, 'wrap');
  if (wrap !== undefined) return key.use(wrap);
  const [agree] = named<AgreementAlgorithm>(key, 'agree');
  if (agree !== undefined) return key.use(agree);
  throw new Failure('UNSUPPORTED', 'the key does not encrypt', { ref: String(key.ref) });
}

/** The owner of a public key. Throws `UNSUPPORTED` when nothing can be encrypted to it, or not with `asked`. */
export function readerOf(publicKey: PublicKey, asked?: string): Reader {
  const { keyType, curve = '' } = publicKey;
  const name = asked ?? (keyType === 'RSA' ? 'RSA-OAEP-256' : 'ECDH-ES+A128KW');
  const facts = algorithm(name);
  if (keyType === 'RSA' && facts.name === 'RSA-OAEP-256') return wrapperFor(publicKey);
  if (isAgreement(facts.name) && facts.curves.some((one) => one === curve)) {
    return { publicKey, algorithm: facts.name };
  }
  throw new Failure('UNSUPPORTED', 'nothing can be encrypted to this key so', { algorithm: facts.name });
}

/** Reads a public key: a file in any of its forms, or its text. */
export async function readPublicKey(argument: string, field: string): Promise<PublicKey> {
  const source = await readKeySource(argument, field);
  if (typeof source === 'string') return importPublicKey(source);
  const [first = 0] = source;
  // DER and CBOR begin with bytes that PEM and JSON do not begin with.
  return importPublicKey(first === 0x30 || first >= 0x80 ? source : textOf(source, field));
}

/** Everything `key` may open with: a key agreement has several algorithms, and the document names one. */
export function openersOf(key: Key): readonly Opener[] {
  const openers: readonly Opener[] = [
    ...named<AeadAlgorithm>(key, 'aead').map((name) => key.use(name)),
    ...named<WrapAlgorithm>(key, 'wrap').map((name) => key.use(name)),
    ...named<AgreementAlgorithm>(key, 'agree').map((name) => key.use(name)),
  ];
  if (openers.length > 0) return openers;
  throw new Failure('UNSUPPORTED', 'the key does not decrypt', { ref: String(key.ref) });
}

/** The first result of `open` that does not fail with `DECRYPTION_FAILED`; all of them fail alike. */
export async function openWith<T>(
  openers: readonly Opener[],
  open: (opener: Opener) => Promise<T>,
): Promise<T> {
  const [first, ...others] = openers;
  if (first === undefined) throw new Failure('DECRYPTION_FAILED', 'nothing opens it');
  try {
    return await open(first);
  } catch (error) {
    if (others.length === 0 || !(error instanceof Failure) || error.code !== 'DECRYPTION_FAILED') throw error;
    return openWith(others, open);
  }
}

function isAgreement(name: Algorithm): name is AgreementAlgorithm {
  return algorithm(name).operation === 'agree';
}

function named<A extends Algorithm>({ algorithms }: KeyInfo, operation: OperationKind): readonly A[] {
  return algorithms.filter((name): name is A => algorithm(name).operation === operation);
}
