/**
 * The bytes that go to a key elsewhere: `--to-be-signed`.
 *
 * @module
 */
import type { Prepared } from 'hardkey/formats/claim169';
import { writeWhole } from '../../files.ts';
import type { Given } from '../../given.ts';

/** Writes the message, where the user says. */
export async function writeToBeSigned(given: Given, { toBeSigned }: Prepared): Promise<void> {
  const path = given.text('to-be-signed');
  if (path !== undefined) await writeWhole(path, toBeSigned);
}
