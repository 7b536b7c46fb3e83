/**
 * `--min-custody`: keys that are to be held at least so.
 *
 * @module
 */
import { failureRow } from 'hardkey';
import { choice, type Given } from '../../given.ts';
import { type Answer, placeText } from '../../places.ts';
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
  answers: readonly Answer[],
  least: Level,
): { readonly text: string; readonly status: number } | undefined {
  const infos = answers.flatMap(({ keys }) => keys);
  const weaker = infos.filter(({ custody }) => rank(custody.level) < rank(least));
  if (weaker.length > 0) {
    const refs = weaker.map(({ ref }) => oneLine(String(ref))).join(' ');
    return { text: `custody is less than ${least}: ${refs}`, status: 1 };
  }
  const silent = answers.find(({ failure }) => failure !== undefined);
  if (silent?.failure === undefined) return undefined;
  return {
    text: `custody is not known: ${placeText(silent)} does not say`,
    status: failureRow(silent.failure.code).exit,
  };
}

function rank(level: Level): number {
  return LEVELS.indexOf(level);
}
