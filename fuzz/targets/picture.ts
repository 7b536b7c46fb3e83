/**
 * What is looked at in a picture before anything unpacks it.
 *
 * @module
 */
import { pictureKind } from '../../packages/cli/src/pictures.ts';
import { drawPng } from '../../packages/cli/src/qr.ts';
import { decodeHex } from '../../packages/hardkey/src/encoding/hex.ts';
import { Failure } from '../../packages/hardkey/src/errors.ts';
import { promised, type Target } from '../target.ts';

/** Start of image, a comment, a frame of 16 by 8, a scan, its end (T.81 §B.2). */
const JPEG = decodeHex('ffd8fffe00046162ffc0000b080008001001011100ffda0008010100003f0000ffd9');

/** See the module. */
export const picture: Target = {
  name: 'picture',
  allowed: ['MALFORMED'],
  seeds: () => [drawPng('HTTPS://EXAMPLE.ORG'), JPEG],
  run(input) {
    const kind = pictureKind(input);
    if (kind === undefined) return undefined;
    const pixels = kind.pixels(input);
    promised(Number.isFinite(pixels) && pixels >= 0, 'a picture has a number of pixels');
    const excess = pixels === 0 ? 'nothing' : kind.excess(input);
    if (excess !== undefined) throw new Failure('MALFORMED', excess, { field: kind.name });
    return undefined;
  },
};
