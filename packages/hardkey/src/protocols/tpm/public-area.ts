/**
 * The public area of an object (Part 2 §12.2.4, TPMT_PUBLIC).
 *
 * @module
 */
import { enumerated, nothing, sized, sizedOf, struct, type TpmCodec, tagged, u16, u32 } from './codec.ts';
import { curve, hash, type TpmCurve, type TpmHash } from './identifiers.ts';

/** A symmetric cipher of an object (Part 2 §11.1.7, TPMT_SYM_DEF_OBJECT). */
export type SymmetricDefinition =
  | { readonly algorithm: 'NULL' }
  | {
      readonly algorithm: 'AES';
      readonly keyBits: number;
      readonly mode: 'CTR' | 'OFB' | 'CBC' | 'CFB' | 'ECB' | 'NULL';
    };

/** TPMT_SYM_DEF_OBJECT, and TPMT_SYM_DEF as far as sessions use it. */
export const symmetricDefinition: TpmCodec<SymmetricDefinition> = tagged(
  'algorithm',
  enumerated({ NULL: 0x0010, AES: 0x0006 }),
  {
    NULL: nothing,
    AES: struct({
      keyBits: u16,
      mode: enumerated({ CTR: 0x0040, OFB: 0x0041, CBC: 0x0042, CFB: 0x0043, ECB: 0x0044, NULL: 0x0010 }),
    }),
  },
);

/** How a key signs or decrypts (Part 2 §11.2.3.5 and §11.2.4.5). `NULL`: as the caller says each time. */
export type AsymmetricScheme =
  | { readonly scheme: 'NULL' | 'RSAES' }
  | { readonly scheme: 'RSASSA' | 'RSAPSS' | 'ECDSA' | 'OAEP' | 'ECDH' | 'HMAC'; readonly hash: TpmHash };

const withHash = struct<{ readonly hash: TpmHash }>({ hash });

/** TPMT_SIG_SCHEME, TPMT_RSA_DECRYPT, TPMT_ASYM_SCHEME and TPMT_KEYEDHASH_SCHEME, as far as they are used. */
export const asymmetricScheme: TpmCodec<AsymmetricScheme> = tagged(
  'scheme',
  enumerated({
    NULL: 0x0010,
    RSASSA: 0x0014,
    RSAES: 0x0015,
    RSAPSS: 0x0016,
    OAEP: 0x0017,
    ECDSA: 0x0018,
    ECDH: 0x0019,
    HMAC: 0x0005,
  }),
  {
    NULL: nothing,
    RSAES: nothing,
    RSASSA: withHash,
    RSAPSS: withHash,
    OAEP: withHash,
    ECDSA: withHash,
    ECDH: withHash,
    HMAC: withHash,
  },
);

/** A key derivation (Part 2 §11.2.3.3, TPMT_KDF_SCHEME). */
export type KdfScheme =
  | { readonly scheme: 'NULL' }
  | { readonly scheme: 'MGF1' | 'KDF1-SP800-56A' | 'KDF2' | 'KDF1-SP800-108'; readonly hash: TpmHash };

const kdfScheme: TpmCodec<KdfScheme> = tagged(
  'scheme',
  enumerated({
    NULL: 0x0010,
    MGF1: 0x0007,
    'KDF1-SP800-56A': 0x0020,
    KDF2: 0x0021,
    'KDF1-SP800-108': 0x0022,
  }),
  {
    NULL: nothing,
    MGF1: withHash,
    'KDF1-SP800-56A': withHash,
    KDF2: withHash,
    'KDF1-SP800-108': withHash,
  },
);

/** A point (Part 2 §11.2.5.2, TPMS_ECC_POINT). Leading zeros of a coordinate may be missing. */
export interface EccPoint {
  readonly x: Uint8Array;
  readonly y: Uint8Array;
}

const COORDINATE_MOST = 128;

/** TPMS_ECC_POINT. */
export const eccPoint: TpmCodec<EccPoint> = struct<EccPoint>({
  x: sized(COORDINATE_MOST),
  y: sized(COORDINATE_MOST),
});

/** What every object has. */
interface Head {
  /** The hash of the object's name and of its policy. */
  readonly nameAlg: TpmHash;
  /** TPMA_OBJECT: see `attributes.ts`. */
  readonly objectAttributes: number;
  readonly authPolicy: Uint8Array;
}

/** The public half of an RSA key. */
export interface RsaPublicArea extends Head {
  readonly type: 'RSA';
  readonly symmetric: SymmetricDefinition;
  readonly scheme: AsymmetricScheme;
  readonly keyBits: number;
  /** Zero stands for 65537. */
  readonly exponent: number;
  /** The modulus. */
  readonly unique: Uint8Array;
}

/** The public half of a key on a curve. */
export interface EccPublicArea extends Head {
  readonly type: 'ECC';
  readonly symmetric: SymmetricDefinition;
  readonly scheme: AsymmetricScheme;
  readonly curve: TpmCurve;
  readonly kdf: KdfScheme;
  readonly unique: EccPoint;
}

/** Sealed data, or an HMAC key. */
export interface KeyedHashPublicArea extends Head {
  readonly type: 'KEYEDHASH';
  readonly scheme: AsymmetricScheme;
  readonly unique: Uint8Array;
}

/** TPMT_PUBLIC. */
export type PublicArea = RsaPublicArea | EccPublicArea | KeyedHashPublicArea;

const DIGEST_MOST = 64;
const MODULUS_MOST = 512;

const head = { nameAlg: hash, objectAttributes: u32, authPolicy: sized(DIGEST_MOST) } as const;

/** TPMT_PUBLIC. */
export const publicArea: TpmCodec<PublicArea> = tagged(
  'type',
  enumerated({ RSA: 0x0001, ECC: 0x0023, KEYEDHASH: 0x0008 }),
  {
    RSA: struct<Omit<RsaPublicArea, 'type'>>({
      ...head,
      symmetric: symmetricDefinition,
      scheme: asymmetricScheme,
      keyBits: u16,
      exponent: u32,
      unique: sized(MODULUS_MOST),
    }),
    ECC: struct<Omit<EccPublicArea, 'type'>>({
      ...head,
      symmetric: symmetricDefinition,
      scheme: asymmetricScheme,
      curve,
      kdf: kdfScheme,
      unique: eccPoint,
    }),
    KEYEDHASH: struct<Omit<KeyedHashPublicArea, 'type'>>({
      ...head,
      scheme: asymmetricScheme,
      unique: sized(DIGEST_MOST),
    }),
  },
);

/** TPM2B_PUBLIC (Part 2 §12.2.5). */
export const sizedPublicArea: TpmCodec<PublicArea> = sizedOf(publicArea);
