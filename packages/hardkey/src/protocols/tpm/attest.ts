/**
 * What a TPM signs of itself (Part 2 §10.12.12, TPMS_ATTEST).
 *
 * @module
 */
import { enumerated, fixed, struct, type TpmCodec, tagged, u32, u64, yesNo } from './codec.ts';
import { structureTag } from './identifiers.ts';
import { digest, name, type PcrSelection, pcrSelections } from './structures.ts';

/** TPM_GENERATED_VALUE (Part 2 §6.2): no restricted key signs anything from outside that begins so. */
const GENERATED = 0xff544347;

/** The time by the TPM (Part 2 §10.11.1, TPMS_CLOCK_INFO). */
export interface ClockInfo {
  /** Milliseconds that the TPM was powered. */
  readonly clock: bigint;
  readonly resetCount: number;
  readonly restartCount: number;
  /** No greater clock was ever reported. */
  readonly safe: boolean;
}

/** What all have. */
interface AttestHead {
  readonly qualifiedSigner: Uint8Array;
  /** The nonce of whoever asked. */
  readonly extraData: Uint8Array;
  readonly clockInfo: ClockInfo;
  readonly firmwareVersion: bigint;
}

/** An object is in this TPM (TPMS_CERTIFY_INFO). */
export interface CertifyAttest extends AttestHead {
  readonly type: 'certify';
  readonly attested: { readonly name: Uint8Array; readonly qualifiedName: Uint8Array };
}

/** Registers have these values (TPMS_QUOTE_INFO). */
export interface QuoteAttest extends AttestHead {
  readonly type: 'quote';
  readonly attested: { readonly pcrSelect: readonly PcrSelection[]; readonly pcrDigest: Uint8Array };
}

/** This TPM made an object (TPMS_CREATION_INFO). */
export interface CreationAttest extends AttestHead {
  readonly type: 'creation';
  readonly attested: { readonly objectName: Uint8Array; readonly creationHash: Uint8Array };
}

/** TPMS_ATTEST, of the kinds that are read here. */
export type Attest = CertifyAttest | QuoteAttest | CreationAttest;

const head = {
  qualifiedSigner: name,
  extraData: digest,
  clockInfo: struct<ClockInfo>({ clock: u64, resetCount: u32, restartCount: u32, safe: yesNo }),
  firmwareVersion: u64,
} as const;

const kinds: TpmCodec<Attest> = tagged(
  'type',
  enumerated({
    certify: structureTag.attestCertify,
    quote: structureTag.attestQuote,
    creation: structureTag.attestCreation,
  }),
  {
    certify: struct<Omit<CertifyAttest, 'type'>>({
      ...head,
      attested: struct<CertifyAttest['attested']>({ name, qualifiedName: name }),
    }),
    quote: struct<Omit<QuoteAttest, 'type'>>({
      ...head,
      attested: struct<QuoteAttest['attested']>({ pcrSelect: pcrSelections, pcrDigest: digest }),
    }),
    creation: struct<Omit<CreationAttest, 'type'>>({
      ...head,
      attested: struct<CreationAttest['attested']>({ objectName: name, creationHash: digest }),
    }),
  },
);

const magic = fixed(GENERATED, 4);

/** TPMS_ATTEST. Throws `MALFORMED` for what does not begin as only a TPM's own statements do. */
export const attest: TpmCodec<Attest> = {
  write(out, value) {
    magic.write(out, GENERATED);
    kinds.write(out, value);
  },
  read(input) {
    input.named('magic', magic.read);
    return kinds.read(input);
  },
};
