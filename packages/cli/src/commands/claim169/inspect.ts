/**
 * `hardkey claim169 inspect`.
 *
 * @module
 */
import { type Inspected, inspect, metaToJson } from 'hardkey/formats/claim169';
import { toBase64 } from '../../base64.ts';
import { argument } from '../../given.ts';
import { fields, json } from '../../render.ts';
import type { Run } from '../../tree/command.ts';
import { metaFields } from './meta-fields.ts';
import { readQrText } from './qr-text.ts';

/** See the tree. */
export const run: Run = async (given, { output }) => {
  const inspected = await inspect(await readQrText(argument(given)));
  await output.write(given.has('json') ? json(inspectedJson(inspected)) : text(inspected));
  return 0;
};

function inspectedJson({ meta, x509, ...rest }: Inspected): Readonly<Record<string, unknown>> {
  const { x5chain, x5bag, x5t, x5u } = x509 ?? {};
  const certificates = {
    ...(x5chain && { x5chain: x5chain.map(toBase64) }),
    ...(x5bag && { x5bag: x5bag.map(toBase64) }),
    ...(x5t && { x5t: { algorithm: x5t.algorithm, hash: toBase64(x5t.hash) } }),
    ...(x5u && { x5u }),
  };
  return { ...rest, ...(x509 && { x509: certificates }), ...(meta && { meta: metaToJson(meta) }) };
}

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
    ['software instead of', rest.softwareInsteadOf],
    ['certificates', rest.x509?.x5chain && String(rest.x509.x5chain.length)],
    ['x5u', rest.x509?.x5u],
    ...metaFields(rest.meta ?? {}),
  ]);
}
