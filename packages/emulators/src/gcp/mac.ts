/**
 * Message authentication, and random bytes.
 *
 * @module
 */
import { createHmac, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import type { AlgorithmFacts } from './algorithms.ts';
import { atMostCoded } from './limits.ts';
import { bytesOf, checksum, type Int64Value, isVouchedFor } from './messages.ts';
import { parseName } from './names.ts';
import { refuse } from './rules.ts';
import { type Store, usable, versionOf } from './store.ts';

/** `MacSignRequest` and `MacVerifyRequest`. */
export interface MacRequest {
  readonly name?: string;
  readonly data?: Uint8Array;
  readonly dataCrc32c?: Int64Value;
  readonly mac?: Uint8Array;
  readonly macCrc32c?: Int64Value;
}

/** `MacSign`. */
export async function macSign(store: Store, request: MacRequest): Promise<object> {
  const found = await versionOf(store, request.name);
  const { facts, material } = usable(found, 'MAC');
  const data = bytesOf(request.data);
  const dataVouched = isVouchedFor('data', data, request.dataCrc32c);
  atMostCoded(found.key, data);
  const mac = macOf(facts, material, data);
  return {
    name: found.version.name,
    mac,
    macCrc32c: checksum(mac),
    verifiedDataCrc32c: dataVouched,
    protectionLevel: found.key.protection,
  };
}

/** `MacVerify`: a tag that does not fit is an answer, not an error. */
export async function macVerify(store: Store, request: MacRequest): Promise<object> {
  const found = await versionOf(store, request.name);
  const { facts, material } = usable(found, 'MAC');
  const data = bytesOf(request.data);
  const given = bytesOf(request.mac);
  const dataVouched = isVouchedFor('data', data, request.dataCrc32c);
  const macVouched = isVouchedFor('mac', given, request.macCrc32c);
  atMostCoded(found.key, data);
  const mac = macOf(facts, material, data);
  const success = mac.length === given.length && timingSafeEqual(mac, given);
  return {
    name: found.version.name,
    success,
    verifiedSuccessIntegrity: success,
    verifiedDataCrc32c: dataVouched,
    verifiedMacCrc32c: macVouched,
    protectionLevel: found.key.protection,
  };
}

function macOf(facts: AlgorithmFacts, key: KeyObject, data: Uint8Array): Uint8Array {
  return createHmac(facts.kind === 'mac' ? facts.hash : '', key)
    .update(data)
    .digest();
}

/** `GenerateRandomBytes`. */
export function generateRandomBytes(
  _store: Store,
  request: { readonly location?: string; readonly lengthBytes?: number; readonly protectionLevel?: string },
): object {
  parseName('location', request.location);
  if (request.protectionLevel !== 'HSM')
    throw refuse('random bytes of another source', 'The protection level must be HSM.');
  const length = request.lengthBytes ?? 0;
  if (length < 8 || length > 1024)
    throw refuse('random bytes out of bounds', 'length_bytes must be 8 to 1024.');
  const data = randomBytes(length);
  return { data, dataCrc32c: checksum(data) };
}
