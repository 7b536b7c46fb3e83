/**
 * What answers as keys do, with chance in place of signatures and ciphertexts: all that matters to a size
 * is their length, and that they do not compress.
 *
 * @module
 */
import { randomBytes } from '#crypto';
import { algorithm, type SignatureAlgorithm } from '../../../core/algorithms.ts';
import { nonceLength } from '../../../core/nonces.ts';
import type { Encryptor, Signer, WrappingKey } from '../../../core/operations.ts';
import type { PublicKey } from '../../../core/public-key.ts';
import { standInFacts } from '../../../core/stand-in.ts';
import { Failure } from '../../../errors.ts';
import type { Recipient } from '../../cose/recipients.ts';
import { callbackKey } from '../callbacks/key-info.ts';
import type { EncodeOptions } from '../encode.ts';

/** In place of a signer. Throws `ARGUMENT_INVALID`, field `publicKey`, where the length depends on the key. */
export function standInSigner(
  name: SignatureAlgorithm,
  publicKey: PublicKey | undefined,
  softwareInsteadOf: string | undefined,
): Signer {
  const { bits } = publicKey ?? {};
  const length = algorithm(name).signatureLength ?? (bits === undefined ? undefined : Math.ceil(bits / 8));
  if (length === undefined) throw needed('the signature is as long as the key: its public half is needed');
  const key = callbackKey(name, publicKey);
  return {
    algorithm: name,
    key: { ...key, custody: { ...key.custody, facts: standInFacts(softwareInsteadOf) } },
    get publicKey() {
      if (publicKey !== undefined) return publicKey;
      throw needed('certificates are of a key: its public half is needed');
    },
    sign: async () => randomBytes(length),
  };
}

/** In place of the readers' keys. Public keys stand for themselves: they are no device's. */
export function standInReaders(
  readers: NonNullable<EncodeOptions['encryptTo']>,
): NonNullable<EncodeOptions['encryptTo']> {
  if (isList(readers)) return readers.map(standInRecipient);
  return 'encrypt' in readers ? standInEncryptor(readers) : standInRecipient(readers);
}

function isList(readers: EncodeOptions['encryptTo']): readers is readonly Recipient[] {
  return Array.isArray(readers);
}

/** Every AEAD of the table has a tag of this length. */
const TAG_LENGTH = 16;

function standInEncryptor({ algorithm, key }: Encryptor): Encryptor {
  return {
    algorithm,
    key,
    encrypt: async (plaintext) => ({
      nonce: randomBytes(nonceLength),
      ciphertext: randomBytes(plaintext.length + TAG_LENGTH),
    }),
  };
}

function standInRecipient(recipient: Recipient): Recipient {
  if (!('wrap' in recipient)) return recipient;
  const { algorithm, key } = recipient;
  return { algorithm, key, wrap: async (contentKey) => randomBytes(wrappedLength(recipient, contentKey)) };
}

/** RFC 3394 §2.2.1 adds a block; RFC 8017 §7.1.1 fills the modulus. A service says nothing of its own wrapping. */
function wrappedLength({ algorithm: name, key }: WrappingKey, contentKey: Uint8Array): number {
  const { keyType } = algorithm(name);
  if (keyType === 'oct') return contentKey.length + 8;
  const bits = keyType === 'RSA' ? key.publicKey?.bits : undefined;
  if (bits !== undefined) return Math.ceil(bits / 8);
  throw new Failure('UNSUPPORTED', 'it is not known how long the key makes what it wraps', {
    field: 'encryptTo',
    algorithm: name,
  });
}

function needed(message: string): Failure<'ARGUMENT_INVALID'> {
  return new Failure('ARGUMENT_INVALID', message, { field: 'publicKey' });
}
