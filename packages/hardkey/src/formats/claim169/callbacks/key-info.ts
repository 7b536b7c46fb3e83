/**
 * What is known of a key that only a callback can reach: very little.
 *
 * @module
 */
import { randomBytes } from '#crypto';
import type { AeadAlgorithm, SignatureAlgorithm } from '../../../core/algorithms.ts';
import type { KeyInfo } from '../../../core/key.ts';
import { keyRef } from '../../../core/key-ref.ts';
import type { PublicKey } from '../../../core/public-key.ts';
import { encodeHex } from '../../../encoding/hex.ts';

/** The key behind a callback. Without a public key its id names nothing but this object. */
export function callbackKey(name: SignatureAlgorithm | AeadAlgorithm, publicKey?: PublicKey): KeyInfo {
  const id = publicKey?.id ?? encodeHex(randomBytes(8));
  return Object.freeze({
    ref: keyRef('callback', id),
    id,
    algorithms: [name],
    state: 'active',
    custody: { place: 'program', level: 'claimed', facts: {} },
    ...(publicKey === undefined ? {} : { publicKey }),
  } satisfies KeyInfo);
}
