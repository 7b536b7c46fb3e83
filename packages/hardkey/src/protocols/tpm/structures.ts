/**
 * The smaller structures that commands carry (Part 2 §10, §11 and §15).
 *
 * @module
 */
import {
  enumerated,
  fixed,
  list,
  sized,
  sizedOf,
  struct,
  type TpmCodec,
  tagged,
  u8,
  u16,
  u32,
} from './codec.ts';
import { hash, permanent, structureTag, type TpmHash } from './identifiers.ts';

/** Bytes of the longest digest. */
const DIGEST_MOST = 64;
const NAME_MOST = DIGEST_MOST + 4;

/** TPM2B_DIGEST, TPM2B_NONCE, TPM2B_AUTH and TPM2B_DATA (Part 2 §10.4). */
export const digest: TpmCodec<Uint8Array> = sized(DIGEST_MOST + 2);
/** TPM2B_NAME (Part 2 §10.5.3). */
export const name: TpmCodec<Uint8Array> = sized(NAME_MOST);
/** TPM2B_PRIVATE (Part 2 §12.3.7): encrypted under its parent, and opaque here. */
export const privateArea: TpmCodec<Uint8Array> = sized(4096);
/** TPM2B_ENCRYPTED_SECRET (Part 2 §11.4.3.3). */
export const encryptedSecret: TpmCodec<Uint8Array> = sized(512);
/** TPM2B_MAX_BUFFER (Part 2 §10.4.8). */
export const maxBuffer: TpmCodec<Uint8Array> = sized(1024);

/** Some registers of one bank (Part 2 §10.6.2, TPMS_PCR_SELECTION). */
export interface PcrSelection {
  readonly hash: TpmHash;
  /** One bit for each register, the lowest first. */
  readonly select: Uint8Array;
}

/** TPML_PCR_SELECTION (Part 2 §10.9.7). */
export const pcrSelections: TpmCodec<readonly PcrSelection[]> = list(
  struct<PcrSelection>({ hash, select: sized(4, 1) }),
  16,
);

/** A proof that this TPM saw something, for this TPM (Part 2 §10.7). */
export interface Ticket {
  readonly tag: number;
  readonly hierarchy: number;
  readonly digest: Uint8Array;
}

function ticket(tag: number): TpmCodec<Ticket> {
  return struct<Ticket>({ tag: fixed(tag, 2), hierarchy: u32, digest });
}

/** TPMT_TK_CREATION (Part 2 §10.7.3). */
export const creationTicket: TpmCodec<Ticket> = ticket(structureTag.creation);
/** TPMT_TK_HASHCHECK (Part 2 §10.7.6). */
export const hashCheckTicket: TpmCodec<Ticket> = ticket(structureTag.hashCheck);

/** What an unrestricted key needs no proof of (Part 3 §20.2.1). */
export const noHashCheck: Ticket = {
  tag: structureTag.hashCheck,
  hierarchy: permanent.null,
  digest: new Uint8Array(),
};

/** What goes into a new object (Part 2 §11.1.15, TPMS_SENSITIVE_CREATE). */
export interface SensitiveCreate {
  readonly userAuth: Uint8Array;
  /** What is sealed; empty where the TPM makes a key. */
  readonly data: Uint8Array;
}

/** TPM2B_SENSITIVE_CREATE. */
export const sensitiveCreate: TpmCodec<SensitiveCreate> = sizedOf(
  struct<SensitiveCreate>({ userAuth: digest, data: sized(256) }),
);

/** A signature (Part 2 §11.3.4, TPMT_SIGNATURE). */
export type TpmSignature =
  | { readonly algorithm: 'RSASSA' | 'RSAPSS'; readonly hash: TpmHash; readonly signature: Uint8Array }
  | { readonly algorithm: 'ECDSA'; readonly hash: TpmHash; readonly r: Uint8Array; readonly s: Uint8Array };

const rsaSignature = struct<{ readonly hash: TpmHash; readonly signature: Uint8Array }>({
  hash,
  signature: sized(512),
});

/** TPMT_SIGNATURE. */
export const signature: TpmCodec<TpmSignature> = tagged(
  'algorithm',
  enumerated({ RSASSA: 0x0014, RSAPSS: 0x0016, ECDSA: 0x0018 }),
  {
    RSASSA: rsaSignature,
    RSAPSS: rsaSignature,
    ECDSA: struct({ hash, r: sized(128), s: sized(128) }),
  },
);

/** The circumstances in which an object was made (Part 2 §15.1, TPMS_CREATION_DATA). */
export interface CreationData {
  readonly pcrSelect: readonly PcrSelection[];
  readonly pcrDigest: Uint8Array;
  /** TPMA_LOCALITY. */
  readonly locality: number;
  /** A hash, or TPM_ALG_NULL for a primary key's hierarchy. */
  readonly parentNameAlg: number;
  readonly parentName: Uint8Array;
  readonly parentQualifiedName: Uint8Array;
  readonly outsideInfo: Uint8Array;
}

/** TPMS_CREATION_DATA. */
export const creationData: TpmCodec<CreationData> = struct<CreationData>({
  pcrSelect: pcrSelections,
  pcrDigest: digest,
  locality: u8,
  parentNameAlg: u16,
  parentName: name,
  parentQualifiedName: name,
  outsideInfo: digest,
});

/** Where a saved object goes back to (Part 2 §14.5, TPMS_CONTEXT). */
export interface SavedContext {
  readonly sequence: bigint;
  readonly savedHandle: number;
  readonly hierarchy: number;
  readonly blob: Uint8Array;
}
