/**
 * The keys of an account in a region.
 *
 * @module
 */
import type { KeyInfo } from '../../core/key.ts';
import type { CallOptions } from '../../core/operations.ts';
import { isFailure } from '../../errors.ts';
import { type Description, describeKey, type Lookup } from './describe.ts';
import { infoOf } from './key.ts';
import { pagesOf } from './pages.ts';

/** Keys that are looked up at the same time. */
const AT_ONCE = 16;

/**
 * Every key that can be used here, the current one of an alias before those that it took the place of.
 * Left out are keys that AWS manages for its services, those that nothing here can be done with, that await
 * their deletion or are not ready, or that the caller may not describe.
 */
export async function listKeys(lookup: Lookup, options: CallOptions): Promise<readonly KeyInfo[]> {
  const { service, details } = lookup;
  const pages = pagesOf(
    (page) => service.call('ListKeys', page, options, details),
    ({ Keys }) => Keys,
  );
  const arns: string[] = [];
  for await (const { KeyArn } of pages) if (KeyArn !== undefined) arns.push(KeyArn);
  const current: KeyInfo[] = [];
  const ended: KeyInfo[] = [];
  for (let at = 0; at < arns.length; at += AT_ONCE) {
    const some = arns.slice(at, at + AT_ONCE);
    for (const one of await Promise.all(some.map((arn) => knownKey(lookup, arn, options)))) {
      if (one !== undefined) (one.mark === undefined ? current : ended).push(one.info);
    }
  }
  return [...current, ...ended];
}

/** What is known of a key; undefined for one that is left out. */
async function knownKey(
  lookup: Lookup,
  arn: string,
  options: CallOptions,
): Promise<(Pick<Description, 'mark'> & { readonly info: KeyInfo }) | undefined> {
  try {
    const description = await describeKey(lookup, { key: arn }, options);
    if (description.metadata?.KeyManager === 'AWS') return undefined;
    const { mark } = description;
    return { info: await infoOf({ key: arn }, description), ...(mark && { mark }) };
  } catch (error) {
    if (isOfKey(error)) return undefined;
    throw error;
  }
}

/** Whether a failure is of one key: the credentials, and the service, are those of all. */
function isOfKey(error: unknown): boolean {
  if (!isFailure(error)) return false;
  const { field } = error.details;
  if (error.code === 'DENIED') return field !== 'awskms.credentials';
  if (error.code === 'UNAVAILABLE') return field === 'state';
  return error.code === 'UNSUPPORTED' || error.code === 'KEY_NOT_FOUND';
}
