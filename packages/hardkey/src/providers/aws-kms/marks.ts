/**
 * What is noted on keys: whose they are, and what KMS has no state for. Tags let a policy of the service hold
 * everybody to it, as those in deploy/aws do; the description says the same to whoever opens the key, in the
 * answer that he gets anyway.
 *
 * @module
 */
import type { CallOptions } from '../../core/operations.ts';
import type { FailureDetails } from '../../errors.ts';
import type { Service } from './client.ts';
import { pagesOf } from './pages.ts';

/** The tag of the alias that a key was made for. A key that has it was made here. */
export const ALIAS_TAG = 'hardkey:alias';

/** The tag of a {@link Mark}. */
export const STATE_TAG = 'hardkey:state';

/** What a key no longer does: a superseded one has a successor under its alias. Neither makes anything new. */
export type Mark = 'compromised' | 'superseded';

/** What the description of a key says. */
export interface Marks {
  /** The alias that it was made for, where it was made here. */
  readonly madeFor?: string;
  readonly mark?: Mark;
}

const MARK = / ?\[hardkey:(?<mark>compromised|superseded)\]$/;

/** The description of a new key. */
export function newDescription(alias: string): string {
  return `hardkey alias/${alias}`;
}

/** Reads a description. */
export function readMarks(description = ''): Marks {
  const { madeFor } = /^hardkey alias\/(?<madeFor>\S+)/.exec(description)?.groups ?? {};
  const { mark } = MARK.exec(description)?.groups ?? {};
  return {
    ...(madeFor === undefined ? {} : { madeFor }),
    ...(mark === undefined ? {} : { mark: mark as Mark }),
  };
}

/** The same description with another mark, or with none. */
export function withMark(description: string, mark?: Mark): string {
  const bare = description.replace(MARK, '');
  return mark === undefined ? bare : `${bare} [hardkey:${mark}]`.trimStart();
}

/** Whether a key has the tag of those that were made here. */
export async function isTagged(
  service: Service,
  arn: string,
  options: CallOptions,
  details: FailureDetails,
): Promise<boolean> {
  const tags = pagesOf(
    (page) => service.call('ListResourceTags', { KeyId: arn, ...page }, options, details),
    ({ Tags }) => Tags,
  );
  for await (const { TagKey } of tags) if (TagKey === ALIAS_TAG) return true;
  return false;
}
