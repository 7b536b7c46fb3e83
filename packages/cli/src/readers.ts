/**
 * Who can read: from a key or a public key to what encrypts and decrypts.
 *
 * @module
 */
import {
  type AeadAlgorithm,
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
  type WrappingKey,
} from 'hardkey';
import { wrapperFor } from 'hardkey/formats/cose';
import { isFile } from './files.ts';
import { textOf } from './input.ts';
import { readSource } from './trust.ts';

/** What encrypts for one reader. */
export type Reader = Encryptor | WrappingKey | PublicKey;

/** What decrypts. */
export type Opener = Decryptor | KeyWrapper | KeyAgreement;

/** The reader who has `key`. Throws `UNSUPPORTED` when the key does not encrypt. */
export function readerWith(key: Key): Reader {
  const aead = named<AeadAlgorithm>(key, 'aead')[0];
  if (aead !== undefined) return key.use(aead);
  // The public half of a pair is enough, and asks nothing of where the key lives.
  if (key.publicKey !== undefined) return readerOf(key.publicKey);
  const wrap = named<WrapAlgorithm>(key, 'wrap')[0];
  if (wrap !== undefined) return key.use(wrap);
  throw new Failure('UNSUPPORTED', 'the key does not encrypt', { ref: String(key.ref) });
}

/** The owner of a public key. Throws `UNSUPPORTED` when nothing can be encrypted to it. */
export function readerOf(publicKey: PublicKey): Reader {
  if (publicKey.keyType === 'RSA') return wrapperFor(publicKey);
  const { curve } = publicKey;
  if (curve !== undefined && algorithm('ECDH-ES+A128KW').curves.includes(curve)) return publicKey;
  throw new Failure('UNSUPPORTED', 'nothing can be encrypted to a key of this kind', { field: 'to' });
}

/** Reads a public key: a file in any of its forms, or its text. */
export async function readPublicKey(argument: string, field: string): Promise<PublicKey> {
  const source = await readSource(argument);
  if (!(source instanceof Uint8Array)) return importPublicKey(argument);
  // DER and CBOR begin with bytes that no text begins with.
  const [first = 0] = source;
  return importPublicKey(
    isFile(argument) && (first === 0x30 || first >= 0x80) ? source : textOf(source, field),
  );
}

/** Everything `key` may open with: a key agreement has several algorithms, and the document names one. */
export function openersOf(key: Key): readonly Opener[] {
  const openers: readonly Opener[] = [
    ...named<AeadAlgorithm>(key, 'aead').map((name) => key.use(name)),
    ...named<WrapAlgorithm>(key, 'wrap').map((name) => key.use(name)),
    ...named<KeyAgreement['algorithm']>(key, 'agree').map((name) => key.use(name)),
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

function named<A extends Algorithm>({ algorithms }: KeyInfo, operation: OperationKind): readonly A[] {
  return algorithms.filter((name): name is A => algorithm(name).operation === operation);
}
