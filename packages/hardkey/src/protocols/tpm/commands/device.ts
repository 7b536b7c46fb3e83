/**
 * The TPM itself: what it is, its registers and its memory (Part 3 §9, §16, §22, §30 and §31).
 *
 * @module
 */
import {
  enumerated,
  list,
  sized,
  sizedOf,
  struct,
  type TpmCodec,
  tagged,
  u16,
  u32,
  yesNo,
} from '../codec.ts';
import { command, type TpmCommand } from '../command.ts';
import { capabilityIds, hash, type TpmHash } from '../identifiers.ts';
import { digest, name, type PcrSelection, pcrSelections } from '../structures.ts';

/** §9.3. */
export const startup: TpmCommand<{ readonly startupType: number }, object> = command({
  name: 'TPM2_Startup',
  code: 0x144,
  request: struct<{ readonly startupType: number }>({ startupType: u16 }),
});

/** §16.1. */
export const getRandom: TpmCommand<
  { readonly bytesRequested: number },
  { readonly randomBytes: Uint8Array }
> = command({
  name: 'TPM2_GetRandom',
  code: 0x17b,
  request: struct<{ readonly bytesRequested: number }>({ bytesRequested: u16 }),
  response: struct<{ readonly randomBytes: Uint8Array }>({ randomBytes: digest }),
});

/** The registers that were read. */
export interface PcrReadResponse {
  readonly pcrUpdateCounter: number;
  readonly pcrSelectionOut: readonly PcrSelection[];
  readonly pcrValues: readonly Uint8Array[];
}

/** §22.4. */
export const pcrRead: TpmCommand<{ readonly pcrSelectionIn: readonly PcrSelection[] }, PcrReadResponse> =
  command({
    name: 'TPM2_PCR_Read',
    code: 0x17e,
    request: struct<{ readonly pcrSelectionIn: readonly PcrSelection[] }>({ pcrSelectionIn: pcrSelections }),
    response: struct<PcrReadResponse>({
      pcrUpdateCounter: u32,
      pcrSelectionOut: pcrSelections,
      pcrValues: list(digest, 8),
    }),
  });

/** One property and its value (Part 2 §10.8.2, TPMS_TAGGED_PROPERTY). */
export interface TaggedProperty {
  readonly property: number;
  readonly value: number;
}

/** What a TPM says of itself (Part 2 §10.10.2, TPMS_CAPABILITY_DATA), as far as it is asked. */
export type CapabilityData =
  | { readonly capability: 'handles'; readonly handles: readonly number[] }
  | { readonly capability: 'pcrs'; readonly pcrs: readonly PcrSelection[] }
  | { readonly capability: 'properties'; readonly properties: readonly TaggedProperty[] }
  | { readonly capability: 'curves'; readonly curves: readonly number[] };

const capabilityData: TpmCodec<CapabilityData> = tagged('capability', enumerated(capabilityIds, 4), {
  handles: struct({ handles: list(u32, 1024) }),
  pcrs: struct({ pcrs: pcrSelections }),
  properties: struct({ properties: list(struct<TaggedProperty>({ property: u32, value: u32 }), 512) }),
  curves: struct({ curves: list(u16, 512) }),
});

/** What is asked for. */
export interface GetCapabilityRequest {
  readonly capability: keyof typeof capabilityIds;
  readonly property: number;
  readonly propertyCount: number;
}

/** §30.2. */
export const getCapability: TpmCommand<
  GetCapabilityRequest,
  { readonly moreData: boolean; readonly capabilityData: CapabilityData }
> = command({
  name: 'TPM2_GetCapability',
  code: 0x17a,
  request: struct<GetCapabilityRequest>({
    capability: enumerated(capabilityIds, 4),
    property: u32,
    propertyCount: u32,
  }),
  response: struct<{ readonly moreData: boolean; readonly capabilityData: CapabilityData }>({
    moreData: yesNo,
    capabilityData,
  }),
});

/** What is public of an index of non-volatile memory (Part 2 §13.5, TPMS_NV_PUBLIC). */
export interface NvPublic {
  readonly nvIndex: number;
  readonly nameAlg: TpmHash;
  readonly attributes: number;
  readonly authPolicy: Uint8Array;
  readonly dataSize: number;
}

/** TPMS_NV_PUBLIC. */
export const nvPublic: TpmCodec<NvPublic> = struct<NvPublic>({
  nvIndex: u32,
  nameAlg: hash,
  attributes: u32,
  authPolicy: digest,
  dataSize: u16,
});

/** §31.6. */
export const nvReadPublic: TpmCommand<object, { readonly nvPublic: NvPublic; readonly nvName: Uint8Array }> =
  command({
    name: 'TPM2_NV_ReadPublic',
    code: 0x169,
    handles: ['nvIndex'],
    response: struct<{ readonly nvPublic: NvPublic; readonly nvName: Uint8Array }>({
      nvPublic: sizedOf(nvPublic),
      nvName: name,
    }),
  });

/** §31.13. */
export const nvRead: TpmCommand<
  { readonly size: number; readonly offset: number },
  { readonly data: Uint8Array }
> = command({
  name: 'TPM2_NV_Read',
  code: 0x14e,
  handles: ['authHandle', 'nvIndex'],
  auths: 1,
  request: struct<{ readonly size: number; readonly offset: number }>({ size: u16, offset: u16 }),
  response: struct<{ readonly data: Uint8Array }>({ data: sized(2048) }),
});
