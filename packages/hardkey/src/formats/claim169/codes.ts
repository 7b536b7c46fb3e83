/**
 * The numbers of the format and their names (Claim 169 1.2.1 §2). A number that has no name here is
 * kept as it is.
 *
 * @module
 */

/** A number with a name, or another that a later version, or a vendor, gave a meaning. */
export type CodeOf<T extends Readonly<Record<string, number>>> = T[keyof T] | (number & {});

/** Values of `gender`. */
export const gender = { male: 1, female: 2, others: 3 } as const;

/** Values of `maritalStatus`. */
export const maritalStatus = { unmarried: 1, married: 2, divorced: 3 } as const;

/** Values of the deprecated `photoFormat`. They begin at 1, unlike {@link imageSubFormat}. */
export const photoFormat = { jpeg: 1, jpeg2000: 2, avif: 3, webp: 4 } as const;

/** Values in `bestQualityFingers`. */
export const finger = {
  unknown: 0,
  rightThumb: 1,
  rightPointerFinger: 2,
  rightMiddleFinger: 3,
  rightRingFinger: 4,
  rightLittleFinger: 5,
  leftThumb: 6,
  leftPointerFinger: 7,
  leftMiddleFinger: 8,
  leftRingFinger: 9,
  leftLittleFinger: 10,
} as const;

/** Values of a sample's `format`. */
export const biometricFormat = { image: 0, template: 1, sound: 2, hash: 3 } as const;

/** Values of `subFormat` in an image. 100 to 200 are a vendor's. */
export const imageSubFormat = {
  png: 0,
  jpeg: 1,
  jpeg2000: 2,
  avif: 3,
  webp: 4,
  tiff: 5,
  wsq: 6,
} as const;

/** Values of `subFormat` in a template. 100 to 200 are a vendor's. */
export const templateSubFormat = { ansi378: 0, iso19794: 1, nist: 2 } as const;

/** Values of `subFormat` in a sound. */
export const soundSubFormat = { wav: 0, mp3: 1 } as const;

/** Whether a number has a name in a table. */
export function isCode(table: Readonly<Record<string, number>>, value: number): boolean {
  for (const name in table) if (table[name] === value) return true;
  return false;
}

/** Whether a `subFormat` has a meaning within a `format`: it has none without one, nor in a hash. */
export function isSubFormat(format: number | undefined, value: number): boolean {
  if (format === biometricFormat.image) return isCode(imageSubFormat, value) || isVendors(value);
  if (format === biometricFormat.template) return isCode(templateSubFormat, value) || isVendors(value);
  return format === biometricFormat.sound && isCode(soundSubFormat, value);
}

function isVendors(value: number): boolean {
  return value >= 100 && value <= 200;
}
