/**
 * How large a QR code a text needs (ISO/IEC 18004, alphanumeric mode, error correction level L).
 *
 * @module
 */
import { Failure } from '../../errors.ts';

/** Characters each version holds, from version 1 (ISO/IEC 18004 table 7). */
const CAPACITY: readonly number[] = [
  25, 47, 77, 114, 154, 195, 224, 279, 335, 395, 468, 535, 619, 667, 758, 854, 938, 1046, 1153, 1249, 1352,
  1460, 1588, 1704, 1853, 1990, 2132, 2223, 2369, 2520, 2677, 2840, 3009, 3183, 3351, 3537, 3729, 3927, 4087,
  4296,
];

/** The smallest version, 1 to 40, that holds `text`. Throws `ARGUMENT_INVALID` when none does. */
export function qrVersion(text: string): number {
  const index = CAPACITY.findIndex((capacity) => capacity >= text.length);
  if (index !== -1) return index + 1;
  throw new Failure('ARGUMENT_INVALID', 'the credential is too large for a QR code', {
    field: 'identity',
    offset: text.length,
  });
}
