/**
 * What the doctor says.
 *
 * @module
 */
import { failureText } from '../../exit.ts';
import { type Answer, placeText } from '../../places.ts';
import { oneLine, table } from '../../render.ts';
import type { Found } from './found.ts';

/** As JSON. */
export function reportJson(
  path: string,
  asked: readonly Answer[],
  found: readonly Found[],
): Readonly<Record<string, unknown>> {
  return {
    config: path,
    backends: asked.map((answer) => ({ ...placeJson(answer), ...outcomeJson(answer) })),
    found: found.map(({ settings, ...place }) => ({ ...placeJson(place), ...problemJson(place), settings })),
  };
}

function placeJson({ backend, ref }: Answer): Readonly<Record<string, unknown>> {
  return { backend, ...(ref === undefined ? {} : { ref }) };
}

function outcomeJson({ keys, failure }: Answer): Readonly<Record<string, unknown>> {
  return failure === undefined ? { well: true, keys: keys.length } : { well: false, error: failure.toJSON() };
}

function problemJson({ failure }: Answer): Readonly<Record<string, unknown>> {
  return failure === undefined ? {} : { error: failure.toJSON() };
}

/** A line for each backend, and for each place that was found, with what to do. */
export function reportText(path: string, asked: readonly Answer[], found: readonly Found[]): string {
  const rows = [
    ...asked.map((answer) => [placeText(answer), ...outcomeText(answer)]),
    ...found.map((one) => [placeText(one), 'not in the settings', todo(path, one)]),
  ];
  return table(rows);
}

function outcomeText({ keys, failure }: Answer): readonly string[] {
  if (failure !== undefined) return ['not well', failureText(failure)];
  return ['well', keys.length === 1 ? '1 key' : `${keys.length} keys`];
}

function todo(path: string, { backend, ref, settings, failure }: Found): string {
  if (failure !== undefined) return failureText(failure);
  if (backend === 'pkcs11') return `add ${JSON.stringify(ref)} to pkcs11.tokens in ${oneLine(path)}`;
  return `add ${JSON.stringify(settings).slice(1, -1)} to ${oneLine(path)}`;
}
