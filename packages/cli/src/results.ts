/**
 * Where the bytes a command makes go: a file, or standard output.
 *
 * @module
 */
import { Failure } from 'hardkey';
import type { Context } from './context.ts';
import { writeWhole } from './files.ts';
import type { Given } from './given.ts';

/** What becomes of a result. */
export interface ResultOptions {
  /** It is bytes, which a terminal would take for commands. */
  readonly binary?: boolean;
  /** It is for the owner's eyes: a file of it is readable to nobody else. */
  readonly secret?: boolean;
}

/** Refuses, before anything is done, a result that a terminal cannot show. */
export function checkDestination(
  given: Given,
  { output }: Context,
  { binary = false }: ResultOptions = {},
): void {
  if (!binary || given.text('out') !== undefined || !output.terminal) return;
  throw new Failure(
    'ARGUMENT_INVALID',
    'the result is bytes: give --out, or send it elsewhere than to a terminal',
    {
      field: 'out',
    },
  );
}

/** Writes a result to `--out`, or to standard output. */
export async function writeResult(
  given: Given,
  { output }: Context,
  result: string | Uint8Array,
  { secret = false }: ResultOptions = {},
): Promise<void> {
  const path = given.text('out');
  if (path === undefined) return output.write(result);
  const bytes = typeof result === 'string' ? new TextEncoder().encode(result) : result;
  await writeWhole(path, bytes, secret ? 0o600 : 0o666);
}
