/**
 * Public areas that keys are made from.
 *
 * @module
 */
import { utf8 } from '../../encoding/bytes.ts';
import { attributes } from './attributes.ts';
import { hashBytes, type TpmCurve } from './identifiers.ts';
import type {
  AsymmetricScheme,
  EccPublicArea,
  PublicArea,
  RsaPublicArea,
  SymmetricDefinition,
} from './public-area.ts';

const EMPTY = new Uint8Array();
const NULL = { scheme: 'NULL' } as const;
const NO_CIPHER: SymmetricDefinition = { algorithm: 'NULL' };
const AES_128_CFB: SymmetricDefinition = { algorithm: 'AES', keyBits: 128, mode: 'CFB' };

const RESTRICTED = [
  'fixedTPM',
  'fixedParent',
  'sensitiveDataOrigin',
  'userWithAuth',
  'noDA',
  'restricted',
] as const;
const STORAGE = attributes(...RESTRICTED, 'decrypt');

const ECC_STORAGE: EccPublicArea = {
  type: 'ECC',
  nameAlg: 'SHA-256',
  objectAttributes: STORAGE,
  authPolicy: EMPTY,
  symmetric: AES_128_CFB,
  scheme: NULL,
  curve: 'P-256',
  kdf: NULL,
  unique: { x: EMPTY, y: EMPTY },
};

const RSA_STORAGE: RsaPublicArea = {
  type: 'RSA',
  nameAlg: 'SHA-256',
  objectAttributes: STORAGE,
  authPolicy: EMPTY,
  symmetric: AES_128_CFB,
  scheme: NULL,
  keyBits: 2048,
  exponent: 0,
  unique: EMPTY,
};

/**
 * The parent that a key file names by its hierarchy (draft-bottomley-tpm2-keys §3.1: template H-2 of the
 * TCG EK Credential Profile, with no unique value at all).
 */
export const storageTemplate: PublicArea = ECC_STORAGE;

/** The parent that a key file names which says that it is an RSA key. */
export const rsaStorageTemplate: PublicArea = RSA_STORAGE;

/**
 * What other programs made in its stead: tpm2-tools by default counts wrong authorizations, the TCG's
 * provisioning guidance has a unique value of zeros, and smallstep's is RSA.
 */
export const otherStorageTemplates: readonly PublicArea[] = [
  { ...ECC_STORAGE, objectAttributes: STORAGE & ~attributes('noDA') },
  { ...ECC_STORAGE, unique: { x: new Uint8Array(32), y: new Uint8Array(32) } },
  RSA_STORAGE,
  { ...RSA_STORAGE, unique: new Uint8Array(256) },
  { ...RSA_STORAGE, objectAttributes: STORAGE & ~attributes('noDA') },
];

/** TCG EK Credential Profile 2.x, B.3: PolicySecret of the endorsement hierarchy. */
const ENDORSEMENT_POLICY = Uint8Array.from([
  0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8, 0x1a, 0x90, 0xcc, 0x8d, 0x46, 0xa5, 0xd7, 0x24, 0xfd, 0x52,
  0xd7, 0x6e, 0x06, 0x52, 0x0b, 0x64, 0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa,
]);

const ENDORSEMENT = attributes(
  'fixedTPM',
  'fixedParent',
  'sensitiveDataOrigin',
  'adminWithPolicy',
  'restricted',
  'decrypt',
);

/** An endorsement key, and the index of non-volatile memory that holds its certificate. */
export interface EndorsementTemplate {
  readonly template: PublicArea;
  readonly certificateIndex: number;
}

/** TCG EK Credential Profile 2.x, B.3.3 (L-1) and B.3.4 (L-2), the curve first. */
export const endorsementTemplates: readonly EndorsementTemplate[] = [
  {
    template: {
      ...ECC_STORAGE,
      objectAttributes: ENDORSEMENT,
      authPolicy: ENDORSEMENT_POLICY,
      unique: { x: new Uint8Array(32), y: new Uint8Array(32) },
    },
    certificateIndex: 0x01c0000a,
  },
  {
    template: {
      ...RSA_STORAGE,
      objectAttributes: ENDORSEMENT,
      authPolicy: ENDORSEMENT_POLICY,
      unique: new Uint8Array(256),
    },
    certificateIndex: 0x01c00002,
  },
];

/** Tells the key apart from others of its kind; as wide as a coordinate. */
const ATTESTATION_LABEL = utf8('hardkey attestation key'.padEnd(32, '\0'));

/**
 * The key that attests: restricted, so that it signs nothing but the TPM's own statements, and a primary
 * key of the endorsement hierarchy, so that it is the same whenever it is made.
 */
export const attestationTemplate: PublicArea = {
  ...ECC_STORAGE,
  objectAttributes: attributes(...RESTRICTED, 'sign'),
  symmetric: NO_CIPHER,
  scheme: { scheme: 'ECDSA', hash: 'SHA-256' },
  unique: { x: ATTESTATION_LABEL, y: new Uint8Array(32) },
};

/** What a new key is to be. */
export interface NewKey {
  readonly purpose: 'sign' | 'decrypt';
  readonly shape: { readonly curve: TpmCurve } | { readonly keyBits: number };
  readonly scheme?: AsymmetricScheme;
  /** An authorization value that has to be guessed is one whose guesses count. */
  readonly hasValue: boolean;
  /** Empty: whoever has the authorization value may use it. */
  readonly authPolicy?: Uint8Array;
}

/** A key that is made in this TPM and never leaves it. */
export function keyTemplate({
  purpose,
  shape,
  scheme = NULL,
  hasValue,
  authPolicy = EMPTY,
}: NewKey): PublicArea {
  const head = {
    nameAlg: 'SHA-256',
    objectAttributes: attributes(
      'fixedTPM',
      'fixedParent',
      'sensitiveDataOrigin',
      ...(authPolicy.length === 0 ? (['userWithAuth'] as const) : []),
      ...(hasValue ? [] : (['noDA'] as const)),
      purpose,
    ),
    authPolicy,
    symmetric: NO_CIPHER,
    scheme,
  } as const;
  if ('curve' in shape) {
    return { ...head, type: 'ECC', curve: shape.curve, kdf: NULL, unique: { x: EMPTY, y: EMPTY } };
  }
  return { ...head, type: 'RSA', keyBits: shape.keyBits, exponent: 0, unique: EMPTY };
}

/** Data that is sealed to this TPM. */
export function sealTemplate(hasValue: boolean, authPolicy: Uint8Array = EMPTY): PublicArea {
  return {
    type: 'KEYEDHASH',
    nameAlg: 'SHA-256',
    objectAttributes: attributes(
      'fixedTPM',
      'fixedParent',
      ...(authPolicy.length === 0 ? (['userWithAuth'] as const) : []),
      ...(hasValue ? [] : (['noDA'] as const)),
    ),
    authPolicy,
    scheme: NULL,
    unique: EMPTY,
  };
}

/** Bytes of the longest authorization value: a digest of the name's hash (Part 1 §19.6.4.2). */
export const authValueMost: number = hashBytes['SHA-256'];
