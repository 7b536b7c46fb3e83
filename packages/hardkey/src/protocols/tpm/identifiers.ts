/**
 * The numbers of the specification, by name (Part 2 §6 to §8).
 *
 * @module
 */
import { enumerated, type TpmCodec } from './codec.ts';

/** Hashes, by their WebCrypto name (Part 2 §6.3, TPM_ALG_ID). */
export const hashIds = { 'SHA-1': 0x0004, 'SHA-256': 0x000b, 'SHA-384': 0x000c, 'SHA-512': 0x000d } as const;

/** A hash that a TPM may use. */
export type TpmHash = keyof typeof hashIds;

/** TPMI_ALG_HASH (Part 2 §9.27). */
export const hash: TpmCodec<TpmHash> = enumerated(hashIds);

/** Bytes of a digest. */
export const hashBytes: Readonly<Record<TpmHash, number>> = {
  'SHA-1': 20,
  'SHA-256': 32,
  'SHA-384': 48,
  'SHA-512': 64,
};

/** Curves (Part 2 §6.4, TPM_ECC_CURVE). */
export const curveIds = { 'P-256': 0x0003, 'P-384': 0x0004, 'P-521': 0x0005 } as const;

/** A curve that is used here. */
export type TpmCurve = keyof typeof curveIds;

/** TPMI_ECC_CURVE (Part 2 §11.2.5.5). */
export const curve: TpmCodec<TpmCurve> = enumerated(curveIds);

/** Bytes of a coordinate. */
export const coordinateBytes: Readonly<Record<TpmCurve, number>> = { 'P-256': 32, 'P-384': 48, 'P-521': 66 };

/** Hierarchies and other permanent handles (Part 2 §7.4, TPM_RH). */
export const permanent = {
  owner: 0x40000001,
  null: 0x40000007,
  password: 0x40000009,
  lockout: 0x4000000a,
  endorsement: 0x4000000b,
  platform: 0x4000000c,
} as const;

/** The first octet of a handle says of what it is (Part 2 §7.2, TPM_HT). */
export const handleType = {
  nvIndex: 0x01,
  hmacSession: 0x02,
  policySession: 0x03,
  permanent: 0x40,
  transient: 0x80,
  persistent: 0x81,
} as const;

/** The type of a handle. */
export function handleTypeOf(handle: number): number {
  return handle >>> 24;
}

/** Structure tags (Part 2 §6.9, TPM_ST). */
export const structureTag = {
  noSessions: 0x8001,
  sessions: 0x8002,
  attestCertify: 0x8017,
  attestQuote: 0x8018,
  attestCreation: 0x801a,
  creation: 0x8021,
  hashCheck: 0x8024,
} as const;

/** What TPM2_GetCapability is asked for (Part 2 §6.12, TPM_CAP). */
export const capabilityIds = {
  handles: 1,
  pcrs: 5,
  properties: 6,
  curves: 8,
} as const;

/** Properties of a TPM (Part 2 §6.13, TPM_PT). */
export const propertyIds = {
  family: 0x100,
  revision: 0x102,
  manufacturer: 0x105,
  vendor1: 0x106,
  vendor2: 0x107,
  vendor3: 0x108,
  vendor4: 0x109,
  firmware1: 0x10b,
  firmware2: 0x10c,
  permanentFlags: 0x200,
  lockoutCounter: 0x20e,
  maxAuthFail: 0x20f,
  lockoutInterval: 0x210,
} as const;
