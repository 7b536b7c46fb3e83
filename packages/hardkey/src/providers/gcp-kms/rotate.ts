/**
 * Rotation: another version, which is current from then on.
 *
 * @module
 */
import type { CallOptions } from '../../core/operations.ts';
import { numberOf } from './address.ts';
import { algorithmOf, rowOf } from './algorithms.ts';
import type { Description } from './describe.ts';
import { markKey } from './labels.ts';
import { type Place, untilMade } from './lifecycle.ts';
import { nameOf } from './versions.ts';

/** Rotates a key. Resolves with the name of the version that is current now. */
export async function rotateKey(
  place: Place,
  { algorithm }: Description,
  options: CallOptions,
): Promise<string> {
  const { service, address, details } = place;
  const { keyName } = address;
  const request = { parent: keyName, cryptoKeyVersion: {} };
  const made = await service.call('createCryptoKeyVersion', request, options, details);
  const name = await untilMade(place, nameOf(made, keyName, details), options);
  const current = numberOf(name);
  const ours = algorithmOf(algorithm);
  // Only these have a primary version.
  if (ours !== undefined && rowOf(ours).purpose === 'ENCRYPT_DECRYPT') {
    const primary = { name: keyName, cryptoKeyVersionId: current };
    await service.call('updateCryptoKeyPrimaryVersion', primary, options, details);
  }
  await markKey(place, keyName, { current }, options);
  return name;
}
