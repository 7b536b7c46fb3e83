/**
 * `hardkey claim169 inspect`.
 *
 * @module
 */
import { type Inspected, inspect } from 'hardkey/formats/claim169';
import { argument } from '../../given.ts';
import { fields, json } from '../../render.ts';
import type { Run } from '../../tree/command.ts';
import { metaFields } from './meta-fields.ts';
import { readQrText } from './qr-text.ts';

/** See the tree. */
export const run: Run = async (given, { output }) => {
  const inspected = await inspect(await readQrText(argument(given)));
  await output.write(given.has('json') ? json(inspected) : text(inspected));
  return 0;
};

function text({
  characters,
  qrVersion,
  compression,
  compressedBytes,
  coseBytes,
  ...rest
}: Inspected): string {
  return fields([
    ['status', 'not verified'],
    ['text', `${characters} characters${qrVersion === undefined ? '' : `, QR version ${qrVersion}`}`],
    ['compression', `${compression}, ${compressedBytes} bytes`],
    ['COSE', `${rest.cose}, ${coseBytes} bytes`],
    ['algorithm', rest.algorithm],
    ['key id', rest.keyId],
    ...metaFields(rest.meta ?? {}),
  ]);
}
