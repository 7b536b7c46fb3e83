/**
 * How large a QR code a text needs (ISO/IEC 18004, alphanumeric mode).
 *
 * @module
 */
import { Failure, invalid } from '../../errors.ts';

/**
 * How much of a code may be unreadable (ISO/IEC 18004 §6.5.1): about 7 % of it at L, 15 % at M, 25 %
 * at Q and 30 % at H. The more, the larger the code.
 */
export type QrErrorLevel = 'L' | 'M' | 'Q' | 'H';

/** Characters each version holds, from version 1 to 40 (ISO/IEC 18004 table 7). */
const CAPACITY: Readonly<Record<QrErrorLevel, readonly number[]>> = {
  L: [
    25, 47, 77, 114, 154, 195, 224, 279, 335, 395, 468, 535, 619, 667, 758, 854, 938, 1046, 1153, 1249, 1352,
    1460, 1588, 1704, 1853, 1990, 2132, 2223, 2369, 2520, 2677, 2840, 3009, 3183, 3351, 3537, 3729, 3927,
    4087, 4296,
  ],
  M: [
    20, 38, 61, 90, 122, 154, 178, 221, 262, 311, 366, 419, 483, 528, 600, 656, 734, 816, 909, 970, 1035,
    1134, 1248, 1326, 1451, 1542, 1637, 1732, 1839, 1994, 2113, 2238, 2369, 2506, 2632, 2780, 2894, 3054,
    3220, 3391,
  ],
  Q: [
    16, 29, 47, 67, 87, 108, 125, 157, 189, 221, 259, 296, 352, 376, 426, 470, 531, 574, 644, 702, 742, 823,
    890, 963, 1041, 1094, 1172, 1263, 1322, 1429, 1499, 1618, 1700, 1787, 1867, 1966, 2071, 2181, 2298, 2420,
  ],
  H: [
    10, 20, 35, 50, 64, 84, 93, 122, 143, 174, 200, 227, 259, 283, 321, 365, 408, 452, 493, 557, 587, 640,
    672, 744, 779, 864, 910, 958, 1016, 1080, 1150, 1226, 1307, 1394, 1431, 1530, 1591, 1658, 1774, 1852,
  ],
};

/** The error correction levels, the weakest first. */
export const qrErrorLevels: readonly QrErrorLevel[] = Object.keys(CAPACITY) as QrErrorLevel[];

/** The smallest version, 1 to 40, that holds `text`. Throws `ARGUMENT_INVALID` when none does. */
export function qrVersion(text: string, level: QrErrorLevel = 'L'): number {
  if (typeof text !== 'string') throw invalid('text is needed', 'text');
  const index = capacities(level).findIndex((capacity) => capacity >= text.length);
  if (index !== -1) return index + 1;
  throw new Failure('ARGUMENT_INVALID', 'the credential is too large for a QR code', {
    field: 'identity',
    offset: text.length,
  });
}

/** How many characters a version holds. Throws `ARGUMENT_INVALID` for a version that is none. */
export function qrCapacity(version: number, level: QrErrorLevel = 'L'): number {
  const found = Number.isInteger(version) ? capacities(level)[version - 1] : undefined;
  if (found !== undefined) return found;
  throw new Failure('ARGUMENT_INVALID', 'QR versions are 1 to 40', { field: 'qrVersion' });
}

function capacities(level: QrErrorLevel): readonly number[] {
  if (typeof level === 'string' && Object.hasOwn(CAPACITY, level)) return CAPACITY[level];
  throw new Failure('ARGUMENT_INVALID', 'error correction is L, M, Q or H', { field: 'errorLevel' });
}
