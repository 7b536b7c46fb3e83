/**
 * Clause 4, for digests: a provider signs them as it signs their messages, or not at all.
 *
 * @module
 */
import { type Algorithm, algorithm, isSignatureAlgorithm } from '../core/algorithms.ts';
import type { Key } from '../core/key.ts';
import type { DigestSigner } from '../core/operations.ts';
import { verify } from '../core/verify.ts';
import { isFailure } from '../errors.ts';
import { describe, expect, expectFailure } from './expect.ts';
import { MESSAGE, publicKeyOf, reimport } from './trial.ts';
import { hashOf } from './witness.ts';

/** Examines the digest signer of a key, where it gives one. */
export async function checkDigestSigner(key: Key, name: Algorithm): Promise<void> {
  const signer = bind(key, name);
  const { hash } = algorithm(name);
  if (signer === undefined) return;
  if (hash === undefined) throw new Error(`${name} has no digests, and the key binds it to one`);
  const digest = await hashOf(hash, MESSAGE);
  const signature = await signer.signDigest(digest);
  await verify(await reimport(publicKeyOf(key)), signer.algorithm, MESSAGE, signature);
  for (const wrong of [digest.subarray(1), new Uint8Array(digest.length + 1), new Uint8Array()]) {
    const act = (): unknown => signer.signDigest(wrong);
    await expectFailure('ARGUMENT_INVALID', `${name} of a digest of ${wrong.length} bytes`, act);
  }
}

function bind(key: Key, name: Algorithm): DigestSigner | undefined {
  expect(isSignatureAlgorithm(name), `${name} signs`);
  try {
    return key.useDigest(name);
  } catch (error) {
    if (isFailure(error, 'UNSUPPORTED')) return undefined;
    throw new Error(`${name}: expected a digest signer or UNSUPPORTED, found ${describe(error)}`, {
      cause: error,
    });
  }
}
