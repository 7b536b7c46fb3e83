/**
 * Every signature is verified against the pinned public key before it leaves.
 *
 * @module
 */
import { verifiesDigests, verifyDigest } from '#crypto';
import { Failure } from '../../errors.ts';
import { algorithm } from '../algorithms.ts';
import type { Custody } from '../key.ts';
import type { DigestSigner, Signer } from '../operations.ts';
import { isGenuine } from '../verify.ts';

/**
 * Where a key signs without this thread, which is then free for others: it stays so while the signature
 * is verified. A key of this process holds the thread up anyway, and verifying on it is faster.
 */
const DEVICES: readonly Custody['place'][] = ['token', 'tpm'];

/**
 * Releases only signatures that verify under `signer.publicKey`, which must be the key that was pinned
 * when it was opened; another key's signature is `SIGNER_MISMATCH`, and never retried.
 */
export function withVerification(signer: Signer): Signer {
  const { algorithm: name, key, publicKey } = signer;
  const aside = DEVICES.includes(key.custody.place);
  return Object.freeze({
    algorithm: name,
    key,
    publicKey,
    async sign(message, options) {
      const signature = await signer.sign(message, options);
      if (await isGenuine(publicKey, name, message, signature, aside)) return signature;
      throw mismatch(signer);
    },
  } satisfies Signer);
}

/**
 * The same for digests, where the runtime can check them: on Node.js ECDSA and RSASSA-PKCS1-v1_5. For the
 * others binding the signer is `UNSUPPORTED`, unless the policy releases unverified signatures by name.
 */
export function withDigestVerification(signer: DigestSigner): DigestSigner {
  const { algorithm: name, key, publicKey } = signer;
  const facts = algorithm(name);
  if (!verifiesDigests(facts)) {
    throw new Failure('UNSUPPORTED', 'this runtime cannot verify a signature over a digest', {
      algorithm: name,
    });
  }
  return Object.freeze({
    algorithm: name,
    key,
    publicKey,
    async signDigest(digest, options) {
      const signature = await signer.signDigest(digest, options);
      if (await verifyDigest(publicKey, facts, digest, signature)) return signature;
      throw mismatch(signer);
    },
  } satisfies DigestSigner);
}

function mismatch({ algorithm: name, key, publicKey }: Signer | DigestSigner): Failure<'SIGNER_MISMATCH'> {
  return new Failure('SIGNER_MISMATCH', 'the signature is not by the expected key', {
    ref: String(key.ref),
    algorithm: name,
    expected: publicKey.fingerprint,
  });
}
