/**
 * What may be done with an object and what the TPM promises of it (Part 2 §8.3, TPMA_OBJECT).
 *
 * @module
 */

/** The bits by name. */
export const objectBits = {
  /** The object can never leave this TPM. */
  fixedTPM: 0x00000002,
  stClear: 0x00000004,
  /** The object can never have another parent. */
  fixedParent: 0x00000010,
  /** The TPM itself made the private half. */
  sensitiveDataOrigin: 0x00000020,
  userWithAuth: 0x00000040,
  adminWithPolicy: 0x00000080,
  /** Wrong authorizations do not count towards lock-out. */
  noDA: 0x00000400,
  encryptedDuplication: 0x00000800,
  /** Signs only what the TPM made itself; decrypts only what is for the TPM itself. */
  restricted: 0x00010000,
  decrypt: 0x00020000,
  sign: 0x00040000,
} as const;

/** The name of an attribute. */
export type ObjectAttribute = keyof typeof objectBits;

/** The word for these attributes. */
export function attributes(...names: readonly ObjectAttribute[]): number {
  return names.reduce((word, name) => word | objectBits[name], 0);
}

/** Whether an attribute is set. */
export function hasAttribute(word: number, name: ObjectAttribute): boolean {
  return (word & objectBits[name]) !== 0;
}
