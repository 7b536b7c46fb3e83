/**
 * `hardkey claim169 encode`.
 *
 * @module
 */
import { Failure } from 'hardkey';
import { type Encoded, encode, identityFromJson, type Meta } from 'hardkey/formats/claim169';
import { signingAlgorithm } from '../../algorithms.ts';
import type { Context } from '../../context.ts';
import { argument, type Given, onlyOne, required } from '../../given.ts';
import { readArgument, textOf } from '../../input.ts';
import { type Opened, openKey, openKeys, openNamed } from '../../keys.ts';
import { type Reader, readerOf, readerWith, readPublicKey } from '../../readers.ts';
import { json, oneLine } from '../../render.ts';
import { writeResult } from '../../results.ts';
import { parseDuration } from '../../times.ts';
import type { Run } from '../../tree/command.ts';
import { profileOf } from './profile.ts';

/** See the tree. */
export const run: Run = async (given, context) => {
  onlyOne(given, ['encrypt-with', 'encrypt-to']);
  const picture = pictureOf(given);
  const profile = profileOf(given);
  const meta = metaOf(given);
  const identity = identityFromJson(parseIdentity(textOf(await readArgument(argument(given)), 'identity')));
  const opened = await openKeys(given, context);
  await using _ = opened.keys;
  const key = await openKey(opened, given);
  const signer = key.use(signingAlgorithm(key, given.text('algorithm')));
  const reader = await readerFor(given, opened);
  const encoded = await encode(identity, meta, { signer, profile, ...(reader && { encryptTo: reader }) });
  await write(given, context, encoded, picture);
  return 0;
};

type Picture = 'png' | 'svg' | 'txt';

/** What `--out` is to hold, by the end of its name. */
function pictureOf(given: Given): Picture | undefined {
  const out = given.text('out');
  if (out === undefined) return undefined;
  const suffix = /\.(png|svg|txt)$/.exec(out)?.[1];
  if (suffix !== undefined) return suffix as Picture;
  throw new Failure('ARGUMENT_INVALID', '--out ends in .png, .svg or .txt', { field: 'out' });
}

function metaOf(given: Given): Meta {
  const subject = given.text('subject');
  const expiresIn = given.text('expires-in');
  const issuedAt = Math.floor(Date.now() / 1000);
  return {
    issuer: required(given, 'issuer'),
    ...(subject === undefined ? {} : { subject }),
    ...(expiresIn === undefined ? {} : { expiresAt: issuedAt + parseDuration(expiresIn, 'expires-in') }),
    issuedAt,
  };
}

function parseIdentity(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own words quote the identity.
    throw new Failure('MALFORMED', 'the identity is not JSON, nor the name of a file', { field: 'identity' });
  }
}

async function readerFor(given: Given, { keys }: Opened): Promise<Reader | undefined> {
  const publicKey = given.text('encrypt-to');
  if (publicKey !== undefined) return readerOf(await readPublicKey(publicKey, 'encrypt-to'));
  const name = given.text('encrypt-with');
  // `--fingerprint` is about the key that signs.
  return name === undefined ? undefined : readerWith(await openNamed(keys, name));
}

async function write(
  given: Given,
  context: Context,
  encoded: Encoded,
  picture: Picture | undefined,
): Promise<void> {
  const { output } = context;
  const { text, qrVersion, compression, warnings } = encoded;
  if (picture !== undefined) await writeResult(given, context, await draw(picture, text));
  if (given.has('json')) return output.write(json({ text, qrVersion, compression, warnings }));
  for (const { path, message } of warnings)
    await output.note(`hardkey: warning: ${oneLine(path)}: ${message}`);
  if (picture !== undefined) return;
  if (!output.terminal) return output.write(`${text}\n`);
  const { drawOnTerminal } = await import('../../qr.ts');
  await output.write(drawOnTerminal(text, context.environment.color));
}

async function draw(picture: Picture, text: string): Promise<string | Uint8Array> {
  // Without a line end: not every reader takes it off, and it is no part of the text.
  if (picture === 'txt') return text;
  const { drawPng, drawSvg } = await import('../../qr.ts');
  return picture === 'png' ? drawPng(text) : drawSvg(text);
}
