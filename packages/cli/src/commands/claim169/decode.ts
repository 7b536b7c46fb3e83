/**
 * `hardkey claim169 decode`.
 *
 * @module
 */
import { Failure } from 'hardkey';
import {
  type Decoded,
  type DecodeWithKeyOptions,
  decode,
  identityToJson,
  metaToJson,
} from 'hardkey/formats/claim169';
import type { Context } from '../../context.ts';
import { argument, type Given, onlyOne } from '../../given.ts';
import { openKeys } from '../../keys.ts';
import { type Opener, openersOf } from '../../readers.ts';
import { fields, json } from '../../render.ts';
import { parseTime } from '../../times.ts';
import type { Run } from '../../tree/command.ts';
import { readTrust } from '../../trust.ts';
import { openingWith } from '../../versions.ts';
import { readAesKey } from './aes-key.ts';
import { boundFields, boundJson } from './bound.ts';
import { metaFields } from './meta-fields.ts';
import { profileOf } from './profile.ts';
import { readQrText } from './qr-text.ts';

/** See the tree. */
export const run: Run = async (given, context) => {
  onlyOne(given, ['decrypt-with', 'decrypt-key']);
  const options = await optionsOf(given);
  const text = await readQrText(argument(given));
  const decoded = await withOpeners(given, context, (openers) =>
    decode(
      text,
      openers.length === 0
        ? options
        : { ...options, decryptWith: openers, allowService: given.has('allow-service') },
    ),
  );
  await context.output.write(given.has('json') ? json(decodedJson(decoded)) : decodedText(decoded));
  return ['expired', 'not-yet-valid'].includes(decoded.verification.status) ? 1 : 0;
};

async function optionsOf(given: Given): Promise<DecodeWithKeyOptions> {
  const allowUnsigned = given.has('allow-unsigned');
  const at = given.text('at');
  const audience = given.text('audience');
  const trusted = given.list('trust').length > 0;
  if (!trusted && !allowUnsigned) {
    throw new Failure('ARGUMENT_INVALID', '--trust says whose signatures count', { field: 'trust' });
  }
  return {
    allowUnsigned,
    time: 'report',
    strict: given.has('strict'),
    profile: profileOf(given),
    ...(at === undefined ? {} : { at: parseTime(at, 'at') }),
    ...(audience === undefined ? {} : { audience }),
    ...(trusted ? { trust: await readTrust(given) } : {}),
  };
}

/** Runs with what may open the credential, and lets go of it afterwards. */
async function withOpeners<T>(
  given: Given,
  context: Context,
  use: (openers: readonly Opener[]) => Promise<T>,
): Promise<T> {
  const path = given.text('decrypt-key');
  if (path !== undefined) return use([await readAesKey(path)]);
  if (given.text('decrypt-with') === undefined) return use([]);
  const opened = await openKeys(given, context);
  await using _ = opened.keys;
  return await openingWith(opened, given, context, 'decrypt-with', (key) => use(openersOf(key)));
}

function decodedJson(decoded: Decoded): Readonly<Record<string, unknown>> {
  const { identity, meta, verification, warnings } = decoded;
  const said = { identity: identityToJson(identity), meta: metaToJson(meta), verification, warnings };
  return { ...said, ...boundJson(decoded) };
}

function decodedText(decoded: Decoded): string {
  const { identity, meta, verification, warnings } = decoded;
  const { status, algorithm, keyId, softwareInsteadOf } = verification;
  return fields([
    ['status', status],
    ['algorithm', algorithm],
    ['key id', keyId],
    ['software instead of', softwareInsteadOf],
    ...metaFields(meta),
    ...boundFields(decoded),
    ...Object.entries(identityToJson(identity)).map(([name, value]) => [name, shown(value)] as const),
    ...warnings.map(({ path, message }) => ['warning', `${path}: ${message}`] as const),
  ]);
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= 200 ? text : `${text.slice(0, 60)}… (${text.length} characters)`;
}
