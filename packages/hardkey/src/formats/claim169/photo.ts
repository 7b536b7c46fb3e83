/**
 * From the deprecated photo (keys 16 and 17) to the biometric that 1.2.1 has in its place (key 62).
 *
 * @module
 */
import { equalBytes } from '../../encoding/bytes.ts';
import { Failure } from '../../errors.ts';
import { optionsGiven } from '../cose/options.ts';
import { biometricFormat, imageSubFormat, photoFormat as photoFormats } from './codes.ts';
import type { Biometric, Identity } from './fields.ts';
import type { PrivateValues } from './private-fields.ts';

/**
 * The same identity with its photo as an image in `face`, after those that are there already. What has no
 * photo comes back as it is. Throws `ARGUMENT_INVALID`, field `identity.photoFormat`, for a format that
 * has no meaning, or one without a photo.
 */
export function photoToFace<V extends PrivateValues>(identity: Identity<V>): Identity<V> {
  const { photo, photoFormat, ...rest } = optionsGiven(identity, 'identity');
  if (photo === undefined && photoFormat === undefined) return identity;
  if (photo === undefined) throw invalid('there is no photo of this format');
  const { face = [] } = identity;
  if (face.some(({ data }) => equalBytes(data, photo))) return rest;
  const subFormat = photoFormat === undefined ? undefined : subFormatOf(photoFormat);
  const sample: Biometric = {
    data: photo,
    format: biometricFormat.image,
    ...(subFormat !== undefined && { subFormat }),
  };
  return { ...rest, face: [...face, sample] };
}

/** The two count from different numbers, and agree where both have a format. */
function subFormatOf(format: number): number {
  const name = Object.entries(photoFormats).find(([, value]) => value === format)?.[0];
  if (name === undefined) throw invalid('no such format of a photo');
  return imageSubFormat[name as keyof typeof photoFormats];
}

function invalid(message: string): Failure<'ARGUMENT_INVALID'> {
  return new Failure('ARGUMENT_INVALID', message, { field: 'identity.photoFormat' });
}
