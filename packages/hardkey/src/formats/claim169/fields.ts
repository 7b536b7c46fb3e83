/**
 * The fields of an identity (Claim 169 1.2.1, keys 1–99): label, name and type, once.
 *
 * @module
 */
import {
  type biometricFormat,
  type CodeOf,
  type finger,
  gender,
  type imageSubFormat,
  maritalStatus,
  photoFormat,
  type soundSubFormat,
  type templateSubFormat,
} from './codes.ts';
import type { PrivateValues } from './private-fields.ts';

/** What a field holds. */
export type FieldType = TextForm | 'text' | 'integer' | 'bytes' | 'fingers' | 'biometrics';

/** Text that has a form of its own. */
export type TextForm = 'date' | 'language' | 'country' | 'email' | 'phone';

/** One field. */
export interface Field {
  readonly label: number;
  readonly name: Exclude<keyof Identity, 'private' | 'unknown'>;
  readonly type: FieldType;
  /** Where it is, for warnings and failures. */
  readonly path: string;
  /** The numbers that have a meaning. */
  readonly codes?: Readonly<Record<string, number>>;
}

/** One biometric sample. */
export interface Biometric {
  readonly data: Uint8Array;
  /** 0 image, 1 template, 2 sound, 3 hash. */
  readonly format?: CodeOf<typeof biometricFormat>;
  /** Within the format; 100 to 200 are a vendor's. */
  readonly subFormat?: CodeOf<typeof imageSubFormat & typeof templateSubFormat & typeof soundSubFormat>;
  /** Who took it. */
  readonly issuer?: string;
  /** What is not understood, label to its CBOR encoding, kept byte for byte. */
  readonly unknown?: ReadonlyMap<number, Uint8Array>;
}

/** An identity. Every field is optional. */
export interface Identity<P extends PrivateValues = PrivateValues> {
  readonly id?: string;
  readonly version?: string;
  /** ISO 639-3. */
  readonly language?: string;
  readonly fullName?: string;
  readonly firstName?: string;
  readonly middleName?: string;
  readonly lastName?: string;
  /** YYYYMMDD. */
  readonly dateOfBirth?: string;
  /** 1 male, 2 female, 3 others. */
  readonly gender?: CodeOf<typeof gender>;
  /** Lines are separated by line feeds. */
  readonly address?: string;
  readonly email?: string;
  /** E.123. */
  readonly phone?: string;
  /** ISO 3166-1 alpha-2 or alpha-3. */
  readonly nationality?: string;
  /** 1 unmarried, 2 married, 3 divorced. */
  readonly maritalStatus?: CodeOf<typeof maritalStatus>;
  readonly guardian?: string;
  /** Deprecated in 1.2.1 in favour of {@link face}. */
  readonly photo?: Uint8Array;
  /** Deprecated in 1.2.1. 1 JPEG, 2 JPEG 2000, 3 AVIF, 4 WebP. */
  readonly photoFormat?: CodeOf<typeof photoFormat>;
  /** 0 unknown, 1–5 right thumb to little finger, 6–10 left. */
  readonly bestQualityFingers?: readonly CodeOf<typeof finger>[];
  readonly secondaryFullName?: string;
  /** ISO 639-3. */
  readonly secondaryLanguage?: string;
  readonly locationCode?: string;
  readonly legalStatus?: string;
  /** ISO 3166-1 alpha-2 or alpha-3. */
  readonly countryOfIssuance?: string;
  readonly rightThumb?: readonly Biometric[];
  readonly rightPointerFinger?: readonly Biometric[];
  readonly rightMiddleFinger?: readonly Biometric[];
  readonly rightRingFinger?: readonly Biometric[];
  readonly rightLittleFinger?: readonly Biometric[];
  readonly leftThumb?: readonly Biometric[];
  readonly leftPointerFinger?: readonly Biometric[];
  readonly leftMiddleFinger?: readonly Biometric[];
  readonly leftRingFinger?: readonly Biometric[];
  readonly leftLittleFinger?: readonly Biometric[];
  readonly rightIris?: readonly Biometric[];
  readonly leftIris?: readonly Biometric[];
  readonly face?: readonly Biometric[];
  readonly rightPalm?: readonly Biometric[];
  readonly leftPalm?: readonly Biometric[];
  readonly voice?: readonly Biometric[];
  /** What the caller's registry of private fields names. */
  readonly private?: P;
  /** What is not understood, label to its CBOR encoding, kept byte for byte. */
  readonly unknown?: ReadonlyMap<number, Uint8Array>;
}

const TEXT = 'text';
const BIOMETRICS = 'biometrics';

const ROWS: readonly (readonly [number, Field['name'], FieldType, Field['codes']?])[] = [
  [1, 'id', TEXT],
  [2, 'version', TEXT],
  [3, 'language', 'language'],
  [4, 'fullName', TEXT],
  [5, 'firstName', TEXT],
  [6, 'middleName', TEXT],
  [7, 'lastName', TEXT],
  [8, 'dateOfBirth', 'date'],
  [9, 'gender', 'integer', gender],
  [10, 'address', TEXT],
  [11, 'email', 'email'],
  [12, 'phone', 'phone'],
  [13, 'nationality', 'country'],
  [14, 'maritalStatus', 'integer', maritalStatus],
  [15, 'guardian', TEXT],
  [16, 'photo', 'bytes'],
  [17, 'photoFormat', 'integer', photoFormat],
  [18, 'bestQualityFingers', 'fingers'],
  [19, 'secondaryFullName', TEXT],
  [20, 'secondaryLanguage', 'language'],
  [21, 'locationCode', TEXT],
  [22, 'legalStatus', TEXT],
  [23, 'countryOfIssuance', 'country'],
  [50, 'rightThumb', BIOMETRICS],
  [51, 'rightPointerFinger', BIOMETRICS],
  [52, 'rightMiddleFinger', BIOMETRICS],
  [53, 'rightRingFinger', BIOMETRICS],
  [54, 'rightLittleFinger', BIOMETRICS],
  [55, 'leftThumb', BIOMETRICS],
  [56, 'leftPointerFinger', BIOMETRICS],
  [57, 'leftMiddleFinger', BIOMETRICS],
  [58, 'leftRingFinger', BIOMETRICS],
  [59, 'leftLittleFinger', BIOMETRICS],
  [60, 'rightIris', BIOMETRICS],
  [61, 'leftIris', BIOMETRICS],
  [62, 'face', BIOMETRICS],
  [63, 'rightPalm', BIOMETRICS],
  [64, 'leftPalm', BIOMETRICS],
  [65, 'voice', BIOMETRICS],
];

/** Every field, by ascending label. */
export const fields: readonly Field[] = ROWS.map(([label, name, type, codes]) => ({
  label,
  name,
  type,
  path: `identity.${name}`,
  ...(codes && { codes }),
}));

/** Fields by label. */
export const fieldByLabel: ReadonlyMap<unknown, Field> = new Map(fields.map((field) => [field.label, field]));

/** Fields by name. */
export const fieldByName: ReadonlyMap<string, Field> = new Map(fields.map((field) => [field.name, field]));

/** Labels of a biometric sample's map. */
export const biometricLabel = { data: 0, format: 1, subFormat: 2, issuer: 3 } as const;
