/**
 * Our tags on versions of keys: whose they are, and what Key Vault has no state for.
 *
 * @module
 */

/** The name that a key was made under. A key that has it was made here. */
export const NAME_TAG = 'hardkey:name';

/** `compromised`, `superseded`, or both with a comma between them. */
const STATE_TAG = 'hardkey:state';

/** Tags of a version. */
export type Tags = Readonly<Record<string, string>>;

/** What the tags of a version say. */
export interface Marks {
  readonly isOurs: boolean;
  /** It opens what was made for it, and makes nothing any more. */
  readonly isCompromised: boolean;
  /** A newer version has taken its place. */
  readonly isSuperseded: boolean;
}

/** Reads the tags. */
export function marksOf(tags: Tags): Marks {
  const states = tags[STATE_TAG]?.split(',') ?? [];
  return {
    isOurs: tags[NAME_TAG] !== undefined,
    isCompromised: states.includes('compromised'),
    isSuperseded: states.includes('superseded'),
  };
}

/** The tags with other marks, or with none. The service takes all tags at once. */
export function withMarks(
  tags: Tags,
  { isCompromised = false, isSuperseded = false }: Partial<Marks>,
): Record<string, string> {
  const { [STATE_TAG]: _before, ...others } = tags;
  const states = [...(isCompromised ? ['compromised'] : []), ...(isSuperseded ? ['superseded'] : [])];
  return { ...others, ...(states.length === 0 ? {} : { [STATE_TAG]: states.join(',') }) };
}
