/**
 * `--min-custody`: keys that are to be held at least so.
 *
 * @module
 */
import { failureRow, type KeyInfo } from 'hardkey';
import type { BackendKeys } from 'hardkey/key-manager';
import { choice, type Given } from '../../given.ts';
import { oneLine } from '../../render.ts';

/** From the provider's word, over what the device says, to what evidence proves. No list has such evidence. */
const LEVELS = ['claimed', 'attributed', 'attested'] as const;
type Level = (typeof LEVELS)[number];

/** The level that was asked for. Throws `ARGUMENT_INVALID`. */
export function leastCustody(given: Given): Level | undefined {
  const text = given.text('min-custody');
  return text === undefined ? undefined : choice(text, 'min-custody', LEVELS);
}

/** What is said where it is not reached, and the exit status; undefined where every key reaches it. */
export function weaknessOf(
  { keys, unavailable }: BackendKeys,
  least: Level,
): { readonly text: string; readonly status: number } | undefined {
  const weaker = keys.filter(({ info }) => rank(info.custody.level) < rank(least));
  if (weaker.length > 0) {
    const refs = weaker.map(({ info }: { info: KeyInfo }) => oneLine(String(info.ref))).join(' ');
    return { text: `custody is less than ${least}: ${refs}`, status: 1 };
  }
  const [silent] = unavailable;
  if (silent === undefined) return undefined;
  return {
    text: `custody is not known: ${silent.backend} is not there`,
    status: failureRow(silent.failure.code).exit,
  };
}

function rank(level: Level): number {
  return LEVELS.indexOf(level);
}
