/**
 * Whether a key can be used, before it is.
 *
 * @module
 */
import { type Algorithm, algorithm, type OperationKind } from '../../core/algorithms.ts';
import { supersededFailure } from '../../core/bound-key.ts';
import type { CheckingOptions } from '../../core/key.ts';
import { isList } from '../../core/trust/strict-json.ts';
import { Failure } from '../../errors.ts';
import type { Use } from './held-key.ts';
import { detailsOf, findKey, type Place } from './keys.ts';

/** What a key is used by. Whoever may do one of them can use it. */
const USES: Readonly<Record<OperationKind, readonly Use[]>> = {
  sign: ['sign'],
  aead: ['encrypt', 'decrypt'],
  wrap: ['decrypt'],
  mac: ['hmac', 'verify'],
  agree: [],
};

/** What a version still does when a later one took its place. */
const PROCESSES: readonly Use[] = ['decrypt', 'verify'];

/** What lets a token post to a path. */
const ENOUGH: readonly unknown[] = ['update', 'root'];

/** Finds the key and asks what the token may do. Throws `DENIED` when that is nothing this key is to be used for. */
export async function checkKey(
  place: Place,
  { algorithm: wanted, ...options }: CheckingOptions,
): Promise<void> {
  const { info } = await findKey(place, options);
  const { algorithms, state, superseded } = info;
  const details = detailsOf(place, 'check');
  if (state !== 'active') throw new Failure('DENIED', `the key is ${state}`, { ...details, field: 'state' });
  const asked = algorithms.filter((name) => name === wanted);
  const all = new Set((asked.length > 0 ? asked : algorithms).flatMap(usesOf));
  const uses = [...all].filter((use) => superseded !== true || PROCESSES.includes(use));
  if (uses.length === 0) throw supersededFailure(details);
  const { at, key } = place.address;
  const paths = uses.map((use) => `${at}/${use}/${key}`);
  const request = { method: 'POST', path: 'sys/capabilities-self', body: { paths } } as const;
  const capabilities = await place.client.call(request, options, { details });
  const allowed = paths.some((path) => {
    const list = capabilities[path];
    return isList(list) && list.some((one) => ENOUGH.includes(one));
  });
  if (allowed) return;
  throw new Failure('DENIED', 'the policies of the token do not allow any use of the key', {
    ...details,
    field: 'vault.policy',
  });
}

/** The server's own wrapping is its encryption. */
function usesOf(name: Algorithm): readonly Use[] {
  return USES[name === 'service' ? 'aead' : algorithm(name).operation];
}
