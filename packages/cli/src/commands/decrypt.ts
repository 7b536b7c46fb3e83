/**
 * `hardkey decrypt`.
 *
 * @module
 */

import { Failure } from 'hardkey';
import { decodeCose, openEncrypted } from 'hardkey/formats/cose';
import { argument } from '../given.ts';
import { readContent } from '../input.ts';
import { openKeys } from '../keys.ts';
import { openersOf, openWith } from '../readers.ts';
import { writeResult } from '../results.ts';
import type { Run } from '../tree/command.ts';
import { openingWith } from '../versions.ts';

/** See the tree. */
export const run: Run = async (given, context) => {
  const content = await readContent(argument(given));
  const { kind } = decodeCose(content);
  if (kind === 'sign1') throw new Failure('MALFORMED', 'signed, and not encrypted', { field: 'cose' });
  const opened = await openKeys(given, context);
  await using _ = opened.keys;
  const plaintext = await openingWith(opened, given, context, 'key', (key) =>
    openWith(
      openersOf(key).filter((opener) => 'decrypt' in opener === (kind === 'encrypt0')),
      (opener) => openEncrypted(content, opener, { allowService: given.has('allow-service') }),
    ),
  );
  await writeResult(given, context, plaintext, { secret: true });
  return 0;
};
