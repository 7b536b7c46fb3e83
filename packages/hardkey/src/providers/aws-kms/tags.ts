/**
 * Our tags on keys: whose they are, and what KMS has no state for. The policy in deploy/aws lets the
 * service itself hold users to them.
 *
 * @module
 */
import type { CallOptions } from '../../core/operations.ts';
import { type FailureDetails, isFailure } from '../../errors.ts';
import type { Tag } from './calls.ts';
import type { Service } from './client.ts';
import { pagesOf } from './pages.ts';

/** The alias that a key was made for. A key that has it was made here. */
export const ALIAS_TAG = 'hardkey:alias';

/** `compromised` or `superseded`. */
export const STATE_TAG = 'hardkey:state';

/** What the tags of a key say. */
export interface Marks {
  /** The alias that it was made for, where it was made here. */
  readonly madeFor?: string;
  /** It opens what was made for it, and makes nothing any more. */
  readonly isCompromised: boolean;
  /** A newer key has its alias. */
  readonly isSuperseded: boolean;
}

/** Reads the tags of a key. Who may not read them is told nothing: the policy of the key holds all the same. */
export async function marksOf(
  { service, details }: { readonly service: Service; readonly details: FailureDetails },
  arn: string,
  options: CallOptions,
): Promise<Marks> {
  try {
    return readMarks(await tagsOf(service, arn, options, details));
  } catch (error) {
    if (isFailure(error, 'DENIED')) return { isCompromised: false, isSuperseded: false };
    throw error;
  }
}

/** All tags of a key, a page at a time. */
export async function tagsOf(
  service: Service,
  arn: string,
  options: CallOptions,
  details: FailureDetails,
): Promise<readonly Tag[]> {
  const pages = pagesOf(
    (page) => service.call('ListResourceTags', { KeyId: arn, ...page }, options, details),
    ({ Tags }) => Tags,
  );
  const tags: Tag[] = [];
  for await (const tag of pages) tags.push(tag);
  return tags;
}

function readMarks(tags: readonly Tag[]): Marks {
  const tagged = (key: string): string | undefined => tags.find(({ TagKey }) => TagKey === key)?.TagValue;
  const state = tagged(STATE_TAG);
  const madeFor = tagged(ALIAS_TAG);
  return {
    ...(madeFor === undefined ? {} : { madeFor }),
    isCompromised: state === 'compromised',
    isSuperseded: state === 'superseded',
  };
}
