/**
 * `hardkey claim169 encode`.
 *
 * @module
 */
import { type EncodeOptions, encode, estimateSize, type Identity, type Meta } from 'hardkey/formats/claim169';
import type { Context } from '../../context.ts';
import { readSmall } from '../../files.ts';
import { type Given, onlyOne } from '../../given.ts';
import { openKeys } from '../../keys.ts';
import { photoChoice, photoFitter } from '../../photos.ts';
import { fields, json } from '../../render.ts';
import { sizedAs } from '../../software.ts';
import type { Run } from '../../tree/command.ts';
import { encodingOf, mannerOf } from './encoding.ts';
import { metaOf, readIdentity, takingIdentity } from './identity.ts';
import { wantedOf, writeCredential } from './write-credential.ts';

/** See the tree. */
export const run: Run = async (given, context) => {
  onlyOne(given, ['encrypt-with', 'encrypt-to']);
  const wanted = wantedOf(given);
  const manner = mannerOf(given);
  const meta = metaOf(given);
  const identity = await readIdentity(given);
  const photo = await photoOf(given);
  const opened = await openKeys(given, context);
  await using _ = opened.keys;
  const encoding = await encodingOf(given, opened, manner);
  const whole = photo === undefined ? identity : await photo(identity, meta, encoding);
  if (given.has('dry-run')) await estimate(given, context, whole, meta, encoding);
  else {
    const encoded = await takingIdentity(() => encode(whole, meta, encoding));
    await writeCredential(given, context, encoded, wanted);
  }
  return 0;
};

type WithPhoto = (identity: Identity, meta: Meta, encoding: EncodeOptions) => Promise<Identity>;

/** What puts the photo in, read before a key is opened; undefined without `--photo`. */
async function photoOf(given: Given): Promise<WithPhoto | undefined> {
  const choice = photoChoice(given, 'photo');
  const path = given.text('photo');
  if (choice === undefined || path === undefined) return undefined;
  const photo = await readSmall(path);
  return async (identity, meta, encoding) => {
    const fit = await photoFitter(choice, encoding);
    return takingIdentity(async () => (await fit(identity, meta, photo)).identity);
  };
}

/** Says how large it will be. Nothing is signed. */
async function estimate(
  given: Given,
  { output }: Context,
  identity: Identity,
  meta: Meta,
  { signer, ...encoding }: EncodeOptions,
): Promise<void> {
  const size = await takingIdentity(() => estimateSize(identity, meta, { ...encoding, ...sizedAs(signer) }));
  const photoBytes = identity.face?.[0]?.data.length;
  if (given.has('json')) return output.write(json({ ...size, photoBytes: photoBytes ?? null }));
  await output.write(
    fields([
      ['QR version', String(size.qrVersion)],
      ['characters', String(size.characters)],
      ['COSE', `${size.coseBytes} bytes`],
      ['claims', `${size.claimsBytes} bytes`],
      ['signature', `${size.signatureBytes} bytes`],
      ['encryption', size.envelopeBytes === 0 ? undefined : `${size.envelopeBytes} bytes`],
      ['photo', photoBytes === undefined ? undefined : `${photoBytes} bytes`],
    ]),
  );
}
