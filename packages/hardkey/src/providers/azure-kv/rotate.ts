/**
 * Rotation: another version of the same key.
 *
 * @module
 */
import { orSay } from '../../core/half-done.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { AzureKeyName } from '../../core/refs/azure.ts';
import { Failure } from '../../errors.ts';
import { pinnedRef } from './address.ts';
import { withProtecting } from './algorithms.ts';
import { type Description, describeKey, descriptionOf, type Lookup } from './describe.ts';
import { change, checkOwn, mark, type Place } from './lifecycle.ts';
import { type Tags, withMarks } from './tags.ts';

/**
 * Makes another version the current one, as large and of the same kind, and lets the one before protect
 * nothing any more. Resolves with the new one.
 */
export async function rotateKey(
  place: Place & Lookup,
  { vaultHost, key, version }: AzureKeyName,
  options: CallOptions,
): Promise<Description> {
  const { service, details } = place;
  const address = { vaultHost, key };
  const before = await describeKey(place, address, options);
  checkOwn(place, before);
  if (version !== undefined && version !== before.name.version) {
    throw new Failure('DENIED', 'a newer version has taken the place of this one', {
      ...details,
      field: 'state',
    });
  }
  const made = await service.call(
    vaultHost,
    'rotate',
    (client, how) => client.rotateKey(key, how),
    options,
    details,
  );
  const old = String(pinnedRef(before.name));
  return orSay(`there is a new version, which is current, and ${old} is to be suspended`, async () => {
    const current = await restored(place, before, await descriptionOf(place, address, made), options);
    await mark(place, before, { isSuperseded: true }, options);
    return current;
  });
}

/** The new version, for what the one before was made for, whatever the service hands on from that. */
async function restored(
  place: Place & Lookup,
  before: Description,
  made: Description,
  options: CallOptions,
): Promise<Description> {
  const tags = withMarks(before.tags, {});
  const keyOps = [...(before.isCompromised ? withProtecting(before.operations) : before.operations)];
  if (isSame(tags, made.tags) && keyOps.every((one) => made.operations.includes(one))) return made;
  const changed = await change(place, made, { keyOps, tags }, options);
  return descriptionOf(place, made.name, changed);
}

function isSame(a: Tags, b: Tags): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
